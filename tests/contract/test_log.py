"""What every log does. Another adapter joins in `contract.adapters`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.adapters import ADAPTERS, Adapter, end
from ombudslink.ids import PARTITIONS, partition_of
from ombudslink.log import (
    COMMANDS,
    HISTORY,
    MAX_RECORD_BYTES,
    Clock,
    Log,
    LogUnavailable,
    OffsetGone,
    Outgoing,
    Record,
    RecordTooLarge,
    feed,
    system_clock,
)
from ombudslink.testing.faulty_log import FaultyLog

FEED = feed("children")
Opened = Callable[..., Awaitable[Log]]
PATIENCE = 30.0
"""Seconds after which something that should have happened counts as never happening."""


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Adapter:
    made: Adapter = ADAPTERS[request.param](tmp_path)
    return made


@pytest.fixture
async def open_log(adapter: Adapter) -> AsyncIterator[Opened]:
    async with AsyncExitStack() as stack:

        async def opened(clock: Clock = system_clock) -> Log:
            log = adapter.handle(clock)
            stack.push_async_callback(log.close)
            await log.start()
            return log

        yield opened


@pytest.fixture
async def log(open_log: Opened) -> Log:
    return await open_log()


def record(number: int, key: str = "a", topic: str = HISTORY) -> Outgoing:
    return Outgoing(topic, key, f"{key} {number}".encode(), {"ce_id": f"{key}/{number}"})


def numbered(count: int, key: str = "a", topic: str = HISTORY) -> list[Outgoing]:
    return [record(number, key, topic) for number in range(count)]


def place(key: str, topic: str = HISTORY) -> tuple[str, int]:
    return topic, partition_of(key)


async def everything(log: Log, topic: str, partition: int) -> list[Record]:
    found: list[Record] = []
    while part := await log.read(topic, partition, len(found)):
        found.extend(part)
    return found


def ids(records: Sequence[Record]) -> list[str]:
    return [r.id for r in records]


# --- order and completeness -----------------------------------------------------------------


async def test_records_come_back_as_they_were_sent(log: Log) -> None:
    headers = {"ce_id": "a/1", "ce_source": "urn:ombudslink:қазақша"}
    await log.send([Outgoing(HISTORY, "a", b"\x00\xff", headers)])
    (found,) = await log.read(*place("a"), 0)
    assert (found.topic, found.partition, found.offset) == (*place("a"), 0)
    assert (found.key, found.value, dict(found.headers)) == ("a", b"\x00\xff", headers)


async def test_records_of_one_key_keep_the_order_in_which_they_were_sent(log: Log) -> None:
    keys = [f"key {n}" for n in range(30)]
    for number in range(5):
        await log.send([record(number, key) for key in keys])
    stored = [r for n in range(PARTITIONS) for r in await everything(log, HISTORY, n)]
    for key in keys:
        assert ids([r for r in stored if r.key == key]) == [f"{key}/{n}" for n in range(5)]
    assert all(r.partition == partition_of(r.key) for r in stored)


async def test_the_offsets_of_a_partition_have_no_gap(log: Log) -> None:
    await asyncio.gather(*(log.send(numbered(7, f"key {n}")) for n in range(20)))
    for number in range(PARTITIONS):
        stored = await everything(log, HISTORY, number)
        assert [r.offset for r in stored] == list(range(len(stored)))
        assert await end(log, HISTORY, number) == len(stored)


async def test_what_concurrent_senders_were_told_is_there_exactly_once(log: Log) -> None:
    await asyncio.gather(*(log.send([record(n, f"key {n % 9}")]) for n in range(90)))
    stored = [r for n in range(PARTITIONS) for r in await everything(log, HISTORY, n)]
    assert sorted(ids(stored)) == sorted(f"key {n % 9}/{n}" for n in range(90))


async def test_a_feed_has_one_partition_and_topics_do_not_mix(log: Log) -> None:
    await log.send([record(1, "a", FEED), record(2, "b", COMMANDS), record(3, "c", FEED)])
    assert ids(await log.read(FEED, 0, 0)) == ["a/1", "c/3"]
    assert ids(await log.read(*place("b", COMMANDS), 0)) == ["b/2"]
    assert await log.read(feed("general"), 0, 0) == []


async def test_sending_nothing_is_harmless(log: Log) -> None:
    await log.send([])
    assert await end(log, *place("a")) == 0


# --- reading --------------------------------------------------------------------------------


async def test_reading_starts_anywhere_and_repeats_the_same_records(log: Log) -> None:
    await log.send(numbered(10))
    whole = await log.read(*place("a"), 0)
    for offset in range(11):
        assert await log.read(*place("a"), offset) == whole[offset:]
    assert await log.read(*place("a"), 3, 2) == whole[3:5]


async def test_a_partition_that_was_never_used_is_empty(log: Log) -> None:
    assert await end(log, "ombudslink.unused", 0) == 0
    assert await log.read("ombudslink.unused", 0, 0) == []
    assert await log.read(HISTORY, PARTITIONS, 0) == []


async def test_the_end_is_empty_and_beyond_it_is_gone(log: Log) -> None:
    await log.send(numbered(2))
    assert await log.read(*place("a"), 2) == []
    with pytest.raises(OffsetGone):
        await log.read(*place("a"), 3)
    with pytest.raises(OffsetGone):
        await log.read("ombudslink.unused", 0, 1)


async def test_many_large_records_are_all_read_part_by_part(log: Log) -> None:
    large = [Outgoing(HISTORY, "a", bytes(MAX_RECORD_BYTES), {"ce_id": str(n)}) for n in range(20)]
    await log.send(large)
    assert ids(await everything(log, *place("a"))) == [str(n) for n in range(20)]


async def test_another_handle_reads_what_one_handle_wrote(log: Log, open_log: Opened) -> None:
    other = await open_log()
    await log.send(numbered(3))
    assert ids(await other.read(*place("a"), 0)) == ["a/0", "a/1", "a/2"]
    await other.send([record(3)])
    assert await end(log, *place("a")) == 4


# --- size -----------------------------------------------------------------------------------


async def test_a_value_of_one_mebibyte_is_accepted(log: Log) -> None:
    await log.send([Outgoing(HISTORY, "a", b"x" * MAX_RECORD_BYTES)])
    (found,) = await log.read(*place("a"), 0)
    assert len(found.value) == 1024 * 1024


async def test_one_byte_more_is_refused_and_nothing_of_the_whole_is_appended(log: Log) -> None:
    too_large = Outgoing(HISTORY, "b", b"x" * (MAX_RECORD_BYTES + 1))
    with pytest.raises(RecordTooLarge) as refused:
        await log.send([record(1, "a"), too_large, record(2, "c")])
    assert "1048577" in str(refused.value)
    assert "1048576" in str(refused.value)
    for key in "abc":
        assert await end(log, *place(key)) == 0


# --- time -----------------------------------------------------------------------------------


async def test_the_log_gives_the_append_time_in_utc(log: Log) -> None:
    second = timedelta(seconds=1)
    before = datetime.now(UTC)
    await log.send([record(1)])
    (found,) = await log.read(*place("a"), 0)
    assert before - second < found.time < datetime.now(UTC) + second
    assert found.time.utcoffset() == timedelta(0)
    assert found.time.microsecond % 1000 == 0


async def test_append_times_never_go_back_even_if_the_clock_does(open_log: Opened) -> None:
    clock = Hand()
    log = await open_log(clock)
    await log.send([record(1, "a")])
    clock.at -= timedelta(hours=1)
    await log.send([record(2, "a"), record(3, "c")])
    clock.at += timedelta(hours=2)
    await log.send([record(4, "a")])
    first, second, third = await log.read(*place("a"), 0)
    assert first.time == second.time == third.time - timedelta(hours=1)
    (elsewhere,) = await log.read(*place("c"), 0)
    assert elsewhere.time == first.time


async def test_now_is_the_clock_but_never_before_a_record_that_was_seen(open_log: Opened) -> None:
    clock = Hand()
    log = await open_log(clock)
    noon = clock.at
    await log.send([record(1)])
    clock.at -= timedelta(minutes=1)
    assert log.now() == noon
    clock.at += timedelta(minutes=3)
    assert log.now() == clock.at


async def test_now_knows_the_records_of_another_handle_once_they_are_read(open_log: Opened) -> None:
    clock = Hand()
    fast, slow = await open_log(lambda: clock() + timedelta(minutes=2)), await open_log(clock)
    await fast.send([record(1)])
    (found,) = await slow.read(*place("a"), 0)
    assert slow.now() >= found.time


# --- waiting --------------------------------------------------------------------------------


async def test_waiting_ends_at_once_when_something_is_there(log: Log) -> None:
    await log.send([record(1)])
    async with asyncio.timeout(PATIENCE):
        await log.wait({place("a"): 0, (FEED, 0): 0}, 10 * PATIENCE)


@pytest.mark.parametrize("sender", ["the same handle", "another handle"])
async def test_waiting_ends_when_something_comes(log: Log, open_log: Opened, sender: str) -> None:
    other = log if sender == "the same handle" else await open_log()
    await log.send([record(1)])
    waiting = asyncio.create_task(log.wait({place("a"): 1, (FEED, 0): 0}, 10 * PATIENCE))
    await asyncio.sleep(0.01)
    await other.send([record(2)])
    async with asyncio.timeout(PATIENCE):
        await waiting
    assert await end(log, *place("a")) == 2


async def test_waiting_for_what_does_not_come_ends_in_time(log: Log) -> None:
    async with asyncio.timeout(PATIENCE):
        await log.wait({place("a"): 0}, 0.01)


async def test_several_wait_at_once_and_all_are_woken(log: Log) -> None:
    waiting = [
        asyncio.create_task(log.wait({(feed(name), 0): 0}, 10 * PATIENCE)) for name in ("x", "y")
    ]
    await asyncio.sleep(0.01)
    await log.send([record(1, topic=feed("x")), record(2, topic=feed("y"))])
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*waiting)


# --- failure --------------------------------------------------------------------------------


async def test_a_sender_that_repeats_after_a_crash_loses_nothing_and_keeps_the_order(
    log: Log,
) -> None:
    faulty = FaultyLog(log)
    faulty.fail_next_send_after(2)
    with pytest.raises(LogUnavailable):
        await faulty.send(numbered(4))
    await faulty.send(numbered(4))
    assert ids(await log.read(*place("a"), 0)) == [f"a/{n}" for n in (0, 1, 0, 1, 2, 3)]


async def test_a_lost_acknowledgement_leads_to_repetition_only(log: Log) -> None:
    faulty = FaultyLog(log)
    faulty.fail_next_send_after(2)
    with pytest.raises(LogUnavailable):
        await faulty.send(numbered(2))
    await faulty.send(numbered(2))
    assert ids(await log.read(*place("a"), 0)) == ["a/0", "a/1", "a/0", "a/1"]


async def test_a_cancelled_send_leaves_a_prefix_and_a_log_that_goes_on(log: Log) -> None:
    sending = asyncio.create_task(log.send(numbered(5)))
    await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await log.send([record(9)])
    *before, last = ids(await log.read(*place("a"), 0))
    assert before == [f"a/{n}" for n in range(len(before))]
    assert last == "a/9"


async def test_a_cancelled_send_does_not_harm_those_that_wait_with_it(log: Log) -> None:
    sends = [asyncio.create_task(log.send(numbered(3, key))) for key in "abc"]
    await asyncio.sleep(0)
    sends[1].cancel()
    await asyncio.gather(sends[0], sends[2])
    for key in "ac":
        stored = await everything(log, *place(key))
        assert ids([r for r in stored if r.key == key]) == [f"{key}/{n}" for n in range(3)]


# --- opening and closing --------------------------------------------------------------------


async def test_opening_and_closing_may_be_repeated_and_everything_stays(adapter: Adapter) -> None:
    log = adapter.handle()
    for number in range(3):
        await log.start()
        await log.start()
        await log.send([record(number)])
        await log.close()
        await log.close()
    await log.start()
    assert ids(await log.read(*place("a"), 0)) == ["a/0", "a/1", "a/2"]
    await log.close()


async def test_a_log_that_is_not_open_says_so(adapter: Adapter) -> None:
    log = adapter.handle()
    for use in (
        lambda: log.send([record(1)]),
        lambda: log.read(*place("a"), 0),
        lambda: log.ends([place("a")]),
        lambda: log.incarnation(HISTORY),
        lambda: log.wait({place("a"): 0}, 0.01),
    ):
        with pytest.raises(LogUnavailable, match="not open"):
            await use()


async def test_closing_finishes_what_was_handed_in(adapter: Adapter) -> None:
    log = adapter.handle()
    await log.start()
    sending = []
    for number in range(5):
        sending.append(asyncio.create_task(log.send([record(number)])))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await log.close()
    await asyncio.gather(*sending)
    await log.start()
    assert ids(await log.read(*place("a"), 0)) == [f"a/{n}" for n in range(5)]
    await log.close()


# --- the log's own lifetime -----------------------------------------------------------------


async def test_a_topic_keeps_its_incarnation_and_topics_have_different_ones(
    adapter: Adapter, log: Log
) -> None:
    history, commands = await log.incarnation(HISTORY), await log.incarnation(COMMANDS)
    await log.send([record(1)])
    assert await log.incarnation(HISTORY) == history != commands
    await log.close()
    again = adapter.handle()
    await again.start()
    assert await again.incarnation(HISTORY) == history
    await again.close()


async def test_topics_that_were_made_anew_have_other_incarnations(adapter: Adapter) -> None:
    log = adapter.handle()
    await log.start()
    await log.send(numbered(2))
    before = await log.incarnation(HISTORY)
    await log.close()
    adapter.make_anew()
    again = adapter.handle()
    await again.start()
    assert await again.incarnation(HISTORY) != before
    assert ids(await again.read(*place("a"), 0)) == ["a/0", "a/1"]
    await again.close()


async def test_a_log_restored_from_a_copy_lacks_what_came_after_and_shows_it(
    adapter: Adapter,
) -> None:
    log = adapter.handle()
    await log.start()
    await log.send(numbered(2))
    incarnation = await log.incarnation(HISTORY)
    await log.close()
    restore = adapter.copy()
    await log.start()
    await log.send([record(2), record(3)])
    await log.close()
    restore()
    again = adapter.handle()
    await again.start()
    assert await again.incarnation(HISTORY) == incarnation
    with pytest.raises(OffsetGone):
        await again.read(*place("a"), 4)
    await again.send([record(7), record(8), record(9)])
    assert ids(await again.read(*place("a"), 0)) == ["a/0", "a/1", "a/7", "a/8", "a/9"]
    await again.close()
