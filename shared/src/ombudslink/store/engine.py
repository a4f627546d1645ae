"""Opening a service's database, and the two ways to use it: snapshots to read, units to write."""

import asyncio
import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError

from ombudslink.files import make_private
from ombudslink.store.writer import Writer

T = TypeVar("T")
QUESTIONS_AT_ONCE: Final = 4
BUSY_MS: Final = 10_000
APPLICATION_ID: Final = int.from_bytes(b"OMBS", "big")


class StoreError(Exception):
    """A database that cannot be used at present; the message names it and says what to do."""


class Database:
    """One participant's database. On SQLite one process holds it; others may only read."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: IO[str] | None = None
        self._writes = self._engine(writable=True)
        self._reads = self._engine(writable=False)
        self._writer: Writer | None = None
        self._readers: ThreadPoolExecutor | None = None

    @property
    def name(self) -> str:
        """What people call it: the file, or the database's address without its password."""
        return self.url.database or "" if self.sqlite else self.url.render_as_string()

    def open(self) -> None:
        """Take it for writing and check that it is sound.

        Raises:
            StoreError: it is in use, read-only, damaged, another program's, or not there.
        """
        if self.sqlite:
            self._hold()
            make_private(Path(self.name))
        try:
            with self.maintain() as connection:
                if self.sqlite:
                    _recognise(connection, self.name)
            if self.sqlite:
                _use_wal(self._writes)
                self._note_made()
        except BaseException:
            self.close()
            raise
        self._writer = Writer(self._writes)
        self._readers = ThreadPoolExecutor(QUESTIONS_AT_ONCE, "reader")

    def close(self) -> None:
        """Finish what was handed in and let go. Repeating is harmless."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._readers is not None:
            self._readers.shutdown(cancel_futures=True)
            self._readers = None
        self._writes.dispose()
        self._reads.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def tell_commits_to(self, wake: Callable[[], None]) -> None:
        """Call this, in the writer's thread, after every commit."""
        self._running().on_commit.append(wake)

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work; it is durable when this returns.

        The unit shares its transaction with others and may be run again from nothing.

        Raises:
            StoreError: the database did not take it; nothing of it remains, or, when the
                connection broke during the commit, repeating tells.
        """
        try:
            return await asyncio.wrap_future(self._running().submit(unit))
        except DatabaseError as error:
            raise explained(error, self.name) from None

    async def query(self, question: Callable[[Connection], T]) -> T:
        """Run a question on a snapshot, in one of this database's few threads.

        Raises:
            StoreError: the database does not answer, or is not open.
        """
        if self._readers is None:
            raise StoreError(_NOT_OPEN.format(name=self.name))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.ask, question)

    def ask(self, question: Callable[[Connection], T]) -> T:
        """Run a question on a snapshot, in this thread."""
        try:
            with self._reads.connect() as connection, connection.begin():
                return question(connection)
        except DatabaseError as error:
            raise explained(error, self.name) from None

    @contextmanager
    def maintain(self) -> Iterator[Connection]:
        """A transaction of its own, for migrations and rebuilding before the service runs."""
        try:
            with self._writes.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise explained(error, self.name) from None

    def _running(self) -> Writer:
        if self._writer is None:
            raise StoreError(_NOT_OPEN.format(name=self.name))
        return self._writer

    def _hold(self) -> None:
        path = Path(f"{self.name}.lock")
        try:
            lock = path.open("a+")
        except OSError as error:
            reason = error.strerror or "unknown reason"
            raise StoreError(f"cannot write beside the database: {path}: {reason}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StoreError(
                f"another process is using the database: {self.name}. Stop it first"
            ) from None
        self._lock = lock
        lock.seek(0)
        if lock.read() and not Path(self.name).exists():
            self.close()
            raise StoreError(
                f"the database is missing: {self.name}. Put a copy from your backup in its place; "
                f"to begin without what it held, remove {path.name} too"
            )

    def _note_made(self) -> None:
        """Remember beside the database that there is one: a lost one is not made anew unseen."""
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.write(f"belongs to {Path(self.name).name}\n")
            self._lock.flush()

    def _engine(self, *, writable: bool) -> Engine:
        # A statement's values are somebody's data; they must not get into an error's text.
        engine = create_engine(self.url, pool_pre_ping=not self.sqlite, hide_parameters=True)
        if self.sqlite:
            event.listen(engine, "connect", _set_up_writer if writable else _set_up_reader)
            event.listen(engine, "begin", _begin_immediate if writable else _begin)
        return engine


def _set_up(connection: Any) -> None:
    # The driver's own transaction handling would begin too late and commit DDL behind our back.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _set_up_writer(connection: Any, _record: Any) -> None:
    _set_up(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _set_up_reader(connection: Any, _record: Any) -> None:
    _set_up(connection)
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _recognise(connection: Connection, name: str) -> None:
    """Check that the file is sound, and ours or empty, before anything in it is changed."""
    if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
        raise StoreError(_DAMAGED.format(name=name))
    known = connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
    if not known and connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        raise StoreError(f"this file is another program's: {name}. Nothing was changed")
    # Written even if it stands there: a file that cannot be written is noticed now.
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _use_wal(engine: Engine) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.execute("PRAGMA journal_mode = WAL")


_NOT_OPEN: Final = "the database is not open: {name}"
_DAMAGED: Final = (
    "the database is damaged: {name}. Nothing was changed; put a copy from your backup in its place"
)
_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: "the disk is full: {name}. Make room and start again",
    sqlite3.SQLITE_READONLY: "the database cannot be written: {name}. Check its permissions",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: {name}. Check folder and permissions",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: "the database is busy: {name}. Another process holds it",
    sqlite3.SQLITE_IOERR: "the disk does not answer: {name}",
}


def _primary_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _is_ours(error: DatabaseError) -> bool:
    """Whether the statement was wrong (our own fault), not the database's condition."""
    code = _primary_code(error)
    return code not in _SENTENCES if code is not None else not error.connection_invalidated


def explained(error: DatabaseError, name: str) -> Exception:
    """A sentence for a database's condition; the error itself when it is a fault of ours."""
    if _is_ours(error):
        return error
    sentence = _SENTENCES.get(_primary_code(error) or -1, "the database does not answer: {name}")
    return StoreError(sentence.format(name=name))
