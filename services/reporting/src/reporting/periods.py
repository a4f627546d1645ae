"""The period that a reader means: months as people write them, and what is usual without any."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ombudslink.web.problems import Fault, Problem
from reporting.statistics import Period

YEAR: Final = 12
MOST_MONTHS: Final = 120
_YEAR_FIRST: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0?[1-9]|1[0-2])")
_MONTH_FIRST: Final = re.compile(r"(?P<month>0?[1-9]|1[0-2])[./](?P<year>[0-9]{4})")


def said_period(first: str, last: str, today: datetime) -> Period:
    """From one month to another; by default the last twelve, the present one included.

    Raises:
        Problem: they are no months, in the wrong order, or too many.
    """
    wrong = [
        Fault(f"/{field}", "not_a_month")
        for field, said in (("from", first), ("to", last))
        if said.strip() and _counted(said) is None
    ]
    if wrong:
        raise Problem("invalid_request", errors=wrong)
    end = _counted(last)
    if end is None:
        end = today.year * YEAR + today.month - 1
    start = _counted(first)
    if start is None:
        start = max(end - YEAR + 1, 0)
    if start > end:
        raise Problem("invalid_request", errors=[Fault("/to", "period_reversed")])
    if end - start >= MOST_MONTHS:
        fault = Fault("/to", "period_too_long", {"limit": MOST_MONTHS})
        raise Problem("invalid_request", errors=[fault])
    return Period(_written(start), _written(end))


def months_of(period: Period) -> Iterator[str]:
    """Every month of a period."""
    month = period.first
    while month <= period.last:
        yield month
        month = _written(int(month[:4]) * YEAR + int(month[5:]))


def month_name(month: str) -> str:
    """`2026-03` as people write it."""
    return f"{month[5:]}.{month[:4]}"


def _counted(said: str) -> int | None:
    """Months since the year nought; None for what is no month."""
    found = _YEAR_FIRST.fullmatch(said.strip()) or _MONTH_FIRST.fullmatch(said.strip())
    return int(found["year"]) * YEAR + int(found["month"]) - 1 if found else None


def _written(month: int) -> str:
    return f"{month // YEAR:04}-{month % YEAR + 1:02}"
