"""One store's copies of histories, opened only to read, and recomputed from their bodies."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, create_engine, event, select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from ombudslink.envelope import Envelope, Undecodable
from ombudslink.proof.chain import link
from ombudslink.readership import Readership
from ombudslink.store import tables
from ombudslink.store.engine import BUSY_MS, StoreError, explained
from ombudslink.store.history import Head
from ombudslink.streams import WrongKind
from ombudslink.values import ParticipantId, format_moment

Damage = Literal[
    "altered", "backdated", "deleted", "inserted", "mislabelled", "misplaced", "truncated"
]
"""What was done to a copy: a body or the head edited; a time edited; an event taken out; put in
behind the head; given another type or root; put where it does not belong; the end cut off."""

_AT_ONCE: Final = 500


@dataclass
class Copy:
    """One store's copy of one history, as far as it is sound: recomputed hashes by version."""

    participant: str
    stream: str
    hashes: list[bytes] = field(default_factory=list)
    damage: tuple[int, Damage] | None = None
    readers: Mapping[ParticipantId, int] | None = None
    """Who may read it, and how far; when it was asked for and every event could be read."""

    @property
    def version(self) -> int:
        """How far it is sound."""
        return len(self.hashes)

    def holds(self, version: int, hash_: bytes) -> bool:
        """Whether it has just this event there."""
        return version <= self.version and self.hashes[version - 1] == hash_


@contextmanager
def open_store(participant: str, path: Path) -> Iterator[Connection]:
    """A snapshot of a participant's database, also while its service writes to it.

    Raises:
        StoreError: the database is missing, damaged, or no participant's.
    """
    if not path.is_file():
        raise StoreError(f"the database of '{participant}' is missing: {path}")
    engine = create_engine("sqlite://", creator=lambda: _read_only(path), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with engine.connect() as connection, connection.begin():
            # The snapshot is taken by the first reading, which must therefore be now.
            connection.execute(select(tables.stream.c.stream).limit(1)).all()
            yield connection
    except OperationalError as error:
        if "no such table" in str(error.orig):
            sentence = f"this is no database of '{participant}', or its service never ran: {path}"
            raise StoreError(sentence) from None
        raise explained(error, str(path)) from None
    except DatabaseError as error:
        raise explained(error, str(path)) from None


def _read_only(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return connection


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def copies(
    participant: str, connection: Connection, *, only: str | None = None, fold: bool = False
) -> Iterator[Copy]:
    """Every copy in a store in the order of the streams' ids; `fold` tells who may read it.

    Nothing but one stream's hashes is kept in memory.
    """
    heads, events = select(tables.stream), select(tables.event)
    if only is not None:
        heads = heads.where(tables.stream.c.stream == only)
        events = events.where(tables.event.c.stream == only)
    stream, row = tables.stream.c.stream, tables.event.c
    found = merge(
        _rows(connection, heads.order_by(stream)),
        _rows(connection, events.order_by(row.stream, row.version)),
        key=lambda r: str(r.stream),
    )
    for name, rows in groupby(found, key=lambda r: str(r.stream)):
        yield _recomputed(Copy(participant, name), rows, fold=fold)


def _rows(connection: Connection, query: Any) -> Iterable[Row[Any]]:
    return connection.execute(query, execution_options={"yield_per": _AT_ONCE})


def _recomputed(copy: Copy, rows: Iterable[Row[Any]], *, fold: bool) -> Copy:
    """The copy with its hashes recomputed; the head, which is no event, comes first."""
    head, reached = Head(), Head()
    readership = Readership() if fold else None
    for row in rows:
        if "body" not in row._fields:
            head = Head(row.version, row.hash)
            continue
        if copy.damage is not None:
            continue
        damage = _damage(row, reached)
        if damage is not None:
            copy.damage = (reached.version + 1, damage)
            continue
        reached = Head(row.version, row.hash)
        copy.hashes.append(row.hash)
        readership = _folded(readership, row.body)
    copy.readers = readership.reach if readership is not None else None
    if copy.damage is None:
        copy.damage = _damaged_end(head, reached)
    return copy


def _damage(row: Row[Any], before: Head) -> Damage | None:
    """What is wrong with an event that should follow `before`."""
    if row.version != before.version + 1:
        return "deleted" if row.version > before.version else "inserted"
    try:
        envelope = Envelope.from_body(row.body)
        if (envelope.stream, envelope.version) != (row.stream, row.version):
            return "misplaced"
        if link(before.hash, row.body) != row.hash:
            return "altered"
        if format_moment(envelope.time) != row.time:
            return "backdated"
    except (Undecodable, TypeError, ValueError):
        return "altered"
    return None if (envelope.type, envelope.root) == (row.type, row.root) else "mislabelled"


def _damaged_end(head: Head, reached: Head) -> tuple[int, Damage] | None:
    """What is wrong between the last event and the head that the store remembers."""
    if reached.version < head.version:
        return reached.version + 1, "truncated"
    if reached.version > head.version:
        return head.version + 1, "inserted"
    return None if reached.hash == head.hash else (reached.version, "altered")


def _folded(readership: Readership | None, body: bytes) -> Readership | None:
    if readership is None:
        return None
    envelope = Envelope.from_body(body)
    try:
        return readership.after(envelope.event, envelope.author)
    except (Undecodable, LookupError, WrongKind):
        return None
