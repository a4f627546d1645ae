"""Whether a reader has caught up: with what stood in the log when it was asked, and lately."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from integration.office import FEED, Office
from ombudslink.ids import derived_id
from ombudslink.log import Log, LogUnavailable, Record
from ombudslink.runtime.consumer import BATCH, FRESH
from ombudslink.testing.builders import accepted, filed
from ombudslink.testing.country import TRANSFER
from ombudslink.testing.faulty_log import FaultyLog
from ombudslink.testing.histories import told

PAST = told(accepted(TRANSFER))


class Busy(FaultyLog):
    """A log into which something is written before every read."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.reads = 0

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on, one of which has just come."""
        self.reads += 1
        (one,) = told(filed(), derived_id("busy", self.reads))
        await self.log.send([one.outgoing(FEED)])
        return await super().read(topic, partition, offset, limit)


@asynccontextmanager
async def reading(office: Office) -> AsyncIterator["asyncio.Task[None]"]:
    """The office's reader at work."""
    task = asyncio.create_task(office.consumer.run())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_reader_that_has_read_nothing_has_not_caught_up(office: Office) -> None:
    assert not office.consumer.caught_up
    await office.publish(*PAST)
    await office.consumer.read_once()
    assert not office.consumer.caught_up
    await office.consumer.read_on()
    assert office.consumer.caught_up


async def test_a_reader_that_stood_at_the_end_long_ago_has_not_caught_up(office: Office) -> None:
    # given a reader that is at the end
    await office.consumer.read_on()
    assert office.consumer.caught_up
    # when nothing could be read for a while, then that does not count any more
    office.seconds += FRESH
    assert office.consumer.caught_up
    office.seconds += 0.1
    assert not office.consumer.caught_up
    # and does again once it was there once more
    await office.consumer.read_on()
    assert office.consumer.caught_up


async def test_a_reader_that_cannot_read_has_not_caught_up(office: Office) -> None:
    async with reading(office) as task:
        assert await office.consumer.catch_up(30)
        # when the log is away, then it says so at once
        office.log.available = False
        await asyncio.wait([task], timeout=30)
        assert isinstance(task.exception(), LogUnavailable)
        assert not office.consumer.caught_up
        assert not await office.consumer.catch_up(0.01)
    office.log.available = True
    async with reading(office):
        assert await office.consumer.catch_up(30)


async def test_under_load_a_reader_catches_up_with_what_stood_there_when_it_looked(
    office: Office,
) -> None:
    # given more than it takes at once, and something new at every look
    await office.publish(*(told(filed(), derived_id("old", n))[0] for n in range(BATCH + 1)))
    busy = Busy(office.log.log)
    office.restart(busy)
    await office.start()
    # when it reads on, then it has all that stood there, and does not run after the rest for ever
    async with asyncio.timeout(30):
        assert await office.consumer.read_on()
    assert office.consumer.caught_up
    assert await office.consumer.lag() == 0
    assert busy.reads == 2


async def test_who_asks_is_told_only_of_what_was_read_after_it_asked(office: Office) -> None:
    # given a reader that was at the end before somebody asked
    await office.consumer.read_on()
    office.seconds += 1
    assert not await office.consumer.catch_up(0.01)
    # when it is there again, then that is what was waited for
    asked = asyncio.create_task(office.consumer.catch_up(30))
    await asyncio.sleep(0)
    await office.publish(*PAST)
    await office.consumer.read_on()
    assert await asked
    assert office.version(PAST[0].envelope.stream) == len(PAST)
