"""An office's register: one number for each complaint, in order, by the local year, for ever."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from case_tracking import tables
from case_tracking.register import Register, number_of
from ombudslink.ids import derived_id
from ombudslink.store.engine import Database
from ombudslink.testing.country import CALENDAR, MONDAY, moment

REGISTER = Register("CHI", CALENDAR)


@pytest.fixture
def register(database: Database) -> Database:
    with database.maintain() as connection:
        tables.metadata.create_all(connection)
    return database


def complaint(number: int) -> str:
    return derived_id("complaint", number)


async def numbered(database: Database, number: int, at: datetime = MONDAY) -> str:
    return await database.write(lambda c: REGISTER.number(c, complaint(number), at))


async def test_numbers_follow_each_other_and_are_kept(register: Database) -> None:
    assert [await numbered(register, n) for n in (1, 2, 1, 3)] == [
        "CHI-2026/000001",
        "CHI-2026/000002",
        "CHI-2026/000001",
        "CHI-2026/000003",
    ]
    assert await register.query(lambda c: number_of(c, complaint(2))) == "CHI-2026/000002"
    assert await register.query(lambda c: number_of(c, complaint(9))) is None


async def test_the_year_is_the_one_on_the_offices_calendar(register: Database) -> None:
    eve = datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC)
    assert await numbered(register, 1, eve) == "CHI-2026/000001"
    # five hours east the new year has begun
    assert await numbered(register, 2, moment("2027-01-01 00:00")) == "CHI-2027/000001"
    assert await numbered(register, 1, moment("2027-01-01 00:00")) == "CHI-2026/000001"


async def test_what_was_rolled_back_took_no_number(register: Database) -> None:
    def fails(connection: object) -> None:
        REGISTER.number(connection, complaint(1), MONDAY)  # type: ignore[arg-type]
        raise ValueError

    with pytest.raises(ValueError):
        await register.write(fails)
    assert await numbered(register, 2) == "CHI-2026/000001"


async def test_what_the_history_says_is_entered_and_the_next_number_follows_it(
    register: Database,
) -> None:
    assert await numbered(register, 1) == "CHI-2026/000001"
    for number, known in ((2, "CHI-2026/000007"), (3, "CHI-2026/000003"), (1, "CHI-2026/000001")):
        await take(register, number, known)
    assert await numbered(register, 2) == "CHI-2026/000007"
    assert await numbered(register, 4) == "CHI-2026/000008"
    assert await numbered(register, 5, moment("2027-01-01 00:00")) == "CHI-2027/000001"


async def test_the_history_is_right_where_it_differs(register: Database) -> None:
    assert await numbered(register, 1) == "CHI-2026/000001"
    await take(register, 1, "CHI-2026/000005")
    assert await numbered(register, 1) == "CHI-2026/000005"
    assert await numbered(register, 2) == "CHI-2026/000006"


async def test_a_number_of_another_form_is_kept_and_counts_for_nothing(register: Database) -> None:
    for number, known in ((1, "OLD-17"), (2, "CHI-2026/X"), (3, "GEN-2026/000900")):
        await take(register, number, known)
        assert await numbered(register, number) == known
    assert await numbered(register, 4) == "CHI-2026/000001"


async def test_a_number_that_was_given_twice_is_told_and_holds_nothing_up(
    register: Database,
) -> None:
    await take(register, 1, "CHI-2026/000001")
    with capture_logs() as logged:
        await take(register, 1, "CHI-2026/000001")
        assert logged == []
        await take(register, 2, "CHI-2026/000001")
    assert [line["event"] for line in logged] == ["registration_number_given_twice"]
    assert await numbered(register, 2) == "CHI-2026/000001"


async def take(database: Database, number: int, known: str) -> None:
    await database.write(lambda c: REGISTER.take(c, complaint(number), known))
