"""A deployment's databases and log as they lie there, read without a line of what wrote them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

COMMANDS = "ombudslink.commands"
JOURNAL = "ombudslink.history"
FEED = "ombudslink.feed."
OUTCOME = "org.ombudslink.CommandDecided.v1"
REGISTRAR = "routing"
INTAKE = "intake"
SERVICES = (INTAKE, REGISTRAR, "reporting")
"""Those that hold every history whole; all others with a store are offices."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as the log keeps it."""

    partition: int
    offset: int
    time: int
    key: str
    value: bytes
    headers: dict[str, str]

    @property
    def is_outcome(self) -> bool:
        """Whether it tells what became of a command."""
        return self.headers.get("ce_type") == OUTCOME


class Source(Protocol):
    """A configuration's databases and log; another configuration is another such class."""

    def participants(self) -> list[str]:
        """Everybody who has a database."""

    def rows(self, participant: str, query: str) -> Iterator[tuple[Any, ...]]:
        """What a query finds in a participant's database."""

    def topics(self) -> list[str]:
        """Every topic that was ever written to."""

    def records(self, topic: str) -> Iterator[Kept]:
        """Everything in a topic, by partition and offset."""

    def ends(self) -> dict[tuple[str, int], int]:
        """The offset after the last record of every partition."""


class Embedded:
    """The data folder of one machine: a SQLite file a participant, and one for the log."""

    def __init__(self, data: Path) -> None:
        self._stores = {path.stem: path for path in sorted((data / "stores").glob("*.sqlite"))}
        self._log = data / "log.sqlite"

    def participants(self) -> list[str]:
        return list(self._stores)

    def rows(self, participant: str, query: str) -> Iterator[tuple[Any, ...]]:
        return _rows(self._stores[participant], query)

    def topics(self) -> list[str]:
        return [name for (name,) in _rows(self._log, "SELECT DISTINCT topic FROM record")]

    def records(self, topic: str) -> Iterator[Kept]:
        columns = "partition, offset, time, key, value, headers"
        query = f"SELECT {columns} FROM record WHERE topic = ? ORDER BY partition, offset"  # noqa: S608 - no value in it
        for partition, offset, time, key, value, headers in _rows(self._log, query, topic):
            yield Kept(partition, offset, time, key, value, json.loads(headers))

    def ends(self) -> dict[tuple[str, int], int]:
        query = "SELECT topic, partition, max(offset) + 1 FROM record GROUP BY topic, partition"
        return {(topic, number): end for topic, number, end in _rows(self._log, query)}


def _rows(path: Path, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        yield from connection.execute(query, values)
