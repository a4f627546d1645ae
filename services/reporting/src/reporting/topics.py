"""What the page tells: its tables, each an answer of the API, and what a picture shows of them."""

from dataclasses import dataclass
from typing import Final, Literal

from ombudslink.web.phrases import groups, phrase
from reporting import statistics
from reporting.answers import Days, InspectionRow, Row, Statistics
from reporting.asking import Asked, Question
from reporting.periods import month_name, months_of
from reporting.statistics import COMPLAINT_COUNTS, INSPECTION_COUNTS, LEG_COUNTS, Period

MOST_BARS: Final = 25
"""A picture with more is too long to be looked at; the table has them all."""
MONTH: Final = "month"

Shape = Literal["months", "bars", "parts"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture: as long as `whole`, and where it is in parts, how long they are."""

    label: str
    whole: float
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn; two that are equal look the same."""

    shape: Shape
    language: str
    title: str
    description: str
    parts: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One table with its picture. `columns` are the counts that the page tells; the first is how
    long the bars are, and the others are their parts. Without any it is about working days: to the
    end, or where `opening` says so, to the opening."""

    name: str
    question: Question
    by: str
    counts: tuple[str, ...]
    columns: tuple[str, ...]
    shape: Shape
    opening: bool = False

    def asked(self, period: Period, language: str) -> Asked:
        """The question to the public's figures."""
        return Asked(self.question, (self.by,), self.counts, period, language, exact=False)


def _complaints(name: str, by: str, *columns: str, shape: Shape = "bars") -> Topic:
    return Topic(name, statistics.complaints, by, COMPLAINT_COUNTS, columns, shape)


def _inspections(name: str, by: str, *columns: str, opening: bool = False) -> Topic:
    counts, question = INSPECTION_COUNTS, statistics.inspections
    return Topic(name, question, by, counts, columns, "bars", opening)


TOPICS: Final = (
    _complaints("month", MONTH, "filed", shape="months"),
    _complaints("outcome", "outcome", "filed"),
    _complaints(
        "office", "office", "registered", "answered", "inadmissible", "withdrawn", shape="parts"
    ),
    _complaints("days", "office"),
    Topic("referrals", statistics.legs, "receiver", LEG_COUNTS, LEG_COUNTS, "parts"),
    _complaints("region", "region", "filed"),
    _complaints("subject", "subject", "filed"),
    _inspections("inspections", "lead", "proposed", "opened", "reported", "closed", "separated"),
    _inspections("extent", "lead", "complaints", "parties", "findings", "dissents"),
    _inspections("separations", "separated_for", "separated"),
    _inspections("opening", "lead", opening=True),
    _inspections("report", "lead"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table on the page."""

    label: str
    numbers: tuple[float | None, ...]


class Told:
    """One topic as a reader sees it."""

    def __init__(self, topic: Topic, table: Statistics, language: str) -> None:
        self.name = topic.name
        self.title = phrase("chart", topic.name, language)
        self.dimension = phrase("dimension", topic.by, language)
        columns = topic.columns or ("mean", "median", "measured")
        self.columns = [phrase("count", column, language) for column in columns]
        noted = topic.name in groups()["chart_note"]
        self.note = phrase("chart_note", topic.name, language) if noted else None
        self._topic = topic
        self._language = language
        self.lines = self._lines(table)

    @property
    def wide(self) -> bool:
        """Whether the table is too wide to stand beside its picture."""
        return len(self.columns) > 1

    @property
    def drawn(self) -> list[Line]:
        """The lines that are bars in the picture; without any there is no picture."""
        lines = [line for line in self.lines if line.numbers[0] is not None]
        if not any(line.numbers[0] for line in lines):
            return []
        return lines if self._topic.shape == "months" else lines[:MOST_BARS]

    @property
    def cut(self) -> int | None:
        """How many bars there are, if the table has more."""
        return MOST_BARS if MOST_BARS == len(self.drawn) < len(self.lines) else None

    def picture(self, period: Period) -> Picture:
        """What is drawn."""
        shape = self._topic.shape
        bars = tuple(_bar(line, shape) for line in self.drawn)
        if shape == "months":
            filed = {bar.label: bar for bar in bars}
            months = (month_name(one) for one in months_of(period))
            bars = tuple(filed.get(month, Bar(month, 0)) for month in months)
        return Picture(
            shape=shape,
            language=self._language,
            title=self.title,
            description=phrase("statistics", "picture", self._language, title=self.title),
            parts=tuple(self.columns[1:]) if shape == "parts" else (),
            bars=bars,
        )

    def _lines(self, table: Statistics) -> list[Line]:
        lines = [Line(self._label(row), self._numbers(row)) for row in table.rows]
        lines = [line for line in lines if any(line.numbers)]
        if self._topic.by == MONTH:
            return lines
        return sorted(lines, key=lambda line: -(line.numbers[0] or 0))

    def _label(self, row: Row) -> str:
        code = row.of[self._topic.by]
        if code is None:
            return phrase("statistics", "no_outcome", self._language)
        if self._topic.by == MONTH:
            return month_name(str(code))
        return row.words.get(self._topic.by, str(code))

    def _numbers(self, row: Row) -> tuple[float | None, ...]:
        if not self._topic.columns:
            days = self._days(row)
            return days.mean, days.median, days.measured
        return tuple(row.counts[column] for column in self._topic.columns)

    def _days(self, row: Row) -> Days:
        if self._topic.opening and isinstance(row, InspectionRow):
            return row.working_days_to_opening
        return row.working_days


def _bar(line: Line, shape: Shape) -> Bar:
    parts = tuple(int(number or 0) for number in line.numbers[1:]) if shape == "parts" else ()
    return Bar(line.label, line.numbers[0] or 0, parts)
