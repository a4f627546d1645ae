"""The office's inbox: one row for each complaint it is party to, with what is to be done."""

import json
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    update,
)

from case_tracking.duties import Role, due_of, role_of, todo_of
from ombudslink.events import ComplaintFiled
from ombudslink.runtime.states import Step
from ombudslink.store.tables import Instant, Uuid
from ombudslink.values import ParticipantId, format_moment

NO_DATE = "9999-12-31T00:00:00.000Z"
"""Sorts complaints without a date behind all others."""


class Inbox:
    """Rows begin with the filing, and are shown once the office is party."""

    name = "inbox"
    version = 4
    metadata = MetaData()
    inbox = Table(
        "inbox",
        metadata,
        Column("complaint", Uuid, primary_key=True),
        Column("role", String(20), nullable=False),
        Column("todo", String(20), nullable=False),
        Column("phase", String(20), nullable=False),
        Column("custodian", String(31), nullable=False),
        Column("inspection", Uuid),
        Column("subject", String(64), nullable=False),
        Column("body", String(64), nullable=False),
        Column("region", String(64), nullable=False),
        Column("affected", Text, nullable=False),
        Column("received", Instant),
        Column("clock", String(20)),
        Column("warn_at", Instant),
        Column("due", Instant, nullable=False),
        Column("version", Integer, nullable=False),
        Column("changed", Instant, nullable=False),
        Column("changed_by", String(31), nullable=False),
        Column("last_event", String(64), nullable=False),
        Index("inbox_order", "due", "complaint"),
        *(Index(f"inbox_{by}", by, "due", "complaint") for by in ("todo", "role", "phase")),
    )

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def apply(self, connection: Connection, step: Step) -> None:
        """Make the complaint's row, or bring it up to date."""
        row, event = self.inbox.c, step.envelope.event
        mine = row.complaint == step.stream
        now = self._standing(step)
        if isinstance(event, ComplaintFiled):
            connection.execute(insert(self.inbox), {**_filed(step.stream, event), **now})
        else:
            connection.execute(update(self.inbox).where(mine), now)
        if self._joined(step):
            received = {"received": format_moment(step.envelope.time)}
            connection.execute(update(self.inbox).where(mine), received)

    def _joined(self, step: Step) -> bool:
        before, after = role_of(step.before, self._office), role_of(step.after, self._office)
        return before is Role.NONE and after is not Role.NONE

    def _standing(self, step: Step) -> dict[str, Any]:
        state, office, envelope = step.after, self._office, step.envelope
        due = due_of(state, office)
        return {
            "role": role_of(state, office),
            "todo": todo_of(state, office),
            "phase": state.phase,
            "custodian": state.custodian,
            "inspection": state.joint.inspection if state.joint else None,
            "clock": due.clock if due else None,
            "warn_at": format_moment(due.warn_at) if due else None,
            "due": format_moment(due.at) if due else NO_DATE,
            "version": envelope.version,
            "changed": format_moment(envelope.time),
            "changed_by": envelope.author,
            "last_event": envelope.type,
        }


def _filed(complaint: str, event: ComplaintFiled) -> dict[str, Any]:
    return {
        "complaint": complaint,
        "subject": event.subject,
        "body": event.body,
        "region": event.region,
        "affected": json.dumps(event.affected),
    }
