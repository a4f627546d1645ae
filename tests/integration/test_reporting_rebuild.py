"""Whatever happened to complaints, figures are those of the histories, and can be made again."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

from integration.figures import FACTS, complaints, contents, legs, tell, totals
from ombudslink import events as e
from ombudslink.commands import Order
from ombudslink.complaint import Complaint, evolve
from ombudslink.runtime.projections import Following, rebuild
from ombudslink.store.engine import Database
from ombudslink.testing.builders import COMPLAINTS
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
    tell(database, histories)
    before = database.ask(contents)
    with database.maintain() as connection:
        rebuild(connection, Following([FACTS]))
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
