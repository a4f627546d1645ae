"""The embedded log: one SQLite file on a local disk, shared by the processes of one machine."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, Generic, ParamSpec, Protocol, TypeVar

from ombudslink.log import (
    Clock,
    LogUnavailable,
    Outgoing,
    Place,
    Record,
    from_milliseconds,
    refuse_too_large,
    system_clock,
    to_milliseconds,
)
from ombudslink.log.embedded_file import Appender, Reader, Row, row

SHORTEST_LOOK: Final = 0.002
LONGEST_LOOK: Final = 0.05
"""Seconds between two looks for records of other processes: just after one came, and at rest."""


class _Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)
P = ParamSpec("P")
R = TypeVar("R")
_Sent = tuple[list[Row], asyncio.Future[None]]


class _Thread(Generic[T]):
    """A thread that owns something blocking, and does what is asked with it, one by one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._executor: ThreadPoolExecutor | None = None
        self._owned: T | None = None

    async def open(self, make: Callable[[], T]) -> None:
        self._executor = ThreadPoolExecutor(1, "embedded-log")
        self._owned = await asyncio.get_running_loop().run_in_executor(self._executor, make)

    async def do(self, job: Callable[Concatenate[T, P], R], *args: P.args, **more: P.kwargs) -> R:
        if self._executor is None or self._owned is None:
            raise LogUnavailable(f"the log is not open: {self._path}")
        call = partial(job, self._owned, *args, **more)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def close(self) -> None:
        owned, self._owned = self._owned, None
        executor, self._executor = self._executor, None
        if executor is not None:
            if owned is not None:
                await asyncio.get_running_loop().run_in_executor(executor, owned.close)
            executor.shutdown(wait=False)


class EmbeddedLog:
    """One handle on the file; a process needs only one, used within one event loop.

    There is no access control in it: whoever can read the file reads every topic. It waits
    `patience` seconds for other processes before it says that the file is busy.

    Raises:
        LogUnavailable: busy, full, read-only, or no log; the message names the file and the cure.
        LogDamaged: the file is not sound.
    """

    def __init__(self, path: Path, clock: Clock = system_clock, patience: float = 10.0) -> None:
        self._path = path
        self._clock = clock
        self._patience = patience
        self._appender: _Thread[Appender] = _Thread(path)
        self._reader: _Thread[Reader] = _Thread(path)
        self._turn = asyncio.Lock()
        self._opened = False
        self._waiting: list[_Sent] = []
        self._committing: asyncio.Task[None] | None = None
        self._sleepers: dict[asyncio.Event, Collection[Place]] = {}
        self._last = 0

    async def start(self) -> None:
        """Open the file, make it if there is none, and check that it is sound."""
        async with self._turn, AsyncExitStack() as undo:
            if self._opened:
                return
            undo.push_async_callback(self._let_go)
            await self._appender.open(lambda: Appender(self._path, self._patience))
            await self._reader.open(lambda: Reader(self._path, self._patience))
            self._note(await self._reader.do(Reader.last_time))
            self._opened = True
            undo.pop_all()

    async def close(self) -> None:
        """Finish what was handed in, then let go of the file."""
        async with self._turn:
            self._opened = False
            if self._committing is not None:
                await self._committing
            await self._let_go()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Append the records, in one transaction with all that wait at that moment."""
        refuse_too_large(records)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(([row(r) for r in records], done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        await done

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on; see `Log.read`."""
        records = await self._reader.do(Reader.read, topic, partition, offset, limit)
        if records:
            self._note(to_milliseconds(records[-1].time))
        return records

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The next offset of each partition."""
        return await self._reader.do(Reader.ends, places)

    async def incarnation(self, topic: str) -> str:
        """The topic's name for its own lifetime, kept in the file."""
        known = await self._reader.do(Reader.incarnation, topic)
        if known is None:
            known = await self._appender.do(Appender.incarnation, topic)
        return known

    async def wait(self, topics: Mapping[Place, int], timeout: float) -> None:
        """Return when one of the partitions holds a record at or beyond its offset, or in time.

        Records of this process wake it at once, those of others within `LONGEST_LOOK` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        woken = asyncio.Event()
        self._sleepers[woken] = topics.keys()
        try:
            seen: int | None = None
            pause = SHORTEST_LOOK
            while True:
                woken.clear()
                seen, found = await self._reader.do(Reader.look, topics, seen)
                left = deadline - loop.time()
                if found or left <= 0:
                    return
                try:
                    # Not `wait_for`: in Python 3.11 it may swallow a cancellation.
                    async with asyncio.timeout(min(pause, left)):
                        await woken.wait()
                except TimeoutError:
                    pause = min(pause * 1.5, LONGEST_LOOK)
        finally:
            del self._sleepers[woken]

    def now(self) -> datetime:
        """The clock, but never before an append time that this handle has seen."""
        return from_milliseconds(max(to_milliseconds(self._clock()), self._last))

    async def _commit(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._append(batch)
        finally:
            self._committing = None

    async def _append(self, batch: list[_Sent]) -> None:
        rows = [r for part, _ in batch for r in part]
        try:
            self._note(await self._appender.do(Appender.append, rows, self._clock))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever sent the records
            for done in _undone(batch):
                done.set_exception(error)
            return
        for done in _undone(batch):
            done.set_result(None)
        appended = {(r.topic, r.partition) for r in rows}
        for sleeper, places in self._sleepers.items():
            if not appended.isdisjoint(places):
                sleeper.set()

    def _note(self, append_time: int) -> None:
        self._last = max(self._last, append_time)

    async def _let_go(self) -> None:
        # The appender last: the last connection to close brings the file into one piece.
        await self._reader.close()
        await self._appender.close()


def _undone(batch: list[_Sent]) -> list[asyncio.Future[None]]:
    return [done for _, done in batch if not done.done()]
