"""Histories in the database: appended once, replicated with every difference noticed, unchanged."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from ombudslink.envelope import Envelope
from ombudslink.ids import derived_id
from ombudslink.proof.chain import GENESIS
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.guards import APPEND_ONLY
from ombudslink.store.history import Arrival, Head, HistoryDiverged, append, head, load, replicate
from ombudslink.testing.builders import accepted, filed
from ombudslink.testing.country import TRANSFER
from ombudslink.testing.histories import STREAM, Told, told

PAST = told(accepted(TRANSFER))
assert len(PAST) > 3


def changed(one: Told) -> bytes:
    """The same event, said by somebody else."""
    return replace(one.envelope, author="entrepreneurs").body()


async def take(database: Database, one: Told, **changes: bytes) -> Arrival:
    """Replicate one event, with the hash before it or with its body changed."""

    def unit(connection: Connection) -> Arrival:
        return replicate(
            connection,
            changes.get("body", one.body),
            changes.get("previous", one.previous),
            head(connection, STREAM),
        )

    return await database.write(unit)


async def test_decided_events_are_appended_and_read_back_in_order(database: Database) -> None:
    envelopes = [one.envelope for one in PAST]
    stored = await database.write(lambda c: append(c, Head(), envelopes))
    assert stored == database.ask(lambda c: load(c, STREAM))
    assert [one.envelope() for one in stored] == envelopes
    assert [one.hash for one in stored] == [one.hash for one in PAST]
    assert database.ask(lambda c: head(c, STREAM)) == Head(len(PAST), PAST[-1].hash)


async def test_part_of_a_history_is_read_between_two_versions(database: Database) -> None:
    await database.write(lambda c: append(c, Head(), [one.envelope for one in PAST]))
    part = database.ask(lambda c: load(c, STREAM, after=1, up_to=3))
    assert [one.envelope().version for one in part] == [2, 3]


async def test_a_version_is_given_once_only(database: Database) -> None:
    first = PAST[0].envelope
    await database.write(lambda c: append(c, Head(), [first]))
    with pytest.raises(IntegrityError):
        await database.write(lambda c: append(c, Head(), [replace(first, author="children")]))
    (stored,) = database.ask(lambda c: load(c, STREAM))
    assert stored.body == PAST[0].body


async def test_a_replica_equals_the_original_byte_by_byte(database: Database) -> None:
    assert {await take(database, one) for one in PAST} == {Arrival.NEW}
    stored = database.ask(lambda c: load(c, STREAM))
    assert [(one.body, one.hash) for one in stored] == [(one.body, one.hash) for one in PAST]
    assert database.ask(lambda c: head(c, STREAM)).hash == PAST[-1].hash


async def test_bytes_are_kept_as_they_came_even_if_they_would_be_written_otherwise_today(
    database: Database,
) -> None:
    body = PAST[0].body.replace(b'{"actor"', b'{ "actor"')
    assert await take(database, PAST[0], body=body) is Arrival.NEW
    (stored,) = database.ask(lambda c: load(c, STREAM))
    assert stored.body == body


async def test_a_known_event_changes_nothing(database: Database) -> None:
    for one in PAST:
        await take(database, one)
    for one in PAST:
        assert await take(database, one) is Arrival.KNOWN
    assert len(database.ask(lambda c: load(c, STREAM))) == len(PAST)


async def test_an_event_beyond_the_next_is_ahead_and_not_stored(database: Database) -> None:
    await take(database, PAST[0])
    assert await take(database, PAST[2]) is Arrival.AHEAD
    assert database.ask(lambda c: head(c, STREAM)).version == 1


async def test_a_changed_known_event_is_a_divergence_at_its_version(database: Database) -> None:
    for one in PAST:
        await take(database, one)
    with pytest.raises(HistoryDiverged) as diverged:
        await take(database, PAST[1], body=changed(PAST[1]))
    assert (diverged.value.stream, diverged.value.version) == (STREAM, 2)


async def test_a_known_event_after_another_past_is_a_divergence(database: Database) -> None:
    for one in PAST:
        await take(database, one)
    with pytest.raises(HistoryDiverged) as diverged:
        await take(database, PAST[1], previous=b"\1" * 32)
    assert diverged.value.version == 2


async def test_a_next_event_after_another_past_is_a_divergence_at_our_last_version(
    database: Database,
) -> None:
    await take(database, PAST[0])
    await take(database, PAST[1], body=changed(PAST[1]))
    with pytest.raises(HistoryDiverged) as diverged:
        await take(database, PAST[2])
    assert diverged.value.version == 2
    assert database.ask(lambda c: head(c, STREAM)).version == 2


async def test_a_first_event_must_follow_nothing(database: Database) -> None:
    with pytest.raises(HistoryDiverged):
        await take(database, PAST[0], previous=b"\1" * 32)
    assert database.ask(lambda c: load(c, STREAM)) == []


@pytest.mark.parametrize("version", [0, -1])
async def test_a_version_that_cannot_be_is_refused(database: Database, version: int) -> None:
    await take(database, PAST[0])
    body = replace(PAST[0].envelope, version=version).body()
    with pytest.raises(HistoryDiverged):
        await take(database, PAST[0], body=body)


async def test_histories_of_several_complaints_are_loaded_at_once(database: Database) -> None:
    other = derived_id("another complaint")
    envelopes: list[Envelope] = [one.envelope for one in PAST]
    await database.write(lambda c: append(c, Head(), envelopes))
    await database.write(lambda c: append(c, Head(), [o.envelope for o in told(filed(), other)]))
    found = database.ask(lambda c: history.load_many(c, [STREAM, other, derived_id("none")]))
    assert {stream: len(events) for stream, events in found.items()} == {
        STREAM: len(PAST),
        other: 1,
    }
    assert set(database.ask(lambda c: history.heads(c, [STREAM, other]))) == {STREAM, other}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET author = 'x'",
        "UPDATE event SET body = 'x'",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "INSERT OR REPLACE INTO event (stream, root, version, type, time, body, hash) "
        "SELECT stream, root, version, type, time, 'forged', hash FROM event",
        "INSERT OR REPLACE INTO event (id, stream, root, version, type, time, body, hash) "
        "SELECT id, stream, root, version + 90, type, time, body, hash FROM event",
    ],
)
async def test_the_database_itself_refuses_to_change_an_event(
    database: Database, statement: str
) -> None:
    await take(database, PAST[0])
    with pytest.raises(DatabaseError):
        await database.write(lambda c: c.execute(text(statement)))
    (stored,) = database.ask(lambda c: load(c, STREAM))
    assert (stored.body, stored.hash) == (PAST[0].body, PAST[0].hash)


async def test_the_refusal_says_that_the_table_is_append_only(database: Database) -> None:
    await take(database, PAST[0])
    with pytest.raises(DatabaseError, match=APPEND_ONLY):
        await database.write(lambda c: c.execute(text("DELETE FROM event")))


def test_the_first_event_follows_thirty_two_zero_bytes() -> None:
    assert Head() == Head(0, GENESIS) == Head(0, bytes(32))
