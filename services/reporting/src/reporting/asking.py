"""A question about figures with everything that its answer depends on, and its answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ombudslink.runtime.service import Setting
from reporting.answers import Layout, Statistics, Wording
from reporting.statistics import Period, Rows

JSON: Final = "application/json"
CSV: Final = "text/csv"

Question = Callable[[Connection, Period, Sequence[str]], Rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """Two that are equal have the same answer until there is another event."""

    question: Question
    by: tuple[str, ...]
    counts: tuple[str, ...]
    period: Period
    language: str
    exact: bool

    def table(self, connection: Connection, setting: Setting) -> Statistics:
        """The answer.

        Raises:
            TooManyRows: there would be too many.
        """
        rows = self.question(connection, self.period, self.by)
        return self._layout(setting).table(rows, self.period)

    def written(self, connection: Connection, setting: Setting, media_type: str) -> bytes:
        """The same in one of the two forms.

        Raises:
            TooManyRows: there would be too many.
        """
        table = self.table(connection, setting)
        if media_type == CSV:
            return self._layout(setting).csv(table).encode()
        return table.model_dump_json().encode()

    def _layout(self, setting: Setting) -> Layout:
        wording = Wording(setting.policy, setting.vocabulary, self.language)
        return Layout(self.by, self.counts, wording, self.exact)
