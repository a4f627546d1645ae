"""Small facts about joint inspections and the offices in them; all figures are queries."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)

from ombudslink import inspection_events as e
from ombudslink.calendar import Calendar
from ombudslink.events import Event
from ombudslink.inspection import Inspection
from ombudslink.runtime.states import InspectionStep
from ombudslink.store.tables import Uuid

_NAME = String(31)
_CODE = String(64)
_MONTH = String(7)

metadata = MetaData()

inspection = Table(
    "inspection",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("month", _MONTH, nullable=False, index=True),
    Column("proposed", Date, nullable=False),
    Column("lead", _NAME, nullable=False),
    Column("stage", _CODE, nullable=False),
    Column("separated_for", _CODE),
    Column("closed_with", _CODE),
    Column("complaints", Integer, nullable=False),
    Column("parties", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("dissents", Integer, nullable=False),
    Column("opening_days", Integer),
    Column("report_days", Integer),
)
"""One row an inspection. `stage` and `dissents` are the present ones; `complaints` and `parties`
are those that took part at any time; days are working days from the proposal."""

party = Table(
    "inspection_party",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("party", _NAME, primary_key=True),
)
"""Every office that took part in an inspection at any time."""


class Inspections:
    """Keeps the two tables. Days are counted in the calendar of the offices."""

    name = "inspections"
    version = 1
    metadata = metadata

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def apply(self, connection: Connection, step: InspectionStep) -> None:
        """Take one more event in."""
        event = step.envelope.event
        if isinstance(event, e.JointInspectionProposed):
            self._propose(connection, step, event)
        elif isinstance(event, e.JointPartyJoined):
            _take_part(connection, step.stream, event.office)
        mine = inspection.c.stream == step.stream
        now = self._changed(connection, step, event)
        connection.execute(update(inspection).where(mine).values(now))

    def _propose(
        self, connection: Connection, step: InspectionStep, event: e.JointInspectionProposed
    ) -> None:
        """Its lead takes part from the beginning."""
        proposed = self._day(step.envelope.time)
        row = {
            "stream": step.stream,
            "month": f"{proposed:%Y-%m}",
            "proposed": proposed,
            "lead": event.lead,
            "stage": str(step.after.stage),
            "complaints": 0,
            "parties": 1,
            "findings": 0,
            "dissents": 0,
        }
        connection.execute(insert(inspection), row)
        _take_part(connection, step.stream, event.lead)

    def _changed(
        self, connection: Connection, step: InspectionStep, event: Event
    ) -> dict[str, Any]:
        """What is true of the inspection now and was not before, or not for certain."""
        now = {"stage": str(step.after.stage), "dissents": _dissents(step.after)}
        match event:
            case e.JointComplaintEntered():
                return {**now, "complaints": inspection.c.complaints + 1}
            case e.JointPartyJoined():
                return {**now, "parties": inspection.c.parties + 1}
            case e.JointInspectionOpened():
                return {**now, "opening_days": self._days(connection, step)}
            case e.JointFindingsDrafted():
                return {**now, "findings": event.finding}
            case e.JointReportIssued():
                return {**now, "report_days": self._days(connection, step)}
            case e.JointInspectionSeparated():
                return {**now, "separated_for": event.reason}
            case e.JointInspectionClosed():
                return {**now, "closed_with": event.outcome}
            case _:
                return now

    def _days(self, connection: Connection, step: InspectionStep) -> int:
        """The working days since the proposal."""
        row = inspection.c
        proposed = connection.execute(select(row.proposed).where(row.stream == step.stream))
        return self._calendar.working_days_between(
            proposed.scalar_one(), self._day(step.envelope.time)
        )

    def _day(self, moment: datetime) -> date:
        return self._calendar.local(moment).date()


def _take_part(connection: Connection, stream: str, office: str) -> None:
    connection.execute(insert(party), {"stream": stream, "party": office})


def _dissents(state: Inspection) -> int:
    """How many votes of those who take part are against a finding."""
    votes = (finding.vote(office) for finding in state.findings for office in state.joined)
    return sum(vote is False for vote in votes)
