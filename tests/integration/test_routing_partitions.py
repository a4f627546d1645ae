"""Who decides: one registrar at a time for each partition, and it knows when it no longer may."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from consistency.invariants import check_at_rest, decisions
from consistency.world import World
from ombudslink.ids import PARTITIONS, partition_of
from ombudslink.runtime import lease
from ombudslink.runtime.lease import Lease, LeaseLost
from ombudslink.runtime.states import Step
from ombudslink.store import tables
from ombudslink.store.engine import StoreError
from ombudslink.testing.builders import filing
from ombudslink.testing.country import INTAKE
from routing.journal import take_over
from routing.partitions import Partitions

STREAM = "00000000-0000-4000-8000-00000000000a"
PARTITION = partition_of(STREAM)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A deployment with one filing in the log, not decided yet."""
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.step(world.intake, world.intake.send)
    yield world
    world.close()


def another(world: World) -> Partitions:
    """A second instance of the registrar on the same database."""
    registrar = world.registrar
    return Partitions("other", registrar.database, registrar.log, registrar.registrar)


def take(connection: Connection, owner: str) -> Lease | None:
    """Take the lease of the partition and do nothing with it yet."""
    return lease.take(connection, f"registrar/{PARTITION}", owner, alone=True)


def expire(connection: Connection) -> None:
    """Let every lease run out."""
    connection.execute(update(tables.lease), {"expires": 0})


def expiries(connection: Connection) -> set[int]:
    """Until when the leases stand."""
    return set(connection.scalars(select(tables.lease.c.expires)))


def test_a_command_is_decided_by_one_of_two_registrars(world: World) -> None:
    first, second = world.registrar.partitions, another(world)
    world.run(first.take_leases())
    world.run(second.take_leases())
    # when the first, which does not know yet that it was overtaken, has read the same command
    assert world.run(first.decide_once()) == 1
    assert first.counts == {}
    assert world.registrar.history(STREAM) == []
    # then it has let go, and the second decides
    assert world.run(second.decide_once()) == 1
    assert second.counts == {"accepted": 1}
    assert len(first.owned) == PARTITIONS - 1
    world.settle()
    check_at_rest(world, set(decisions(world)))


def test_an_owner_keeps_its_leases_though_nothing_happens(world: World) -> None:
    partitions, database = world.registrar.partitions, world.registrar.database
    world.run(partitions.take_leases())
    world.run(database.write(expire))
    world.run(partitions.renew_leases())
    assert 0 not in database.ask(expiries)
    assert len(partitions.owned) == PARTITIONS


def test_an_idle_owner_notices_that_it_was_overtaken(world: World) -> None:
    first, second = world.registrar.partitions, another(world)
    world.run(first.take_leases())
    world.run(second.take_leases())
    world.run(first.renew_leases())
    assert first.owned == {}
    assert not first.at_end(0)
    world.run(second.renew_leases())
    assert len(second.owned) == PARTITIONS


def test_who_was_overtaken_imports_nothing(world: World) -> None:
    # given a registrar whose database lacks what the journal has
    world.back_up_registrar()
    world.settle()
    world.restore_registrar(world.backups[-1])
    registrar = world.registrar
    slow = world.run(registrar.database.write(partial(take, owner="slow")))
    world.run(registrar.database.write(partial(take, owner="fast")))
    arguments = (PARTITION, registrar.database, registrar.log, registrar.registrar)
    with pytest.raises(LeaseLost):
        world.run(take_over(slow, *arguments))
    assert registrar.history(STREAM) == []
    world.settle()
    check_at_rest(world, set(decisions(world)))


def test_everything_is_read_to_its_end_before_a_partition_says_so(world: World) -> None:
    partitions = world.registrar.partitions
    world.run(partitions.take_leases())
    world.run(partitions.decide_once())
    assert not partitions.at_end(PARTITION)
    world.run(partitions.decide_once())
    assert partitions.at_end(PARTITION)


SAME = next(s for n in range(99) if partition_of(s := f"{STREAM[:-2]}{n:02d}") == PARTITION)
OTHER = next(s for n in range(99) if partition_of(s := f"{STREAM[:-2]}{n:02d}") != PARTITION)


def break_read_model(world: World, stream: str, times: int = 1_000_000) -> None:
    """Taking a complaint into the registrar's read model fails, so many times."""
    timers, left = world.registrar.following.models["timers"], iter(range(times))
    apply = timers.apply

    def faulty(connection: Connection, step: Step) -> None:
        if step.stream == stream and next(left, None) is not None:
            raise ZeroDivisionError
        apply(connection, step)

    timers.apply = faulty  # type: ignore[method-assign]


def file(world: World, stream: str) -> None:
    """One more complaint is filed and arrives in the log."""
    world.ask(INTAKE, stream, filing())
    world.step(world.intake, world.intake.send)


def stopped(world: World) -> None:
    """Only the one partition was given up, with a reason that quotes nothing."""
    partitions = world.registrar.partitions
    assert partitions.stopped.keys() == {PARTITION}
    assert partitions.stopped[PARTITION].startswith("ZeroDivisionError at ")
    assert sorted({*partitions.owned, PARTITION}) == list(range(PARTITIONS))
    assert PARTITION not in partitions.owned


def test_a_decision_that_cannot_be_stored_stops_its_partition_and_no_other(world: World) -> None:
    # given one that breaks something after another of its partition, and one elsewhere
    for stream in (SAME, OTHER):
        file(world, stream)
    break_read_model(world, SAME)
    # when
    for _ in range(3):
        world.step(world.registrar, world.registrar.decide)
    # then what stands before it is decided, and it is not passed over
    stopped(world)
    assert world.registrar.history(SAME) == []
    for stream in (STREAM, OTHER):
        assert world.registrar.history(stream) != []
    assert not world.registrar.partitions.at_end(PARTITION)
    # when the program was mended and begins anew
    world.restart(world.registrar)
    world.settle()
    assert world.registrar.history(SAME) != []
    check_at_rest(world, set(decisions(world)))


def test_a_passing_fault_in_a_batch_stops_nothing(world: World) -> None:
    file(world, SAME)
    break_read_model(world, STREAM, times=1)
    world.settle()
    assert world.registrar.partitions.stopped == {}
    assert world.registrar.history(STREAM) != []
    check_at_rest(world, set(decisions(world)))


def test_a_full_disk_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    partitions, database = world.registrar.partitions, world.registrar.database
    world.run(partitions.take_leases())

    async def full(_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(database, "write", full)
    with pytest.raises(StoreError):
        world.run(partitions.decide_once())
    monkeypatch.undo()
    assert partitions.stopped == {}
    assert world.run(partitions.decide_once()) == 1
    assert partitions.counts == {"accepted": 1}


def test_a_partition_that_cannot_be_taken_over_keeps_no_other_from_it(world: World) -> None:
    # given a journal that has more than the restored database, and a fault in taking that in
    world.back_up_registrar()
    file(world, OTHER)
    world.settle()
    world.restore_registrar(world.backups[-1])
    break_read_model(world, STREAM)
    # when
    world.step(world.registrar, world.registrar.decide)
    # then
    stopped(world)
    assert world.registrar.history(OTHER) != []


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_dying_at_any_commit_loses_and_doubles_nothing(world: World, committed: bool) -> None:
    for write in range(1, 40):
        world.registrar.database.die_at(write, committed=committed)
        world.step(world.registrar, world.registrar.decide)
        world.step(world.registrar, world.registrar.send)
    world.settle()
    check_at_rest(world, set(decisions(world)))
    assert [o.result for o in decisions(world).values()].count("refused") == 0
