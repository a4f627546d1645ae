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
from ombudslink.offices import Policy
from ombudslink.referrals import decide_referral, refer, settle_open_referrals
from ombudslink.values import Clock, ReferralKind


def decide(state: Complaint, order: Order, policy: Policy) -> list[e.Event]:
    """The events that follow from the order.

    Raises:
        Refused: the rules do not allow it; the code says which.
    """
    if isinstance(order.command, c.FileComplaint):
        return _file(state, order.command, order, policy)
    if state.phase is Phase.NONE:
        raise Refused("no_such_complaint")
    _refuse_stale(state, order)
    match order.command:
        case c.RegisterComplaint():
            return _register(state, order.command, order, policy)
        case c.RouteComplaint():
            return _route(state, order.command, order, policy)
        case (
            c.Refer()
            | c.ReceiveReferral()
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
            return decide_referral(state, order.command, order, policy)
        case c.DetermineCompetence():
            return _determine(state, order.command, order)
        case c.DecideAdmissibility():
            return _admissibility(state, order.command, order)
        case c.StartExamination():
            return _start(state, order)
        case c.RequestClarification():
            return _ask(state, order.command, order)
        case c.ProvideClarification():
            return _clarify(state, order.command, order, policy)
        case c.ExtendDeadline():
            return _extend(state, order.command, order, policy)
        case c.WarnDeadline():
            return _warn(state, order.command, order, policy)
        case c.BreachDeadline():
            return _breach(state, order.command, order, policy)
        case c.IssueDecision():
            return _answer(state, order.command, order)
        case c.CloseComplaint():
            return _close(state, order)
        case c.ReopenComplaint():
            return _reopen(state, order.command, order)
        case c.WithdrawComplaint():
            return _withdraw(state, order.command, order, policy)
        case c.RecordNotice():
            return _notice(state, order.command, order, policy)
        case _:
            assert_never(order.command)


def _refuse_stale(state: Complaint, order: Order) -> None:
    if order.based_on is None:
        return
    author, version = state.last_spoken(other_than=order.by)
    if version > order.based_on:
        raise Refused("stale", version=version, office=author)


def _require_custodian(state: Complaint, order: Order) -> None:
    if order.by != state.custodian:
        raise Refused("not_custodian", office=state.custodian)


def _require_open(state: Complaint) -> None:
    if not state.open:
        raise Refused("complaint_not_open", phase=state.phase)


def _file(
    state: Complaint, command: c.FileComplaint, order: Order, policy: Policy
) -> list[e.Event]:
    if state.phase is not Phase.NONE:
        raise Refused("already_filed")
    if order.by != policy.intake:
        raise Refused("not_entitled")
    preferred = (command.received_by, command.addressed, *policy.fallback)
    custodian = policy.first(preferred, excluded=command.complained_office)
    return [e.ComplaintFiled(**command.model_dump(), custodian=custodian)]


def _register(
    state: Complaint, command: c.RegisterComplaint, order: Order, policy: Policy
) -> list[e.Event]:
    _require_custodian(state, order)
    _require_open(state)
    if order.by in state.registered:
        raise Refused("already_registered")
    day = policy.calendar.registration_date(order.at)
    events: list[e.Event] = [
        e.ComplaintRegistered(office=order.by, number=command.number, date=day)
    ]
    office = policy.office(order.by)
    if state.examination is None and office is not None:
        limit, calendar = office.examination, policy.calendar
        last = calendar.working_day_after(day, limit.working_days)
        warn = calendar.working_day_after(day, limit.working_days - limit.warn_before)
        events.append(
            e.DeadlineSet(
                clock=Clock.EXAMINATION,
                rule=limit.rule,
                rule_version=limit.version,
                started=day,
                warn_at=calendar.end_of(warn),
                due=calendar.end_of(last),
            )
        )
    return events


def _route(
    state: Complaint, command: c.RouteComplaint, order: Order, policy: Policy
) -> list[e.Event]:
    if order.by != policy.registrar:
        raise Refused("not_entitled")
    if state.routed or state.referrals or state.phase is not Phase.OPEN:
        raise Refused("already_routed")
    if policy.office(command.office) is None:
        raise Refused("unknown_office", office=command.office)
    if command.office == state.complained_office:
        raise Refused("office_complained_of", office=command.office)
    decided = e.RoutingDecided(**command.model_dump())
    if not command.certain or command.office == state.custodian:
        return [decided]
    return [
        decided,
        refer(state, order, policy, command.office, ReferralKind.TRANSFER, reason="competence"),
    ]


def _determine(state: Complaint, command: c.DetermineCompetence, order: Order) -> list[e.Event]:
    _require_open(state)
    if state.disputed_before is None:
        raise Refused("no_dispute")
    if order.by != state.disputed_before:
        raise Refused("not_arbiter", office=state.disputed_before)
    if command.office not in (order.by, state.custodian):
        raise Refused("only_self_or_custodian")
    return [e.CompetenceDetermined(office=command.office, ground=command.ground)]


def _admissibility(state: Complaint, command: c.DecideAdmissibility, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    _require_open(state)
    if state.pending_transfer():
        raise Refused("transfer_pending")
    if state.phase is Phase.EXAMINATION:
        raise Refused("already_examined")
    if not command.admissible and command.remedy is None:
        raise Refused("remedy_required")
    return [e.AdmissibilityDecided(**command.model_dump())]


def _start(state: Complaint, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    _require_open(state)
    if state.phase is Phase.EXAMINATION:
        raise Refused("already_examined")
    if state.pending_transfer():
        raise Refused("transfer_pending")
    if state.admissible is False:
        raise Refused("inadmissible")
    return [e.ExaminationStarted(office=order.by)]


def _ask(state: Complaint, command: c.RequestClarification, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    _require_open(state)
    if state.clarification_open:
        raise Refused("clarification_open")
    return [e.ClarificationRequested(number=state.clarifications + 1, content=command.content)]


def _clarify(
    state: Complaint, command: c.ProvideClarification, order: Order, policy: Policy
) -> list[e.Event]:
    if order.by != policy.intake:
        raise Refused("not_entitled")
    if not state.open or not state.clarification_open:
        raise Refused("no_open_question")
    return [e.ClarificationProvided(number=state.clarifications, content=command.content)]


def _extend(
    state: Complaint, command: c.ExtendDeadline, order: Order, policy: Policy
) -> list[e.Event]:
    _require_custodian(state, order)
    _require_open(state)
    deadline, calendar = state.examination, policy.calendar
    if deadline is None:
        raise Refused("no_deadline")
    if deadline.extended:
        raise Refused("already_extended")
    last = calendar.local(deadline.due).date()
    due = calendar.working_day_after(last, command.working_days)
    office = policy.office(order.by)
    before = min(office.examination.warn_before if office else 0, command.working_days - 1)
    warn = calendar.working_day_after(last, command.working_days - before)
    return [
        e.DeadlineExtended(
            clock=Clock.EXAMINATION,
            ground=command.ground,
            warn_at=calendar.end_of(warn),
            due=calendar.end_of(due),
        )
    ]


def _warn(state: Complaint, command: c.WarnDeadline, order: Order, policy: Policy) -> list[e.Event]:
    if order.by != policy.registrar:
        raise Refused("not_entitled")
    if command.clock is Clock.EXAMINATION:
        deadline = state.examination
        stands = (
            state.open
            and deadline is not None
            and deadline.due == command.due
            and not deadline.warned
            and order.at >= deadline.warn_at
        )
    else:
        referral = next((r for r in state.referrals if r.number == command.referral), None)
        stands = (
            referral is not None
            and referral.pending
            and referral.due == command.due
            and not referral.warned
            and order.at >= referral.warn_at
        )
    if not stands:
        raise Refused("deadline_does_not_stand")
    return [e.DeadlineWarned(**command.model_dump())]


def _breach(
    state: Complaint, command: c.BreachDeadline, order: Order, policy: Policy
) -> list[e.Event]:
    if order.by != policy.registrar:
        raise Refused("not_entitled")
    deadline = state.examination
    if (
        deadline is None
        or not state.open
        or deadline.breached
        or deadline.due != command.due
        or order.at < deadline.due
    ):
        raise Refused("deadline_does_not_stand")
    return [e.DeadlineBreached(clock=Clock.EXAMINATION, due=command.due)]


def _answer(state: Complaint, command: c.IssueDecision, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    if state.phase is not Phase.EXAMINATION:
        raise Refused("not_under_examination", phase=state.phase)
    if state.pending_transfer():
        raise Refused("transfer_pending")
    leg = state.custody_leg()
    if leg is not None and leg.state.value == "return_requested":
        raise Refused("return_pending")
    completes = tuple(r.number for r in state.referrals if r.moves_custody and r.open)
    return [e.DecisionIssued(office=order.by, completes=completes, **command.model_dump())]


def _close(state: Complaint, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    if state.phase is Phase.CLOSED:
        raise Refused("complaint_not_open", phase=state.phase)
    if any(r.pending or (r.open and not r.moves_custody) for r in state.referrals):
        raise Refused("referral_open")
    if state.phase is Phase.ANSWERED:
        return [e.ComplaintClosed(outcome=state.outcome or "answered")]
    if state.admissible is False:
        return [e.ComplaintClosed(outcome="inadmissible")]
    raise Refused("not_answered")


def _reopen(state: Complaint, command: c.ReopenComplaint, order: Order) -> list[e.Event]:
    _require_custodian(state, order)
    if state.open:
        raise Refused("complaint_open")
    return [e.ComplaintReopened(ground=command.ground)]


def _withdraw(
    state: Complaint, command: c.WithdrawComplaint, order: Order, policy: Policy
) -> list[e.Event]:
    if order.by not in (policy.intake, state.custodian):
        raise Refused("not_custodian", office=state.custodian)
    _require_open(state)
    return [
        *settle_open_referrals(state, reason="complaint_withdrawn"),
        e.ComplaintWithdrawn(ground=command.ground),
    ]


def _notice(
    state: Complaint, command: c.RecordNotice, order: Order, policy: Policy
) -> list[e.Event]:
    if order.by not in (policy.intake, state.custodian):
        raise Refused("not_entitled")
    if command.about > state.version:
        raise Refused("no_such_version", version=command.about)
    day = policy.calendar.local(order.at).date()
    return [e.ComplainantNotified(about=command.about, channel=command.channel, date=day)]
