"""What is true of every complaint, whatever offices do to it and in whatever order."""

from datetime import timedelta
from typing import Final, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from intake.reactions import TOLD
from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase, evolve, fold
from ombudslink.deadlines import timers
from ombudslink.decisions import decide
from ombudslink.rights import ContentRight, addressee, content_right, readers, recipients
from ombudslink.status import Status, public_status
from ombudslink.testing.builders import (
    COMPLAINTS,
    REFERRAL_IN,
    Orders,
    accepted,
    disputed,
    order,
    passed_on,
    return_requested,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    INTAKE,
    MONDAY,
    OFFICER,
    OFFICES,
    POLICY,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.spec import given as situation
from ombudslink.testing.spec import play, steps
from ombudslink.testing.strategies import (
    STRANGER,
    allowed_orders,
    candidates,
    filings,
    is_allowed,
    refused_orders,
)
from ombudslink.upcasts import decode
from ombudslink.values import ReferralKind, ReferralState

History = list[tuple[e.Event, str]]
SITUATIONS: Final[tuple[Orders, ...]] = (
    *(orders() for orders in COMPLAINTS.values()),
    *(orders(kind) for orders in REFERRAL_IN.values() for kind in ReferralKind),
)
"""How a life may begin; most of what can happen is near one of these."""


def moves_custody(before: Complaint, after: Complaint) -> bool:
    """Whether a complaint that had a custodian has another one."""
    return before.phase is not Phase.NONE and before.custodian != after.custodian


def outlives(command: c.Command) -> bool:
    """Whether a clock goes on when the complaint has ended: a recommendation's does."""
    return isinstance(command, c.DeclareRecommendationOverdue)


class AnyLife(RuleBasedStateMachine):
    """One complaint, to which anybody does anything; the checks run after every single event."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Complaint()
        self.history: History = []
        self.now = MONDAY

    @initialize(
        past=st.sampled_from(SITUATIONS) | st.tuples(st.builds(order, filings(), st.just(INTAKE)))
    )
    def something_has_happened(self, past: Orders) -> None:
        """A life begins with any filing, or in the middle of one of the named situations."""
        for said in past:
            self._do(said)

    @rule(data=st.data(), days=st.integers(0, 3))
    def somebody_does_something(self, data: st.DataObject, days: int) -> None:
        """An order that the rules allow is decided, twice in the same way."""
        self.now += timedelta(days=days)
        said = data.draw(allowed_orders(self.state, self.now))
        assert decide(self.state, said, POLICY) == decide(self.state, said, POLICY)
        self._do(said)

    @rule(data=st.data())
    def somebody_tries_what_is_not_allowed(self, data: st.DataObject) -> None:
        """An order that the rules refuse is refused with a code, and says nothing to outsiders."""
        refused = data.draw(refused_orders(self.state, self.now))
        with pytest.raises(Refused) as refusal:
            decide(self.state, refused, POLICY)
        insiders = {*readers(self.state), INTAKE, REGISTRAR}
        if refused.by not in insiders:
            assert refusal.value.code in ("no_such_complaint", "not_entitled")
            assert refusal.value.args_ == {}

    @precondition(lambda self: timers(self.state) != ())
    @rule()
    def the_next_clock_fires(self) -> None:
        """The registrar's clock sends the earliest timer, at its moment or as soon as it can."""
        timer = min(timers(self.state), key=lambda timer: timer.at)
        self._do(Order(timer.command, REGISTRAR, max(self.now, timer.at)))

    def _do(self, said: Order) -> None:
        self.now = max(self.now, said.at)
        events = decide(self.state, said, POLICY)
        assert events
        for event in events:
            before, self.state = self.state, evolve(self.state, event, said.by)
            self.history.append((event, said.by))
            self._check_event(before, event, said)
            self._check_state()

    def _check_event(self, before: Complaint, event: e.Event, said: Order) -> None:
        if moves_custody(before, self.state):
            assert isinstance(event, TOLD)
            assert before.custodian in readers(self.state)
        if isinstance(event, e.ReferralRejected):
            for_competence = event.suggested_office or event.suggested_body
            assert for_competence if event.reason.concerns_competence else event.remedy
        if isinstance(event, e.ReferredTo):
            assert event.sender == before.custodian != event.receiver
            assert event.hop <= POLICY.hop_limit
            back = event.kind is TRANSFER and event.receiver in before.released
            assert not back or (said.actor and event.reason)
        self._check_who_is_told(event, said)
        assert set(before.parties) <= set(self.state.parties)
        written = event.model_dump(mode="json")
        assert decode(type(event).__name__, event.version, written) == event

    def _check_who_is_told(self, event: e.Event, said: Order) -> None:
        """Offices are told all; a body what concerns it, once its custodian has addressed it."""
        told = recipients(self.state, event)
        offices, bodies = readers(self.state), {body.id for body in POLICY.bodies}
        assert offices <= told <= offices | bodies
        body = addressee(event)
        assert told - offices == ({body} if body else set())
        if body is not None:
            earlier = [past for past, _ in self.history if addressee(past) == body]
            begins = isinstance(earlier[0], e.InformationRequested | e.RecommendationIssued)
            assert begins and said.by in (self.state.custodian, REGISTRAR)

    def _check_state(self) -> None:
        state = self.state
        assert state.custodian in OFFICES
        assert state.custodian in state.parties
        moving = [r for r in state.referrals if r.moves_custody]
        assert sum(r.pending for r in moving) <= 1
        assert len(moving) <= POLICY.hop_limit
        excluded = state.complained_office
        assert excluded not in {state.custodian, *state.parties, *readers(state)}
        assert state.disputed_before is None or state.disputed_before in state.parties

    @invariant()
    def the_history_is_the_state(self) -> None:
        """Folding the whole history, or a part and then the rest, yields this very state."""
        assert fold(self.history, Complaint()) == self.state
        middle = len(self.history) // 2
        assert fold(self.history[middle:], fold(self.history[:middle], Complaint())) == self.state

    @invariant()
    def the_clock_of_the_whole_complaint_starts_once(self) -> None:
        """Whatever office registers, reopens or takes it over (invariant 7)."""
        assert sum(isinstance(event, e.DeadlineSet) for event, _ in self.history) <= 1

    @invariant()
    def at_most_one_thing_decides_about_custody(self) -> None:
        """A transfer, a return or a dispute: never two of them wait at the same time."""
        state = self.state
        waiting = sum(
            r.moves_custody and r.state is ReferralState.RETURN_REQUESTED for r in state.referrals
        )
        waiting += state.pending_transfer() is not None
        waiting += state.disputed_before is not None
        assert waiting <= 1

    @invariant()
    def nothing_waits_when_the_complaint_has_ended(self) -> None:
        """No question, no help, no clock, no dispute; and nobody helps itself."""
        state = self.state
        assert not any(r.helping and r.receiver == state.custodian for r in state.referrals)
        if not state.open:
            assert not state.clarification_open
            assert state.disputed_before is None
            assert not any(r.pending or r.helping for r in state.referrals)
            assert all(outlives(timer.command) for timer in timers(state))

    @invariant()
    def outsiders_see_nothing_and_the_complainant_sees_something_true(self) -> None:
        """Content goes to parties only, and the public status names offices that have a part."""
        for office in (*OFFICES, STRANGER):
            party = office in readers(self.state)
            assert party or content_right(self.state, office) is ContentRight.NONE
        told = public_status(self.state)
        assert set(told.offices) <= readers(self.state)
        assert (told.status is Status.CLOSED) == (self.state.phase is Phase.CLOSED)


AnyLife.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize(
    ("past", "last", "event"),
    [
        (accepted(TRANSFER)[:-1], accepted(TRANSFER)[-1], e.ReferralAccepted),
        (
            return_requested(TRANSFER),
            order(c.AcceptReturn(referral=1), GENERAL),
            e.ReferralReturned,
        ),
        (
            disputed(),
            order(c.DetermineCompetence(office=GENERAL, ground="general"), GENERAL),
            e.CompetenceDetermined,
        ),
    ],
    ids=["accepted", "returned", "determined"],
)
def test_the_complainant_is_told_of_each_way_in_which_custody_moves(
    past: Orders, last: Order, event: type[e.Event]
) -> None:
    before = play(*past)
    (step,) = steps([last], state=before)
    after = fold(((happened, last.by) for happened in step.events), before)
    assert moves_custody(before, after)
    assert [type(happened) for happened in step.events] == [event]
    assert event in TOLD


@given(said=filings())
def test_filing_always_finds_a_custodian_who_is_not_complained_of(said: c.FileComplaint) -> None:
    state = play(order(said, INTAKE))
    assert state.custodian in OFFICES
    assert state.custodian != said.complained_office


def test_beyond_the_hop_limit_the_arbiter_is_asked_unless_it_has_the_complaint() -> None:
    # given a complaint that was passed on as often as is allowed
    far = passed_on(CHILDREN, ENTREPRENEURS, VULNERABLE)
    onwards = c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence")
    complaint = situation(*far)
    # when its custodian wants to pass it on again, then the arbiter is asked, and nobody else
    asked = complaint.when(onwards, by=VULNERABLE, actor=OFFICER)
    disputed = asked.then(e.CompetenceDisputed(arbiter=GENERAL, hops=3, reason="competence"))
    # and the arbiter, once it has the complaint, keeps it
    takes = c.DetermineCompetence(office=GENERAL, ground="general")
    kept = disputed.when(takes, by=GENERAL).then(e.CompetenceDetermined)
    kept.when(onwards, by=GENERAL, actor=OFFICER).then_refused("hop_limit")


def test_the_strategies_know_an_allowed_and_a_refused_order_of_every_kind() -> None:
    can: set[type[c.Command]] = set()
    cannot: set[type[c.Command]] = set()
    for past in SITUATIONS:
        state = play(*past)
        now = max(said.at for said in past)
        for said in candidates(state, now):
            (can if is_allowed(state, said) else cannot).add(type(said.command))
    about_complaints = set(get_args(c.ComplaintCommand))
    assert can == about_complaints - {c.FileComplaint}
    assert cannot == about_complaints
