"""What became of every command ever decided, by sender and id; kept for ever (invariant 8)."""

from collections.abc import Collection

from sqlalchemy import Column, Connection, LargeBinary, MetaData, String, Table, insert, select

from ombudslink.envelope import Outcome
from ombudslink.store.tables import Uuid

metadata = MetaData()
outcome = Table(
    "outcome",
    metadata,
    Column("sender", String(31), primary_key=True),
    Column("command", Uuid, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

Key = tuple[str, str]
"""A command's sender and id."""


def find(connection: Connection, keys: Collection[Key]) -> dict[Key, Outcome]:
    """The outcomes of those of the commands that were decided."""
    row = outcome.c
    found: dict[Key, Outcome] = {}
    wanted = set(keys)
    for r in connection.execute(
        select(outcome).where(row.command.in_({command for _, command in wanted}))
    ):
        if (r.sender, r.command) in wanted:
            found[r.sender, r.command] = Outcome.from_body(r.body)
    return found


def add(connection: Connection, decided: Outcome) -> None:
    """Keep the outcome of a command."""
    row = {"sender": decided.by, "command": decided.command_id, "body": decided.body()}
    connection.execute(insert(outcome), row)
