"""The rules: what a command does to a complaint, as pure functions.

`decide(state, order, policy)` returns the events that follow, or raises `Refused`. Time, author and
the version the sender saw come in with the order; nothing here reads a clock, draws a number at
random or looks at another complaint.
"""

from typing import assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase
from ombudslink.conditions import (
    require_custodian,
    require_eligible,
    require_fresh,
    require_insider,
    require_kept,
    require_open,
    require_own_number,
    require_service,
)
from ombudslink.deadlines import breach, extend, set_examination, warn
from ombudslink.entering import decide_joining
from ombudslink.examination import decide_examination
from ombudslink.inspection_commands import InspectionCommand
from ombudslink.offices import Policy
from ombudslink.passing import refer, send, take_over
from ombudslink.referrals import decide_referral
from ombudslink.requests import decide_request
from ombudslink.values import ReferralKind


def decide(state: Complaint, order: Order, policy: Policy) -> list[e.ComplaintEvent]:
    """The events that follow from the order.

    Raises:
        Refused: the rules do not allow it; the code says which.
    """
    command = order.command
    if isinstance(command, c.FileComplaint):
        return _file(state, command, order, policy)
    require_insider(state, order, policy)
    if isinstance(command, InspectionCommand):
        raise Refused("no_such_inspection")
    require_fresh(state, order)
    match command:
        case c.RegisterComplaint():
            return _register(state, command, order, policy)
        case c.RouteComplaint():
            return _route(state, command, order, policy)
        case c.Refer():
            require_open(state)
            return send(state, command, order, policy)
        case (
            c.ReceiveReferral()
            | c.AcceptReferral()
            | c.RejectReferral()
            | c.RedirectReferral()
            | c.RevokeReferral()
            | c.ExpireReferral()
            | c.StartReferralWork()
            | c.PauseReferral()
            | c.ResumeReferral()
            | c.RequestReturn()
            | c.AcceptReturn()
            | c.RefuseReturn()
            | c.CompleteReferral()
        ):
            return decide_referral(state, command, order, policy)
        case c.DetermineCompetence():
            return _determine(state, command, order)
        case (
            c.DecideAdmissibility()
            | c.StartExamination()
            | c.RequestClarification()
            | c.ProvideClarification()
            | c.IssueDecision()
            | c.CloseComplaint()
            | c.ReopenComplaint()
            | c.WithdrawComplaint()
        ):
            return decide_examination(state, command, order, policy)
        case (
            c.RequestInformation()
            | c.RecordInformation()
            | c.DeclareInformationOverdue()
            | c.IssueRecommendation()
            | c.RecordRecommendationAnswer()
            | c.DeclareRecommendationOverdue()
        ):
            return decide_request(state, command, order, policy)
        case c.ExtendDeadline():
            return extend(state, command, order, policy)
        case c.WarnDeadline():
            return warn(state, command, order, policy)
        case c.BreachDeadline():
            return breach(state, command, order, policy)
        case c.RecordNotice():
            return _notice(state, command, order, policy)
        case (
            c.RecordConsent()
            | c.WithdrawConsent()
            | c.EnterInspection()
            | c.AdmitInspectionParty()
            | c.ReleaseInspectionParty()
            | c.StartJointExamination()
            | c.LeaveInspection()
        ):
            return decide_joining(state, command, order, policy)
        case _:
            assert_never(command)


def _file(
    state: Complaint, command: c.FileComplaint, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_service(order, policy.intake)
    if state.phase is not Phase.NONE:
        raise Refused("already_filed")
    preferred = (command.received_by, command.addressed, *policy.fallback)
    custodian = policy.first(preferred, excluded=command.complained_office)
    return [e.ComplaintFiled(**command.model_dump(), custodian=custodian)]


def _register(
    state: Complaint, command: c.RegisterComplaint, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_custodian(state, order)
    require_open(state)
    if order.by in state.registered:
        raise Refused("already_registered")
    require_kept(state)
    require_own_number(command.number, order, policy)
    day = policy.calendar.registration_date(order.at)
    registered = e.ComplaintRegistered(office=order.by, number=command.number, date=day)
    office = policy.office(order.by)
    if state.examination is not None or office is None:
        return [registered]
    return [registered, set_examination(day, office.examination, policy)]


def _route(
    state: Complaint, command: c.RouteComplaint, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_service(order, policy.registrar)
    require_open(state)
    if state.routed or state.referrals or state.phase is not Phase.OPEN:
        raise Refused("already_routed")
    for office in (command.office, *(a.office for a in command.alternatives)):
        require_eligible(state, office, policy)
    routed = e.RoutingDecided(**command.model_dump())
    if not command.certain or command.office == state.custodian:
        return [routed]
    kind, office = ReferralKind.TRANSFER, command.office
    return [routed, refer(state, order, policy, office, kind, reason="competence")]


def _determine(
    state: Complaint, command: c.DetermineCompetence, order: Order
) -> list[e.ComplaintEvent]:
    require_open(state)
    if state.disputed_before is None:
        raise Refused("no_dispute")
    if order.by != state.disputed_before:
        raise Refused("not_arbiter", office=state.disputed_before)
    if command.office not in (order.by, state.custodian):
        raise Refused("only_self_or_custodian")
    determined = e.CompetenceDetermined(office=command.office, ground=command.ground)
    if command.office == state.custodian:
        return [determined]
    return [*take_over(state, command.office), determined]


def _notice(
    state: Complaint, command: c.RecordNotice, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    if order.by not in (policy.intake, state.custodian):
        raise Refused("not_entitled")
    if command.about > state.version:
        raise Refused("no_such_version")
    day = policy.calendar.local(order.at).date()
    return [e.ComplainantNotified(about=command.about, channel=command.channel, date=day)]
