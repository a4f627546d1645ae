"""The office's joint inspections: one row for each, with what is to be done."""

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    update,
)

from case_tracking.joint.duties import joint_role, joint_todo, open_invitation
from case_tracking.projections.inbox import NO_DATE
from ombudslink.inspection_events import JointInspectionProposed
from ombudslink.runtime.states import InspectionStep
from ombudslink.store.tables import Instant, Uuid
from ombudslink.values import ParticipantId, format_moment


class Inspections:
    """Rows begin with the proposal; the office knows of none that it was not asked to."""

    name = "inspections"
    version = 1
    metadata = MetaData()
    table = Table(
        "inspections",
        metadata,
        Column("inspection", Uuid, primary_key=True),
        Column("role", String(20), nullable=False),
        Column("todo", String(20), nullable=False),
        Column("stage", String(20), nullable=False),
        Column("lead", String(31), nullable=False),
        Column("complaints", Integer, nullable=False),
        Column("offices", Integer, nullable=False),
        Column("starts", String(10), nullable=False),
        Column("ends", String(10), nullable=False),
        Column("warn_at", Instant),
        Column("due", Instant, nullable=False),
        Column("version", Integer, nullable=False),
        Column("changed", Instant, nullable=False),
        Column("changed_by", String(31), nullable=False),
        Column("last_event", String(64), nullable=False),
        Index("inspections_order", "due", "inspection"),
        *(Index(f"inspections_{by}", by, "due", "inspection") for by in ("todo", "role", "stage")),
    )

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def apply(self, connection: Connection, step: InspectionStep) -> None:
        """Make the inspection's row, or bring it up to date."""
        state, office, envelope = step.after, self._office, step.envelope
        invitation = open_invitation(state, office)
        now = {
            "role": joint_role(state, office),
            "todo": joint_todo(state, office),
            "stage": state.stage,
            "lead": state.lead,
            "complaints": len(state.entries),
            "offices": len(state.joined),
            "starts": state.starts.isoformat(),
            "ends": state.ends.isoformat(),
            "warn_at": format_moment(invitation.warn_at) if invitation else None,
            "due": format_moment(invitation.due) if invitation else NO_DATE,
            "version": envelope.version,
            "changed": format_moment(envelope.time),
            "changed_by": envelope.author,
            "last_event": envelope.type,
        }
        if isinstance(envelope.event, JointInspectionProposed):
            connection.execute(insert(self.table), {"inspection": step.stream, **now})
        else:
            mine = self.table.c.inspection == step.stream
            connection.execute(update(self.table).where(mine), now)
