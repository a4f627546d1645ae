"""The driver's history: what was sent, under which key, and what was answered; JSON lines.

A line is written and flushed as soon as its answer is there, so that whatever dies, the driver
knows what it was promised. A request without an answer has no status.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt. Times are seconds since 1970; of a `status` line, `etag` and `content` (any
    digest of the answer without its times) and `version` are what was shown."""

    what: Literal["filing", "act", "status"]
    key: str
    sent: float
    answered: float | None = None
    status: int | None = None
    by: str = "intake"
    reference: str | None = None
    code: str | None = None
    complaint: str | None = None
    command: str | None = None
    retry_after: str | None = None
    version: int | None = None
    etag: str | None = None
    content: str | None = None


class Ledger:
    """The file; it only grows, also over several runs."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def note(self, line: Line) -> None:
        """Keep what was answered, or that nothing was."""
        said = {name: value for name, value in asdict(line).items() if value is not None}
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()

    def filed(self, key: str, sent: float, status: int | None, receipt: dict[str, str]) -> None:
        """Keep what a filing was answered; a receipt is what a 201 gave."""
        answered = time.time() if status is not None else None
        given = {name: receipt.get(name) for name in ("reference", "code", "retry_after")}
        self.note(Line("filing", key, sent, answered, status, **given))

    def close(self) -> None:
        """Nothing more comes."""
        self._file.close()


def lines(path: Path) -> Iterator[Line]:
    """Every attempt, in the order of the answers."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            yield Line(**json.loads(text))
