"""What an office has to do with a complaint now, in which role, and until when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ombudslink.complaint import Complaint, Phase, Referral
from ombudslink.values import Clock, ParticipantId, ReferralState


class Role(StrEnum):
    """What an office is in a complaint at present."""

    NONE = "none"
    """Not party yet: the history up to the event that makes it party is still being read."""
    CUSTODIAN = "custodian"
    ARBITER = "arbiter"
    ASKED = "asked"
    """Asked to take it over or to help, or helping."""
    FORMER = "former"


class Todo(StrEnum):
    """What to do next, or whom one waits for."""

    DECIDE_DISPUTE = "decide_dispute"
    ANSWER_RETURN = "answer_return"
    ANSWER_REFERRAL = "answer_referral"
    HELP = "help"
    REGISTER = "register"
    ASSESS = "assess"
    EXAMINE = "examine"
    CLOSE = "close"
    AWAIT_ROUTING = "await_routing"
    AWAIT_ANSWER = "await_answer"
    AWAIT_RETURN = "await_return"
    AWAIT_ARBITER = "await_arbiter"
    AWAIT_COMPLAINANT = "await_complainant"
    AWAIT_BODY = "await_body"
    FOLLOW_UP = "follow_up"
    NOTHING = "nothing"


class Urgency(StrEnum):
    """How near a date is."""

    OVERDUE = "overdue"
    SOON = "soon"
    IN_TIME = "in_time"
    NONE = "none"


def urgency(warn_at: datetime, due: datetime, now: datetime) -> Urgency:
    """How near a date is at that moment."""
    if now > due:
        return Urgency.OVERDUE
    return Urgency.SOON if now >= warn_at else Urgency.IN_TIME


@dataclass(frozen=True, slots=True)
class Due:
    """The clock that counts for an office, when it warns, and when it is over."""

    clock: Clock
    warn_at: datetime
    at: datetime

    def urgency(self, now: datetime) -> Urgency:
        """How near it is at that moment."""
        return urgency(self.warn_at, self.at, now)


def role_of(state: Complaint, office: ParticipantId) -> Role:
    """What an office is in the complaint; of two roles, the one in which it has to act."""
    if office not in state.parties:
        return Role.NONE
    if office == state.disputed_before:
        return Role.ARBITER
    if office == state.custodian:
        return Role.CUSTODIAN
    return Role.ASKED if _asked(state, office) else Role.FORMER


def todo_of(state: Complaint, office: ParticipantId) -> Todo:
    """The first thing to do."""
    match role_of(state, office):
        case Role.ARBITER:
            return Todo.DECIDE_DISPUTE
        case Role.CUSTODIAN:
            return _of_custodian(state)
        case Role.ASKED:
            return _of_asked(_asked(state, office))
        case _:
            return Todo.ANSWER_RETURN if _return_asked_of(state, office) else Todo.NOTHING


def due_of(state: Complaint, office: ParticipantId) -> Due | None:
    """The date that counts for an office now."""
    if not state.open:
        return None
    pending = [r for r in state.referrals if r.pending and r.receiver == office]
    if pending:
        first = min(pending, key=lambda referral: referral.due)
        return Due(Clock.LEG, first.warn_at, first.due)
    clock = state.running_clock
    if clock is None or role_of(state, office) not in (Role.CUSTODIAN, Role.ARBITER):
        return None
    return Due(Clock.EXAMINATION, clock.warn_at, clock.due)


def _of_custodian(state: Complaint) -> Todo:
    """What the custodian does; every state is one line."""
    if state.phase is Phase.CLOSED:
        return _of_recommendations(state)
    if state.phase is Phase.ANSWERED or state.admissible is False:
        return Todo.CLOSE
    if _return_asked_of(state, state.custodian):
        return Todo.ANSWER_RETURN
    if state.disputed_before is not None:
        return Todo.AWAIT_ARBITER
    if state.pending_transfer() is not None:
        return Todo.AWAIT_ANSWER
    if any(r.moves_custody and _returning(r) for r in state.referrals):
        return Todo.AWAIT_RETURN
    if state.clarification_open:
        return Todo.AWAIT_COMPLAINANT
    if state.phase is Phase.EXAMINATION:
        waits = any(r.waits for r in state.requests)
        return Todo.AWAIT_BODY if waits else Todo.EXAMINE
    if state.custodian in state.registered:
        return Todo.ASSESS
    return Todo.REGISTER if state.settled else Todo.AWAIT_ROUTING


def _of_recommendations(state: Complaint) -> Todo:
    """What is left of a closed complaint: what bodies did not say to the recommendations."""
    unanswered = [r for r in state.recommendations if not r.answered]
    if any(r.overdue for r in unanswered):
        return Todo.FOLLOW_UP
    return Todo.AWAIT_BODY if unanswered else Todo.NOTHING


def _of_asked(referrals: list[Referral]) -> Todo:
    if any(r.pending for r in referrals):
        return Todo.ANSWER_REFERRAL
    return Todo.AWAIT_RETURN if all(_returning(r) for r in referrals) else Todo.HELP


def _asked(state: Complaint, office: ParticipantId) -> list[Referral]:
    if not state.open:
        return []
    return [r for r in state.referrals if r.receiver == office and (r.pending or r.helping)]


def _returning(referral: Referral) -> bool:
    return referral.state is ReferralState.RETURN_REQUESTED


def _return_asked_of(state: Complaint, office: ParticipantId) -> bool:
    """Whether somebody wants to give a referral back to this office."""
    return state.open and any(
        _returning(r) and office == (r.sender if r.moves_custody else state.custodian)
        for r in state.referrals
    )
