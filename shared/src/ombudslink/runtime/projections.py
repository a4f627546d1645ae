"""Read models: folders that can be deleted, and are rebuilt from the stored events alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Connection, MetaData, delete, insert, select

from ombudslink.envelope import Outcome
from ombudslink.runtime.states import (
    AnyStep,
    InspectionStep,
    States,
    Step,
    replay,
    step_between,
)
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


class InspectionProjection(Protocol):
    """One read model of joint inspections. What is also a `Projection` stands in both lists."""

    name: str
    version: int
    metadata: MetaData

    def apply(self, connection: Connection, step: InspectionStep) -> None:
        """Take one more event in. Everything it needs is in the step and in its own tables."""


class InspectionReaction(Protocol):
    """What this participant does about an event of a joint inspection, once."""

    def __call__(self, connection: Connection, step: InspectionStep) -> None:
        """Write to own tables or send commands, in the transaction that stores the event."""


class OutcomeReaction(Protocol):
    """What this participant does about what became of a command of its own.

    It may be told of an outcome more than once, and does the same then.
    """

    def __call__(self, connection: Connection, outcome: Outcome) -> None:
        """Write to own tables or send commands, in the transaction that notes the outcome."""


@dataclass(frozen=True, slots=True)
class Following:
    """What events lead to in one participant, by the kind of their stream; and outcomes."""

    projections: Sequence[Projection] = ()
    reactions: Sequence[Reaction] = ()
    inspection_projections: Sequence[InspectionProjection] = ()
    inspection_reactions: Sequence[InspectionReaction] = ()
    outcome_reactions: Sequence[OutcomeReaction] = ()

    def follow(self, connection: Connection, step: AnyStep) -> None:
        """All that one more event leads to."""
        self.project(connection, step)
        if isinstance(step, InspectionStep):
            for about_inspections in self.inspection_reactions:
                about_inspections(connection, step)
        else:
            for reaction in self.reactions:
                reaction(connection, step)

    def settle(self, connection: Connection, outcome: Outcome) -> None:
        """All that the outcome of a command of this participant leads to."""
        for reaction in self.outcome_reactions:
            reaction(connection, outcome)

    def project(self, connection: Connection, step: AnyStep) -> None:
        """Take one more event into the read models only."""
        if isinstance(step, InspectionStep):
            for of_inspections in self.inspection_projections:
                of_inspections.apply(connection, step)
        else:
            for projection in self.projections:
                projection.apply(connection, step)

    def named(self, names: Collection[str]) -> "Following":
        """Those of the read models alone, without any reaction."""
        return Following(
            [p for p in self.projections if p.name in names],
            inspection_projections=[p for p in self.inspection_projections if p.name in names],
        )

    @property
    def models(self) -> dict[str, Projection | InspectionProjection]:
        """The read models by their names."""
        models: list[Projection | InspectionProjection] = [*self.projections]
        models += self.inspection_projections
        return {model.name: model for model in models}


def bring_up_to_date(database: Database, following: Following) -> list[str]:
    """Rebuild those read models that are new or of another version; returns their names."""
    with database.maintain() as connection:
        known = {r.name: r.version for r in connection.execute(select(tables.projection))}
        models = following.models.values()
        stale = [model.name for model in models if known.get(model.name) != model.version]
        rebuild(connection, following.named(stale))
    return stale


def rebuild(connection: Connection, following: Following) -> None:
    """Drop the read models and make them again from all stored events."""
    if not following.models:
        return
    for model in following.models.values():
        _make_anew(connection, model)
    states, after = States(), 0
    row = tables.event.c
    while chunk := connection.execute(
        select(row.id, row.body, row.hash).where(row.id > after).order_by(row.id).limit(CHUNK)
    ).all():
        for stored in chunk:
            step = _step(connection, states, Stored(stored.body, stored.hash))
            following.project(connection, step)
        after = chunk[-1].id


def _make_anew(connection: Connection, projection: Projection | InspectionProjection) -> None:
    projection.metadata.drop_all(connection)
    projection.metadata.create_all(connection)
    entry = tables.projection
    connection.execute(delete(entry).where(entry.c.name == projection.name))
    connection.execute(insert(entry), {"name": projection.name, "version": projection.version})


def _step(connection: Connection, states: States, stored: Stored) -> AnyStep:
    envelope = stored.envelope()
    before = states.kept(envelope.stream)
    if before is None:
        earlier = history.load(connection, envelope.stream, up_to=envelope.version - 1)
        before = replay(earlier)
    after = before.after(envelope, stored.hash)
    states.keep(envelope.stream, after)
    return step_between(before, after, envelope, stored)
