"""One running service: its database, what it sends, what it reads, and the tasks that do so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import httpx
from fastapi import FastAPI
from sqlalchemy import Connection, select

from ombudslink.log import Log, LogError, feed, system_clock
from ombudslink.observe import logger
from ombudslink.offices import Policy
from ombudslink.proof.signing import KeyRing, Signer
from ombudslink.runtime.commands import Sender, undecided
from ombudslink.runtime.consumer import Consumer, reason_of
from ombudslink.runtime.histories import fetch_from
from ombudslink.runtime.projections import Following, bring_up_to_date, rebuild
from ombudslink.runtime.relay import Relay
from ombudslink.runtime.replica import Replica
from ombudslink.runtime.states import States
from ombudslink.settings import Rates
from ombudslink.store import outbox
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.migrate import migrate
from ombudslink.vocabulary import Vocabulary

SEND_AGAIN_EVERY: Final = 15.0
SHORTEST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
"""Seconds before a failed task is started again."""
CALM: Final = 60.0
"""A task that ran so long without failing begins with the shortest pause again."""


@dataclass(frozen=True)
class Setting:
    """What one service is given: who it is, where its things are, whom it talks to."""

    participant: str
    policy: Policy
    vocabulary: Vocabulary
    configuration: Path
    database: str
    keys: Path
    access: Path
    signer: Signer
    ring: KeyRing
    log: Log
    registrar: httpx.AsyncClient
    intake: httpx.AsyncClient
    admitted: Callable[[], bool] = lambda: True
    """Whether the others let this service in."""
    rates: Rates = field(default_factory=Rates)
    now: Callable[[], datetime] = system_clock


class Create(Protocol):
    """The entry point of every service (`ombudslink.services`)."""

    def __call__(self, setting: Setting) -> FastAPI:
        """The service's application; it starts and stops with its lifespan."""


Task = Callable[[], Awaitable[None]]


@dataclass
class Parts:
    """What makes one service differ from another.

    `counts` is read by its metrics; `stopped` names what it gave up, with the reasons; `owed` tells
    how much its own tasks still have to do.
    """

    topics: Sequence[str] = ()
    following: Following = field(default_factory=Following)
    migrations: Path | None = None
    tasks: dict[str, Task] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    stopped: Mapping[int, str] = field(default_factory=dict)
    prepare: Callable[[], Awaitable[None]] | None = None
    owed: Callable[[Connection], int] = lambda _: 0


class Service:
    """A service's moving parts. `parts` may be completed until `start`."""

    def __init__(self, name: str, setting: Setting) -> None:
        self.name = name
        self.setting = setting
        self.database = Database(setting.database)
        self.sender = Sender(setting.signer)
        self.states = States()
        self.parts = Parts()
        self.relay = Relay(self.database, setting.log)
        self.consumer: Consumer | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def participant(self) -> str:
        """Who this service acts as."""
        return self.setting.participant

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        """Started inside, stopped after.

        Raises:
            StoreError: the database cannot be used.
            LogUnavailable: the log cannot be opened.
        """
        try:
            await self._start()
            yield self
        finally:
            await self._stop()

    async def ready(self) -> dict[str, bool]:
        """What must be well for this service to be asked."""
        reader = self.consumer
        return {
            "database": await self._answers(),
            "log": reader is not None and reader.caught_up,
            "tasks": not self.parts.stopped,
            "key": self.setting.admitted(),
        }

    async def owes(self) -> int:
        """How much is to be sent, to be decided or to be done; nothing is lost in a stop."""

        def question(connection: Connection) -> int:
            return outbox.depth(connection) + undecided(connection) + self.parts.owed(connection)

        return await self.database.query(question)

    def rebuild(self, projection: str | None = None) -> list[str]:
        """Make its read models anew, all or that one, while it is not running; their names.

        Raises:
            StoreError: the database cannot be used, or the service is running.
        """
        following = self.parts.following
        chosen = [name for name in following.models if projection in (None, name)]
        try:
            self._open_store()
            with self.database.maintain() as connection:
                rebuild(connection, following.named(chosen))
        finally:
            self.database.close()
        return chosen

    async def retry(self) -> None:
        """Apply what could not be applied once more, while it is not running.

        Raises:
            StoreError: the database cannot be used, or the service is running.
        """
        try:
            self._open_store()
            await self._reader().resume()
        finally:
            self.database.close()

    async def _answers(self) -> bool:
        try:
            await self.database.query(lambda connection: connection.scalar(select(1)))
        except StoreError:
            return False
        return True

    async def _start(self) -> None:
        setting, parts = self.setting, self.parts
        # In a thread: looking through a large database takes a while, and others must go on.
        for name in await asyncio.to_thread(self._bring_up_to_date):
            logger().info("projection_built", projection=name)
        await setting.log.start()
        loop = asyncio.get_running_loop()
        self.database.tell_commits_to(lambda: _wake(loop, self.relay.wake))
        self.consumer = self._reader()
        if parts.prepare is not None:
            await parts.prepare()
        tasks: dict[str, Task] = {
            "relay": self.relay.run,
            "consumer": self.consumer.run,
            "repair": self.consumer.repair,
            "repeat": self._send_again,
            **parts.tasks,
        }
        self._tasks = [
            asyncio.create_task(self._keep_running(name, run), name=f"{self.participant}-{name}")
            for name, run in tasks.items()
        ]

    def _bring_up_to_date(self) -> list[str]:
        self._open_store()
        return bring_up_to_date(self.database, self.parts.following)

    def _open_store(self) -> None:
        self.database.open()
        migrations = self.parts.migrations
        migrate(self.database, *([migrations] if migrations else []))

    def _reader(self) -> Consumer:
        setting, parts = self.setting, self.parts
        return Consumer(
            self.name,
            [*parts.topics, feed(self.participant)],
            database=self.database,
            log=setting.log,
            replica=Replica(self.states, self.sender, parts.following),
            sender=self.sender,
            fetch=fetch_from(setting.registrar, setting.now),
        )

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.database.close()

    async def _keep_running(self, name: str, run: Task) -> None:
        """Run it again after a failure, ever less often."""
        loop, pause = asyncio.get_running_loop(), 0.0
        while True:
            began = loop.time()
            try:
                await run()
                return
            except (StoreError, LogError, httpx.TransportError) as error:
                logger().warning("task_waits", task=name, reason=reason_of(error))
            except Exception as error:  # noqa: BLE001 - a task must not die of one bad moment
                logger().error("task_failed", task=name, reason=reason_of(error))
            pause = next_pause(pause, loop.time() - began)
            await asyncio.sleep(pause)

    async def _send_again(self) -> None:
        while True:
            await asyncio.sleep(SEND_AGAIN_EVERY)
            await self.database.write(partial(self.sender.send_again, now=self.setting.now()))


def next_pause(last: float, ran: float) -> float:
    """How long a failed task rests: twice as long as the last time, unless it ran well since."""
    return min(last * 2, LONGEST_PAUSE) if last and ran < CALM else SHORTEST_PAUSE


def _wake(loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(wake)
