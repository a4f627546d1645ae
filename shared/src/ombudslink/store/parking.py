"""Records that cannot be applied yet, and dead letters, each holding its own stream only."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from ombudslink.store import tables
from ombudslink.values import format_moment


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that waits, with why (a dead letter) or without (an earlier one is missing)."""

    stream: str
    version: int
    previous: bytes
    body: bytes
    since: datetime
    reason: str | None

    def because(self, reason: str) -> "Parked":
        """The same as a dead letter."""
        return replace(self, reason=reason)


def park(connection: Connection, record: Parked) -> None:
    """Put an event aside; the same version again only adds a reason."""
    row = tables.parked.c
    same = (row.stream == record.stream) & (row.version == record.version)
    known = connection.execute(select(row.id).where(same)).one_or_none()
    if known is not None:
        if record.reason is not None:
            connection.execute(update(tables.parked).where(same), {"reason": record.reason})
        return
    connection.execute(
        insert(tables.parked),
        {
            "stream": record.stream,
            "version": record.version,
            "previous": record.previous,
            "body": record.body,
            "since": format_moment(record.since),
            "reason": record.reason,
        },
    )


def parked(connection: Connection, stream: str | None = None) -> list[Parked]:
    """What waits, of one stream or of all, in order of streams and versions."""
    query = select(tables.parked).order_by(tables.parked.c.stream, tables.parked.c.version)
    if stream is not None:
        query = query.where(tables.parked.c.stream == stream)
    return [
        Parked(
            r.stream,
            r.version,
            r.previous,
            r.body,
            datetime.fromisoformat(r.since),
            r.reason,
        )
        for r in connection.execute(query)
    ]


def held(connection: Connection, streams: Collection[str]) -> set[str]:
    """Those of the streams for which something waits."""
    row = tables.parked.c
    return set(connection.scalars(select(row.stream).where(row.stream.in_(streams)).distinct()))


def dead(connection: Connection, streams: Collection[str]) -> set[str]:
    """Those of the streams that a dead letter holds."""
    row = tables.parked.c
    query = select(row.stream).where(row.stream.in_(streams), row.reason.is_not(None))
    return set(connection.scalars(query.distinct()))


def streams(connection: Connection) -> list[str]:
    """The streams for which something waits."""
    row = tables.parked.c
    return list(connection.scalars(select(row.stream).distinct().order_by(row.stream)))


def gaps(connection: Connection, before: datetime) -> list[str]:
    """The streams in which something has waited for an earlier event since before that instant."""
    row = tables.parked.c
    query = select(row.stream).group_by(row.stream).order_by(row.stream)
    overdue = func.min(row.since) < format_moment(before)
    return list(connection.scalars(query.having(overdue, func.count(row.reason) == 0)))


def dead_letters(connection: Connection) -> list[Parked]:
    """What could not be applied, with the reasons."""
    return [waiting for waiting in parked(connection) if waiting.reason is not None]


def remove(connection: Connection, stream: str, version: int) -> None:
    """Take an event out again."""
    row = tables.parked.c
    connection.execute(delete(tables.parked).where(row.stream == stream, row.version == version))


def counts(connection: Connection) -> tuple[int, int]:
    """How many events wait for an earlier one, and how many are dead letters."""
    row = tables.parked.c
    total, dead_ones = connection.execute(select(func.count(row.id), func.count(row.reason))).one()
    return total - dead_ones, dead_ones
