"""Whatever happened to complaints, figures are those of the histories, and can be made again."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

from integration.figures import (
    FOLLOWING,
    complaints,
    contents,
    inspections,
    legs,
    tell,
    totals,
)
from ombudslink import events as e
from ombudslink.commands import Order
from ombudslink.complaint import Complaint, evolve
from ombudslink.runtime.projections import rebuild
from ombudslink.store.engine import Database
from ombudslink.testing.builders import COMPLAINTS
from ombudslink.testing.inspections import INSPECTIONS
from ombudslink.testing.spec import play, steps
from ombudslink.testing.strategies import candidates, is_allowed


def lives(seed: int, count: int) -> list[list[Order]]:
    """Complaints to which anything happened that the rules allow."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        life = list(chance.choice(list(COMPLAINTS.values()))())
        now = max(one.at for one in life)
        for _ in range(chance.randrange(8)):
            now += timedelta(hours=chance.randrange(60))
            life.append(next_order(play(*life), now, chance))
            now = max(now, life[-1].at)
        found.append(life)
    return found


def next_order(state: Complaint, now: datetime, chance: random.Random) -> Order:
    """Any order that is allowed now; every kind of command is as likely as another."""
    by_type: dict[str, list[Order]] = defaultdict(list)
    for one in candidates(state, now):
        by_type[type(one.command).__name__].append(one)
    for kind in chance.sample(sorted(by_type), len(by_type)):
        fitting = [one for one in by_type[kind] if is_allowed(state, one)]
        if fitting:
            return chance.choice(fitting)
    raise AssertionError("nothing is allowed any more")


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_the_same_after_a_rebuild_and_are_those_of_the_histories(
    database: Database, seed: int
) -> None:
    histories = lives(seed, 12)
    chance = random.Random(seed)
    joint = [chance.choice(list(INSPECTIONS.values()))() for _ in range(12)]
    mixed = [*histories, *joint]
    tell(database, chance.sample(mixed, len(mixed)))
    before = database.ask(contents)
    with database.maintain() as connection:
        rebuild(connection, FOLLOWING)
    assert database.ask(contents) == before

    answered_by: dict[str, set[int]] = {}
    sent: Counter[str] = Counter()
    hops: Counter[int] = Counter()
    for number, orders in enumerate(histories):
        state = Complaint()
        for step in steps(orders):
            for event in step.events:
                state = evolve(state, event, step.order.by)
                if isinstance(event, e.DecisionIssued):
                    answered_by.setdefault(event.office, set()).add(number)
                if isinstance(event, e.ReferredTo):
                    sent[event.receiver] += 1
        hops[state.hops] += 1
    shown = totals(complaints(database, "office"), "answered")
    assert shown == {office: len(numbers) for office, numbers in answered_by.items()}
    assert totals(legs(database, "receiver"), "sent") == sent
    assert totals(complaints(database, "hops"), "filed") == hops

    happened = Counter(
        type(event).__name__ for orders in joint for step in steps(orders) for event in step.events
    )
    shown = Counter[str]()
    for row in inspections(database, "stage", "lead").values():
        shown += row.counts
        shown += Counter(opened_in=row.opening.measured, reported_in=row.days.measured)
    expected = {
        "proposed": "JointInspectionProposed",
        "opened": "JointInspectionOpened",
        "opened_in": "JointInspectionOpened",
        "reported": "JointReportIssued",
        "reported_in": "JointReportIssued",
        "closed": "JointInspectionClosed",
        "separated": "JointInspectionSeparated",
        "complaints": "JointComplaintEntered",
        "findings": "JointFindingsDrafted",
        "dissents": "DissentRecorded",
    }
    assert {name: shown[name] for name in expected} == {
        name: happened[kind] for name, kind in expected.items()
    }
    joined = happened["JointPartyJoined"] + happened["JointInspectionProposed"]
    assert shown["parties"] == joined
    # and by party every inspection is there once for each
    by_party = inspections(database, "party")
    assert sum(row.counts["proposed"] for row in by_party.values()) == joined
