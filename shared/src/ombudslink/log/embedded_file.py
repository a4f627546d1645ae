"""The embedded log's file: SQLite under rules of its own. Everything here blocks."""

import fcntl
import json
import sqlite3
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from ombudslink.files import make_private
from ombudslink.ids import partition_of
from ombudslink.log import (
    Clock,
    LogDamaged,
    LogUnavailable,
    OffsetGone,
    Outgoing,
    Place,
    Record,
    from_milliseconds,
    partitions_of,
    to_milliseconds,
)

APPLICATION_ID: Final = int.from_bytes(b"OMBL", "big")
SCHEMA_VERSION: Final = 1
MOST_BYTES_AT_ONCE: Final = 16 * 1024 * 1024
"""A read hands out no more than this and one record, whatever its limit."""

_TABLES: Final = (
    "CREATE TABLE topic (name TEXT PRIMARY KEY NOT NULL, incarnation TEXT NOT NULL)",
    """CREATE TABLE record (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
        time INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, headers TEXT NOT NULL,
        PRIMARY KEY (topic, partition, offset)
    )""",
    # This one also closes the way round the guards below, INSERT OR REPLACE.
    """CREATE TRIGGER record_only_at_the_end BEFORE INSERT ON record
    WHEN new.offset IS NOT (
        SELECT coalesce(max(offset) + 1, 0) FROM record
        WHERE topic = new.topic AND partition = new.partition
    )
    BEGIN SELECT RAISE(ABORT, 'append-only table'); END""",
)
_GUARD: Final = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'append-only table'); END"
)

_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: "the disk is full: {path}. Make room and try again",
    sqlite3.SQLITE_READONLY: "the log cannot be written: {path}. Check its permissions",
    sqlite3.SQLITE_CANTOPEN: "the log cannot be opened: {path}. Check folder and permissions",
    sqlite3.SQLITE_PERM: "the log cannot be opened: {path}. Check its permissions",
    sqlite3.SQLITE_BUSY: "the log is busy: {path}. Another process holds it",
    sqlite3.SQLITE_IOERR: "the disk does not answer: {path}",
}
_DAMAGED: Final = (
    "the log is damaged: {path}. Nothing was changed; put a copy from your backup in its place"
)


class Row(NamedTuple):
    """A record that is ready to be appended."""

    topic: str
    partition: int
    key: str
    value: bytes
    headers: str


def row(record: Outgoing) -> Row:
    """Bring a record into the shape of its row."""
    partition = partition_of(record.key, partitions_of(record.topic))
    headers = json.dumps(dict(record.headers), separators=(",", ":"))
    return Row(record.topic, partition, record.key, bytes(record.value), headers)


class Appender:
    """The connection that appends, for one thread."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        try:
            self._lock = path.with_name(f"{path.name}.lock").open("a")
        except OSError as error:
            sentence = f"the log cannot be written: {path}: {error.strerror}"
            raise LogUnavailable(sentence) from None
        try:
            with _explained(path), self._alone():
                make_private(path)
                self._connection = _connect(path, patience)
                try:
                    self._make_or_recognise()
                except BaseException:
                    self._connection.close()
                    raise
            self._inode = _inode(path)
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._lock.close()

    def append(self, rows: Sequence[Row], clock: Clock) -> int:
        """Append the rows durably, all or none; the append time in milliseconds."""
        with _explained(self._path), self._transaction() as connection:
            moment = max(to_milliseconds(clock()), _last_time(connection))
            ends: dict[tuple[str, int], int] = {}
            for topic, partition in {(r.topic, r.partition) for r in rows}:
                _name_topic(connection, topic)
                ends[topic, partition] = _end(connection, topic, partition)
            for topic, partition, key, value, headers in rows:
                connection.execute(
                    "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (topic, partition, ends[topic, partition], moment, key, value, headers),
                )
                ends[topic, partition] += 1
        return moment

    def incarnation(self, topic: str) -> str:
        """The topic's incarnation, which begins now if it did not yet."""
        with _explained(self._path), self._transaction() as connection:
            return _name_topic(connection, topic)

    def _make_or_recognise(self) -> None:
        connection = self._connection
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            self._make()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise LogUnavailable(f"this file is not a log: {self._path}. Nothing was changed")
        if version != SCHEMA_VERSION:
            raise LogUnavailable(
                f"the log is of version {version}, this program reads {SCHEMA_VERSION}: "
                f"{self._path}. Nothing was changed"
            )
        if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
            raise LogUnavailable(f"the log must lie on a local disk: {self._path}")
        connection.execute("PRAGMA synchronous = FULL")
        # A file that cannot be written is noticed now, not at the first record.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("ROLLBACK")

    def _make(self) -> None:
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                connection.execute(statement)
            for table in ("topic", "record"):
                for verb in ("update", "delete"):
                    connection.execute(_GUARD.format(table=table, verb=verb))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._alone(), self._connection as connection:
            # Appending to a file that has lost its name would acknowledge what nobody can read.
            if _inode(self._path) != self._inode:
                raise LogUnavailable(f"the log was moved or replaced: {self._path}. Start again")
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # SQLite's own lock would do for commits, but before 3.51.3 a checkpoint that runs beside
        # a commit of another process can damage the file (https://sqlite.org/wal.html, "WAL-reset
        # bug"); both happen only under this lock.
        deadline = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    sentence = _SENTENCES[sqlite3.SQLITE_BUSY].format(path=self._path)
                    raise LogUnavailable(sentence) from None
                time.sleep(0.001)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)


class Reader:
    """The connection that reads, for one thread."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        with _explained(path):
            self._connection = _connect(path, patience)
            self._connection.execute("PRAGMA query_only = ON")
            if self._connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise LogDamaged(_DAMAGED.format(path=path))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def last_time(self) -> int:
        """The last append time of the whole log in milliseconds; 0 for an empty one."""
        with _explained(self._path):
            return _last_time(self._connection)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Records from that offset on; see `Log.read`."""
        records: list[Record] = []
        with _explained(self._path):
            rows = self._connection.execute(
                "SELECT offset, time, key, value, headers FROM record "
                "WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (topic, partition, offset, limit),
            )
            size = 0
            for at, moment, key, value, headers in rows:
                records.append(
                    Record(
                        topic,
                        partition,
                        at,
                        from_milliseconds(moment),
                        key,
                        value,
                        json.loads(headers),
                    )
                )
                size += len(value)
                if size > MOST_BYTES_AT_ONCE:
                    break
            rows.close()
            end = offset if records else _end(self._connection, topic, partition)
        if offset > end:
            raise OffsetGone(f"{topic}/{partition} ends at {end}, before {offset}")
        return records

    def ends(self, places: Collection[Place]) -> dict[Place, int]:
        """The next offset of each partition."""
        with _explained(self._path):
            return {place: _end(self._connection, *place) for place in places}

    def incarnation(self, topic: str) -> str | None:
        """The topic's incarnation; nothing for one that was never used."""
        with _explained(self._path):
            return _incarnation(self._connection, topic)

    def look(self, topics: Mapping[Place, int], seen: int | None) -> tuple[int, bool]:
        """The file's version as this connection sees it, and whether since the version `seen` a
        partition has got a record at or beyond its offset."""
        with _explained(self._path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version == seen:
            return version, False
        ends = self.ends(topics)
        return version, any(ends[at] > offset for at, offset in topics.items())


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    # The driver's own transaction handling would begin too late: we say BEGIN ourselves.
    return sqlite3.connect(path, timeout=patience, isolation_level=None)


def _last_time(connection: sqlite3.Connection) -> int:
    found = connection.execute("SELECT time FROM record ORDER BY rowid DESC LIMIT 1").fetchone()
    return int(found[0]) if found else 0


def _end(connection: sqlite3.Connection, topic: str, partition: int) -> int:
    (last,) = connection.execute(
        "SELECT max(offset) FROM record WHERE topic = ? AND partition = ?", (topic, partition)
    ).fetchone()
    return 0 if last is None else int(last) + 1


def _incarnation(connection: sqlite3.Connection, topic: str) -> str | None:
    found = connection.execute("SELECT incarnation FROM topic WHERE name = ?", (topic,)).fetchone()
    return str(found[0]) if found else None


def _name_topic(connection: sqlite3.Connection, topic: str) -> str:
    known = _incarnation(connection, topic)
    if known is not None:
        return known
    new = str(uuid.uuid4())
    connection.execute("INSERT INTO topic VALUES (?, ?)", (topic, new))
    return new


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the file's and the disk's conditions into sentences; our own faults stay as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise LogDamaged(_DAMAGED.format(path=path)) from error
        if code in _SENTENCES:
            raise LogUnavailable(_SENTENCES[code].format(path=path)) from error
        raise
