"""States in memory are believed only where the database has the same head."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from ombudslink.complaint import Phase
from ombudslink.ids import derived_id
from ombudslink.runtime import states as module
from ombudslink.runtime.states import NOTHING, Held, Session, States, replay
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.history import Head, append
from ombudslink.testing.builders import accepted, filed
from ombudslink.testing.country import TRANSFER
from ombudslink.testing.histories import STREAM, Told, told

PAST = told(accepted(TRANSFER))


def advance(states: States, connection: Connection, one: Told) -> Session:
    """Add the next event as every replica does, on the state that it sees."""
    session = states.session(connection, {STREAM})
    (stored,) = append(connection, session.get(STREAM).head, [one.envelope])
    session.add(one.envelope, stored)
    return session


def seen(states: States, database: Database, stream: str = STREAM) -> Held:
    return database.ask(lambda c: states.session(c, {stream}).get(stream))


async def test_a_state_is_the_fold_of_the_stored_events(database: Database) -> None:
    await database.write(lambda c: append(c, Head(), [one.envelope for one in PAST]))
    held = seen(States(), database)
    assert held == replay(database.ask(lambda c: history.load(c, STREAM)))
    assert held.head == Head(len(PAST), PAST[-1].hash)


async def test_a_complaint_without_events_is_nothing(database: Database) -> None:
    assert seen(States(), database) == NOTHING


async def test_several_are_loaded_at_once_and_found_in_memory_then(database: Database) -> None:
    other = derived_id("other")
    await database.write(lambda c: append(c, Head(), [one.envelope for one in PAST]))
    await database.write(lambda c: append(c, Head(), [o.envelope for o in told(filed(), other)]))
    states = States()

    def ask(connection: Connection) -> Session:
        return states.session(connection, {STREAM, other, derived_id("none")})

    session = database.ask(ask)
    states.merge(session)
    assert session.seen[other].state.phase is Phase.OPEN
    assert states.kept(STREAM) is session.seen[STREAM]
    assert database.ask(ask).seen[STREAM] is session.seen[STREAM]


async def test_a_unit_sees_what_an_earlier_one_in_the_same_transaction_did(
    database: Database,
) -> None:
    """No update is lost between units that share a transaction, though nothing is merged yet."""
    states, gate = States(), threading.Event()
    busy = asyncio.create_task(database.write(lambda _: gate.wait(30)))
    units = [
        asyncio.create_task(database.write(lambda c, one=one: advance(states, c, one)))
        for one in PAST
    ]
    await asyncio.sleep(0)
    gate.set()
    await busy
    for session in await asyncio.gather(*units):
        states.merge(session)
    assert seen(states, database).head.version == len(PAST)


async def test_a_unit_sees_what_was_committed_before_anybody_merged_it(
    database: Database,
) -> None:
    states = States()
    states.merge(await database.write(lambda c: advance(states, c, PAST[0])))
    unmerged = await database.write(lambda c: advance(states, c, PAST[1]))
    await database.write(lambda c: advance(states, c, PAST[2]))
    states.merge(unmerged)
    assert seen(states, database).head.version == 3


async def test_merging_in_the_wrong_order_misleads_nobody(database: Database) -> None:
    states = States()
    sessions = [await database.write(lambda c, one=o: advance(states, c, one)) for o in PAST[:3]]
    for session in reversed(sessions):
        states.merge(session)
    assert seen(states, database).head.version == 3


async def test_a_state_that_was_rolled_back_is_not_believed(database: Database) -> None:
    states = States()
    states.merge(await database.write(lambda c: advance(states, c, PAST[0])))

    def undone(connection: Connection) -> None:
        states.merge(advance(states, connection, PAST[1]))
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(undone)
    assert seen(states, database).head.version == 1
    await database.write(lambda c: advance(states, c, PAST[1]))
    assert seen(states, database).head.version == 2


@pytest.mark.parametrize("done", [True, False])
async def test_after_a_commit_with_unknown_outcome_the_database_tells(
    database: Database, done: bool
) -> None:
    states = States()
    states.merge(await database.write(lambda c: advance(states, c, PAST[0])))

    def torn(connection: Connection) -> None:
        advance(states, connection, PAST[1])
        if done:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.commit()
        raise OperationalError("COMMIT", {}, Exception("connection lost"))

    with pytest.raises(OperationalError):
        await database.write(torn)
    assert seen(states, database).head.version == (2 if done else 1)


async def test_a_replica_that_was_behind_a_restored_database_is_not_fooled(
    database: Database,
) -> None:
    """Another history of the same length in the database is another state, whatever is kept."""
    states = States()
    states.keep(STREAM, Held(Head(1, b"\1" * 32), NOTHING.state))
    await database.write(lambda c: append(c, Head(), [PAST[0].envelope]))
    assert seen(states, database).head.hash == PAST[0].hash


async def test_the_least_recently_used_are_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    states = States()
    for name in ("one", "two"):
        states.keep(name, NOTHING)
    states.kept("one")
    states.keep("three", NOTHING)
    assert [states.kept(name) is not None for name in ("one", "two", "three")] == [
        True,
        False,
        True,
    ]


async def test_a_snapshot_shows_its_own_past_even_if_memory_is_newer(database: Database) -> None:
    states = States()
    await database.write(lambda c: advance(states, c, PAST[0]))
    started, go_on = threading.Event(), threading.Event()

    def question(connection: Connection) -> Held:
        connection.execute(text("SELECT count(*) FROM event")).scalar()
        started.set()
        go_on.wait(30)
        return states.session(connection).get(STREAM)

    asking = asyncio.create_task(database.query(question))
    await asyncio.to_thread(started.wait, 30)
    states.merge(await database.write(lambda c: advance(states, c, PAST[1])))
    go_on.set()
    assert (await asking).head.version == 1
