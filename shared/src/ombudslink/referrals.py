"""The rules for referrals: sending, answering, returning, completing one."""

from typing import assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Referral
from ombudslink.offices import Policy
from ombudslink.values import (
    ACTIVE,
    PENDING,
    ParticipantId,
    ReferralKind,
    ReferralState,
    RejectionReason,
)

ReferralCommand = (
    c.Refer
    | c.ReceiveReferral
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
) -> list[e.Event]:
    """The events that follow from a command about a referral.

    Raises:
        Refused: the rules do not allow it.
    """
    if not state.open:
        raise Refused("complaint_not_open", phase=state.phase)
    if isinstance(command, c.Refer):
        return _send(state, command, order, policy)
    referral = _find(state, command.referral)
    number = referral.number
    match command:
        case c.ReceiveReferral():
            _by(referral.receiver, order)
            _in(referral, frozenset({ReferralState.REQUESTED}))
            day = policy.calendar.registration_date(order.at)
            return [e.ReferralReceived(referral=number, number=command.number, date=day)]
        case c.AcceptReferral():
            _answering(referral, order)
            custodian = referral.receiver if referral.moves_custody else state.custodian
            return [e.ReferralAccepted(referral=number, custodian=custodian)]
        case c.RejectReferral():
            _answering(referral, order)
            return [_reject(state, command, policy)]
        case c.RedirectReferral():
            _answering(referral, order)
            return _redirect(state, referral, command, order, policy)
        case c.RevokeReferral():
            _by(referral.sender, order)
            _in(referral, PENDING)
            return [e.ReferralRevoked(referral=number, reason=command.reason)]
        case c.ExpireReferral():
            if order.by != policy.registrar:
                raise Refused("not_entitled")
            if not referral.pending or referral.due != command.due or order.at < referral.due:
                raise Refused("deadline_does_not_stand")
            return [e.ReferralExpired(referral=number, due=command.due)]
        case c.StartReferralWork():
            _working(state, referral, order)
            _in(referral, frozenset({ReferralState.ACCEPTED}))
            return [e.ReferralWorkStarted(referral=number)]
        case c.PauseReferral():
            _working(state, referral, order)
            _in(referral, frozenset({ReferralState.IN_PROGRESS}))
            return [e.ReferralPaused(referral=number, reason=command.reason)]
        case c.ResumeReferral():
            _working(state, referral, order)
            _in(referral, frozenset({ReferralState.ON_HOLD}))
            return [e.ReferralResumed(referral=number)]
        case c.RequestReturn():
            return _request_return(state, referral, command, order)
        case c.AcceptReturn():
            _by(referral.sender, order)
            _in(referral, frozenset({ReferralState.RETURN_REQUESTED}))
            custodian = referral.sender if referral.moves_custody else state.custodian
            return [e.ReferralReturned(referral=number, custodian=custodian, reason="agreed")]
        case c.RefuseReturn():
            _by(referral.sender, order)
            _in(referral, frozenset({ReferralState.RETURN_REQUESTED}))
            return [e.ReturnRefused(referral=number, reason=command.reason)]
        case c.CompleteReferral():
            _by(referral.receiver, order)
            _in(referral, frozenset({ReferralState.ACCEPTED, ReferralState.IN_PROGRESS}))
            if referral.moves_custody:
                raise Refused("transfer_completes_by_decision")
            return [e.ReferralCompleted(**command.model_dump())]
        case _:
            assert_never(command)


def refer(
    state: Complaint,
    order: Order,
    policy: Policy,
    receiver: ParticipantId,
    kind: ReferralKind,
    reason: str,
    *,
    number: int | None = None,
    caused_by: int | None = None,
) -> e.ReferredTo:
    """The event that sends the complaint's next referral from its custodian."""
    today = policy.calendar.local(order.at).date()
    limit = policy.leg
    warn = policy.calendar.working_day_after(today, limit.working_days - limit.warn_before)
    last = policy.calendar.working_day_after(today, limit.working_days)
    return e.ReferredTo(
        referral=number or len(state.referrals) + 1,
        kind=kind,
        sender=state.custodian,
        receiver=receiver,
        reason=reason,
        caused_by=caused_by,
        hop=state.hops + (kind is ReferralKind.TRANSFER),
        rule=limit.rule,
        rule_version=limit.version,
        warn_at=policy.calendar.end_of(warn),
        answer_due=policy.calendar.end_of(last),
    )


def settle_open_referrals(state: Complaint, reason: str) -> list[e.Event]:
    """What ends every open referral of a complaint that ends before they do.

    A transfer that was accepted needs nothing: its receiver is the custodian and stays it.
    """
    events: list[e.Event] = []
    for r in state.referrals:
        if r.pending:
            events.append(e.ReferralRevoked(referral=r.number, reason=reason))
        elif r.open and not r.moves_custody:
            events.append(
                e.ReferralReturned(referral=r.number, custodian=state.custodian, reason=reason)
            )
    return events


def _find(state: Complaint, number: int) -> Referral:
    if not 1 <= number <= len(state.referrals):
        raise Refused("no_such_referral", referral=number)
    return state.referrals[number - 1]


def _by(office: ParticipantId, order: Order) -> None:
    if order.by != office:
        raise Refused("not_your_referral", office=office)


def _in(referral: Referral, states: frozenset[ReferralState]) -> None:
    if referral.state not in states:
        raise Refused("referral_not_in_state", referral=referral.number, state=referral.state)


def _working(state: Complaint, referral: Referral, order: Order) -> None:
    """The receiver works on it; a transfer's receiver only while it still is the custodian."""
    _by(referral.receiver, order)
    if referral.moves_custody and state.custody_leg() != referral:
        raise Refused("not_custodian", office=state.custodian)


def _answering(referral: Referral, order: Order) -> None:
    _by(referral.receiver, order)
    _in(referral, frozenset({ReferralState.RECEIVED}))


def _admit(state: Complaint, receiver: ParticipantId, policy: Policy) -> None:
    if policy.office(receiver) is None:
        raise Refused("unknown_office", office=receiver)
    if receiver == state.complained_office:
        raise Refused("office_complained_of", office=receiver)
    if receiver == state.custodian:
        raise Refused("already_custodian", office=receiver)


def _send(state: Complaint, command: c.Refer, order: Order, policy: Policy) -> list[e.Event]:
    if order.by != state.custodian:
        raise Refused("not_custodian", office=state.custodian)
    _admit(state, command.receiver, policy)
    if command.kind is ReferralKind.REFERRAL:
        _refuse_double_help(state, command.receiver)
        return [refer(state, order, policy, command.receiver, command.kind, command.reason)]
    return _transfer(state, order, policy, command.receiver, command.reason)


def _refuse_double_help(state: Complaint, receiver: ParticipantId) -> None:
    if any(
        r.receiver == receiver and not r.moves_custody and (r.pending or r.open)
        for r in state.referrals
    ):
        raise Refused("already_asked", office=receiver)


def _transfer(
    state: Complaint,
    order: Order,
    policy: Policy,
    receiver: ParticipantId,
    reason: str,
    *,
    redirected: Referral | None = None,
) -> list[e.Event]:
    """A transfer onwards, or, beyond the hop limit, the dispute that the arbiter ends."""
    if state.disputed_before is not None:
        raise Refused("competence_disputed", office=state.disputed_before)
    if redirected is None and state.pending_transfer():
        raise Refused("transfer_pending")
    if any(r.moves_custody and r.state is ReferralState.RETURN_REQUESTED for r in state.referrals):
        raise Refused("return_pending")
    if receiver in state.released and order.actor is None:
        raise Refused("officer_required", office=receiver)
    if state.hops >= policy.hop_limit:
        arbiter = policy.first(policy.arbiter, excluded=state.complained_office)
        if arbiter == state.custodian:
            raise Refused("hop_limit", hops=state.hops)
        return [e.CompetenceDisputed(arbiter=arbiter, hops=state.hops, reason=reason)]
    return [
        refer(
            state,
            order,
            policy,
            receiver,
            ReferralKind.TRANSFER,
            reason,
            caused_by=redirected.number if redirected else None,
        )
    ]


def _reject(state: Complaint, command: c.RejectReferral, policy: Policy) -> e.ReferralRejected:
    suggested = command.suggested_office
    if suggested is not None and policy.office(suggested) is None:
        raise Refused("unknown_office", office=suggested)
    if suggested is not None and suggested == state.complained_office:
        raise Refused("office_complained_of", office=suggested)
    if command.reason.concerns_competence:
        if suggested is None and command.suggested_body is None:
            raise Refused("suggestion_required")
    elif command.remedy is None:
        raise Refused("remedy_required")
    return e.ReferralRejected(**command.model_dump())


def _redirect(
    state: Complaint,
    referral: Referral,
    command: c.RedirectReferral,
    order: Order,
    policy: Policy,
) -> list[e.Event]:
    _admit(state, command.receiver, policy)
    if command.receiver == referral.receiver:
        raise Refused("redirect_to_self", office=command.receiver)
    next_number = len(state.referrals) + 1
    redirected = e.ReferralRedirected(
        referral=referral.number, next=next_number, reason=command.reason
    )
    if referral.moves_custody:
        following = _transfer(
            state, order, policy, command.receiver, command.reason, redirected=referral
        )
        if isinstance(following[0], e.CompetenceDisputed):
            rejected = e.ReferralRejected(
                referral=referral.number,
                reason=RejectionReason.SUBJECT_NOT_COMPETENT,
                suggested_office=command.receiver,
            )
            return [rejected, *following]
        return [redirected, *following]
    _refuse_double_help(state, command.receiver)
    sent = refer(
        state,
        order,
        policy,
        command.receiver,
        ReferralKind.REFERRAL,
        command.reason,
        caused_by=referral.number,
    )
    return [redirected, sent]


def _request_return(
    state: Complaint, referral: Referral, command: c.RequestReturn, order: Order
) -> list[e.Event]:
    _working(state, referral, order)
    _in(referral, ACTIVE)
    if referral.moves_custody and state.pending_transfer():
        raise Refused("transfer_pending")
    return [e.ReferralReturnRequested(referral=referral.number, reason=command.reason)]
