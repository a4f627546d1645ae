"""The rules for the custodian's own work: admit, examine, ask, answer, close, reopen, withdraw."""

from typing import assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase
from ombudslink.conditions import (
    require_alone,
    require_custodian,
    require_open,
    require_service,
    require_settled_custody,
)
from ombudslink.entering import leave
from ombudslink.offices import Policy
from ombudslink.passing import end_help, end_open_referrals

ExaminationCommand = (
    c.DecideAdmissibility
    | c.StartExamination
    | c.RequestClarification
    | c.ProvideClarification
    | c.IssueDecision
    | c.CloseComplaint
    | c.ReopenComplaint
    | c.WithdrawComplaint
)


def decide_examination(
    state: Complaint, command: ExaminationCommand, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The events that follow from a command about the examination.

    Raises:
        Refused: the rules do not allow it.
    """
    match command:
        case c.ProvideClarification():
            return _clarify(state, command, order, policy)
        case c.WithdrawComplaint():
            return _withdraw(state, command, order, policy)
    require_custodian(state, order)
    match command:
        case c.DecideAdmissibility():
            return _admit(state, command)
        case c.StartExamination():
            return _start(state, order)
        case c.RequestClarification():
            return _ask(state, command)
        case c.IssueDecision():
            return _answer(state, command, order)
        case c.CloseComplaint():
            return _close(state)
        case c.ReopenComplaint():
            return _reopen(state, command)
        case _:
            assert_never(command)


def _admit(state: Complaint, command: c.DecideAdmissibility) -> list[e.ComplaintEvent]:
    require_open(state)
    require_settled_custody(state)
    if state.phase is Phase.EXAMINATION:
        raise Refused("already_examined")
    if not command.admissible and command.remedy is None:
        raise Refused("remedy_required")
    if not command.admissible:
        require_alone(state)
    return [e.AdmissibilityDecided(**command.model_dump())]


def _start(state: Complaint, order: Order) -> list[e.ComplaintEvent]:
    require_open(state)
    if state.phase is Phase.EXAMINATION:
        raise Refused("already_examined")
    require_settled_custody(state)
    if state.admissible is False:
        raise Refused("inadmissible")
    return [e.ExaminationStarted(office=order.by)]


def _ask(state: Complaint, command: c.RequestClarification) -> list[e.ComplaintEvent]:
    require_open(state)
    if state.clarification_open:
        raise Refused("clarification_open")
    return [e.ClarificationRequested(number=state.clarifications + 1, content=command.content)]


def _clarify(
    state: Complaint, command: c.ProvideClarification, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_service(order, policy.intake)
    if not state.clarification_open:
        raise Refused("no_open_question")
    return [e.ClarificationProvided(number=state.clarifications, content=command.content)]


def _answer(state: Complaint, command: c.IssueDecision, order: Order) -> list[e.ComplaintEvent]:
    if state.phase is not Phase.EXAMINATION:
        raise Refused("not_under_examination", phase=state.phase)
    require_settled_custody(state)
    require_alone(state)
    completes = tuple(r.number for r in state.referrals if r.moves_custody and r.open)
    answer = e.DecisionIssued(office=order.by, completes=completes, **command.model_dump())
    return [*end_help(state, "complaint_answered"), answer]


def _close(state: Complaint) -> list[e.ComplaintEvent]:
    if state.phase is Phase.CLOSED:
        raise Refused("complaint_not_open", phase=state.phase)
    require_settled_custody(state)
    require_alone(state)
    if state.phase is Phase.ANSWERED:
        return [e.ComplaintClosed(outcome=state.outcome or "answered")]
    if state.admissible is not False:
        raise Refused("not_answered")
    closing = e.ComplaintClosed(outcome="inadmissible")
    return [*end_help(state, "complaint_closed"), closing]


def _reopen(state: Complaint, command: c.ReopenComplaint) -> list[e.ComplaintEvent]:
    if state.open:
        raise Refused("complaint_open")
    return [e.ComplaintReopened(ground=command.ground)]


def _withdraw(
    state: Complaint, command: c.WithdrawComplaint, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    if order.by != policy.intake:
        require_custodian(state, order)
    require_open(state)
    ended = end_open_referrals(state, "complaint_withdrawn")
    left = leave(state, "complaint_withdrawn")
    return [*ended, *left, e.ComplaintWithdrawn(**command.model_dump())]
