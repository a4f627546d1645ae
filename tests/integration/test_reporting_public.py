"""What the public can and cannot learn from figures, and how many may ask at once."""

import asyncio
import threading
from collections import Counter
from itertools import combinations
from random import Random

import pytest
from sqlalchemy import Connection

from integration.figures import ANY_TIME, complaints, tell
from ombudslink.store.engine import Database
from ombudslink.testing.builders import answered, filed, inadmissible, registered, withdrawn
from ombudslink.testing.country import POLICY
from ombudslink.testing.words import VOCABULARY
from ombudslink.web.problems import Problem
from reporting.answers import FEWEST_MEASURED, Days, Layout, Statistics, Wording, rounded
from reporting.publishing import AT_ONCE, MOST_WAITING, Publisher, Shelf
from reporting.statistics import COMPLAINT_COUNTS, Durations

SMALL = range(1, 5)
DIMENSIONS = ("office", "subject", "region", "complainant", "outcome")


def public(database: Database, *by: str) -> Statistics:
    """The table as anybody sees it."""
    layout = Layout(by, COMPLAINT_COUNTS, Wording(POLICY, VOCABULARY, "en"), exact=False)
    return layout.table(complaints(database, *by), ANY_TIME)


@pytest.mark.parametrize("seed", range(3))
def test_no_difference_of_public_numbers_is_ever_between_one_and_four(
    database: Database, seed: int
) -> None:
    # given complaints of which some cells hold only one or a few
    chance = Random(seed)
    kinds = (filed, filed, filed)
    lives = [
        *(chance.choice(kinds)(**about(chance)) for _ in range(40)),
        *(chance.choice((registered, answered, withdrawn, inadmissible))() for _ in range(12)),
    ]
    tell(database, lives)
    # when the public asks for every table there is
    tables = [public(database, *by) for size in (1, 2, 3) for by in combinations(DIMENSIONS, size)]
    # then no sum or difference within or between them is a small number
    told = {count for one in tables for row in one.rows for count in row.counts.values()}
    sums = {
        sum(row.counts[name] for row in one.rows) for one in tables for name in COMPLAINT_COUNTS
    }
    assert len(told) > 3
    assert not [(a, b) for a in told | sums for b in told | sums if abs(a - b) in SMALL]
    # and no row gives away by being there that it is not empty
    assert all(any(row.counts.values()) for one in tables for row in one.rows)


def about(chance: Random) -> dict[str, str]:
    return {
        "subject": chance.choice(("education", "housing")),
        "region": chance.choice(("710000000", "750000000")),
        "complainant": chance.choice(("parent", "lawyer")),
    }


def test_a_number_is_rounded_to_the_nearest_multiple_of_five() -> None:
    assert [rounded(number) for number in range(9)] == [0, 0, 0, 5, 5, 5, 5, 5, 10]


def test_a_mean_is_told_of_ten_durations_and_to_one_decimal() -> None:
    few = Durations({1: FEWEST_MEASURED - 2, 2: 1})
    assert Days.rounded(few) == Days(measured=10, mean=None, median=None)
    enough = Durations({1: 8, 2: 3})
    assert Days.rounded(enough) == Days(measured=10, mean=1.3, median=1.0)
    assert Days.rounded(Durations()) == Days(measured=0, mean=None, median=None)


async def test_of_many_who_ask_few_are_served_at_once_and_the_rest_come_again(
    database: Database,
) -> None:
    publisher, gate, working = Publisher(database), threading.Event(), Counter[str]()

    def make(_: Connection) -> bytes:
        working["now"] += 1
        working["most"] = max(working["most"], working["now"])
        gate.wait(30)
        working["now"] -= 1
        return b"answer"

    asking = [
        asyncio.create_task(publisher.answer(number, make, public=True))
        for number in range(AT_ONCE + MOST_WAITING + 3)
    ]
    # those who are too many are told so while the others still wait
    refused, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    assert all(isinstance(one.exception(), Problem) for one in refused)
    # an office is not kept waiting by the public, nor is anything else that is asked of the store
    assert await publisher.answer("office", lambda _: b"exact", public=False) == b"exact"
    gate.set()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert done.count(b"answer") == AT_ONCE + MOST_WAITING
    busy = [one for one in done if isinstance(one, Problem)]
    assert {(one.code, one.headers["Retry-After"]) for one in busy} == {("too_busy", "3")}
    assert working["most"] == AT_ONCE
    # and afterwards there is room again
    assert await publisher.answer("later", lambda _: b"later", public=True) == b"later"


async def test_the_same_question_from_many_is_worked_on_once(database: Database) -> None:
    publisher, runs = Publisher(database), Counter[str]()

    def make(_: Connection) -> bytes:
        runs["made"] += 1
        return b"answer"

    first = await publisher.answer("same", make, public=True)
    others = [publisher.answer("same", make, public=True) for _ in range(50)]
    assert {first, *await asyncio.gather(*others)} == {b"answer"}
    assert runs["made"] == 1


def test_answers_in_memory_are_bounded_and_those_used_last_stay(database: Database) -> None:
    shelf = Shelf(most=30)
    made: list[str] = []

    def ask(question: str) -> None:
        def make(_: Connection) -> bytes:
            made.append(question)
            return b"0123456789"

        database.ask(lambda c: shelf.answer(c, question, make))

    for question in ("a", "b", "c", "a", "d", "a", "b"):
        ask(question)
    assert made == ["a", "b", "c", "d", "b"]


def test_an_answer_that_is_larger_than_the_memory_is_given_and_not_kept(
    database: Database,
) -> None:
    shelf = Shelf(most=3)
    assert database.ask(lambda c: shelf.answer(c, "a", lambda _: b"long")) == b"long"
    assert database.ask(lambda c: shelf.known(c, "a")) is None
