"""The legal clocks of a complaint: which stand, the commands that fire them, and more time."""

from dataclasses import dataclass
from datetime import date, datetime

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.bodies import Request
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint, Referral
from ombudslink.conditions import require_custodian, require_open, require_service
from ombudslink.offices import Limit, Policy
from ombudslink.values import Clock


@dataclass(frozen=True, slots=True)
class Timer:
    """A command to be sent once the log's time has reached `at`."""

    name: str
    at: datetime
    command: Command


def timers(state: Complaint) -> tuple[Timer, ...]:
    """Every timer that stands. Firing one twice, or late, is harmless: the decision checks it.

    When the complaint ends, only the recommendations keep theirs.
    """
    standing = [_of_recommendation(r) for r in state.recommendations if r.waits]
    if not state.open:
        return tuple(standing)
    standing += [timer for r in state.referrals if r.pending for timer in _of_referral(r)]
    standing += [_of_request(r) for r in state.requests if r.waits]
    clock = state.running_clock
    if clock is not None and not clock.warned:
        warn = c.WarnDeadline(clock=Clock.EXAMINATION, due=clock.due)
        standing.append(Timer("warn-examination", clock.warn_at, warn))
    if clock is not None and not clock.breached:
        breach = c.BreachDeadline(due=clock.due)
        standing.append(Timer("breach-examination", clock.due, breach))
    return tuple(standing)


def _of_referral(referral: Referral) -> list[Timer]:
    expire = c.ExpireReferral(referral=referral.number, due=referral.due)
    found = [Timer(f"expire-{referral.number}", referral.due, expire)]
    if not referral.warned:
        warn = c.WarnDeadline(clock=Clock.LEG, referral=referral.number, due=referral.due)
        found.append(Timer(f"warn-{referral.number}", referral.warn_at, warn))
    return found


def _of_request(request: Request) -> Timer:
    declare = c.DeclareInformationOverdue(request=request.number, due=request.due)
    return Timer(f"information-{request.number}", request.due, declare)


def _of_recommendation(request: Request) -> Timer:
    declare = c.DeclareRecommendationOverdue(recommendation=request.number, due=request.due)
    return Timer(f"recommendation-{request.number}", request.due, declare)


def require_due(state: Complaint, command: Command, at: datetime) -> None:
    """The timer that sends this command stands, and its moment has come."""
    if not any(timer.command == command and timer.at <= at for timer in timers(state)):
        raise Refused("deadline_does_not_stand")


def set_examination(day: date, limit: Limit, policy: Policy) -> e.DeadlineSet:
    """The clock of the whole complaint, from the day of its first registration."""
    warn_at, due = policy.ends(limit, day)
    return e.DeadlineSet(
        clock=Clock.EXAMINATION,
        rule=limit.rule,
        rule_version=limit.version,
        started=day,
        warn_at=warn_at,
        due=due,
    )


def warn(
    state: Complaint, command: c.WarnDeadline, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """A clock is about to run out."""
    require_service(order, policy.registrar)
    require_due(state, command, order.at)
    return [e.DeadlineWarned(**command.model_dump())]


def breach(
    state: Complaint, command: c.BreachDeadline, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The clock of the whole complaint has run out."""
    require_service(order, policy.registrar)
    require_due(state, command, order.at)
    return [e.DeadlineBreached(clock=Clock.EXAMINATION, due=command.due)]


def extend(
    state: Complaint, command: c.ExtendDeadline, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The custodian takes more time, once and before the time is over."""
    require_custodian(state, order)
    require_open(state)
    deadline, calendar = state.examination, policy.calendar
    if state.admissible is False:
        raise Refused("inadmissible")
    if deadline is None:
        raise Refused("no_deadline")
    if deadline.extended:
        raise Refused("already_extended")
    if deadline.breached or order.at > deadline.due:
        raise Refused("deadline_does_not_stand")
    office = policy.office(order.by)
    before = min(office.examination.warn_before if office else 0, command.working_days - 1)
    last = calendar.local(deadline.due).date()
    warn_on = calendar.working_day_after(last, command.working_days - before)
    due_on = calendar.working_day_after(last, command.working_days)
    return [
        e.DeadlineExtended(
            clock=Clock.EXAMINATION,
            ground=command.ground,
            warn_at=calendar.end_of(warn_on),
            due=calendar.end_of(due_on),
        )
    ]
