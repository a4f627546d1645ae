"""What else the store keeps: the outbox, leases, positions, what is parked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from ombudslink.ids import derived_id
from ombudslink.log import COMMANDS, HISTORY, MAX_RECORD_BYTES, Outgoing, Record, RecordTooLarge
from ombudslink.runtime import lease
from ombudslink.runtime.lease import LeaseLost
from ombudslink.store import outbox, parking, positions, tables
from ombudslink.store.engine import Database
from ombudslink.store.parking import Parked
from ombudslink.store.positions import Position

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
STREAM, OTHER = derived_id("one"), derived_id("other")


# --- outbox ---------------------------------------------------------------------------------


def to_send(number: int, topic: str = HISTORY) -> Outgoing:
    return Outgoing(topic, STREAM, f"{number}".encode(), {"ce_id": f"{number}", "ce_x": "ə"})


async def test_what_is_to_be_sent_comes_back_whole_and_in_order(database: Database) -> None:
    for number in range(5):
        await database.write(lambda c, n=number: outbox.enqueue(c, to_send(n)))
    waiting = database.ask(lambda c: outbox.waiting(c, 3))
    assert [one.record for one in waiting] == [to_send(n) for n in range(3)]
    assert database.ask(outbox.depth) == 5


async def test_only_what_was_acknowledged_is_forgotten(database: Database) -> None:
    for number in range(3):
        await database.write(lambda c, n=number: outbox.enqueue(c, to_send(n)))
    first, second, third = database.ask(lambda c: outbox.waiting(c, 10))
    await database.write(lambda c: outbox.acknowledged(c, [first.id, third.id]))
    assert database.ask(lambda c: outbox.waiting(c, 10)) == [second]


async def test_an_id_of_the_outbox_is_never_given_twice(database: Database) -> None:
    """Else a late acknowledgement could delete another record."""
    await database.write(lambda c: outbox.enqueue(c, to_send(1)))
    (first,) = database.ask(lambda c: outbox.waiting(c, 10))
    await database.write(lambda c: outbox.acknowledged(c, [first.id]))
    await database.write(lambda c: outbox.enqueue(c, to_send(2)))
    (second,) = database.ask(lambda c: outbox.waiting(c, 10))
    assert second.id > first.id


async def test_a_record_that_the_log_would_never_take_fails_its_cause(database: Database) -> None:
    def unit(connection: Connection) -> None:
        outbox.enqueue(connection, to_send(1))
        outbox.enqueue(connection, Outgoing(HISTORY, STREAM, bytes(MAX_RECORD_BYTES + 1)))

    with pytest.raises(RecordTooLarge):
        await database.write(unit)
    assert database.ask(outbox.depth) == 0


async def test_the_first_version_that_history_lacks_is_known(database: Database) -> None:
    def unit(connection: Connection) -> None:
        outbox.enqueue(connection, to_send(1, COMMANDS))
        for version in (4, 5):
            outbox.enqueue(connection, to_send(version), version)

    await database.write(unit)
    assert database.ask(lambda c: outbox.first_unsent(c, STREAM)) == 4
    assert database.ask(lambda c: outbox.first_unsent(c, OTHER)) is None


# --- leases ---------------------------------------------------------------------------------


async def take(database: Database, owner: str, *, alone: bool = False) -> lease.Lease | None:
    return await database.write(lambda c: lease.take(c, "registrar/1", owner, alone=alone))


async def expire(database: Database) -> None:
    await database.write(lambda c: c.execute(update(tables.lease), {"expires": 0}))


async def test_a_lease_is_held_by_one_owner_at_a_time(database: Database) -> None:
    held = await take(database, "one")
    assert held is not None
    assert await take(database, "two") is None
    await database.write(lambda c: lease.hold(c, held))


async def test_an_expired_lease_is_taken_over_with_a_higher_fence(database: Database) -> None:
    first = await take(database, "one")
    await expire(database)
    second = await take(database, "two")
    assert first is not None
    assert second is not None
    assert second.fence > first.fence
    with pytest.raises(LeaseLost):
        await database.write(lambda c: lease.hold(c, first))
    await database.write(lambda c: lease.hold(c, second))


async def test_the_fence_rises_even_for_the_same_owner_and_when_alone(database: Database) -> None:
    fences = [
        taken.fence
        for owner in ("one", "one", "two")
        if (taken := await take(database, owner, alone=True)) is not None
    ]
    assert fences == [1, 2, 3]


async def test_holding_renews_the_lease(database: Database) -> None:
    held = await take(database, "one")
    assert held is not None
    await expire(database)
    await database.write(lambda c: lease.hold(c, held))
    assert await take(database, "two") is None


async def test_nothing_of_a_transaction_remains_whose_lease_is_lost(database: Database) -> None:
    first = await take(database, "one")
    await expire(database)
    await take(database, "two")
    assert first is not None

    def unit(connection: Connection) -> None:
        outbox.enqueue(connection, to_send(1))
        lease.hold(connection, first)

    with pytest.raises(LeaseLost):
        await database.write(unit)
    assert database.ask(outbox.depth) == 0


# --- positions ------------------------------------------------------------------------------


def read_record(offset: int, **headers: str) -> Record:
    return Record(HISTORY, 3, offset, NOW, STREAM, b"", headers)


async def test_a_reader_finds_its_places_again(database: Database) -> None:
    at = Position("incarnation").after(read_record(7, ce_id="x/8"))
    assert at == Position("incarnation", 8, "x/8")
    for reader, where in (("one", at), ("one", at), ("two", Position("other", 2, "y"))):
        await database.write(lambda c, r=reader, w=where: positions.remember(c, r, HISTORY, 3, w))
    assert database.ask(lambda c: positions.recall(c, "one")) == {(HISTORY, 3): at}
    assert database.ask(lambda c: positions.recall(c, "three")) == {}


@pytest.mark.parametrize("name", ["x" * 10_000, "\ud800", "a\0b", "қазақша"])
async def test_a_record_with_an_unfit_name_does_not_hinder_its_reader(
    database: Database, name: str
) -> None:
    at = Position("incarnation").after(read_record(0, ce_id=name))
    await database.write(lambda c: positions.remember(c, "one", HISTORY, 3, at))
    assert database.ask(lambda c: positions.recall(c, "one")) == {(HISTORY, 3): at}


# --- parking --------------------------------------------------------------------------------


def waiting(version: int, stream: str = STREAM, seconds: int = 0) -> Parked:
    since = NOW + timedelta(seconds=seconds)
    return Parked(stream, version, b"\1" * 32, b"{}", since, None)


async def park(database: Database, *records: Parked) -> None:
    for record in records:
        await database.write(lambda c, r=record: parking.park(c, r))


async def test_parked_events_come_back_in_order_of_versions(database: Database) -> None:
    await park(database, waiting(10), waiting(9), waiting(2, OTHER))
    assert database.ask(lambda c: parking.parked(c, STREAM)) == [waiting(9), waiting(10)]
    assert database.ask(parking.counts) == (3, 0)
    assert database.ask(parking.streams) == sorted([STREAM, OTHER])


async def test_parking_again_changes_nothing_but_may_add_the_reason(database: Database) -> None:
    await park(database, waiting(2), waiting(2, seconds=9), waiting(2).because("Undecodable"))
    await park(database, waiting(2))
    assert database.ask(parking.parked) == [waiting(2).because("Undecodable")]
    assert database.ask(parking.counts) == (0, 1)


async def test_a_dead_letter_holds_its_stream_and_no_other(database: Database) -> None:
    await park(database, waiting(2).because("x"), waiting(3), waiting(2, OTHER))
    both = [STREAM, OTHER]
    assert database.ask(lambda c: parking.held(c, both)) == {STREAM, OTHER}
    assert database.ask(lambda c: parking.dead(c, both)) == {STREAM}
    assert database.ask(parking.dead_letters) == [waiting(2).because("x")]


async def test_a_gap_is_due_by_the_oldest_that_waits_and_not_where_a_dead_letter_is(
    database: Database,
) -> None:
    dead = derived_id("dead")
    await park(database, waiting(5, seconds=9), waiting(4, seconds=1), waiting(2, OTHER, 5))
    await park(database, waiting(2, dead), waiting(3, dead).because("x"))
    due = [
        database.ask(lambda c, s=second: parking.gaps(c, NOW + timedelta(seconds=s)))
        for second in (1, 2, 6)
    ]
    assert due == [[], [STREAM], sorted([STREAM, OTHER])]


async def test_what_was_applied_is_taken_out(database: Database) -> None:
    await park(database, waiting(2), waiting(3))
    await database.write(lambda c: parking.remove(c, STREAM, 2))
    assert database.ask(parking.parked) == [waiting(3)]
