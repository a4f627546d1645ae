"""Orders for a complaint in any state, allowed and refused ones, for property tests."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ombudslink import commands as c
from ombudslink.bodies import Requests
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.deadlines import timers
from ombudslink.decisions import decide
from ombudslink.entering import JOINT_INSPECTION
from ombudslink.offices import Policy
from ombudslink.testing.builders import INSPECTION, content, decision, filing
from ombudslink.testing.country import MONDAY, OFFICER, POLICY, number_in
from ombudslink.values import Channel, Clock, ParticipantId, ReferralKind, RejectionReason

STRANGER: Final = "stranger"
"""A participant that is no office, and an office that nobody configured."""
ANOTHER: Final = "10000000-0000-4000-8000-000000000002"
"""An inspection that the complaint takes no part in."""
_RARE: Final = {
    *("WithdrawComplaint", "CloseComplaint", "IssueDecision", "RevokeReferral"),
    *("RecordNotice", "WarnDeadline", "ExpireReferral"),
    *("RequestInformation", "IssueRecommendation", "DeclareInformationOverdue"),
    *("WithdrawConsent", "LeaveInspection", "ReleaseInspectionParty"),
}
_TIMERS: Final = (
    *(c.WarnDeadline, c.BreachDeadline, c.ExpireReferral),
    *(c.DeclareInformationOverdue, c.DeclareRecommendationOverdue),
)
_MOST_REQUESTS: Final = 3
_EARLY: Final = MONDAY
"""A moment at which no body has to have answered."""
_SEEDS: Final = st.integers(0, 2**32)


def filings(policy: Policy = POLICY) -> SearchStrategy[c.FileComplaint]:
    """Complaints that are received by, addressed to and about any office or none."""
    anybody = st.sampled_from([None, STRANGER, *(office.id for office in policy.offices)])
    return st.builds(
        lambda received_by, addressed, about: filing(
            received_by=received_by, addressed=addressed, complained_office=about
        ),
        anybody,
        anybody,
        anybody,
    )


def allowed_orders(
    state: Complaint, at: datetime, policy: Policy = POLICY
) -> SearchStrategy[Order]:
    """Orders that the rules allow in this state; a filed complaint always has one."""
    return _SEEDS.map(lambda seed: _pick(state, at, policy, seed, allowed=True))


def refused_orders(
    state: Complaint, at: datetime, policy: Policy = POLICY
) -> SearchStrategy[Order]:
    """Orders that the rules refuse: by others, out of turn, too early, about what is not there."""
    return _SEEDS.map(lambda seed: _pick(state, at, policy, seed, allowed=False))


def is_allowed(state: Complaint, order: Order, policy: Policy = POLICY) -> bool:
    """Whether the rules allow an order in this state."""
    try:
        decide(state, order, policy)
    except Refused:
        return False
    return True


def candidates(state: Complaint, at: datetime, policy: Policy = POLICY) -> Iterator[Order]:
    """Every command that could be meant in this state, from everybody who could send it."""
    for command in _commands(state, policy):
        yield from _orders(state, command, at, policy)


def _commands(state: Complaint, policy: Policy) -> Iterator[Command]:
    yield from (timer.command for timer in timers(state))
    yield from _about_the_whole(state)
    yield from _jointly(state, [office.id for office in policy.offices])
    yield from _passing_on(state, [office.id for office in policy.offices])
    yield from _about_each(state)
    yield from _to_bodies(state, [body.id for body in policy.bodies])


def _orders(state: Complaint, command: Command, at: datetime, policy: Policy) -> Iterator[Order]:
    bodies = [body.id for body in policy.bodies]
    for by in (*(office.id for office in policy.offices), *bodies, policy.intake, STRANGER):
        yield Order(command, by, at)
        if isinstance(command, c.Refer | c.RedirectReferral):
            yield Order(command, by, at, actor=OFFICER)
    yield Order(command, policy.registrar, at)
    if isinstance(command, _TIMERS):
        yield Order(command, policy.registrar, max(at, command.due))
    yield Order(command, state.custodian or policy.intake, at, based_on=state.version // 2)


def _about_the_whole(state: Complaint) -> Iterator[Command]:
    yield filing()
    yield c.RegisterComplaint(number=number_in(state.custodian, state.version))
    yield c.DecideAdmissibility(admissible=True, ground="in-time")
    yield c.DecideAdmissibility(admissible=False, ground="before-court", remedy="court")
    yield c.DecideAdmissibility(admissible=False, ground="before-court")
    yield c.StartExamination()
    yield c.RequestClarification(content=content(state.version + 10))
    yield c.ProvideClarification(content=content(state.version + 11))
    yield c.ExtendDeadline(working_days=10, ground="complex")
    yield decision()
    yield c.CloseComplaint()
    yield c.ReopenComplaint(ground="new-facts")
    yield c.WithdrawComplaint(ground="own-wish")
    yield c.RecordNotice(about=max(1, state.version), channel=Channel.PORTAL)
    yield c.RecordNotice(about=state.version + 1, channel=Channel.PORTAL)
    if state.examination is not None:
        early = state.examination.warn_at
        yield c.WarnDeadline(clock=Clock.EXAMINATION, due=early)
        yield c.BreachDeadline(due=early)


def _jointly(state: Complaint, offices: list[ParticipantId]) -> Iterator[Command]:
    """Consent, and what the registrar says of the inspection that it takes part in or another."""
    yield c.RecordConsent(purpose=JOINT_INSPECTION, channel=Channel.PORTAL)
    yield c.WithdrawConsent(purpose=JOINT_INSPECTION)
    inspection = state.joint.inspection if state.joint else INSPECTION
    for office in offices:
        yield c.EnterInspection(inspection=inspection, lead=office)
        yield c.AdmitInspectionParty(inspection=inspection, office=office)
        yield c.ReleaseInspectionParty(inspection=inspection, office=office)
        yield c.StartJointExamination(inspection=inspection, offices=(office,))
    for said in (inspection, ANOTHER):
        yield c.LeaveInspection(inspection=said, reason="separated")


def _passing_on(state: Complaint, offices: list[ParticipantId]) -> Iterator[Command]:
    routed = {"rule": "rule", "rule_version": 1, "legal_basis": "basis"}
    for office in (*offices, STRANGER):
        yield c.RouteComplaint(office=office, certain=True, **routed)
        yield c.RouteComplaint(office=office, certain=False, **routed)
        yield c.DetermineCompetence(office=office, ground="general")
        for kind in ReferralKind:
            yield c.Refer(kind=kind, receiver=office, reason="competence")
        for number in _numbers(state):
            yield c.RedirectReferral(referral=number, receiver=office, reason="competence")


def _about_each(state: Complaint) -> Iterator[Command]:
    for number in _numbers(state):
        receiver = next((r.receiver for r in state.referrals if r.number == number), STRANGER)
        yield c.ReceiveReferral(referral=number, number=number_in(receiver, number))
        yield c.AcceptReferral(referral=number)
        court, subject = RejectionReason.BEFORE_COURT, RejectionReason.SUBJECT_NOT_COMPETENT
        for reason in (court, subject):
            yield c.RejectReferral(referral=number, reason=reason)
            yield c.RejectReferral(referral=number, reason=reason, suggested_office=STRANGER)
        yield c.RejectReferral(referral=number, reason=court, remedy="court")
        yield c.RejectReferral(referral=number, reason=subject, suggested_body="akimat")
        yield c.RevokeReferral(referral=number, reason="sent-by-mistake")
        yield c.StartReferralWork(referral=number)
        yield c.PauseReferral(referral=number, reason="expert-opinion")
        yield c.ResumeReferral(referral=number)
        yield c.RequestReturn(referral=number, reason="not-competent")
        yield c.AcceptReturn(referral=number)
        yield c.RefuseReturn(referral=number, reason="is-competent")
        yield c.CompleteReferral(referral=number, result="expertise-given")


def _to_bodies(state: Complaint, bodies: list[ParticipantId]) -> Iterator[Command]:
    """What bodies are sent; a state in which much waits for them has enough of that."""
    for body in (*bodies, STRANGER):
        if len(state.requests) < _MOST_REQUESTS:
            yield c.RequestInformation(addressee=body, content=content(state.version + 12))
        if len(state.recommendations) < _MOST_REQUESTS:
            yield c.IssueRecommendation(addressee=body, content=content(state.version + 13))
    for number in _unanswered(state.requests):
        yield c.RecordInformation(request=number, content=content(state.version + 14))
        yield c.DeclareInformationOverdue(request=number, due=_EARLY)
    for number in _unanswered(state.recommendations):
        yield c.RecordRecommendationAnswer(recommendation=number, answer="accepted")
        yield c.DeclareRecommendationOverdue(recommendation=number, due=_EARLY)


def _unanswered(requests: Requests) -> list[int]:
    """Those that still can be answered, the last one, and one that is not there."""
    waiting = [r.number for r in requests if not r.answered]
    return sorted({*waiting, len(requests), len(requests) + 1})


def _numbers(state: Complaint) -> list[int]:
    """The referrals that something can still happen to, the last one, and one that is not there."""
    unfinished = [r.number for r in state.referrals if r.pending or r.open]
    return sorted({*unfinished, len(state.referrals), len(state.referrals) + 1})


def _pick(state: Complaint, at: datetime, policy: Policy, seed: int, *, allowed: bool) -> Order:
    """A kind of command, then any order of that kind; what only ends or notes things is rarer.

    Drawing from the lists themselves would prefer their beginnings, and no life would get far.
    """
    draw = random.Random(f"{seed} {state.version}")
    by_kind: dict[str, list[Command]] = defaultdict(list)
    for command in _commands(state, policy):
        by_kind[type(command).__name__].append(command)
    weight = {kind: draw.random() * (0.6 if kind in _RARE else 1) for kind in sorted(by_kind)}
    for kind in sorted(weight, key=lambda kind: -weight[kind]):
        orders = [o for command in by_kind[kind] for o in _orders(state, command, at, policy)]
        for order in draw.sample(orders, len(orders)):
            if is_allowed(state, order, policy) is allowed:
                return order
    raise LookupError("nothing of that sort can happen in this state")
