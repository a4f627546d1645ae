"""Small facts about complaints, their milestones and their referrals; all figures are queries."""

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

from ombudslink import events as e
from ombudslink.calendar import Calendar
from ombudslink.runtime.states import Step
from ombudslink.store.tables import Uuid

_NAME = String(31)
_CODE = String(64)
_MONTH = String(7)

metadata = MetaData()

complaint = Table(
    "complaint",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("month", _MONTH, nullable=False, index=True),
    Column("subject", _CODE, nullable=False),
    Column("complainant", _CODE, nullable=False),
    Column("body", _CODE, nullable=False),
    Column("region", _CODE, nullable=False),
    Column("registered", Date),
    Column("outcome", _CODE),
    Column("hops", Integer, nullable=False),
)
"""One row a complaint. `outcome` is the present one; `hops` counts its transfers so far."""

affected = Table(
    "affected",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("affected", _CODE, primary_key=True),
)
"""Who is affected by a complaint: none, one or several groups."""

milestone = Table(
    "milestone",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", _CODE, nullable=False),
    Column("office", _NAME, nullable=False),
    Column("days", Integer),
)
"""What was reached, and which office had the complaint then. `days` are the working days from
the first registration to the first decision."""

leg = Table(
    "leg",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("month", _MONTH, nullable=False, index=True),
    Column("sent", Date, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("sender", _NAME, nullable=False),
    Column("receiver", _NAME, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("answer", _CODE),
    Column("days", Integer),
)
"""One row a referral. `state` is the present one; `days` are the working days until its answer."""


class Facts:
    """Keeps the four tables. Days are counted in the calendar of the offices."""

    name = "facts"
    version = 2
    metadata = metadata

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def apply(self, connection: Connection, step: Step) -> None:
        """Take one more event in."""
        event = step.envelope.event
        if isinstance(event, e.ComplaintFiled):
            self._file(connection, step, event)
        elif isinstance(event, e.ComplaintRegistered):
            _register(connection, step, event)
        elif isinstance(event, e.ReferredTo):
            self._send(connection, step, event)
        name = _milestone(event)
        if name is not None:
            self._reach(connection, step, name)
        self._follow(connection, step)

    def _file(self, connection: Connection, step: Step, event: e.ComplaintFiled) -> None:
        row = {
            "stream": step.stream,
            "month": f"{self._day(event.filed_at):%Y-%m}",
            "subject": event.subject,
            "complainant": event.complainant,
            "body": event.body,
            "region": event.region,
            "hops": 0,
        }
        connection.execute(insert(complaint), row)
        groups = [{"stream": step.stream, "affected": one} for one in sorted(set(event.affected))]
        if groups:
            connection.execute(insert(affected), groups)

    def _send(self, connection: Connection, step: Step, event: e.ReferredTo) -> None:
        sent = self._day(step.envelope.time)
        row = {
            "stream": step.stream,
            "number": event.referral,
            "month": f"{sent:%Y-%m}",
            "sent": sent,
            "kind": str(event.kind),
            "sender": event.sender,
            "receiver": event.receiver,
            "state": str(step.after.referrals[event.referral - 1].state),
        }
        connection.execute(insert(leg), row)

    def _reach(self, connection: Connection, step: Step, name: str) -> None:
        """A milestone belongs to the office that had the complaint when it was reached."""
        row = {
            "stream": step.stream,
            "version": step.envelope.version,
            "name": name,
            "office": step.after.custodian,
            "days": self._duration(connection, step) if name == "answered" else None,
        }
        connection.execute(insert(milestone), row)

    def _duration(self, connection: Connection, step: Step) -> int | None:
        """Working days to the first decision; a reopened complaint is not counted twice."""
        reached = milestone.c
        earlier = (reached.stream == step.stream) & (reached.name == "answered")
        if connection.execute(select(reached.version).where(earlier).limit(1)).first():
            return None
        registered = connection.scalar(
            select(complaint.c.registered).where(complaint.c.stream == step.stream)
        )
        return self._days(registered, step.envelope.time) if registered else None

    def _follow(self, connection: Connection, step: Step) -> None:
        """Note what else the event changed: outcome and hops, and the state of every leg."""
        before, after = step.before, step.after
        if (before.outcome, before.hops) != (after.outcome, after.hops):
            mine = complaint.c.stream == step.stream
            now = {"outcome": after.outcome, "hops": after.hops}
            connection.execute(update(complaint).where(mine), now)
        answer = _answer(step.envelope.event)
        for old, new in zip(before.referrals, after.referrals, strict=False):
            if old.state == new.state:
                continue
            mine = (leg.c.stream == step.stream) & (leg.c.number == new.number)
            changed: dict[str, Any] = {"state": str(new.state)}
            if answer is not None:
                sent = connection.scalar(select(leg.c.sent).where(mine))
                changed["answer"] = answer
                changed["days"] = self._days(sent, step.envelope.time) if sent else None
            connection.execute(update(leg).where(mine), changed)

    def _day(self, moment: datetime) -> date:
        return self._calendar.local(moment).date()

    def _days(self, start: date, moment: datetime) -> int:
        return self._calendar.working_days_between(start, self._day(moment))


def _register(connection: Connection, step: Step, event: e.ComplaintRegistered) -> None:
    """The first registration counts; the whole complaint's time is never counted anew."""
    first = (complaint.c.stream == step.stream) & complaint.c.registered.is_(None)
    connection.execute(update(complaint).where(first), {"registered": event.date})


def _milestone(event: e.Event) -> str | None:
    match event:
        case e.ComplaintFiled():
            return "filed"
        case e.ComplaintRegistered():
            return "registered"
        case e.AdmissibilityDecided(admissible=False):
            return "inadmissible"
        case e.DecisionIssued():
            return "answered"
        case e.RecommendationIssued():
            return "recommended"
        case e.RecommendationAnswered():
            return "recommendation_answered"
        case e.RecommendationOverdue():
            return "recommendation_overdue"
        case e.ComplaintClosed():
            return "closed"
        case e.ComplaintWithdrawn():
            return "withdrawn"
        case e.ComplaintReopened():
            return "reopened"
        case e.CompetenceDisputed():
            return "disputed"
        case e.DeadlineBreached():
            return "overdue"
        case _:
            return None


def _answer(event: e.Event) -> str | None:
    match event:
        case e.ReferralAccepted():
            return "accepted"
        case e.ReferralRejected():
            return "rejected"
        case e.ReferralRedirected():
            return "redirected"
        case _:
            return None
