"""The legal clocks: they warn, they expire, and they never act on what they have not read."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from consistency.invariants import check_at_rest, decisions
from consistency.world import World
from ombudslink import commands as c
from ombudslink.envelope import Outcome
from ombudslink.ids import PARTITIONS, partition_of
from ombudslink.store import tables
from ombudslink.testing.builders import filing
from ombudslink.testing.country import (
    CHILDREN,
    EXAMINATION_END,
    EXAMINATION_WARNING,
    GENERAL,
    INTAKE,
    LEG_END,
    LEG_WARNING,
)
from ombudslink.values import ReferralState
from routing.clock import LegalClock
from routing.projections.timers import Timers

STREAM = "00000000-0000-4000-8000-00000000000a"
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A complaint that was forwarded to the children's commissioner, who does not answer."""
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.settle()
    yield world
    world.close()


def fire(world: World, at: datetime | None = None) -> int:
    """The clock looks at that instant; then all that follows happens."""
    if at is not None:
        world.time.now = at
    fired = world.step(world.registrar, world.registrar.fire)
    world.settle()
    return fired


def types(world: World) -> list[str]:
    """The events of the complaint by type."""
    return [stored.envelope().type for stored in world.registrar.history(STREAM)]


def of_the_clock(world: World) -> list[Outcome]:
    """What became of the clock's commands."""
    clock = {"WarnDeadline", "ExpireReferral", "BreachDeadline"}
    database = world.registrar.database
    rows = database.ask(
        lambda connection: connection.execute(
            select(tables.command.c.id).where(tables.command.c.type.in_(clock))
        ).all()
    )
    decided = decisions(world)
    return [decided["routing", id_] for (id_,) in rows]


def test_an_unanswered_referral_is_warned_about_and_expires(world: World) -> None:
    assert fire(world, LEG_WARNING - SECOND) == 0
    assert fire(world, LEG_WARNING) == 1
    assert types(world).count("DeadlineWarned") == 1
    assert fire(world, LEG_END - SECOND) == 0
    assert world.registrar.state(STREAM).referrals[0].state is ReferralState.RECEIVED
    assert fire(world, LEG_END) == 1
    assert world.registrar.state(STREAM).referrals[0].state is ReferralState.EXPIRED
    assert world.registrar.state(STREAM).custodian == GENERAL
    assert types(world).count("ReferralExpired") == 1
    assert fire(world, LEG_END + timedelta(days=9)) == 0
    check_at_rest(world, set())


def test_the_whole_complaints_time_is_warned_about_and_ends(world: World) -> None:
    world.ask(CHILDREN, STREAM, c.AcceptReferral(referral=1))
    world.settle()
    world.ask(CHILDREN, STREAM, c.RegisterComplaint(number="CHI-9"))
    world.settle()
    assert fire(world, EXAMINATION_WARNING) == 1
    assert fire(world, EXAMINATION_END) == 1
    assert types(world).count("DeadlineBreached") == 1
    deadline = world.registrar.state(STREAM).examination
    assert deadline is not None
    assert deadline.warned
    assert deadline.breached


def test_a_timer_that_no_longer_stands_is_refused_and_changes_nothing(world: World) -> None:
    # given the answer is in the log before the clock's command, and was not read yet
    world.time.now = LEG_END
    world.ask(CHILDREN, STREAM, c.AcceptReferral(referral=1))
    world.step(world.nodes[CHILDREN], world.nodes[CHILDREN].send)
    assert world.step(world.registrar, world.registrar.fire) > 0
    world.settle()
    assert world.registrar.state(STREAM).custodian == CHILDREN
    assert "ReferralExpired" not in types(world)
    assert {outcome.code for outcome in of_the_clock(world)} == {"deadline_does_not_stand"}
    check_at_rest(world, set())


def test_nothing_is_fired_before_the_partition_was_read_to_its_end(world: World) -> None:
    # given an answer in time that a registrar which was away has not read
    world.ask(CHILDREN, STREAM, c.AcceptReferral(referral=1))
    world.step(world.nodes[CHILDREN], world.nodes[CHILDREN].send)
    world.restart(world.registrar)
    world.time.now = LEG_END + timedelta(days=3)
    assert world.step(world.registrar, world.registrar.fire) == 0
    world.step(world.registrar, world.registrar.decide)
    assert world.step(world.registrar, world.registrar.fire) == 0
    world.settle()
    assert fire(world) == 0
    assert world.registrar.state(STREAM).custodian == CHILDREN


@pytest.mark.parametrize("apart", [timedelta(minutes=6), timedelta(minutes=-6)], ids=str)
def test_an_instance_whose_clock_is_wrong_fires_nothing(world: World, apart: timedelta) -> None:
    registrar = world.registrar
    wrong = LegalClock(
        registrar.database,
        registrar.log,
        registrar.sender,
        registrar.partitions,
        lambda: world.time.now + apart,
    )
    world.time.now = LEG_END
    assert world.run(wrong.fire_once()) == 0
    assert fire(world) > 0


def test_a_timer_is_sent_again_while_it_stands_and_decided_once(world: World) -> None:
    world.registrar.log.available = False
    world.time.now = LEG_WARNING
    clock = world.registrar.clock
    assert world.run(clock.fire_once()) == 1
    assert world.run(clock.fire_once()) == 0
    fired = []
    for minutes in (1, 1, 1, 4):
        world.time.pass_(timedelta(minutes=minutes))
        fired.append(world.run(clock.fire_once()))
    assert fired == [1, 0, 1, 1]
    world.settle()
    assert types(world).count("DeadlineWarned") == 1
    results = sorted(outcome.result for outcome in of_the_clock(world))
    assert results == ["accepted", "refused", "refused", "refused"]


def test_a_crash_between_firing_and_sending_changes_nothing(world: World) -> None:
    world.time.now = LEG_WARNING
    world.step(world.registrar, world.registrar.fire)
    world.restart(world.registrar)
    world.settle()
    assert types(world).count("DeadlineWarned") == 1


def test_a_restored_registrar_fires_what_its_copy_did_not_know_was_fired(world: World) -> None:
    world.back_up_registrar()
    fire(world, LEG_END)
    before = world.registrar.history(STREAM)
    world.restore_registrar(world.backups[-1])
    world.settle()
    world.time.pass_(timedelta(days=1))
    fire(world)
    assert world.registrar.history(STREAM) == before
    check_at_rest(world, set())


def test_many_timers_of_a_partition_that_stands_still_do_not_hold_the_others(world: World) -> None:
    row = Timers.timer
    stopped = (partition_of(STREAM) + 1) % PARTITIONS
    many = [
        {
            "stream": f"{n:036d}",
            "name": "expire-1",
            "partition": stopped,
            "at": "2026-03-01T00:00:00.000Z",
            "next": "2026-03-01T00:00:00.000Z",
            "attempt": 0,
            "type": "ExpireReferral",
            "data": "{}",
        }
        for n in range(300)
    ]
    with world.registrar.database.maintain() as connection:
        connection.execute(row.insert(), many)
    world.registrar.partitions.owned.pop(stopped, None)
    world.time.now = LEG_WARNING
    assert world.step(world.registrar, world.registrar.fire) == 1
