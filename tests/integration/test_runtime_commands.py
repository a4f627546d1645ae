"""Commands: stored with their cause, sent until decided, the same for ever under one id."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from ombudslink.commands import RegisterComplaint
from ombudslink.envelope import Outcome, SignedCommand
from ombudslink.ids import derived_id, partition_of
from ombudslink.log import COMMANDS
from ombudslink.proof.signing import KeyRing, Signer
from ombudslink.runtime.commands import SENT_AGAIN_AFTER, IdReused, Intent, Sender, look_up
from ombudslink.store import outbox, tables
from ombudslink.store.engine import Database

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
STREAM = derived_id("a complaint")
SIGNER = Signer("children", b"\1" * 32)
row = tables.command.c


@pytest.fixture
def sender() -> Sender:
    return Sender(SIGNER)


def intent(number: int = 1, request: str = "r", stream: str = STREAM) -> Intent:
    command = RegisterComplaint(number=f"CHI-{number}")
    return Intent(derived_id("command", number), stream, command, NOW, request=request)


def outcome(digest: str, number: int = 1, code: str | None = None) -> Outcome:
    about = {"command_id": derived_id("command", number), "digest": digest, "by": "children"}
    where = {"stream": STREAM, "root": STREAM, "partition": 0, "offset": 0, "time": NOW}
    if code is not None:
        return Outcome(**about, **where, result="refused", code=code)
    last = {"first_version": 1, "last_version": 1, "last_hash": "0" * 64}
    return Outcome(**about, **where, **last, result="accepted")


async def send(database: Database, sender: Sender, number: int = 1) -> str:
    """Send a command; the digest under which it is decided."""
    await database.write(lambda c: sender.send(c, intent(number)))
    return database.ask(
        lambda c: str(c.scalar(select(row.digest).where(row.id == derived_id("command", number))))
    )


async def empty_outbox(database: Database) -> int:
    def unit(connection: Connection) -> int:
        waiting = outbox.waiting(connection, 1000)
        outbox.acknowledged(connection, [one.id for one in waiting])
        return len(waiting)

    return await database.write(unit)


async def test_a_command_is_stored_signed_and_put_into_the_outbox(
    database: Database, sender: Sender
) -> None:
    sent = await database.write(lambda c: sender.send(c, intent()))
    assert (sent.type, sent.outcome) == ("RegisterComplaint", None)
    (waiting,) = database.ask(lambda c: outbox.waiting(c, 10))
    assert (waiting.record.topic, waiting.record.key) == (COMMANDS, STREAM)
    signed = SignedCommand.from_record(waiting.record.headers, waiting.record.value)
    ring = KeyRing({SIGNER.key_id: SIGNER.public})
    assert ring.verify("children", signed.key_id, signed.digest, signed.signature)
    assert signed.parse().command() == RegisterComplaint(number="CHI-1")
    assert partition_of(signed.parse().root) == partition_of(waiting.record.key)


async def test_the_same_id_again_sends_nothing_and_tells_what_became_of_it(
    database: Database, sender: Sender
) -> None:
    decided = outcome(await send(database, sender))
    await database.write(lambda c: sender.settle(c, decided))
    again = await database.write(lambda c: sender.send(c, intent()))
    assert again.outcome == decided
    assert database.ask(outbox.depth) == 1


async def test_the_same_id_for_another_request_is_refused(
    database: Database, sender: Sender
) -> None:
    await database.write(lambda c: sender.send(c, intent()))
    with pytest.raises(IdReused):
        await database.write(lambda c: sender.send(c, intent(request="another")))
    assert database.ask(outbox.depth) == 1


async def test_the_first_outcome_stands_and_others_are_not_touched(
    database: Database, sender: Sender
) -> None:
    digest = await send(database, sender, 1)
    await send(database, sender, 2)
    refused = outcome(digest, code="not_custodian")
    await database.write(lambda c: sender.settle(c, refused))
    await database.write(lambda c: sender.settle(c, outcome(digest)))
    first, second = (
        database.ask(lambda c, n=number: look_up(c, derived_id("command", n))) for number in (1, 2)
    )
    assert first is not None
    assert second is not None
    assert first.outcome == refused
    assert second.outcome is None


async def test_an_outcome_of_another_request_under_the_same_id_is_not_taken(
    database: Database, sender: Sender
) -> None:
    await send(database, sender)
    await database.write(lambda c: sender.settle(c, outcome("0" * 64)))
    known = database.ask(lambda c: look_up(c, derived_id("command", 1)))
    assert known is not None
    assert known.outcome is None


async def test_an_unknown_command_is_nothing(database: Database) -> None:
    assert database.ask(lambda c: look_up(c, derived_id("command", 9))) is None


async def test_a_command_without_outcome_is_sent_again_unchanged_after_a_minute(
    database: Database, sender: Sender
) -> None:
    await database.write(lambda c: sender.send(c, intent()))
    (first,) = database.ask(lambda c: outbox.waiting(c, 10))
    await empty_outbox(database)
    due = NOW + SENT_AGAIN_AFTER
    assert await database.write(lambda c: sender.send_again(c, due)) == 0
    later = due + timedelta(milliseconds=1)
    assert await database.write(lambda c: sender.send_again(c, later)) == 1
    (second,) = database.ask(lambda c: outbox.waiting(c, 10))
    assert second.record == first.record


async def test_it_is_sent_again_after_ever_longer_pauses_and_no_more_after_its_outcome(
    database: Database, sender: Sender
) -> None:
    digest = await send(database, sender)
    counts = []
    for seconds in (61, 62, 122, 182, 183, 422, 424, 2000):
        if seconds == 2000:
            await database.write(lambda c: sender.settle(c, outcome(digest)))
        await empty_outbox(database)
        at = NOW + timedelta(seconds=seconds)
        counts.append(await database.write(lambda c, at=at: sender.send_again(c, at)))
    assert counts == [1, 0, 0, 1, 0, 0, 1, 0]


async def test_a_command_that_nobody_ever_decides_is_sent_once_a_day_at_last(
    database: Database, sender: Sender
) -> None:
    await send(database, sender)
    sent = 0
    for hour in range(1, 24 * 60):
        await empty_outbox(database)
        at = NOW + timedelta(hours=hour)
        sent += await database.write(lambda c, at=at: sender.send_again(c, at))
    assert 50 < sent < 75


async def test_what_has_not_left_the_outbox_is_not_repeated(
    database: Database, sender: Sender
) -> None:
    """However long the log is away, the outbox does not grow by itself."""
    other = derived_id("another complaint")
    await database.write(lambda c: sender.send(c, intent()))
    await empty_outbox(database)
    await database.write(lambda c: sender.send(c, intent(2, stream=other)))
    for minutes in range(2, 6):
        at = NOW + timedelta(minutes=minutes)
        await database.write(lambda c, at=at: sender.send_again(c, at))
    keys = [one.record.key for one in database.ask(lambda c: outbox.waiting(c, 10))]
    assert sorted(keys) == sorted([STREAM, other])


async def test_who_waits_is_woken_when_the_outcome_is_announced(sender: Sender) -> None:
    command = derived_id("command", 1)
    waiting = [asyncio.create_task(sender.decided(command, 600)) for _ in range(2)]
    other = asyncio.create_task(sender.decided(derived_id("command", 2), 600))
    await asyncio.sleep(0)
    sender.announce(command)
    async with asyncio.timeout(30):
        await asyncio.gather(*waiting)
    assert not other.done()
    other.cancel()


async def test_waiting_ends_in_time_and_leaves_nothing_behind(sender: Sender) -> None:
    async with asyncio.timeout(30):
        await sender.decided(derived_id("command", 1), 0.001)
    sender.announce(derived_id("command", 1))
    assert sender._waiting == {}
