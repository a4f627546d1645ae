"""One participant of the deployment: a database of its own, and the parts that a service runs."""

import random
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx
from sqlalchemy import Connection

from ombudslink.complaint import Complaint
from ombudslink.inspection import Inspection
from ombudslink.log import Outgoing, feed
from ombudslink.log.memory import Content, MemoryLog
from ombudslink.runtime.commands import Sender
from ombudslink.runtime.consumer import Consumer
from ombudslink.runtime.histories import fetch_from
from ombudslink.runtime.projections import Following, bring_up_to_date
from ombudslink.runtime.relay import Relay
from ombudslink.runtime.replica import Replica
from ombudslink.runtime.states import States, replay
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.history import Stored
from ombudslink.store.migrate import migrate
from ombudslink.testing.faulty_log import FaultyLog
from ombudslink.testing.inspections import signer_of
from routing.app import MIGRATIONS

T = TypeVar("T")


class Crash(BaseException):
    """The process died here. No part of the program may catch this."""


class Time:
    """The instant that every clock of the deployment shows."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, period: timedelta) -> None:
        """Let so much of it pass."""
        self.now += period

    def pass_hours(self, hours: int) -> None:
        """Let some hours pass."""
        self.pass_(timedelta(hours=hours))


class MortalDatabase(Database):
    """A database whose process dies at a chosen write, before or after its COMMIT."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._until_death = 0
        self._committed = False

    def die_at(self, write: int, *, committed: bool) -> None:
        """Die at the `write`-th write from now on (1 is the next; 0 is never)."""
        self._until_death, self._committed = write, committed

    async def write(self, unit: Callable[[Connection], T]) -> T:
        self._until_death -= 1
        if self._until_death != 0:
            return await super().write(unit)
        if self._committed:
            await super().write(unit)
        raise Crash


class InterleavingLog(MemoryLog):
    """A log in memory that keeps the order of each key only, as several producers leave it."""

    def __init__(self, clock: Callable[[], datetime], content: Content, seed: int) -> None:
        super().__init__(clock, content)
        self._random = random.Random(seed)

    async def send(self, records: Sequence[Outgoing]) -> None:
        waiting: dict[tuple[str, str], list[Outgoing]] = defaultdict(list)
        for record in records:
            waiting[record.topic, record.key].append(record)
        order = [place for place, group in waiting.items() for _ in group]
        self._random.shuffle(order)
        await super().send([waiting[place].pop(0) for place in order])


class Node:
    """Everything of one participant. `start` gives it new parts on the same database."""

    topics: Sequence[str] = ()

    def __init__(
        self,
        name: str,
        folder: Path,
        time: Time,
        content: Content,
        seed: int,
        registrar: Callable[[httpx.Request], httpx.Response],
    ) -> None:
        self.name = name
        self.path = folder / f"{name}.db"
        self.time = time
        self.log = FaultyLog(InterleavingLog(time, content, seed))
        self.signer = signer_of(name)
        self._registrar = httpx.AsyncClient(
            transport=httpx.MockTransport(registrar),
            base_url="http://registrar",
            headers={"participant": name},
        )
        if not self.path.exists():
            shutil.copyfile(_empty_database(), self.path)

    def led(self) -> Following:
        """The read models of this kind of participant, and what it does by itself."""
        return Following()

    async def start(self) -> None:
        """A new process on the database that the last one left."""
        self.database = MortalDatabase(f"sqlite:///{self.path}")
        self.database.open()
        self.sender = Sender(self.signer)
        self.states = States()
        self.following = self.led()
        bring_up_to_date(self.database, self.following)
        await self.log.log.start()
        self.relay = Relay(self.database, self.log)
        self.consumer = Consumer(
            self.name,
            [*self.topics, feed(self.name)],
            database=self.database,
            log=self.log,
            replica=Replica(self.states, self.sender, self.following),
            sender=self.sender,
            fetch=fetch_from(self._registrar, self.time),
        )
        self._follows = False

    def stop(self) -> None:
        """The process is gone; whatever was not committed is lost."""
        self.database.close()

    def interrupted(self) -> None:
        """A task failed for want of the log: it begins anew, as the service would have it."""
        self._follows = False

    async def send(self) -> int:
        """The relay sends what waits."""
        return await self.relay.send_once()

    async def read(self) -> int:
        """The consumer takes what is there."""
        if not self._follows:
            await self.consumer.open()
            self._follows = True
        return await self.consumer.read_once()

    async def fill_gaps(self) -> int:
        """The consumer asks for what is missing."""
        if self._follows:
            await self.consumer.fill_gaps()
        return 0

    async def repeat(self) -> int:
        """Commands without an outcome are sent once more."""
        return await self.database.write(partial(self.sender.send_again, now=self.time.now))

    def history(self, stream: str) -> list[Stored]:
        """The events of a complaint as they stand in this database."""
        return self.database.ask(lambda connection: history.load(connection, stream))

    def state(self, stream: str) -> Complaint:
        """The complaint as it stands in this database."""
        return replay(self.history(stream)).complaint

    def inspection(self, stream: str) -> Inspection:
        """The joint inspection as it stands in this database."""
        return replay(self.history(stream)).inspection

    def backup(self, to: Path) -> None:
        """Copy the database as it stands now."""
        with sqlite3.connect(self.path) as source, sqlite3.connect(to) as target:
            source.backup(target)
        source.close()
        target.close()

    def restore(self, copy: Path) -> None:
        """Put a copy in the place of the database; the process must be stopped."""
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(copy, self.path)


@cache
def _folder() -> TemporaryDirectory[str]:
    """Where it is; gone when the tests end."""
    return TemporaryDirectory(prefix="ombudslink-")


@cache
def _empty_database() -> Path:
    """A database with all tables and nothing in them, made once."""
    path = Path(_folder().name) / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.open()
    migrate(database, MIGRATIONS)
    database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path
