"""A complaint in every named situation, reached by orders alone.

Each situation is the list of orders that leads to it; `spec.given` decides them one after another,
so a situation that the rules do not allow cannot be built.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ombudslink import commands as c
from ombudslink.commands import Command, Order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    HELP,
    INTAKE,
    LEG_END,
    MINISTRY,
    MONDAY,
    OFFICER,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
    number_in,
)
from ombudslink.values import (
    Channel,
    ContentRef,
    ParticipantId,
    ReferralKind,
    ReferralState,
    RejectionReason,
)

Orders = tuple[Order, ...]


def content(number: int = 1, holder: ParticipantId = INTAKE) -> ContentRef:
    """A reference to the `number`-th content that a holder keeps."""
    return ContentRef(
        holder=holder, id=f"00000000-0000-4000-8000-{number:012d}", digest=f"{number:064x}"
    )


def order(
    command: Command,
    by: ParticipantId,
    at: datetime = MONDAY,
    *,
    actor: str | None = None,
    based_on: int | None = None,
) -> Order:
    """A command with its circumstances."""
    return Order(command, by, at, actor=actor, based_on=based_on)


def filing(**changes: Any) -> c.FileComplaint:
    """A person's complaint on the web about a school, for a child; addressed to nobody."""
    fields: dict[str, Any] = {
        "channel": Channel.WEB,
        "complainant": "parent",
        "affected": ("child",),
        "subject": "education",
        "body": "school",
        "region": "710000000",
        "language": "kk",
        "filed_at": MONDAY,
        "content": content(),
    }
    return c.FileComplaint(**(fields | changes))


def filed(**changes: Any) -> Orders:
    """Filed; the general office, the fallback, is custodian."""
    return (order(filing(**changes), INTAKE),)


def routing(to: ParticipantId = CHILDREN, *, certain: bool = True) -> c.RouteComplaint:
    """What the competence rules say."""
    return c.RouteComplaint(
        office=to, rule="child", rule_version=3, legal_basis="child-rights", certain=certain
    )


def kept() -> Orders:
    """By the competence rules the general office's, which keeps it."""
    return (*filed(), order(routing(GENERAL), REGISTRAR))


def registered() -> Orders:
    """Registered by its custodian on `MONDAY`: the clock of the whole complaint runs."""
    return (*kept(), order(c.RegisterComplaint(number="GEN-1"), GENERAL))


def forwarded() -> Orders:
    """Certainly the children's: sent there by the competence rules, unanswered."""
    return (*filed(), order(routing(), REGISTRAR))


def requested(kind: ReferralKind, to: ParticipantId = CHILDREN, before: Orders = ()) -> Orders:
    """The general office asks another one, by default on a complaint that is registered."""
    refer = c.Refer(kind=kind, receiver=to, reason="competence")
    return (*(before or registered()), order(refer, GENERAL))


def received(kind: ReferralKind) -> Orders:
    """The children's office has it in its own store."""
    return (*requested(kind), order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN))


def accepted(kind: ReferralKind) -> Orders:
    """The children's office took it."""
    return (*received(kind), order(c.AcceptReferral(referral=1), CHILDREN))


def in_progress(kind: ReferralKind) -> Orders:
    """The children's office works on it."""
    return (*accepted(kind), order(c.StartReferralWork(referral=1), CHILDREN))


def on_hold(kind: ReferralKind) -> Orders:
    """The children's office waits for somebody else."""
    pause = c.PauseReferral(referral=1, reason="expert-opinion")
    return (*in_progress(kind), order(pause, CHILDREN))


def return_requested(kind: ReferralKind, before: Orders = ()) -> Orders:
    """The children's office wants to give it back."""
    ask = c.RequestReturn(referral=1, reason="not-competent")
    return (*(before or accepted(kind)), order(ask, CHILDREN))


def returned(kind: ReferralKind) -> Orders:
    """The general office took it back."""
    return (*return_requested(kind), order(c.AcceptReturn(referral=1), GENERAL))


def rejection(referral: int = 1) -> c.RejectReferral:
    """Not competent, the entrepreneurs' commissioner is."""
    return c.RejectReferral(
        referral=referral,
        reason=RejectionReason.SUBJECT_NOT_COMPETENT,
        suggested_office=ENTREPRENEURS,
    )


def rejected(kind: ReferralKind) -> Orders:
    """The children's office did not take it."""
    return (*received(kind), order(rejection(), CHILDREN))


def redirected(kind: ReferralKind) -> Orders:
    """The children's office pointed to the vulnerable groups'; referral 2 waits there."""
    redirect = c.RedirectReferral(referral=1, receiver=VULNERABLE, reason="disability")
    return (*received(kind), order(redirect, CHILDREN))


def expired(kind: ReferralKind) -> Orders:
    """Nobody answered in time."""
    expire = c.ExpireReferral(referral=1, due=LEG_END)
    return (*requested(kind), order(expire, REGISTRAR, LEG_END))


def revoked(kind: ReferralKind) -> Orders:
    """The general office took the question back."""
    revoke = c.RevokeReferral(referral=1, reason="sent-by-mistake")
    return (*requested(kind), order(revoke, GENERAL))


def completed(kind: ReferralKind) -> Orders:
    """The help was given; for a transfer: the complaint was answered by its new custodian."""
    if kind is HELP:
        complete = c.CompleteReferral(referral=1, result="expertise-given", content=content(7))
        return (*in_progress(kind), order(complete, CHILDREN))
    return (*accepted(kind), order(c.StartExamination(), CHILDREN), order(decision(), CHILDREN))


REFERRAL_IN: Final[dict[ReferralState, Callable[[ReferralKind], Orders]]] = {
    ReferralState.REQUESTED: requested,
    ReferralState.RECEIVED: received,
    ReferralState.ACCEPTED: accepted,
    ReferralState.IN_PROGRESS: in_progress,
    ReferralState.ON_HOLD: on_hold,
    ReferralState.RETURN_REQUESTED: return_requested,
    ReferralState.RETURNED: returned,
    ReferralState.COMPLETED: completed,
    ReferralState.REJECTED: rejected,
    ReferralState.REDIRECTED: redirected,
    ReferralState.EXPIRED: expired,
    ReferralState.REVOKED: revoked,
}
"""Referral 1, from the general to the children's office, in each state."""


def passed_on(*offices: ParticipantId) -> Orders:
    """Transferred and accepted from the general office on through these, by officers."""
    custodian, orders = GENERAL, registered()
    for count, receiver in enumerate(offices, 1):
        refer = c.Refer(kind=TRANSFER, receiver=receiver, reason="competence")
        receive = c.ReceiveReferral(referral=count, number=number_in(receiver, count))
        orders += (
            order(refer, custodian, actor=OFFICER),
            order(receive, receiver),
            order(c.AcceptReferral(referral=count), receiver),
        )
        custodian = receiver
    return orders


def disputed() -> Orders:
    """Passed on three times; the vulnerable groups' wanted a fourth, the general office decides."""
    refer = c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence")
    passed = passed_on(CHILDREN, ENTREPRENEURS, VULNERABLE)
    return (*passed, order(refer, VULNERABLE, actor=OFFICER))


def inadmissible() -> Orders:
    """The custodian may not examine it."""
    decide = c.DecideAdmissibility(admissible=False, ground="before-court", remedy="court")
    return (*registered(), order(decide, GENERAL))


def examined() -> Orders:
    """The general office examines it."""
    return (*registered(), order(c.StartExamination(), GENERAL))


def asked() -> Orders:
    """Examined, and the complainant was asked something."""
    return (*examined(), order(c.RequestClarification(content=content(2)), GENERAL))


def body_asked() -> Orders:
    """Examined, and the ministry was asked for information."""
    ask = c.RequestInformation(addressee=MINISTRY, content=content(8))
    return (*examined(), order(ask, GENERAL))


def decision() -> c.IssueDecision:
    """The answer: well founded."""
    return c.IssueDecision(outcome="well-founded", remedy="court", content=content(3))


def answered() -> Orders:
    """The general office answered."""
    return (*examined(), order(decision(), GENERAL))


def recommended() -> Orders:
    """Answered, and the ministry was given a recommendation."""
    recommend = c.IssueRecommendation(addressee=MINISTRY, content=content(9))
    return (*answered(), order(recommend, GENERAL))


def followed_up() -> Orders:
    """The same, closed while the ministry still has to answer."""
    return (*recommended(), order(c.CloseComplaint(), GENERAL))


def closed() -> Orders:
    """Answered and closed."""
    return (*answered(), order(c.CloseComplaint(), GENERAL))


def withdrawn() -> Orders:
    """The complainant does not want it examined."""
    withdraw = c.WithdrawComplaint(ground="own-wish", content=content(4))
    return (*registered(), order(withdraw, INTAKE))


def reopened() -> Orders:
    """Closed and then examined again."""
    return (*closed(), order(c.ReopenComplaint(ground="new-facts"), GENERAL))


INSPECTION: Final = "10000000-0000-4000-8000-000000000001"
"""The inspection that the complaint of these situations takes part in."""


def consented() -> Orders:
    """The complainant lets further offices see it."""
    consent = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)
    return (*registered(), order(consent, INTAKE))


def entering(lead: ParticipantId = GENERAL) -> c.EnterInspection:
    """An office proposes to examine it jointly."""
    return c.EnterInspection(inspection=INSPECTION, lead=lead)


def entered() -> Orders:
    """It takes part in the general office's inspection."""
    return (*consented(), order(entering(), REGISTRAR))


def admitted() -> Orders:
    """The general and the children's office have joined."""
    admit = (
        c.AdmitInspectionParty(inspection=INSPECTION, office=office)
        for office in (GENERAL, CHILDREN)
    )
    return (*entered(), *(order(command, REGISTRAR) for command in admit))


def jointly_examined() -> Orders:
    """They examine it together."""
    start = c.StartJointExamination(inspection=INSPECTION, offices=(GENERAL, CHILDREN))
    return (*admitted(), order(start, REGISTRAR))


def separated() -> Orders:
    """They do not any more; the general office goes on alone."""
    leave = c.LeaveInspection(inspection=INSPECTION, reason="parties-agreed")
    return (*jointly_examined(), order(leave, REGISTRAR))


COMPLAINTS: Final[dict[str, Callable[[], Orders]]] = {
    "filed": filed,
    "registered": registered,
    "forwarded": forwarded,
    "inadmissible": inadmissible,
    "examined": examined,
    "asked": asked,
    "body asked": body_asked,
    "disputed": disputed,
    "answered": answered,
    "recommended": recommended,
    "followed up": followed_up,
    "closed": closed,
    "withdrawn": withdrawn,
    "reopened": reopened,
    "consented": consented,
    "entered": entered,
    "jointly examined": jointly_examined,
    "separated": separated,
}
"""A complaint in every named situation."""
