"""Working days and registration dates."""

from datetime import UTC, date, datetime, time

from ombudslink.calendar import Calendar

ASTANA = Calendar(
    utc_offset_minutes=300,
    closes=time(18, 30),
    holidays=frozenset({date(2026, 3, 23)}),
    worked=frozenset({date(2026, 3, 28)}),
)


def test_a_limit_passes_over_weekends_and_holidays_and_counts_declared_working_days() -> None:
    # given a Friday before a holiday on Monday, when three working days are counted
    assert ASTANA.working_day_after(date(2026, 3, 20), 3) == date(2026, 3, 26)
    # then a declared working Saturday counts
    assert ASTANA.working_day_after(date(2026, 3, 27), 1) == date(2026, 3, 28)


def test_what_comes_after_the_register_closed_is_registered_on_the_next_working_day() -> None:
    before = datetime(2026, 3, 20, 13, 29, tzinfo=UTC)
    after = datetime(2026, 3, 20, 13, 30, tzinfo=UTC)
    assert ASTANA.registration_date(before) == date(2026, 3, 20)
    assert ASTANA.registration_date(after) == date(2026, 3, 24)


def test_a_day_ends_at_its_last_full_second_on_the_local_wall_clock() -> None:
    end = ASTANA.end_of(date(2026, 3, 20))
    assert end == datetime(2026, 3, 20, 18, 59, 59, tzinfo=UTC)


def test_working_days_between_two_dates_leave_out_the_first_and_keep_the_last() -> None:
    assert ASTANA.working_days_between(date(2026, 3, 20), date(2026, 3, 24)) == 1
