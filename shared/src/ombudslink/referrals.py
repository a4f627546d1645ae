"""The rules for what becomes of a referral: answered, worked on, given back, completed."""

from typing import assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Referral
from ombudslink.conditions import (
    require_alone,
    require_eligible,
    require_no_dispute,
    require_open,
    require_own_number,
    require_service,
)
from ombudslink.deadlines import require_due
from ombudslink.offices import Policy
from ombudslink.passing import redirect, take_over
from ombudslink.values import ACTIVE, PENDING, ParticipantId, ReferralState

ReferralCommand = (
    c.ReceiveReferral
    | c.AcceptReferral
    | c.RejectReferral
    | c.RedirectReferral
    | c.RevokeReferral
    | c.ExpireReferral
    | c.StartReferralWork
    | c.PauseReferral
    | c.ResumeReferral
    | c.RequestReturn
    | c.AcceptReturn
    | c.RefuseReturn
    | c.CompleteReferral
)


def decide_referral(
    state: Complaint, command: ReferralCommand, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The events that follow from a command about a referral.

    Raises:
        Refused: the rules do not allow it.
    """
    require_open(state)
    referral = _find(state, command.referral)
    match command:
        case c.ReceiveReferral():
            return _receive(referral, command, order, policy)
        case c.AcceptReferral():
            return _accept(state, referral, order)
        case c.RejectReferral():
            return _reject(state, referral, command, order, policy)
        case c.RedirectReferral():
            _require_answering(referral, order)
            return redirect(state, referral, command, order, policy)
        case c.RevokeReferral():
            _require_office(_asking(state, referral), order)
            _require_state(referral, *PENDING)
            return [e.ReferralRevoked(referral=referral.number, reason=command.reason)]
        case c.ExpireReferral():
            require_service(order, policy.registrar)
            require_due(state, command, order.at)
            return [e.ReferralExpired(referral=referral.number, due=command.due)]
        case c.StartReferralWork():
            _require_working(state, referral, order)
            _require_state(referral, ReferralState.ACCEPTED)
            return [e.ReferralWorkStarted(referral=referral.number)]
        case c.PauseReferral():
            _require_working(state, referral, order)
            _require_state(referral, ReferralState.IN_PROGRESS)
            return [e.ReferralPaused(referral=referral.number, reason=command.reason)]
        case c.ResumeReferral():
            _require_working(state, referral, order)
            _require_state(referral, ReferralState.ON_HOLD)
            return [e.ReferralResumed(referral=referral.number)]
        case c.RequestReturn():
            return _request_return(state, referral, command, order)
        case c.AcceptReturn():
            return _take_back(state, referral, order)
        case c.RefuseReturn():
            _require_office(_asking(state, referral), order)
            _require_state(referral, ReferralState.RETURN_REQUESTED)
            return [e.ReturnRefused(referral=referral.number, reason=command.reason)]
        case c.CompleteReferral():
            return _complete(referral, command, order)
        case _:
            assert_never(command)


def _receive(
    referral: Referral, command: c.ReceiveReferral, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    _require_office(referral.receiver, order)
    _require_state(referral, ReferralState.REQUESTED)
    require_own_number(command.number, order, policy)
    day = policy.calendar.registration_date(order.at)
    return [e.ReferralReceived(referral=referral.number, number=command.number, date=day)]


def _accept(state: Complaint, referral: Referral, order: Order) -> list[e.ComplaintEvent]:
    _require_answering(referral, order)
    if not referral.moves_custody:
        return [e.ReferralAccepted(referral=referral.number, custodian=state.custodian)]
    accepted = e.ReferralAccepted(referral=referral.number, custodian=referral.receiver)
    return [*take_over(state, referral.receiver), accepted]


def _reject(
    state: Complaint, referral: Referral, command: c.RejectReferral, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    _require_answering(referral, order)
    if command.suggested_office is not None:
        require_eligible(state, command.suggested_office, policy)
    if command.suggested_office == referral.receiver:
        raise Refused("suggests_itself")
    if command.reason.concerns_competence:
        if command.suggested_office is None and command.suggested_body is None:
            raise Refused("suggestion_required")
    elif command.remedy is None:
        raise Refused("remedy_required")
    return [e.ReferralRejected(**command.model_dump())]


def _request_return(
    state: Complaint, referral: Referral, command: c.RequestReturn, order: Order
) -> list[e.ComplaintEvent]:
    _require_working(state, referral, order)
    _require_state(referral, *ACTIVE)
    if referral.moves_custody:
        require_alone(state)
        require_no_dispute(state)
        if state.pending_transfer() is not None:
            raise Refused("transfer_pending")
    return [e.ReferralReturnRequested(referral=referral.number, reason=command.reason)]


def _take_back(state: Complaint, referral: Referral, order: Order) -> list[e.ComplaintEvent]:
    custodian = _asking(state, referral)
    _require_office(custodian, order)
    _require_state(referral, ReferralState.RETURN_REQUESTED)
    returned = e.ReferralReturned(referral=referral.number, custodian=custodian, reason="agreed")
    return [*take_over(state, custodian), returned]


def _complete(
    referral: Referral, command: c.CompleteReferral, order: Order
) -> list[e.ComplaintEvent]:
    _require_office(referral.receiver, order)
    _require_state(referral, *ACTIVE)
    if referral.moves_custody:
        raise Refused("transfer_completes_by_decision")
    return [e.ReferralCompleted(**command.model_dump())]


def _find(state: Complaint, number: int) -> Referral:
    if not 1 <= number <= len(state.referrals):
        raise Refused("no_such_referral")
    return state.referrals[number - 1]


def _asking(state: Complaint, referral: Referral) -> ParticipantId:
    """Who speaks for the asking side: help is the custodian's matter, whoever asked for it."""
    return referral.sender if referral.moves_custody else state.custodian


def _require_office(office: ParticipantId, order: Order) -> None:
    if order.by != office:
        raise Refused("not_your_referral", office=office)


def _require_state(referral: Referral, *states: ReferralState) -> None:
    if referral.state not in states:
        raise Refused("referral_not_in_state", referral=referral.number, state=referral.state)


def _require_answering(referral: Referral, order: Order) -> None:
    _require_office(referral.receiver, order)
    _require_state(referral, ReferralState.RECEIVED)


def _require_working(state: Complaint, referral: Referral, order: Order) -> None:
    """The receiver works on it; a transfer's receiver only while it still is the custodian."""
    _require_office(referral.receiver, order)
    if referral.moves_custody and state.custody_leg() != referral:
        raise Refused("not_custodian", office=state.custodian)
