"""The relay: everything once more if need be, nothing never, feeds only after the journal."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest
from sqlalchemy import Connection

from ombudslink.ids import PARTITIONS, derived_id
from ombudslink.log import COMMANDS, HISTORY, LogError, LogUnavailable, Outgoing, Record, feed
from ombudslink.log.memory import MemoryLog
from ombudslink.runtime import relay as module
from ombudslink.runtime.relay import Relay
from ombudslink.store import outbox
from ombudslink.store.engine import Database
from ombudslink.testing.faulty_log import FaultyLog

FEEDS = (feed("children"), feed("general"))


def event(stream: str, version: int, topic: str) -> Outgoing:
    return Outgoing(topic, stream, b"", {"ce_id": f"{stream}/{version}"})


class Watched(FaultyLog):
    """A log that notices a feed record that the journal does not have."""

    def __init__(self) -> None:
        super().__init__(MemoryLog())
        self.early: list[str] = []

    async def send(self, records: Sequence[Outgoing]) -> None:
        await self._watch(records)
        await super().send(records)

    async def _watch(self, records: Sequence[Outgoing]) -> None:
        journal = {r.id for r in await everything(self.log, HISTORY)}
        names = [r.headers["ce_id"] for r in records if r.topic in FEEDS]
        self.early += [name for name in names if name not in journal]


@pytest.fixture
async def log() -> AsyncIterator[Watched]:
    watched = Watched()
    await watched.start()
    yield watched
    await watched.close()


@pytest.fixture
def relay(database: Database, log: Watched) -> Relay:
    return Relay(database, log)


async def everything(log: MemoryLog | FaultyLog, topic: str) -> list[Record]:
    count = PARTITIONS if topic in (COMMANDS, HISTORY) else 1
    return [r for n in range(count) for r in await log.read(topic, n, 0, 100_000)]


async def put(database: Database, *records: Outgoing) -> None:
    def unit(connection: Connection) -> None:
        for record in records:
            outbox.enqueue(connection, record)

    await database.write(unit)


def decision(stream: str, version: int) -> list[Outgoing]:
    """What one decision puts into the outbox: the journal first, then the feeds."""
    return [event(stream, version, topic) for topic in (HISTORY, *FEEDS)]


def first_seen(records: Sequence[Record], stream: str) -> list[str]:
    """The names of a stream's records in the order in which each first came."""
    return list(dict.fromkeys(r.id for r in records if r.key == stream))


async def drain(relay: Relay) -> None:
    while True:
        try:
            if not await relay.send_once():
                return
        except LogError:
            continue


async def test_what_is_sent_is_forgotten_and_comes_in_order(
    database: Database, relay: Relay, log: Watched
) -> None:
    stream = derived_id("one")
    for version in range(1, 6):
        await put(database, *decision(stream, version))
    assert await relay.send_once() == 15
    assert await relay.send_once() == 0
    assert database.ask(outbox.depth) == 0
    for topic in (HISTORY, *FEEDS):
        names = [r.id for r in await everything(log, topic)]
        assert names == [f"{stream}/{n}" for n in range(1, 6)]


async def test_after_a_failure_it_begins_at_the_first_that_was_not_acknowledged(
    database: Database, relay: Relay, log: Watched
) -> None:
    stream = derived_id("one")
    await put(database, *(event(stream, n, HISTORY) for n in range(1, 5)))
    log.fail_next_send_after(2)
    with pytest.raises(LogUnavailable):
        await relay.send_once()
    assert database.ask(outbox.depth) == 4
    await relay.send_once()
    names = [r.id for r in await everything(log, HISTORY)]
    assert names == [f"{stream}/{n}" for n in (1, 2, 1, 2, 3, 4)]


async def test_a_lost_acknowledgement_only_repeats(
    database: Database, relay: Relay, log: Watched
) -> None:
    stream = derived_id("one")
    await put(database, event(stream, 1, HISTORY))
    log.fail_next_send_after(1)
    with pytest.raises(LogUnavailable):
        await relay.send_once()
    await drain(relay)
    assert [r.id for r in await everything(log, HISTORY)] == [f"{stream}/1"] * 2


async def test_nothing_reaches_a_feed_while_the_journal_does_not_take_it(
    database: Database, relay: Relay, log: Watched
) -> None:
    await put(database, *decision(derived_id("one"), 1))
    log.fail_next_send_after(0)
    with pytest.raises(LogUnavailable):
        await relay.send_once()
    assert await everything(log, FEEDS[0]) == []
    await relay.send_once()
    assert len(await everything(log, FEEDS[0])) == 1
    assert log.early == []


async def test_what_the_journal_took_is_not_sent_again_when_a_feed_fails(
    database: Database, relay: Relay, log: Watched
) -> None:
    await put(database, event(derived_id("one"), 1, HISTORY))
    await relay.send_once()
    await put(database, event(derived_id("one"), 1, FEEDS[0]))
    log.fail_next_send_after(0)
    with pytest.raises(LogUnavailable):
        await relay.send_once()
    assert database.ask(outbox.depth) == 1
    await relay.send_once()
    assert len(await everything(log, HISTORY)) == 1


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_fails_feeds_follow_the_journal_and_each_stream_keeps_its_order(
    database: Database, log: Watched, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Batches are cut anywhere, sends fail after any prefix, processes start anew in between."""
    chance = random.Random(seed)
    monkeypatch.setattr(module, "BATCH", 7)
    streams = [derived_id("stream", n) for n in range(4)]
    versions = dict.fromkeys(streams, 0)
    for _ in range(60):
        stream = chance.choice(streams)
        versions[stream] += 1
        await put(database, *decision(stream, versions[stream]))
        if chance.random() < 0.5:
            if chance.random() < 0.6:
                log.fail_next_send_after(chance.randrange(8))
            with suppress(LogUnavailable):
                await Relay(database, log).send_once()
    await drain(Relay(database, log))
    assert log.early == []
    assert database.ask(outbox.depth) == 0
    for topic in (HISTORY, *FEEDS):
        records = await everything(log, topic)
        for stream in streams:
            told = [f"{stream}/{n}" for n in range(1, versions[stream] + 1)]
            assert first_seen(records, stream) == told


async def test_a_running_relay_sends_what_is_put_there_later(
    database: Database, relay: Relay, log: Watched
) -> None:
    loop = asyncio.get_running_loop()
    database.tell_commits_to(lambda: loop.call_soon_threadsafe(relay.wake))
    running = asyncio.create_task(relay.run())
    for version in range(1, 4):
        await put(database, event(derived_id("one"), version, FEEDS[0]))
        async with asyncio.timeout(30):
            await log.wait({(FEEDS[0], 0): version - 1}, 60)
    running.cancel()
    assert len(await everything(log, FEEDS[0])) == 3
