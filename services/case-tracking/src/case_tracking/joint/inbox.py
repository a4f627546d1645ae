"""The office's list of joint inspections: filtered, in the order of what is due first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Row, select, tuple_

from case_tracking.duties import Urgency, urgency
from case_tracking.joint.duties import JointRole, JointTodo
from case_tracking.projections.inbox import NO_DATE
from case_tracking.projections.inspections import Inspections
from ombudslink.inspection import Stage
from ombudslink.values import Id, Moment, ParticipantId, format_moment

_row = Inspections.table.c


class InspectionEntry(BaseModel):
    """One inspection: what is to be done in it, and until when an invitation is to be answered.

    `complaints` are all that were proposed, `offices` those that take part.
    """

    inspection: Id
    role: JointRole
    todo: JointTodo
    stage: Stage
    lead: ParticipantId
    complaints: int
    offices: int
    starts: date
    ends: date
    due: Moment | None
    urgency: Urgency
    version: int
    changed: Moment
    changed_by: ParticipantId
    last_event: str


class InspectionsPage(BaseModel):
    """Inspections, those that are due first in front; `next` is the cursor of the page after."""

    inspections: list[InspectionEntry]
    next: str | None


@dataclass(frozen=True, slots=True)
class JointFilter:
    """Which inspections are asked for."""

    stage: Stage | None = None
    role: JointRole | None = None
    todo: JointTodo | None = None

    @property
    def name(self) -> str:
        """The filter as text, to which a cursor is bound."""
        return f"inspections {self.stage or ''} {self.role or ''} {self.todo or ''}"


def read_inspections(
    connection: Connection,
    wanted: JointFilter,
    now: datetime,
    limit: int,
    after: Sequence[str | int] | None = None,
) -> list[InspectionEntry]:
    """At most so many inspections after that position."""
    query = select(Inspections.table).order_by(_row.due, _row.inspection).limit(limit)
    for column, value in (
        (_row.stage, wanted.stage),
        (_row.role, wanted.role),
        (_row.todo, wanted.todo),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(tuple_(_row.due, _row.inspection) > tuple_(*after))
    return [_entry(row, now) for row in connection.execute(query)]


def listed(connection: Connection, inspections: Collection[str]) -> frozenset[str]:
    """Those of the inspections that this office was asked to take part in."""
    query = select(_row.inspection).where(_row.inspection.in_(inspections))
    return frozenset(connection.scalars(query))


def place_of(entry: InspectionEntry) -> tuple[str, str]:
    """Where an entry stands in the order."""
    return format_moment(entry.due) if entry.due else NO_DATE, entry.inspection


def _entry(row: Row[Any], now: datetime) -> InspectionEntry:
    due, near = None, Urgency.NONE
    if row.warn_at is not None:
        due = datetime.fromisoformat(row.due)
        near = urgency(datetime.fromisoformat(row.warn_at), due, now)
    return InspectionEntry(
        inspection=row.inspection,
        role=row.role,
        todo=row.todo,
        stage=row.stage,
        lead=row.lead,
        complaints=row.complaints,
        offices=row.offices,
        starts=row.starts,
        ends=row.ends,
        due=due,
        urgency=near,
        version=row.version,
        changed=row.changed,
        changed_by=row.changed_by,
        last_event=row.last_event,
    )
