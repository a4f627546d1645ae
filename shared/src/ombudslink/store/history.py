"""Histories in the database: appended where they are decided, replicated everywhere else.

These two functions are the only ones in the whole product that insert events.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ombudslink.envelope import Envelope
from ombudslink.proof.chain import GENESIS, link
from ombudslink.store import tables
from ombudslink.values import format_moment


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a history: its last version and hash."""

    version: int = 0
    hash: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as it stands in the database."""

    body: bytes
    hash: bytes

    def envelope(self) -> Envelope:
        """What the body says."""
        return Envelope.from_body(self.body)


class HistoryDiverged(Exception):
    """Two copies of one history differ; names the first version that does (invariant 9)."""

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"histories differ: stream {stream}, version {version}")
        self.stream = stream
        self.version = version


class Arrival(Enum):
    """What a replicated event turned out to be."""

    NEW = auto()
    KNOWN = auto()
    AHEAD = auto()


def heads(connection: Connection, streams: Collection[str]) -> dict[str, Head]:
    """The heads of those of the streams that this database holds."""
    row = tables.stream.c
    found = connection.execute(
        select(row.stream, row.version, row.hash).where(row.stream.in_(streams))
    )
    return {r.stream: Head(r.version, r.hash) for r in found}


def head(connection: Connection, stream: str) -> Head:
    """The head of one stream; version 0 when it is unknown here."""
    return heads(connection, [stream]).get(stream, Head())


def load(
    connection: Connection, stream: str, after: int = 0, up_to: int | None = None
) -> list[Stored]:
    """The events of a stream with versions in (after, up_to], in order."""
    row = tables.event.c
    query = select(row.body, row.hash).where(row.stream == stream, row.version > after)
    if up_to is not None:
        query = query.where(row.version <= up_to)
    return [Stored(r.body, r.hash) for r in connection.execute(query.order_by(row.version))]


def load_many(connection: Connection, streams: Collection[str]) -> dict[str, list[Stored]]:
    """The whole histories of several streams, in one query."""
    row = tables.event.c
    query = select(row.stream, row.body, row.hash).where(row.stream.in_(streams))
    histories: dict[str, list[Stored]] = defaultdict(list)
    for r in connection.execute(query.order_by(row.stream, row.version)):
        histories[r.stream].append(Stored(r.body, r.hash))
    return histories


def append(connection: Connection, before: Head, envelopes: Sequence[Envelope]) -> list[Stored]:
    """Append newly decided events of one stream after its head, and return them as stored.

    Raises:
        sqlalchemy.exc.IntegrityError: somebody else appended there first.
    """
    stored: list[Stored] = []
    for envelope in envelopes:
        stored.append(_insert(connection, envelope, envelope.body(), before))
        before = Head(envelope.version, stored[-1].hash)
    return stored


def replicate(connection: Connection, body: bytes, previous: bytes, before: Head) -> Arrival:
    """Add an event that was decided elsewhere to this copy, bytes unchanged.

    `previous` is the hash it claims to follow; `before` is this copy's head of its stream.

    Raises:
        HistoryDiverged: this copy has, or links to, something else.
    """
    envelope = Envelope.from_body(body)
    if envelope.version > before.version + 1:
        return Arrival.AHEAD
    if envelope.version <= before.version:
        mine = load(connection, envelope.stream, envelope.version - 1, envelope.version)
        if not mine or mine[0].hash != link(previous, body):
            raise HistoryDiverged(envelope.stream, envelope.version)
        return Arrival.KNOWN
    if previous != before.hash:
        raise HistoryDiverged(envelope.stream, before.version)
    _insert(connection, envelope, body, before)
    return Arrival.NEW


def _insert(connection: Connection, envelope: Envelope, body: bytes, before: Head) -> Stored:
    stored = Stored(body, link(before.hash, body))
    row: dict[str, Any] = {
        "stream": envelope.stream,
        "root": envelope.root,
        "version": envelope.version,
        "type": envelope.type,
        "time": format_moment(envelope.time),
        "body": body,
        "hash": stored.hash,
    }
    connection.execute(insert(tables.event), row)
    now = {"version": envelope.version, "hash": stored.hash}
    if before.version == 0:
        connection.execute(insert(tables.stream), {"stream": envelope.stream, **now})
    else:
        connection.execute(
            update(tables.stream).where(tables.stream.c.stream == envelope.stream), now
        )
    return stored
