"""What somebody does to a store who has its file, and who takes the guards away first."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ombudslink.proof.chain import GENESIS, canonical, link

Act = Callable[[sqlite3.Connection], None]


def tamper(path: Path, act: Act) -> None:
    """Change a store behind its service's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        act(connection)


def sql(*statements: str, **values: Any) -> Act:
    """The act of running these statements, with `:name` standing for values."""

    def act(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement, values)

    return act


def rewritten(stream: str, bodies: Sequence[bytes]) -> Act:
    """The act of putting another history in a history's place, with hashes and head that fit."""

    def act(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM event WHERE stream = ?", (stream,))
        hash_ = GENESIS
        for version, body in enumerate(bodies, 1):
            hash_ = link(hash_, body)
            fields = json.loads(body)
            connection.execute(
                "INSERT INTO event (stream, root, version, type, time, body, hash)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (stream, stream, version, fields["type"], fields["time"], body, hash_),
            )
        head = (len(bodies), hash_, stream)
        connection.execute("UPDATE stream SET version = ?, hash = ? WHERE stream = ?", head)

    return act


def edited(body: bytes, **changes: object) -> bytes:
    """An event's body with some members changed."""
    return canonical(json.loads(body) | changes)
