"""The consumer: reads a participant's topics in order; effect and position are one transaction."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from ombudslink.log import Log, OffsetGone, Place, Record, partitions_of
from ombudslink.observe import logger, where
from ombudslink.runtime.commands import Sender
from ombudslink.runtime.replica import Replica, Taken, dead_letter
from ombudslink.store import parking, positions
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.history import HistoryDiverged, head
from ombudslink.store.parking import Parked
from ombudslink.store.positions import Position

BATCH: Final = 200
GAP_AFTER: Final = timedelta(seconds=5)
"""How long a record may wait for an earlier one before that is asked of the registrar."""
GAPS_EVERY: Final = 1.0
FRESH: Final = 5.0
"""Seconds for which a reader that stood at the end of its topics counts as having caught up; it
looks at least every `IDLE` seconds."""
IDLE: Final = 1.0

Fetch = Callable[[str, int], Awaitable[Sequence[Parked]]]
"""Ask the registrar for the events of a stream after a version."""


class Consumer:
    """Follows some topics and keeps a replica up to date."""

    def __init__(
        self,
        name: str,
        topics: Sequence[str],
        *,
        database: Database,
        log: Log,
        replica: Replica,
        sender: Sender,
        fetch: Fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._places = [(t, p) for t in topics for p in range(partitions_of(t))]
        self._database = database
        self._log = log
        self._replica = replica
        self._sender = sender
        self._fetch = fetch
        self._clock = clock
        self._at: dict[Place, Position] = {}
        self._complete_at: float | None = None
        """When all was asked for that is read now."""
        self._looked = asyncio.Event()

    @property
    def caught_up(self) -> bool:
        """Whether it stood at the end of its topics a moment ago; not while it cannot read."""
        complete_at = self._complete_at
        return complete_at is not None and self._clock() - complete_at <= FRESH

    async def catch_up(self, seconds: float) -> bool:
        """Whether, in so many seconds, all is read that stands in its topics now."""
        asked = self._clock()
        try:
            async with asyncio.timeout(seconds):
                while self._complete_at is None or self._complete_at < asked:
                    self._looked.clear()
                    await self._looked.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Read for ever."""
        try:
            await self.open()
            while True:
                if not await self.read_on():
                    await self._log.wait({k: p.next for k, p in self._at.items()}, IDLE)
        finally:
            self._complete_at = None

    async def repair(self) -> None:
        """Fill gaps for ever, beside the reading, which must not wait for the registrar."""
        while True:
            await self.fill_gaps()
            await asyncio.sleep(GAPS_EVERY)

    async def open(self) -> None:
        """Find the places to go on from, and try what could not be applied once more."""
        remembered = await self._database.query(lambda c: positions.recall(c, self._name))
        self._at = {
            place: await verified(self._log, place, remembered.get(place)) for place in self._places
        }
        await self.resume()

    async def resume(self) -> None:
        """Try what is parked once more, dead letters too."""
        for stream in await self._database.query(parking.streams):
            await self._resume(stream)

    async def read_once(self) -> int:
        """Take the next records of every partition; returns how many there were."""
        return await self._read(await self._ends())

    async def _read(self, ends: Mapping[Place, int]) -> int:
        count = 0
        for place in self._places:
            if ends[place] == self._at[place].next:
                continue
            records = await self._log.read(*place, self._at[place].next, BATCH)
            if records:
                await self._take(place, records)
                count += len(records)
        return count

    async def read_on(self) -> int:
        """Take all that stands in the topics at this moment, however much comes meanwhile; returns
        how many records there were in the last turn."""
        asked, ends = self._clock(), await self._ends()
        count = await self._read(ends)
        while count and any(self._at[place].next < end for place, end in ends.items()):
            count = await self._read(ends)
        self._complete_at = asked
        self._looked.set()
        return count

    async def lag(self) -> int:
        """How many records of its topics are not read yet; all, before it has begun."""
        ends = await self._ends()
        read = {place: at.next for place, at in self._at.items()}
        return sum(max(0, end - read.get(place, 0)) for place, end in ends.items())

    @property
    def read(self) -> int:
        """How many records of its topics it has read since they were made."""
        return sum(at.next for at in self._at.values())

    async def fill_gaps(self) -> None:
        """Ask for what is missing before records that have waited too long."""
        due = self._log.now() - GAP_AFTER
        for stream in await self._database.query(partial(parking.gaps, before=due)):
            known = await self._database.query(partial(head, stream=stream))
            for event in await self._fetch(stream, known.version):
                await self._database.write(partial(parking.park, record=event))
            await self._resume(stream)

    async def _ends(self) -> Mapping[Place, int]:
        return await self._log.ends(self._places)

    async def _take(self, place: Place, records: Sequence[Record]) -> None:
        try:
            await self._commit(place, records)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - which record it was is found out one by one
            for record in records:
                await self._take_one(place, record)

    async def _take_one(self, place: Place, record: Record) -> None:
        try:
            await self._commit(place, [record])
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a dead letter holds its stream, never others
            await self._set_aside(place, record, error)

    async def _set_aside(self, place: Place, record: Record, error: Exception) -> None:
        after = self._at[place].after(record)
        letter = dead_letter(record, reason_of(error))

        def unit(connection: Connection) -> None:
            if letter is not None:
                parking.park(connection, letter)
            positions.remember(connection, self._name, *place, after)

        await self._database.write(unit)
        self._at[place] = after
        if letter is not None:
            _alarm(error, letter.stream)
        else:
            topic, partition = place
            logger().error(
                "record_unreadable", reason=reason_of(error), topic=topic, partition=partition
            )

    async def _commit(self, place: Place, records: Sequence[Record]) -> None:
        after = self._at[place].after(records[-1])

        def unit(connection: Connection) -> Taken:
            taken = self._replica.take(connection, records)
            positions.remember(connection, self._name, *place, after)
            return taken

        taken = await self._database.write(unit)
        self._at[place] = after
        self._known(taken)
        for stream in sorted(taken.waiting):
            await self._resume(stream)

    async def _resume(self, stream: str) -> None:
        """Apply what waits of a stream, one by one, as far as that goes."""
        for waiting in await self._database.query(partial(parking.parked, stream=stream)):
            if not await self._retry(waiting):
                return

    async def _retry(self, waiting: Parked) -> bool:
        try:
            taken = await self._database.write(partial(self._replica.retry, waiting=waiting))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - it stays parked, and its stream waits
            letter = waiting.because(reason_of(error))
            await self._database.write(partial(parking.park, record=letter))
            _alarm(error, waiting.stream)
            return False
        if taken is not None:
            self._known(taken)
        return taken is not None

    def _known(self, taken: Taken) -> None:
        self._replica.states.merge(taken.session)
        for command_id in taken.settled:
            self._sender.announce(command_id)


async def verified(log: Log, place: Place, at: Position | None) -> Position:
    """The position if it still means the same records, else the beginning, with an alarm.

    A restored or truncated log is read again from its start; what is known is skipped by hash.
    """
    incarnation = await log.incarnation(place[0])
    if at is None:
        return Position(incarnation)
    if at.incarnation == incarnation and await _unmoved(log, place, at):
        return at
    logger().error("log_restored", topic=place[0], partition=place[1])
    return Position(incarnation)


async def _unmoved(log: Log, place: Place, at: Position) -> bool:
    if at.next == 0:
        return True
    try:
        found = await log.read(*place, at.next - 1, 1)
    except OffsetGone:
        return False
    return bool(found) and found[0].id == at.record


def reason_of(error: BaseException) -> str:
    """Why a record was refused: the error's type and place, never its text, which may quote."""
    if isinstance(error, HistoryDiverged):
        return f"history_diverged at version {error.version}"
    return where(error)


def _alarm(error: Exception, stream: str) -> None:
    if isinstance(error, HistoryDiverged):
        logger().critical("history_diverged", stream=stream, version=error.version)
    else:
        logger().error("record_parked", reason=reason_of(error), stream=stream)
