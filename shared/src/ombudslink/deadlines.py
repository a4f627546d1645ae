"""Which legal clocks stand in a complaint, and the command that fires each of them."""

from dataclasses import dataclass
from datetime import datetime

from ombudslink.commands import BreachDeadline, Command, ExpireReferral, WarnDeadline
from ombudslink.complaint import Complaint, Referral
from ombudslink.values import Clock


@dataclass(frozen=True, slots=True)
class Timer:
    """A command to be sent once the log's time has reached `at`."""

    name: str
    at: datetime
    command: Command


def timers(state: Complaint) -> tuple[Timer, ...]:
    """Every timer that stands. Firing one twice, or late, is harmless: the decision checks it."""
    if not state.open:
        return ()
    standing = [timer for r in state.referrals if r.pending for timer in _of_referral(r)]
    clock = state.examination
    if clock is not None and not clock.warned:
        warn = WarnDeadline(clock=Clock.EXAMINATION, due=clock.due)
        standing.append(Timer("warn-examination", clock.warn_at, warn))
    if clock is not None and not clock.breached:
        breach = BreachDeadline(due=clock.due)
        standing.append(Timer("breach-examination", clock.due, breach))
    return tuple(standing)


def _of_referral(referral: Referral) -> list[Timer]:
    expire = ExpireReferral(referral=referral.number, due=referral.due)
    found = [Timer(f"expire-{referral.number}", referral.due, expire)]
    if not referral.warned:
        warn = WarnDeadline(clock=Clock.LEG, referral=referral.number, due=referral.due)
        found.append(Timer(f"warn-{referral.number}", referral.warn_at, warn))
    return found
