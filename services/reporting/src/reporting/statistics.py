"""The figures: counts and working days by up to three dimensions, as queries over the facts."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    case,
    distinct,
    func,
    select,
)

from ombudslink.inspection import Stage
from ombudslink.values import PENDING
from reporting.projections.facts import affected, complaint, leg, milestone
from reporting.projections.inspections import inspection, party

Key = tuple[str | int | None, ...]
"""One value for each dimension; None stands for none, e.g. no outcome yet."""

COMPLAINT_DIMENSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    "month": complaint.c.month,
    "office": milestone.c.office,
    "subject": complaint.c.subject,
    "complainant": complaint.c.complainant,
    "affected": affected.c.affected,
    "body": complaint.c.body,
    "region": complaint.c.region,
    "outcome": complaint.c.outcome,
    "hops": complaint.c.hops,
}
LEG_DIMENSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    "month": leg.c.month,
    "sender": leg.c.sender,
    "receiver": leg.c.receiver,
    "kind": leg.c.kind,
    "state": leg.c.state,
}
INSPECTION_DIMENSIONS: Final[Mapping[str, ColumnElement[Any]]] = {
    "month": inspection.c.month,
    "lead": inspection.c.lead,
    "party": party.c.party,
    "stage": inspection.c.stage,
    "separated_for": inspection.c.separated_for,
    "closed_with": inspection.c.closed_with,
    "party_count": inspection.c.parties,
    "complaint_count": inspection.c.complaints,
}
COMPLAINT_COUNTS: Final = (
    "filed",
    "registered",
    "inadmissible",
    "answered",
    "closed",
    "withdrawn",
    "reopened",
    "disputed",
    "overdue",
    "recommended",
    "recommendation_answered",
    "recommendation_overdue",
)
LEG_COUNTS: Final = ("sent", "waiting", "accepted", "rejected", "redirected", "expired")
INSPECTION_COUNTS: Final = (
    "proposed",
    "opened",
    "reported",
    "closed",
    "separated",
    "complaints",
    "parties",
    "findings",
    "dissents",
)
MOST_ROWS: Final = 10_000


class TooManyRows(Exception):
    """A table with more rows than are wanted."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first month to the last, both included: `YYYY-MM`."""

    first: str
    last: str


class Durations(Counter[int]):
    """How often it took how many working days."""

    @property
    def measured(self) -> int:
        """How many durations there are."""
        return self.total()

    def mean(self) -> float | None:
        """The mean duration."""
        total = sum(days * count for days, count in self.items())
        return round(total / self.measured, 2) if self else None

    def median(self) -> float | None:
        """The median duration."""
        return float(median(sorted(self.elements()))) if self else None


@dataclass
class Figures:
    """One row: how many of each, and how long it took; `opening` only where something opens."""

    counts: Counter[str] = field(default_factory=Counter)
    days: Durations = field(default_factory=Durations)
    opening: Durations = field(default_factory=Durations)


Rows = dict[Key, Figures]


def complaints(
    connection: Connection, period: Period, by: Sequence[str], most: int = MOST_ROWS
) -> Rows:
    """What became of the complaints that were filed in a period.

    A complaint counts once in each cell. An office counts what was reached while it had the
    complaint; who is affected by several marks counts under each of them.

    Raises:
        TooManyRows: there would be more than `most`.
    """
    keys = [COMPLAINT_DIMENSIONS[name] for name in by]
    source: FromClause = complaint.join(milestone, complaint.c.stream == milestone.c.stream)
    if "affected" in by:
        source = source.outerjoin(affected, complaint.c.stream == affected.c.stream)
    within = complaint.c.month.between(period.first, period.last)
    once = func.count(distinct(complaint.c.stream))
    reached = milestone.c
    rows: Rows = defaultdict(Figures)
    counts = select(*keys, reached.name, once).select_from(source).where(within)
    for key, name, count in _found(connection, counts.group_by(*keys, reached.name)):
        rows[key].counts[name] = count
    days = select(*keys, reached.days, once).select_from(source)
    days = days.where(within, reached.days.is_not(None)).group_by(*keys, reached.days)
    for key, spent, count in _found(connection, days):
        rows[key].days[spent] = count
    return _sorted(rows, most)


def legs(connection: Connection, period: Period, by: Sequence[str], most: int = MOST_ROWS) -> Rows:
    """What became of the referrals that were sent in a period.

    Raises:
        TooManyRows: there would be more than `most`.
    """
    keys = [LEG_DIMENSIONS[name] for name in by]
    row = leg.c
    parts = (*keys, row.state, row.answer)
    query = select(*parts, func.count()).where(row.month.between(period.first, period.last))
    rows: Rows = defaultdict(Figures)
    for key, state, answer, count in _found(connection, query.group_by(*parts), 3):
        figures = rows[key]
        figures.counts["sent"] += count
        if state in PENDING:
            figures.counts["waiting"] += count
        elif state == "expired":
            figures.counts["expired"] += count
        if answer is not None:
            figures.counts[answer] += count
    days = select(*keys, row.days, func.count()).where(
        row.month.between(period.first, period.last), row.days.is_not(None)
    )
    for key, spent, count in _found(connection, days.group_by(*keys, row.days)):
        rows[key].days[spent] = count
    return _sorted(rows, most)


def inspections(
    connection: Connection, period: Period, by: Sequence[str], most: int = MOST_ROWS
) -> Rows:
    """What became of the joint inspections that were proposed in a period.

    One counts under each office that took part in it, where the offices are asked for.

    Raises:
        TooManyRows: there would be more than `most`.
    """
    keys = [INSPECTION_DIMENSIONS[name] for name in by]
    row = inspection.c
    source: FromClause = inspection
    if "party" in by:
        source = source.join(party, row.stream == party.c.stream)
    within = row.month.between(period.first, period.last)
    sums = (
        func.count(),
        func.count(row.opening_days),
        func.count(row.report_days),
        _how_many(row.stage == str(Stage.CLOSED)),
        _how_many(row.stage == str(Stage.SEPARATED)),
        *(func.sum(row[name]) for name in ("complaints", "parties", "findings", "dissents")),
    )
    rows: Rows = defaultdict(Figures)
    query = select(*keys, *sums).select_from(source).where(within).group_by(*keys)
    for key, *counts in _found(connection, query, len(sums)):
        rows[key].counts.update(dict(zip(INSPECTION_COUNTS, counts, strict=True)))
    for spent in (row.opening_days, row.report_days):
        days = select(*keys, spent, func.count()).select_from(source)
        days = days.where(within, spent.is_not(None)).group_by(*keys, spent)
        for key, took, count in _found(connection, days):
            figures = rows[key]
            (figures.opening if spent is row.opening_days else figures.days)[took] = count
    return _sorted(rows, most)


def _how_many(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((holds, 1)))


def _found(
    connection: Connection, query: Select[Any], measures: int = 2
) -> Iterator[tuple[Any, ...]]:
    """Each row's key as one tuple, then its last columns."""
    for row in connection.execute(query):
        yield (tuple(row[:-measures]), *row[-measures:])


def _sorted(rows: Rows, most: int) -> Rows:
    if len(rows) > most:
        raise TooManyRows
    return dict(sorted(rows.items(), key=lambda item: [_rank(value) for value in item[0]]))


def _rank(value: str | int | None) -> tuple[bool, str, int]:
    """What has no value comes last; numbers in their own order."""
    number = value if isinstance(value, int) else 0
    return value is None, "" if isinstance(value, int) else value or "", number
