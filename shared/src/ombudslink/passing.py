"""The rules for passing a complaint on: asking an office, redirecting, and ending what was asked.

Beyond the hop limit no office is asked any more: the arbiter says who keeps the complaint.
"""

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Referral
from ombudslink.conditions import (
    require_alone,
    require_custodian,
    require_eligible,
    require_kept,
    require_no_dispute,
    require_settled_custody,
)
from ombudslink.offices import Policy
from ombudslink.values import ParticipantId, ReferralKind, RejectionReason


def send(
    state: Complaint, command: c.Refer, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The custodian asks another office."""
    require_custodian(state, order)
    _require_other(state, command.receiver, policy)
    if command.kind is ReferralKind.TRANSFER:
        require_no_dispute(state)
        require_settled_custody(state)
        require_alone(state)
        return _transfer(state, order, policy, command.receiver, command.reason)
    require_kept(state)
    require_settled_custody(state)
    _require_not_helping(state, command.receiver)
    return [refer(state, order, policy, command.receiver, command.kind, command.reason)]


def redirect(
    state: Complaint, referral: Referral, command: c.RedirectReferral, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The receiver points to a third office: one referral ends and causes the next, at once."""
    receiver, reason = command.receiver, command.reason
    _require_other(state, receiver, policy)
    if receiver == referral.receiver:
        raise Refused("redirect_to_self", office=receiver)
    if referral.moves_custody:
        following = _transfer(state, order, policy, receiver, reason, caused_by=referral.number)
    else:
        _require_not_helping(state, receiver)
        kind, cause = referral.kind, referral.number
        following = [refer(state, order, policy, receiver, kind, reason, caused_by=cause)]
    if isinstance(following[0], e.CompetenceDisputed):
        rejected = e.ReferralRejected(
            referral=referral.number,
            reason=RejectionReason.SUBJECT_NOT_COMPETENT,
            suggested_office=receiver,
        )
        # The dispute comes first: at no moment does it look as if the custodian kept it.
        return [*following, rejected]
    upcoming = len(state.referrals) + 1
    redirected = e.ReferralRedirected(referral=referral.number, next=upcoming, reason=reason)
    return [redirected, *following]


def refer(
    state: Complaint,
    order: Order,
    policy: Policy,
    receiver: ParticipantId,
    kind: ReferralKind,
    reason: str,
    *,
    caused_by: int | None = None,
) -> e.ReferredTo:
    """The event that sends the complaint's next referral from its custodian."""
    limit = policy.leg
    warn_at, due = policy.ends(limit, policy.calendar.local(order.at).date())
    return e.ReferredTo(
        referral=len(state.referrals) + 1,
        kind=kind,
        sender=state.custodian,
        receiver=receiver,
        reason=reason,
        caused_by=caused_by,
        hop=state.hops + (kind is ReferralKind.TRANSFER),
        rule=limit.rule,
        rule_version=limit.version,
        warn_at=warn_at,
        answer_due=due,
    )


def end_open_referrals(state: Complaint, reason: str) -> list[e.ComplaintEvent]:
    """What ends every open referral of a complaint that ends before they do.

    A transfer that was accepted needs nothing: its receiver is the custodian and stays it.
    """
    return [_ended(state, r, reason) for r in state.referrals if r.pending or r.helping]


def end_help(state: Complaint, reason: str) -> list[e.ComplaintEvent]:
    """What ends the help that is asked for or being given when the complaint needs it no more."""
    return [_ended(state, r, reason) for r in state.referrals if r.helping]


def take_over(state: Complaint, office: ParticipantId) -> list[e.ComplaintEvent]:
    """What ends when that office becomes custodian: the help that it was asked for itself."""
    mine = [r for r in state.referrals if r.helping and r.receiver == office]
    return [_ended(state, r, "became_custodian") for r in mine]


def _ended(state: Complaint, referral: Referral, reason: str) -> e.ComplaintEvent:
    if referral.pending:
        return e.ReferralRevoked(referral=referral.number, reason=reason)
    return e.ReferralReturned(referral=referral.number, custodian=state.custodian, reason=reason)


def _require_other(state: Complaint, receiver: ParticipantId, policy: Policy) -> None:
    require_eligible(state, receiver, policy)
    if receiver == state.custodian:
        raise Refused("already_custodian", office=receiver)


def _require_not_helping(state: Complaint, receiver: ParticipantId) -> None:
    if any(r.helping and r.receiver == receiver for r in state.referrals):
        raise Refused("already_asked", office=receiver)


def _transfer(
    state: Complaint,
    order: Order,
    policy: Policy,
    receiver: ParticipantId,
    reason: str,
    *,
    caused_by: int | None = None,
) -> list[e.ComplaintEvent]:
    """A transfer onwards, or, beyond the hop limit, the dispute that the arbiter ends.

    Going back to an office that gave the complaint up takes a person, not only a program.
    """
    if receiver in state.released and order.actor is None:
        raise Refused("officer_required", office=receiver)
    if state.hops < policy.hop_limit:
        kind = ReferralKind.TRANSFER
        return [refer(state, order, policy, receiver, kind, reason, caused_by=caused_by)]
    arbiter = policy.first(policy.arbiter, excluded=state.complained_office)
    if arbiter == state.custodian:
        raise Refused("hop_limit", hops=state.hops)
    return [e.CompetenceDisputed(arbiter=arbiter, hops=state.hops, reason=reason)]
