"""How far a reader has come in the log, kept in the transaction of what it did with the records."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from ombudslink.log import Record
from ombudslink.store import tables


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to read, with what proves that it still means the same records."""

    incarnation: str
    next: int = 0
    record: str = ""

    def after(self, record: Record) -> "Position":
        """The position once that record is done."""
        return Position(self.incarnation, record.offset + 1, record.id)


def recall(connection: Connection, reader: str) -> dict[tuple[str, int], Position]:
    """Where the reader stands in every partition it has read."""
    rows = connection.execute(select(tables.position).where(tables.position.c.reader == reader))
    return {(r.topic, r.partition): Position(r.incarnation, r.next, r.record) for r in rows}


def remember(connection: Connection, reader: str, topic: str, partition: int, at: Position) -> None:
    """Store where the reader stands."""
    row = tables.position.c
    connection.execute(
        delete(tables.position).where(
            row.reader == reader, row.topic == topic, row.partition == partition
        )
    )
    connection.execute(
        insert(tables.position),
        {
            "reader": reader,
            "topic": topic,
            "partition": partition,
            "incarnation": at.incarnation,
            "next": at.next,
            "record": at.record,
        },
    )
