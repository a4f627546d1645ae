"""The inbox as an office reads it: filtered, in the order of what is due first, page by page."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, Row, select, tuple_

from case_tracking.duties import Due, Role, Todo, Urgency
from case_tracking.projections.inbox import NO_DATE, Inbox
from case_tracking.tables import registration
from ombudslink.complaint import Phase
from ombudslink.values import (
    Clock,
    Code,
    Id,
    Moment,
    ParticipantId,
    RegistrationNumber,
    format_moment,
)

_row = Inbox.inbox.c


class InboxEntry(BaseModel):
    """One complaint: what is to be done with it, by when, and what it is about in codes.

    `inspection` is the joint inspection that it takes part in.
    """

    complaint: Id
    number: RegistrationNumber | None
    role: Role
    todo: Todo
    phase: Phase
    custodian: ParticipantId
    inspection: Id | None
    subject: Code
    body: Code
    region: Code
    affected: list[Code]
    received: Moment
    clock: Clock | None
    due: Moment | None
    urgency: Urgency
    version: int
    changed: Moment
    changed_by: ParticipantId
    last_event: str


class InboxPage(BaseModel):
    """Complaints, those that are due first in front; `next` is the cursor of the page after."""

    complaints: list[InboxEntry]
    next: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which complaints are asked for."""

    todo: Todo | None = None
    role: Role | None = None
    phase: Phase | None = None
    due_before: datetime | None = None

    @property
    def name(self) -> str:
        """The filter as text, to which a cursor is bound."""
        before = format_moment(self.due_before) if self.due_before else ""
        return f"inbox {self.todo or ''} {self.role or ''} {self.phase or ''} {before}"


def read_inbox(
    connection: Connection,
    wanted: Filter,
    now: datetime,
    limit: int,
    after: Sequence[str | int] | None = None,
) -> list[InboxEntry]:
    """At most so many complaints after that position."""
    query = (
        select(Inbox.inbox, registration.c.number)
        .join(registration, registration.c.complaint == _row.complaint, isouter=True)
        .where(_row.role != Role.NONE)
        .order_by(_row.due, _row.complaint)
        .limit(limit)
    )
    for column, value in (
        (_row.todo, wanted.todo),
        (_row.role, wanted.role),
        (_row.phase, wanted.phase),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.due_before is not None:
        query = query.where(_row.due < format_moment(wanted.due_before))
    if after is not None:
        query = query.where(tuple_(_row.due, _row.complaint) > tuple_(*after))
    return [_entry(row, now) for row in connection.execute(query)]


def known(
    connection: Connection, complaints: Collection[str]
) -> dict[str, RegistrationNumber | None]:
    """Those of the complaints that this office is or was party to, with its number for each."""
    query = (
        select(_row.complaint, registration.c.number)
        .join(registration, registration.c.complaint == _row.complaint, isouter=True)
        .where(_row.role != Role.NONE, _row.complaint.in_(complaints))
    )
    return {row.complaint: row.number for row in connection.execute(query)}


def position_of(entry: InboxEntry) -> tuple[str, str]:
    """Where an entry stands in the order."""
    return format_moment(entry.due) if entry.due else NO_DATE, entry.complaint


def _entry(row: Row[Any], now: datetime) -> InboxEntry:
    due = None
    if row.clock is not None:
        warn_at, at = datetime.fromisoformat(row.warn_at), datetime.fromisoformat(row.due)
        due = Due(Clock(row.clock), warn_at, at)
    return InboxEntry(
        complaint=row.complaint,
        number=row.number,
        role=row.role,
        todo=row.todo,
        phase=row.phase,
        custodian=row.custodian,
        inspection=row.inspection,
        subject=row.subject,
        body=row.body,
        region=row.region,
        affected=json.loads(row.affected),
        received=row.received,
        clock=due.clock if due else None,
        due=due.at if due else None,
        urgency=due.urgency(now) if due else Urgency.NONE,
        version=row.version,
        changed=row.changed,
        changed_by=row.changed_by,
        last_event=row.last_event,
    )
