"""What can become of a complaint and of a referral, found out by trying the rules.

Every command that could be meant, from every insider of the complaint, is tried in each situation
of `testing.builders` and in every other one that follows from them, until nothing new follows.
`pictures` writes down what was found.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from ombudslink import commands as c
from ombudslink.bodies import Requests
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase, Referral, fold
from ombudslink.decisions import decide
from ombudslink.events import Event
from ombudslink.testing.builders import (
    COMPLAINTS,
    REFERRAL_IN,
    body_asked,
    content,
    order,
    passed_on,
    recommended,
    registered,
    requested,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    GENERAL,
    INFORMATION_END,
    LEG_END,
    MONDAY,
    POLICY,
    RECOMMENDATION_END,
    REGISTRAR,
    VULNERABLE,
)
from ombudslink.testing.spec import play
from ombudslink.testing.strategies import candidates
from ombudslink.values import Clock, ReferralKind, ReferralState

Names = tuple[str, ...]
Place = tuple[str, str]
"""`COMPLAINT` or the kind of a referral, and where that stands."""
COMPLAINT: Final = "complaint"
START: Final = "[*]"
"""Where a complaint or a referral stands that is not there yet."""

_ABOUT_THE_SENDER: Final = (
    *("no_such_complaint", "not_entitled", "not_your_referral"),
    *("not_custodian", "not_arbiter"),
)
"""Codes that say who may not, in the order in which the rules find them; they hide the others."""


@dataclass(frozen=True, slots=True)
class Move:
    """From one place by a command to another one, which may be the same."""

    start: Place
    command: str
    end: Place


@dataclass(slots=True)
class Found:
    """What the rules allow, with the events that followed each time, and with what they refuse."""

    moves: defaultdict[Move, set[Names]] = field(default_factory=lambda: defaultdict(set))
    codes: defaultdict[tuple[Place, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def refused(self) -> dict[tuple[Place, str], Names]:
        """The codes of every command that is never allowed at a place."""
        allowed = {(move.start, move.command) for move in self.moves}
        return {key: _deepest(codes) for key, codes in self.codes.items() if key not in allowed}


@cache
def explore() -> Found:
    """Try everything."""
    found = Found()
    seen: set[tuple[object, ...]] = set()
    layer = list(situations())
    while layer:
        following: dict[tuple[object, ...], Complaint] = {}
        for state in layer:
            for after in _try_all(state, found):
                if _at_most_one_of_a_kind(after) and not _apart(after):
                    following.setdefault(_features(after), after)
        seen.update(_features(state) for state in layer)
        layer = [state for features, state in following.items() if features not in seen]
    return found


def situations() -> Iterator[Complaint]:
    """Where exploring begins."""
    yield Complaint()
    yield from (play(*orders()) for orders in COMPLAINTS.values())
    yield play(*registered(), order(c.RequestClarification(content=content()), GENERAL))
    # Received, and as far as it may be passed on.
    yield play(*passed_on(CHILDREN, ENTREPRENEURS, VULNERABLE)[:-1])
    reopened = (*recommended(), order(c.ReopenComplaint(ground="new-facts"), GENERAL))
    for before in (body_asked(), reopened):
        yield play(*requested(ReferralKind.TRANSFER, before=before), *_taken_over())
    for orders in REFERRAL_IN.values():
        yield from (play(*orders(kind)) for kind in ReferralKind)


def _taken_over() -> Iterator[Order]:
    yield order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN)
    yield order(c.AcceptReferral(referral=1), CHILDREN)


def note(found: Found, state: Complaint, given: Order) -> Complaint | None:
    """Try one order, note what became of it, and return the state after it if it was allowed."""
    name = type(given.command).__name__
    number = getattr(given.command, "referral", None)
    meant = [r for r in state.referrals if r.number == number and state.open]
    try:
        events = decide(state, given, POLICY)
    except Refused as refusal:
        for place in (_whole(state), *(_leg(r) for r in meant)):
            found.codes[place, name].add(refusal.code)
        return None
    after = fold(((event, given.by) for event in events), state)
    found.moves[Move(_whole(state), name, _whole(after))].add(_names(events))
    for was, now in zip(state.referrals, after.referrals, strict=False):
        if was.state is not now.state or was in meant:
            about = [event for event in events if _is_about(event, was.number)]
            found.moves[Move(_leg(was), name, _leg(now))].add(_names(about))
    for new in after.referrals[len(state.referrals) :]:
        sent = [event for event in events if _is_about(event, new.number)]
        found.moves[Move((new.kind, START), name, _leg(new))].add(_names(sent))
    return after


def _try_all(state: Complaint, found: Found) -> Iterator[Complaint]:
    for given in _orders(state):
        after = note(found, state, given)
        if after is not None:
            yield after


def _orders(state: Complaint) -> Iterator[Order]:
    """All that insiders could mean, the same about referrals that are over, and late timers."""
    insiders = {*state.parties, POLICY.intake, POLICY.registrar}
    over = [r.number for r in state.referrals if not (r.pending or r.open)]
    for given in candidates(state, MONDAY):
        if given.by not in insiders or given.based_on is not None:
            continue
        yield given
        if getattr(given.command, "referral", None) == len(state.referrals) + 1:
            for number in over:
                about = given.command.model_copy(update={"referral": number})
                yield replace(given, command=about)
    late = EXAMINATION_END
    yield order(c.WarnDeadline(clock=Clock.EXAMINATION, due=late), REGISTRAR, late)
    yield order(c.BreachDeadline(due=late), REGISTRAR, late)
    for number in range(1, len(state.referrals) + 2):
        yield order(c.ExpireReferral(referral=number, due=LEG_END), REGISTRAR, LEG_END)
    for number in range(1, len(state.requests) + 2):
        declare = c.DeclareInformationOverdue(request=number, due=INFORMATION_END)
        yield order(declare, REGISTRAR, INFORMATION_END)
    for number in range(1, len(state.recommendations) + 2):
        end = RECOMMENDATION_END
        declare_so = c.DeclareRecommendationOverdue(recommendation=number, due=end)
        yield order(declare_so, REGISTRAR, end)


def _whole(state: Complaint) -> Place:
    return COMPLAINT, START if state.phase is Phase.NONE else state.phase


def _leg(referral: Referral) -> Place:
    return referral.kind, referral.state


def _names(events: Iterable[Event]) -> Names:
    return tuple(type(event).__name__ for event in events)


def _is_about(event: Event, number: int) -> bool:
    return number == getattr(event, "referral", None) or number in getattr(event, "completes", ())


def _deepest(codes: Iterable[str]) -> Names:
    """The codes that tell most: what the place refuses, or else how far the best sender gets."""
    of_the_place = tuple(sorted({*codes} - {*_ABOUT_THE_SENDER}))
    return of_the_place or tuple(code for code in _ABOUT_THE_SENDER if code in codes)[-1:]


def _features(state: Complaint) -> tuple[object, ...]:
    """What decides where a complaint and its referrals can go from here."""
    custody = {state.disputed_before}.union(
        *({r.sender, r.receiver} for r in _unfinished(state) if r.moves_custody)
    )
    return (
        state.phase,
        state.admissible is False,
        state.disputed_before is not None,
        bool(state.consents),
        state.joint and state.joint.started,
        _waiting(state.requests),
        _waiting(state.recommendations),
        frozenset((*_leg(r), _resumes(r), r.receiver in custody) for r in _unfinished(state)),
    )


def _waiting(requests: Requests) -> frozenset[bool]:
    """What is still to be answered by bodies, and whether its time is over."""
    return frozenset(r.overdue for r in requests if not r.answered)


def _resumes(referral: Referral) -> ReferralState | None:
    asked = referral.state is ReferralState.RETURN_REQUESTED
    return referral.resumes if asked else None


def _unfinished(state: Complaint) -> list[Referral]:
    """What something can still happen to; a transfer that was passed on only waits for the end."""
    leg = state.custody_leg()
    return [r for r in state.referrals if r.pending or r.helping or r is leg]


def _apart(state: Complaint) -> bool:
    """What bodies are to answer, what becomes of referrals and joint work do not depend on each
    other."""
    waiting = {*_waiting(state.requests), *_waiting(state.recommendations)}
    joint = state.consents or state.joint
    return sum(map(bool, (waiting, _unfinished(state), joint))) > 1


def _at_most_one_of_a_kind(state: Complaint) -> bool:
    """A second unfinished referral of a kind can go where the first one can."""
    kinds = [r.kind for r in _unfinished(state)]
    return len(kinds) == len(set(kinds))
