"""Group commit: units share a transaction, and each is told only what became of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from ombudslink.store import tables
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.writer import MOST_AT_ONCE

positions = tables.position


def put(connection: Connection, name: str) -> str:
    """A unit that leaves one row."""
    row = {"reader": name, "topic": "t", "partition": 0, "incarnation": "i", "next": 0}
    connection.execute(insert(positions), {**row, "record": ""})
    return name


def unit(name: str) -> Callable[[Connection], str]:
    return lambda connection: put(connection, name)


def names(database: Database) -> set[str]:
    return set(database.ask(lambda c: c.scalars(select(positions.c.reader)).all()))


class Broken(Exception):
    """A fault of our own."""


def broken(connection: Connection) -> None:
    put(connection, "broken")
    raise Broken


def count_commits(database: Database) -> list[int]:
    commits = [0]

    def counted() -> None:
        commits[0] += 1

    database.tell_commits_to(counted)
    return commits


@asynccontextmanager
async def occupied(database: Database) -> AsyncIterator[None]:
    """Keep the writer busy, so that what is handed in meanwhile shares one transaction."""
    running, gate = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        running.set()
        gate.wait(30)

    busy = asyncio.create_task(database.write(wait))
    await asyncio.to_thread(running.wait, 30)
    yield
    await asyncio.sleep(0)
    gate.set()
    await busy


async def together(database: Database, *units: Callable[[Connection], Any]) -> list[Any]:
    """Run units in one transaction; their results or errors."""
    async with occupied(database):
        waiting = [asyncio.create_task(database.write(one)) for one in units]
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_unit_returns_its_result_and_is_durable_then(database: Database) -> None:
    assert await database.write(unit("a")) == "a"
    assert names(database) == {"a"}


async def test_units_that_wait_share_one_transaction(database: Database) -> None:
    commits = count_commits(database)
    results = await together(database, *(unit(f"unit {n}") for n in range(40)))
    assert results == [f"unit {n}" for n in range(40)]
    assert commits[0] == 2


async def test_more_units_than_fit_are_split_and_all_are_done(database: Database) -> None:
    count = 2 * MOST_AT_ONCE + 1
    results = await together(database, *(unit(f"unit {n}") for n in range(count)))
    assert results == [f"unit {n}" for n in range(count)]
    assert len(names(database)) == count


async def test_units_run_in_the_order_in_which_they_were_handed_in(database: Database) -> None:
    seen: list[int] = []
    await together(database, *((lambda _, n=n: seen.append(n)) for n in range(100)))
    assert seen == list(range(100))


async def test_a_unit_that_fails_does_not_harm_the_others_and_leaves_nothing(
    database: Database,
) -> None:
    before, failed, after = await together(database, unit("before"), broken, unit("after"))
    assert (before, after) == ("before", "after")
    assert isinstance(failed, Broken)
    assert names(database) == {"before", "after"}


async def test_a_unit_that_the_database_refuses_does_not_harm_the_others(
    database: Database,
) -> None:
    await database.write(unit("same"))
    before, failed, after = await together(database, unit("b"), unit("same"), unit("a"))
    assert (before, after) == ("b", "a")
    assert isinstance(failed, IntegrityError)
    assert names(database) == {"same", "a", "b"}


async def test_units_beside_one_that_fails_run_once_and_share_their_commit(
    database: Database,
) -> None:
    runs: list[str] = []

    def counted(name: str) -> Callable[[Connection], None]:
        return lambda connection: runs.append(put(connection, name))

    commits = count_commits(database)
    await together(database, counted("a"), broken, counted("b"), broken, counted("c"))
    assert runs == ["a", "b", "c"]
    assert names(database) == {"a", "b", "c"}
    assert commits[0] == 2


async def test_a_unit_sees_what_those_before_it_did_and_nothing_of_one_that_failed(
    database: Database,
) -> None:
    def seen(connection: Connection) -> set[str]:
        return set(connection.scalars(select(positions.c.reader)).all())

    *_, last = await together(database, unit("a"), broken, seen)
    assert last == {"a"}


async def test_when_the_database_gives_up_the_transaction_every_unit_runs_alone(
    database: Database,
) -> None:
    """As SQLite does when the disk is full."""
    runs: list[str] = []

    def given_up(connection: Connection) -> None:
        runs.append("given up")
        put(connection, "given up")
        connection.exec_driver_sql("ROLLBACK")
        raise Broken

    def counted(name: str) -> Callable[[Connection], None]:
        return lambda connection: runs.append(put(connection, name))

    _, failed, _ = await together(database, counted("before"), given_up, counted("after"))
    assert isinstance(failed, Exception)
    assert runs == ["before", "given up", "before", "given up", "after"]
    assert names(database) == {"before", "after"}


async def test_nothing_is_acknowledged_before_its_commit(database: Database) -> None:
    """A unit's effect is invisible to others while it runs, and visible when it is told done."""
    running, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        put(connection, "slow")
        running.set()
        go_on.wait(30)

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(running.wait, 30)
    assert not task.done()
    assert names(database) == set()
    go_on.set()
    await task
    assert names(database) == {"slow"}


class LostConnection:
    """Breaks the connection during a COMMIT, before or after the database has done it."""

    def __init__(self, database: Database, *, done: bool) -> None:
        self.now = False
        self._done = done
        event.listen(database._writes, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        if self.now:
            self.now = False
            driver = connection.connection.driver_connection
            assert driver is not None
            if self._done:
                driver.commit()
            raise OperationalError("COMMIT", {}, Exception("connection lost"))


@pytest.mark.parametrize("done", [True, False])
async def test_when_the_outcome_of_a_commit_is_unknown_all_its_units_fail_and_none_runs_again(
    database: Database, done: bool
) -> None:
    lost = LostConnection(database, done=done)
    runs: list[str] = []

    def losing(name: str) -> Callable[[Connection], None]:
        def unit(connection: Connection) -> None:
            runs.append(put(connection, name))
            lost.now = True

        return unit

    results = await together(database, losing("a"), losing("b"))
    assert [type(result) for result in results] == [OperationalError, OperationalError]
    assert runs == ["a", "b"]
    assert names(database) == ({"a", "b"} if done else set())
    assert await database.write(unit("later")) == "later"


async def test_a_caller_that_gives_up_early_does_not_disturb_the_writer(
    database: Database,
) -> None:
    async with occupied(database):
        given_up = asyncio.create_task(database.write(unit("given up")))
        staying = asyncio.create_task(database.write(unit("staying")))
        await asyncio.sleep(0)
        given_up.cancel()
    assert await staying == "staying"
    assert names(database) == {"staying"}


async def test_closing_finishes_what_was_handed_in(database: Database) -> None:
    handed_in: list[Future[str]] = [
        database._running().submit(unit(f"unit {n}")) for n in range(10)
    ]
    database.close()
    assert [future.result(0) for future in handed_in] == [f"unit {n}" for n in range(10)]
    assert len(names(database)) == 10


async def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    database.close()
    with pytest.raises(StoreError, match="not open"):
        await database.write(unit("late"))


async def test_a_query_sees_one_snapshot(database: Database) -> None:
    await database.write(unit("a"))
    started, go_on = threading.Event(), threading.Event()

    def question(connection: Connection) -> tuple[int, int]:
        count = select(positions.c.reader)
        before = len(connection.execute(count).all())
        started.set()
        go_on.wait(30)
        return before, len(connection.execute(count).all())

    asking = asyncio.create_task(database.query(question))
    await asyncio.to_thread(started.wait, 30)
    await database.write(unit("b"))
    go_on.set()
    assert await asking == (1, 1)


async def test_a_query_cannot_write(database: Database) -> None:
    await database.write(unit("a"))
    with pytest.raises(StoreError, match="cannot be written"):
        await database.query(lambda c: c.execute(delete(positions)))
    assert names(database) == {"a"}


async def test_an_error_of_the_database_does_not_quote_what_was_written(
    database: Database,
) -> None:
    with pytest.raises(OperationalError) as error:
        await database.write(
            lambda c: c.execute(text("INSERT INTO nowhere VALUES (:x)"), {"x": "Aigerim"})
        )
    assert "Aigerim" not in str(error.value)


async def test_questions_to_one_database_hold_up_no_other(
    database: Database, tmp_path: Path
) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.open()
    gate = threading.Event()
    many = [asyncio.create_task(database.query(lambda _: gate.wait(30))) for _ in range(100)]
    await asyncio.sleep(0)
    assert await other.query(lambda c: c.scalar(text("SELECT 1"))) == 1
    assert not any(one.done() for one in many)
    gate.set()
    await asyncio.gather(*many)
    other.close()
