"""How figures are shown: rounded for the public, codes with words, JSON or CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from ombudslink.offices import Policy
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase
from ombudslink.web.words import FIELDS, Words
from reporting.statistics import Durations, Figures, Key, Period, Rows

BASE: Final = 5
"""The public sees every number rounded to the nearest multiple of this, so that no difference of
any two of them, in one table or several, is a small number that could point to a person."""
FEWEST_MEASURED: Final = 10
"""The public sees no mean or median of fewer durations."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program would take for a formula at the beginning of a cell."""

_STANDS: Final = {"state": "referral_state", "stage": "stage"}
"""The dimensions whose values are in no event: where a referral or an inspection stands."""
_SAID: Final = {
    "party": ("JointPartyJoined", "office"),
    "separated_for": ("JointInspectionSeparated", "reason"),
    "closed_with": ("JointInspectionClosed", "outcome"),
}
"""The dimensions that have another name than the field of the event that says their value."""


class Days(BaseModel):
    """How long it took in working days; `measured` is how many durations this rests on."""

    measured: int
    mean: float | None
    median: float | None

    @classmethod
    def of(cls, took: Durations) -> "Days":
        """Those of one row."""
        return cls(measured=took.measured, mean=took.mean(), median=took.median())

    @classmethod
    def rounded(cls, took: Durations) -> "Days":
        """The same as the public sees it."""
        measured = rounded(took.measured)
        mean = took.mean()
        if mean is None or took.measured < FEWEST_MEASURED:
            return cls(measured=measured, mean=None, median=None)
        return cls(measured=measured, mean=round(mean, 1), median=took.median())


class Row(BaseModel):
    """One combination of values with its figures."""

    of: dict[str, str | int | None]
    words: dict[str, str]
    counts: dict[str, int]
    working_days: Days


class InspectionRow(Row):
    """One combination of values with the figures of joint inspections: `working_days` run from the
    proposal to the report, `working_days_to_opening` from the proposal to the opening."""

    working_days_to_opening: Days


class Statistics(BaseModel):
    """A table of figures. Where `exact` is false, every number is rounded to the nearest multiple
    of five, rows in which nothing but noughts would remain are left out, and means and medians are
    null where fewer than ten durations were measured."""

    model_config = ConfigDict(
        populate_by_name=True,
        serialize_by_alias=True,
        json_schema_extra={
            "example": {
                "from": "2026-01",
                "to": "2026-03",
                "by": ["office"],
                "exact": False,
                "rows": [
                    {
                        "of": {"office": "an-office"},
                        "words": {"office": "The name of the office"},
                        "counts": {"filed": 120, "answered": 100, "overdue": 5},
                        "working_days": {"measured": 100, "mean": 9.4, "median": 8.0},
                    }
                ],
            }
        },
    )

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    by: list[str]
    exact: bool
    rows: Sequence[Row]


class InspectionStatistics(Statistics):
    """A table of the figures of joint inspections. Where `exact` is false, it is rounded as any
    other, and rows of fewer than three inspections are left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from": "2026-01",
                "to": "2026-12",
                "by": ["lead"],
                "exact": False,
                "rows": [
                    {
                        "of": {"lead": "an-office"},
                        "words": {"lead": "The name of the office"},
                        "counts": {"proposed": 20, "opened": 15, "reported": 10, "dissents": 5},
                        "working_days": {"measured": 10, "mean": 31.5, "median": 30.0},
                        "working_days_to_opening": {"measured": 15, "mean": 4.2, "median": 4.0},
                    }
                ],
            }
        },
    )

    rows: Sequence[InspectionRow]


class Wording:
    """The words for codes in one reader's language."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, language: str) -> None:
        self._words = Words(policy, vocabulary, language)
        self._language = language

    def words(self, of: Mapping[str, str | int | None]) -> dict[str, str]:
        """A word for each code that has one."""
        found = ((name, self._word(name, value)) for name, value in of.items())
        return {name: word for name, word in found if word is not None}

    def has(self, dimension: str) -> bool:
        """Whether the values of a dimension are codes with words."""
        return dimension in _STANDS or dimension in _SAID or dimension in FIELDS

    def _word(self, dimension: str, value: str | int | None) -> str | None:
        if dimension in _STANDS and value is not None:
            return phrase(_STANDS[dimension], str(value), self._language)
        type_, name = _SAID.get(dimension, ("", dimension))
        return self._words.word(type_, name, value)


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands in a table and in which words; `exact` for readers who may see every number."""

    by: Sequence[str]
    counts: Sequence[str]
    wording: Wording
    exact: bool

    @property
    def opens(self) -> bool:
        """Whether the table is about what opens, so that it also tells how long that took."""
        return "opened" in self.counts

    def table(self, rows: Rows, period: Period) -> Statistics:
        """The whole table."""
        shown = [self._row(key, figures) for key, figures in rows.items()]
        made = InspectionStatistics if self.opens else Statistics
        return made(
            first=period.first,
            last=period.last,
            by=list(self.by),
            exact=self.exact,
            rows=[row for row in shown if self.exact or any(row.counts.values())],
        )

    def csv(self, statistics: Statistics) -> str:
        """The table as CSV (RFC 4180): codes, words and figures; what is not told is empty."""
        text = io.StringIO()
        writer = csv.writer(text)
        worded = [name for name in self.by if self.wording.has(name)]
        names = [f"{name}_name" for name in worded]
        spent = [f"{took}_{name}" for took in self._durations for name in Days.model_fields]
        writer.writerow([*self.by, *names, *self.counts, *spent])
        for row in statistics.rows:
            codes = [row.of[name] for name in self.by]
            words = [row.words.get(name) for name in worded]
            figures = [*row.counts.values()]
            for took in self._durations:
                figures += getattr(row, took).model_dump().values()
            writer.writerow([*(_cell(value) for value in (*codes, *words)), *figures])
        return text.getvalue()

    @property
    def _durations(self) -> tuple[str, ...]:
        """The fields of a row that say how long something took."""
        opening = ("working_days_to_opening",) if self.opens else ()
        return ("working_days", *opening)

    def _row(self, key: Key, figures: Figures) -> Row:
        of = dict(zip(self.by, key, strict=True))
        counts = {name: figures.counts[name] for name in self.counts}
        if not self.exact:
            counts = self._rounded(counts)
        days = Days.of if self.exact else Days.rounded
        row = Row(
            of=of,
            words=self.wording.words(of),
            counts=counts,
            working_days=days(figures.days),
        )
        if not self.opens:
            return row
        return InspectionRow(**dict(row), working_days_to_opening=days(figures.opening))

    def _rounded(self, counts: dict[str, int]) -> dict[str, int]:
        """What the public sees. Sums over so few inspections that there seem to be none would tell
        of single ones, so they are noughts, too."""
        told = {name: rounded(number) for name, number in counts.items()}
        return dict.fromkeys(told, 0) if self.opens and not told["proposed"] else told


def rounded(number: int) -> int:
    """The nearest multiple of `BASE`."""
    return (number + BASE // 2) // BASE * BASE


def _cell(value: Any) -> Any:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
