"""The public status: one vocabulary for what a complainant is told, true from the filing on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ombudslink.complaint import Complaint, Phase
from ombudslink.values import ParticipantId


class Status(StrEnum):
    """The ten words. The outcome is a separate field."""

    FILED = "filed"
    REGISTERED = "registered"
    BEING_ASSESSED = "being_assessed"
    SENT = "sent"
    BEING_EXAMINED = "being_examined"
    JOINTLY_EXAMINED = "jointly_examined"
    WAITING_FOR_YOU = "waiting_for_you"
    EXTENDED = "extended"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """Where a complaint stands, in codes; rendered in the reader's language at the edge."""

    status: Status
    offices: tuple[ParticipantId, ...]
    next_date: datetime | None
    outcome: str | None
    remedy: str | None


def public_status(state: Complaint) -> PublicStatus:
    """What the complainant is told of this state; `Complaint()` is a filing not decided yet."""
    pending = state.pending_transfer()
    clock = state.running_clock
    due = clock.due if clock else None
    custodian = (state.custodian,) if state.custodian else ()

    def told(status: Status, offices: tuple[str, ...] = custodian) -> PublicStatus:
        return PublicStatus(status, offices, due, state.outcome, state.remedy)

    if state.phase is Phase.CLOSED:
        return told(Status.CLOSED)
    if state.phase is Phase.ANSWERED:
        return told(Status.ANSWERED)
    if state.clarification_open:
        return told(Status.WAITING_FOR_YOU)
    if pending is not None:
        sent = told(Status.SENT, (pending.receiver,))
        return PublicStatus(sent.status, sent.offices, pending.due, state.outcome, state.remedy)
    if state.disputed_before is not None:
        return told(Status.BEING_ASSESSED, (state.disputed_before,))
    if state.admissible is False:
        return PublicStatus(Status.ANSWERED, custodian, None, "inadmissible", state.remedy)
    if state.joint is not None and state.joint.examining:
        lead, offices = state.joint.lead, state.joint.offices
        return told(Status.JOINTLY_EXAMINED, (lead, *sorted(offices - {lead})))
    if state.phase is Phase.EXAMINATION:
        return told(Status.EXTENDED if clock and clock.extended else Status.BEING_EXAMINED)
    if state.admissible is not None:
        return told(Status.BEING_ASSESSED)
    if state.custodian in state.registered:
        return told(Status.REGISTERED)
    return told(Status.BEING_ASSESSED if state.routed else Status.FILED)
