"""How figures are shown: small numbers hidden from the public, codes with words, JSON or CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from ombudslink.offices import Policy
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase
from reporting.statistics import Figures, Key, Period, Rows

FEWEST: Final = 5
"""A number below it could point to a person and is hidden from the public."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program would take for a formula at the beginning of a cell."""

_KINDS: Final = {
    "subject": "subjects",
    "complainant": "complainants",
    "affected": "affected",
    "body": "bodies",
    "region": "regions",
    "outcome": "outcomes",
}
_PHRASES: Final = {"kind": "referral_kind", "state": "referral_state"}
_OFFICES: Final = frozenset({"office", "sender", "receiver"})


class Days(BaseModel):
    """How long it took in working days; `measured` is how many durations this rests on."""

    measured: int | None = None
    mean: float | None = None
    median: float | None = None

    @classmethod
    def of(cls, figures: Figures) -> "Days":
        """Those of one row."""
        return cls(measured=figures.measured, mean=figures.mean(), median=figures.median())


class Row(BaseModel):
    """One combination of values with its figures; a figure that is hidden is null."""

    of: dict[str, str | int | None]
    words: dict[str, str]
    counts: dict[str, int | None]
    working_days: Days
    suppressed: bool


class Statistics(BaseModel):
    """A table of figures. `exact` is false where numbers under five are hidden (null)."""

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
                        "counts": {"filed": 120, "answered": 98, "overdue": None},
                        "working_days": {"measured": 98, "mean": 9.4, "median": 8.0},
                        "suppressed": True,
                    }
                ],
            }
        },
    )

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    by: list[str]
    exact: bool
    rows: list[Row]


class Wording:
    """The words for codes in one reader's language."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, language: str) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._language = language

    def words(self, of: Mapping[str, str | int | None]) -> dict[str, str]:
        """A word for each code that has one."""
        found = ((name, self._word(name, value)) for name, value in of.items())
        return {name: word for name, word in found if word is not None}

    def has(self, dimension: str) -> bool:
        """Whether the values of a dimension are codes with words."""
        return dimension in _OFFICES or dimension in _KINDS or dimension in _PHRASES

    def _word(self, dimension: str, value: str | int | None) -> str | None:
        if not isinstance(value, str):
            return None
        if dimension in _OFFICES:
            known = self._policy.office(value)
            return known.short_name.in_(self._language) if known else value
        if dimension in _KINDS:
            return self._vocabulary.label(_KINDS[dimension], value, self._language)
        if dimension in _PHRASES:
            return phrase(_PHRASES[dimension], value, self._language)
        return None


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands in a table and in which words; `exact` for readers who may see every number."""

    by: Sequence[str]
    counts: Sequence[str]
    wording: Wording
    exact: bool

    def table(self, rows: Rows, period: Period) -> Statistics:
        """The whole table."""
        return Statistics(
            first=period.first,
            last=period.last,
            by=list(self.by),
            exact=self.exact,
            rows=[self._row(key, figures) for key, figures in rows.items()],
        )

    def csv(self, statistics: Statistics) -> str:
        """The table as CSV (RFC 4180): codes, words and figures; a hidden figure is empty."""
        text = io.StringIO()
        writer = csv.writer(text)
        worded = [name for name in self.by if self.wording.has(name)]
        spent = [f"working_days_{name}" for name in Days.model_fields]
        names = [f"{name}_name" for name in worded]
        writer.writerow([*self.by, *names, *self.counts, *spent, "suppressed"])
        for row in statistics.rows:
            codes = [row.of[name] for name in self.by]
            words = [row.words.get(name) for name in worded]
            days = row.working_days.model_dump().values()
            figures = [*row.counts.values(), *days, "true" if row.suppressed else "false"]
            writer.writerow([*(_cell(value) for value in (*codes, *words)), *figures])
        return text.getvalue()

    def _row(self, key: Key, figures: Figures) -> Row:
        of = dict(zip(self.by, key, strict=True))
        counts = {name: figures.counts[name] for name in self.counts}
        few = max(counts.values()) < FEWEST

        def hidden(number: int) -> bool:
            """Of few complaints nothing is said; of more, a nought may be: it points to nobody."""
            return not self.exact and number < FEWEST and (few or number > 0)

        untold = hidden(figures.measured)
        return Row(
            of=of,
            words=self.wording.words(of),
            counts={name: None if hidden(number) else number for name, number in counts.items()},
            working_days=Days() if untold else Days.of(figures),
            suppressed=untold or any(hidden(number) for number in counts.values()),
        )


def _cell(value: Any) -> Any:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
