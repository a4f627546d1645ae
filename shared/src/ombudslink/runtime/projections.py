"""Read models: folders that can be deleted, and are rebuilt from the stored events alone."""

from collections.abc import Sequence
from typing import Final, Protocol

from sqlalchemy import Connection, MetaData, delete, insert, select

from ombudslink.runtime.states import States, Step, replay
from ombudslink.store import history, tables
from ombudslink.store.engine import Database
from ombudslink.store.history import Stored

CHUNK: Final = 2_000


class Projection(Protocol):
    """One read model. A higher `version` has it rebuilt at the next start."""

    name: str
    version: int
    metadata: MetaData

    def apply(self, connection: Connection, step: Step) -> None:
        """Take one more event in. Everything it needs is in the step and in its own tables."""


class Reaction(Protocol):
    """What this participant does about an event, once; never repeated by a rebuild."""

    def __call__(self, connection: Connection, step: Step) -> None:
        """Write to own tables or send commands, in the transaction that stores the event."""


def bring_up_to_date(database: Database, projections: Sequence[Projection]) -> list[str]:
    """Rebuild those read models that are new or of another version; returns their names."""
    with database.maintain() as connection:
        known = {r.name: r.version for r in connection.execute(select(tables.projection))}
        stale = [p for p in projections if known.get(p.name) != p.version]
        rebuild(connection, stale)
    return [p.name for p in stale]


def rebuild(connection: Connection, projections: Sequence[Projection]) -> None:
    """Drop the read models and make them again from all stored events."""
    if not projections:
        return
    for projection in projections:
        _make_anew(connection, projection)
    states, after = States(), 0
    row = tables.event.c
    while chunk := connection.execute(
        select(row.id, row.body, row.hash).where(row.id > after).order_by(row.id).limit(CHUNK)
    ).all():
        for stored in chunk:
            step = _step(connection, states, Stored(stored.body, stored.hash))
            for projection in projections:
                projection.apply(connection, step)
        after = chunk[-1].id


def _make_anew(connection: Connection, projection: Projection) -> None:
    projection.metadata.drop_all(connection)
    projection.metadata.create_all(connection)
    entry = tables.projection
    connection.execute(delete(entry).where(entry.c.name == projection.name))
    connection.execute(insert(entry), {"name": projection.name, "version": projection.version})


def _step(connection: Connection, states: States, stored: Stored) -> Step:
    envelope = stored.envelope()
    before = states.kept(envelope.stream)
    if before is None:
        earlier = history.load(connection, envelope.stream, up_to=envelope.version - 1)
        before = replay(earlier)
    after = before.after(envelope, stored.hash)
    states.keep(envelope.stream, after)
    return Step(envelope, stored, before.head.hash, before.state, after.state)
