"""Faults put by hand into a deployment's files, each as what they are meant to test would do it."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consistency.prove.chain import FIRST, after, canonical
from consistency.prove.check import check
from consistency.prove.findings import Findings
from consistency.prove.ledger import Line, lines
from consistency.prove.reading import JOURNAL, Embedded


@dataclass(frozen=True, slots=True)
class Deployment:
    """A data folder at rest, and what its driver was told. `complaint` changed its custodian."""

    data: Path
    ledger: Path
    complaint: str

    def copy(self, to: Path) -> "Deployment":
        """Another one, to be spoilt."""
        shutil.copytree(self.data, to / "data")
        return Deployment(to / "data", self.ledger, self.complaint)

    def found(self, *more: Line) -> Findings:
        """What the checker finds, with lines that are added to the ledger."""
        return check(Embedded(self.data), [*lines(self.ledger), *more])

    @contextmanager
    def store(self, participant: str) -> Iterator[sqlite3.Connection]:
        """A participant's database without its guards."""
        with _unguarded(self.data / "stores" / f"{participant}.sqlite") as connection:
            yield connection

    @contextmanager
    def log(self) -> Iterator[sqlite3.Connection]:
        """The log without its guards."""
        with _unguarded(self.data / "log.sqlite") as connection:
            yield connection

    def bodies(self, participant: str) -> list[bytes]:
        """The complaint's history in a store."""
        query = "SELECT body FROM event WHERE stream = ? ORDER BY version"
        with self.store(participant) as connection:
            return [body for (body,) in connection.execute(query, (self.complaint,))]

    def rewrite(self, participant: str, bodies: list[bytes]) -> None:
        """Put another history in its place, with hashes and a head that fit."""
        with self.store(participant) as connection:
            connection.execute("DELETE FROM event WHERE stream = ?", (self.complaint,))
            connection.execute("DELETE FROM stream WHERE stream = ?", (self.complaint,))
            hash_ = FIRST
            for version, body in enumerate(bodies, 1):
                event, hash_ = json.loads(body), after(hash_, body)
                connection.execute(
                    "INSERT INTO event (stream, root, version, type, time, body, hash)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        self.complaint,
                        event["root"],
                        version,
                        event["type"],
                        event["time"],
                        body,
                        hash_,
                    ),
                )
            head = (self.complaint, len(bodies), hash_)
            connection.execute("INSERT INTO stream VALUES (?, ?, ?)", head)

    def forge(self, **changes: Any) -> int:
        """Go on with a copy of the first event, changed so, in the registrar's store and in the
        journal; returns its version."""
        bodies = self.bodies("routing")
        version, hash_ = len(bodies) + 1, FIRST
        for body in bodies:
            hash_ = after(hash_, body)
        forged = canonical(json.loads(bodies[0]) | {"version": version} | changes)
        self.rewrite("routing", [*bodies, forged])
        record = "SELECT partition, max(offset) + 1, time FROM record WHERE topic = ? AND key = ?"
        names = {
            "ce_subject": self.complaint,
            "ce_sequence": f"{version:010d}",
            "ce_prev": str(version - 1),
            "ce_prevhash": hash_.hex(),
        }
        with self.log() as connection:
            place = connection.execute(record, (JOURNAL, self.complaint)).fetchone()
            end = "SELECT max(offset) + 1 FROM record WHERE topic = ? AND partition = ?"
            (offset,) = connection.execute(end, (JOURNAL, place[0])).fetchone()
            connection.execute(
                "INSERT INTO record (topic, partition, offset, time, key, value, headers)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (JOURNAL, place[0], offset, place[2], self.complaint, forged, json.dumps(names)),
            )
        return version


@contextmanager
def _unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
