"""What is to be sent: written in the transaction of its cause, deleted once acknowledged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from ombudslink.log import HISTORY, Outgoing, refuse_too_large
from ombudslink.store import tables


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record in the outbox."""

    id: int
    record: Outgoing


def enqueue(connection: Connection, record: Outgoing, version: int | None = None) -> None:
    """Have a record sent after this transaction. `version` is that of the event it carries.

    Raises:
        RecordTooLarge: the log would never take it.
    """
    refuse_too_large([record])
    row = {
        "topic": record.topic,
        "key": record.key,
        "version": version,
        "headers": json.dumps(dict(record.headers)),
        "value": record.value,
    }
    connection.execute(insert(tables.outbox), row)


def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """The first records to be sent, in order."""
    rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.id).limit(limit))
    return [Waiting(r.id, Outgoing(r.topic, r.key, r.value, json.loads(r.headers))) for r in rows]


def acknowledged(connection: Connection, ids: Sequence[int]) -> None:
    """Forget records that the log has."""
    connection.execute(delete(tables.outbox).where(tables.outbox.c.id.in_(ids)))


def depth(connection: Connection) -> int:
    """How many records wait."""
    return int(connection.scalar(select(func.count()).select_from(tables.outbox)) or 0)


def waits(topic: str, key: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a record of that topic and key is still to be sent."""
    row = tables.outbox.c
    return select(row.id).where(row.topic == topic, row.key == key).exists()


def first_unsent(connection: Connection, stream: str) -> int | None:
    """The lowest version of a stream that the history topic does not have yet, or None."""
    row = tables.outbox.c
    query = select(func.min(row.version)).where(row.topic == HISTORY, row.key == stream)
    lowest: int | None = connection.scalar(query)
    return lowest
