"""Every referral command in every state of a referral of every kind, and who may give it."""

from datetime import date
from typing import Final

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Command
from ombudslink.complaint import Complaint
from ombudslink.testing.builders import (
    REFERRAL_IN,
    Orders,
    accepted,
    answered,
    completed,
    content,
    decision,
    disputed,
    filed,
    forwarded,
    in_progress,
    order,
    passed_on,
    received,
    rejection,
    requested,
    return_requested,
    returned,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    HELP,
    INTAKE,
    LEG_END,
    LEG_WARNING,
    MONDAY,
    OFFICER,
    OFFICES,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.spec import given, play
from ombudslink.values import ACTIVE, PENDING, ReferralKind, ReferralState, RejectionReason

REQUESTED, RECEIVED = ReferralState.REQUESTED, ReferralState.RECEIVED
ACCEPTED, IN_PROGRESS = ReferralState.ACCEPTED, ReferralState.IN_PROGRESS
ON_HOLD, RETURN_REQUESTED = ReferralState.ON_HOLD, ReferralState.RETURN_REQUESTED

COMMANDS: Final[dict[type[Command], tuple[Command, str]]] = {
    type(command): (command, by)
    for command, by in (
        (c.ReceiveReferral(referral=1, number="CHI-9"), CHILDREN),
        (c.AcceptReferral(referral=1), CHILDREN),
        (rejection(), CHILDREN),
        (c.RedirectReferral(referral=1, receiver=ENTREPRENEURS, reason="business"), CHILDREN),
        (c.RevokeReferral(referral=1, reason="sent-by-mistake"), GENERAL),
        (c.ExpireReferral(referral=1, due=LEG_END), REGISTRAR),
        (c.StartReferralWork(referral=1), CHILDREN),
        (c.PauseReferral(referral=1, reason="expert-opinion"), CHILDREN),
        (c.ResumeReferral(referral=1), CHILDREN),
        (c.RequestReturn(referral=1, reason="not-competent"), CHILDREN),
        (c.AcceptReturn(referral=1), GENERAL),
        (c.RefuseReturn(referral=1, reason="is-competent"), GENERAL),
        (c.CompleteReferral(referral=1, result="expertise-given"), CHILDREN),
    )
}
"""Each command about referral 1, given by the office that it belongs to."""

Next = tuple[type[e.Event], ...]
LEAVES: Final[dict[ReferralState, dict[type[Command], tuple[Next, ReferralState]]]] = {
    REQUESTED: {
        c.ReceiveReferral: ((e.ReferralReceived,), RECEIVED),
        c.RevokeReferral: ((e.ReferralRevoked,), ReferralState.REVOKED),
        c.ExpireReferral: ((e.ReferralExpired,), ReferralState.EXPIRED),
    },
    RECEIVED: {
        c.AcceptReferral: ((e.ReferralAccepted,), ACCEPTED),
        c.RejectReferral: ((e.ReferralRejected,), ReferralState.REJECTED),
        c.RedirectReferral: ((e.ReferralRedirected, e.ReferredTo), ReferralState.REDIRECTED),
        c.RevokeReferral: ((e.ReferralRevoked,), ReferralState.REVOKED),
        c.ExpireReferral: ((e.ReferralExpired,), ReferralState.EXPIRED),
    },
    ACCEPTED: {
        c.StartReferralWork: ((e.ReferralWorkStarted,), IN_PROGRESS),
        c.RequestReturn: ((e.ReferralReturnRequested,), RETURN_REQUESTED),
        c.CompleteReferral: ((e.ReferralCompleted,), ReferralState.COMPLETED),
    },
    IN_PROGRESS: {
        c.PauseReferral: ((e.ReferralPaused,), ON_HOLD),
        c.RequestReturn: ((e.ReferralReturnRequested,), RETURN_REQUESTED),
        c.CompleteReferral: ((e.ReferralCompleted,), ReferralState.COMPLETED),
    },
    ON_HOLD: {
        c.ResumeReferral: ((e.ReferralResumed,), IN_PROGRESS),
        c.RequestReturn: ((e.ReferralReturnRequested,), RETURN_REQUESTED),
        c.CompleteReferral: ((e.ReferralCompleted,), ReferralState.COMPLETED),
    },
    RETURN_REQUESTED: {
        c.AcceptReturn: ((e.ReferralReturned,), ReferralState.RETURNED),
        c.RefuseReturn: ((e.ReturnRefused,), ACCEPTED),
    },
}
"""The table of states and exits; a state that is not in it is final."""


def refusal(kind: ReferralKind, state: ReferralState, command: type[Command]) -> str | None:
    """The code for a command of the right office in that state, or None where it is allowed."""
    if kind is TRANSFER and state is ReferralState.COMPLETED:
        return "complaint_not_open"
    if command is c.CompleteReferral and kind is TRANSFER and state in ACTIVE:
        return "transfer_completes_by_decision"
    if command in LEAVES.get(state, {}):
        return None
    if command is c.ExpireReferral:
        return "deadline_does_not_stand"
    works = (c.StartReferralWork, c.PauseReferral, c.ResumeReferral, c.RequestReturn)
    if command in works and kind is TRANSFER and state not in (*ACTIVE, RETURN_REQUESTED):
        return "not_custodian"
    return "referral_not_in_state"


def test_the_table_speaks_of_every_referral_command_and_every_state() -> None:
    about_one = {
        cls
        for cls in c.COMMANDS.values()
        if "referral" in cls.model_fields and cls.model_fields["referral"].is_required()
    }
    assert set(COMMANDS) == about_one
    assert set(REFERRAL_IN) == set(ReferralState)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("state", REFERRAL_IN, ids=str)
@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_a_referral_leaves_its_state_by_the_stated_exits_and_by_no_other(
    kind: ReferralKind, state: ReferralState, command: type[Command]
) -> None:
    said, by = COMMANDS[command]
    complaint = given(*REFERRAL_IN[state](kind))
    assert complaint.state.referrals[0].state is state
    happens = complaint.when(said, by=by, at=LEG_END)
    code = refusal(kind, state, command)
    if code is not None:
        happens.then_refused(code)
        return
    events, leads_to = LEAVES[state][command]
    after = happens.then(*events)
    assert after.state.referrals[0].state is leads_to


@pytest.mark.parametrize("command", COMMANDS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("state", LEAVES, ids=str)
@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_a_command_about_a_referral_belongs_to_one_office(
    kind: ReferralKind, state: ReferralState, command: type[Command]
) -> None:
    said, owner = COMMANDS[command]
    complaint = given(*REFERRAL_IN[state](kind))
    for other in {GENERAL, CHILDREN, INTAKE, REGISTRAR} - {owner}:
        code = "not_entitled" if command is c.ExpireReferral else "not_your_referral"
        complaint.when(said, by=other, at=LEG_END).then_refused(code)
    complaint.when(said, by=VULNERABLE, at=LEG_END).then_refused("no_such_complaint")


@pytest.mark.parametrize("number", [0, 2, 9])
def test_a_referral_that_does_not_exist_is_refused(number: int) -> None:
    given(*requested(HELP)).when(
        c.ReceiveReferral.model_construct(referral=number, number="CHI-1"), by=CHILDREN
    ).then_refused("no_such_referral")


@pytest.mark.parametrize(
    ("kind", "custodian"), [(TRANSFER, CHILDREN), (HELP, GENERAL)], ids=["transfer", "referral"]
)
def test_acceptance_moves_custody_for_a_transfer_only(kind: ReferralKind, custodian: str) -> None:
    before = given(*received(kind))
    assert before.state.custodian == GENERAL
    after = before.when(c.AcceptReferral(referral=1), by=CHILDREN).then(
        e.ReferralAccepted(referral=1, custodian=custodian)
    )
    assert after.state.custodian == custodian


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_a_return_needs_the_senders_word_and_brings_custody_back(kind: ReferralKind) -> None:
    asked = given(*return_requested(kind))
    assert asked.state.custodian == (CHILDREN if kind is TRANSFER else GENERAL)
    after = asked.when(c.AcceptReturn(referral=1), by=GENERAL).then(
        e.ReferralReturned(referral=1, custodian=GENERAL, reason="agreed")
    )
    assert after.state.custodian == GENERAL


@pytest.mark.parametrize("state", [ACCEPTED, IN_PROGRESS, ON_HOLD], ids=str)
@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_a_refused_return_goes_back_to_the_state_before(
    kind: ReferralKind, state: ReferralState
) -> None:
    before = REFERRAL_IN[state](kind)
    asked = given(*return_requested(kind, before))
    refused = asked.when(c.RefuseReturn(referral=1, reason="is-competent"), by=GENERAL)
    assert refused.then(e.ReturnRefused).state.referrals[0].state is state


def test_a_redirect_ends_one_referral_and_opens_the_next_from_the_custodian() -> None:
    redirect = c.RedirectReferral(referral=1, receiver=VULNERABLE, reason="disability")
    after = given(*received(TRANSFER)).when(redirect, by=CHILDREN)
    state = after.then(
        e.ReferralRedirected(referral=1, next=2, reason="disability"),
        e.ReferredTo(
            referral=2,
            kind=TRANSFER,
            sender=GENERAL,
            receiver=VULNERABLE,
            reason="disability",
            caused_by=1,
            hop=2,
            rule="leg",
            rule_version=2,
            warn_at=LEG_WARNING,
            answer_due=LEG_END,
        ),
    ).state
    assert state.custodian == GENERAL
    assert state.hops == 2


@pytest.mark.parametrize(
    ("receiver", "code"),
    [(CHILDREN, "redirect_to_self"), (GENERAL, "already_custodian"), ("nobody", "unknown_office")],
)
def test_a_redirect_names_a_third_office(receiver: str, code: str) -> None:
    redirect = c.RedirectReferral(referral=1, receiver=receiver, reason="disability")
    for kind in ReferralKind:
        given(*received(kind)).when(redirect, by=CHILDREN).then_refused(code)


def test_a_rejection_for_competence_names_the_right_body() -> None:
    for reason in RejectionReason:
        bare = c.RejectReferral(referral=1, reason=reason)
        code = "suggestion_required" if reason.concerns_competence else "remedy_required"
        given(*received(TRANSFER)).when(bare, by=CHILDREN).then_refused(code)


@pytest.mark.parametrize(
    "named",
    [{"suggested_office": VULNERABLE}, {"suggested_body": "akimat"}],
    ids=["office", "body"],
)
def test_a_rejection_for_competence_needs_an_office_or_another_body(named: dict[str, str]) -> None:
    reason = RejectionReason.REGION_NOT_COMPETENT
    reject = c.RejectReferral.model_validate({"referral": 1, "reason": reason, **named})
    given(*received(HELP)).when(reject, by=CHILDREN).then(e.ReferralRejected)


def test_another_rejection_names_the_remedy() -> None:
    reject = c.RejectReferral(referral=1, reason=RejectionReason.BEFORE_COURT, remedy="court")
    given(*received(TRANSFER)).when(reject, by=CHILDREN).then(
        e.ReferralRejected(referral=1, reason=RejectionReason.BEFORE_COURT, remedy="court")
    )


def test_a_rejection_suggests_a_known_office_and_never_the_one_complained_of() -> None:
    orders = requested(TRANSFER, before=filed(complained_office=VULNERABLE))
    receive = order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN)
    for suggested, code in ((VULNERABLE, "office_complained_of"), ("nobody", "unknown_office")):
        reject = rejection().model_copy(update={"suggested_office": suggested})
        given(*orders, receive).when(reject, by=CHILDREN).then_refused(code)


def test_an_office_that_rejects_does_not_suggest_itself() -> None:
    reject = rejection().model_copy(update={"suggested_office": CHILDREN})
    given(*received(TRANSFER)).when(reject, by=CHILDREN).then_refused("suggests_itself")


def refer(kind: ReferralKind, to: str) -> c.Refer:
    """Ask that office."""
    return c.Refer(kind=kind, receiver=to, reason="competence")


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_only_the_custodian_asks_and_it_asks_a_known_other_office(kind: ReferralKind) -> None:
    complaint = given(*accepted(HELP))
    complaint.when(refer(kind, VULNERABLE), by=CHILDREN).then_refused("not_custodian")
    complaint.when(refer(kind, GENERAL), by=GENERAL).then_refused("already_custodian")
    complaint.when(refer(kind, "nobody"), by=GENERAL).then_refused("unknown_office")


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_the_office_complained_of_is_never_asked(kind: ReferralKind) -> None:
    about = given(*filed(complained_office=CHILDREN))
    about.when(refer(kind, CHILDREN), by=GENERAL).then_refused("office_complained_of")


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
def test_while_a_transfer_is_pending_nobody_else_is_asked(kind: ReferralKind) -> None:
    pending = given(*requested(TRANSFER))
    pending.when(refer(kind, VULNERABLE), by=GENERAL).then_refused("transfer_pending")


def test_a_transfer_is_asked_for_beside_help_that_is_being_given() -> None:
    given(*in_progress(HELP)).when(refer(TRANSFER, VULNERABLE), by=GENERAL).then(e.ReferredTo)


def test_nobody_is_asked_for_help_before_it_is_settled_whose_the_complaint_is() -> None:
    ask = refer(HELP, VULNERABLE)
    given(*filed()).when(ask, by=GENERAL).then_refused("not_routed")
    given(*forwarded()).when(ask, by=GENERAL).then_refused("transfer_pending")
    given(*disputed()).when(refer(HELP, CHILDREN), by=VULNERABLE).then_refused(
        "competence_disputed"
    )
    given(*return_requested(TRANSFER)).when(ask, by=CHILDREN).then_refused("return_pending")


def test_a_custodian_registers_what_it_keeps_even_when_it_wants_to_give_it_back() -> None:
    register = c.RegisterComplaint(number="CHI-2")
    given(*filed()).when(register, by=GENERAL).then_refused("not_routed")
    given(*forwarded()).when(register, by=GENERAL).then_refused("transfer_pending")
    given(*disputed()).when(register, by=VULNERABLE).then_refused("competence_disputed")
    given(*return_requested(TRANSFER)).when(register, by=CHILDREN).then(e.ComplaintRegistered)


@pytest.mark.parametrize("number", ["GEN-1", "CHIEF-1", "CHI", "CHI1", "900101300123"])
def test_a_registration_number_begins_with_the_offices_own_prefix(number: str) -> None:
    receive = c.ReceiveReferral(referral=1, number=number)
    given(*requested(TRANSFER)).when(receive, by=CHILDREN).then_refused("foreign_number")
    register = c.RegisterComplaint(number=number)
    given(*accepted(TRANSFER)).when(register, by=CHILDREN).then_refused("foreign_number")


@pytest.mark.parametrize("state", LEAVES, ids=str)
def test_an_office_is_asked_for_help_once_at_a_time(state: ReferralState) -> None:
    asked = given(*REFERRAL_IN[state](HELP))
    asked.when(refer(HELP, CHILDREN), by=GENERAL).then_refused("already_asked")


def test_an_office_that_helped_may_be_asked_again() -> None:
    given(*completed(HELP)).when(refer(HELP, CHILDREN), by=GENERAL).then(e.ReferredTo)


def test_a_custodian_that_asked_to_give_it_back_waits_for_the_answer() -> None:
    waiting = given(*return_requested(TRANSFER))
    waiting.when(refer(TRANSFER, VULNERABLE), by=CHILDREN).then_refused("return_pending")


def test_a_custodian_with_a_pending_transfer_does_not_ask_to_give_it_back() -> None:
    onwards = order(refer(TRANSFER, VULNERABLE), CHILDREN)
    back = c.RequestReturn(referral=1, reason="not-competent")
    given(*accepted(TRANSFER), onwards).when(back, by=CHILDREN).then_refused("transfer_pending")


def test_nobody_gives_back_what_the_arbiter_has_to_decide_about() -> None:
    back = c.RequestReturn(referral=3, reason="not-competent")
    before_the_arbiter = given(*disputed())
    before_the_arbiter.when(back, by=VULNERABLE).then_refused("competence_disputed")
    keep = c.DetermineCompetence(office=VULNERABLE, ground="general")
    kept = before_the_arbiter.when(keep, by=GENERAL).then(e.CompetenceDetermined)
    kept.when(back, by=VULNERABLE).then(e.ReferralReturnRequested)


def test_an_office_that_becomes_custodian_is_not_asked_for_help_any_more() -> None:
    # given that the children's office was asked for help and for taking the complaint over
    take = order(c.ReceiveReferral(referral=2, number="CHI-2"), CHILDREN)
    asked = given(*requested(HELP), order(refer(TRANSFER, CHILDREN), GENERAL), take)
    taken = asked.when(c.AcceptReferral(referral=2), by=CHILDREN)
    taken.then(
        e.ReferralRevoked(referral=1, reason="became_custodian"),
        e.ReferralAccepted(referral=2, custodian=CHILDREN),
    )
    # and the same for an office that takes it back while it is helping
    helping = (
        *accepted(TRANSFER),
        order(refer(HELP, GENERAL), CHILDREN),
        order(c.ReceiveReferral(referral=2, number="GEN-2"), GENERAL),
        order(c.AcceptReferral(referral=2), GENERAL),
    )
    back = given(*return_requested(TRANSFER, helping)).when(c.AcceptReturn(referral=1), by=GENERAL)
    back.then(
        e.ReferralReturned(referral=2, custodian=CHILDREN, reason="became_custodian"),
        e.ReferralReturned(referral=1, custodian=GENERAL, reason="agreed"),
    )


def test_an_office_gives_back_only_the_leg_by_which_it_holds_the_complaint() -> None:
    moved_on = given(*passed_on(CHILDREN, VULNERABLE))
    back = c.RequestReturn(referral=1, reason="not-competent")
    moved_on.when(back, by=CHILDREN).then_refused("not_custodian")
    last = c.RequestReturn(referral=2, reason="not-competent")
    asked = moved_on.when(last, by=VULNERABLE).then(e.ReferralReturnRequested)
    home = asked.when(c.AcceptReturn(referral=2), by=CHILDREN).then(e.ReferralReturned)
    assert home.state.custodian == CHILDREN
    home.when(back, by=CHILDREN).then(e.ReferralReturnRequested)


@pytest.mark.parametrize(
    "orders", [returned(TRANSFER), passed_on(CHILDREN)], ids=["sent-again", "sent-back"]
)
def test_sending_it_where_it_was_given_up_needs_an_officer(orders: Orders) -> None:
    complaint = given(*orders)
    here = complaint.state.custodian
    there = CHILDREN if here == GENERAL else GENERAL
    complaint.when(refer(TRANSFER, there), by=here).then_refused("officer_required")
    complaint.when(refer(TRANSFER, there), by=here, actor=OFFICER).then(e.ReferredTo)
    complaint.when(refer(HELP, there), by=here).then(e.ReferredTo)


def test_help_is_settled_by_the_office_that_has_custody_now() -> None:
    # given help that the general office asked for, before the complaint moved to the children's
    moved = given(
        *requested(HELP, to=VULNERABLE),
        order(c.ReceiveReferral(referral=1, number="VUL-1"), VULNERABLE),
        order(refer(TRANSFER, CHILDREN), GENERAL),
        order(c.ReceiveReferral(referral=2, number="CHI-1"), CHILDREN),
        order(c.AcceptReferral(referral=2), CHILDREN),
    )
    # then its new custodian, and nobody else, takes the question back
    revoke = c.RevokeReferral(referral=1, reason="not-needed")
    moved.when(revoke, by=GENERAL).then_refused("not_your_referral")
    moved.when(revoke, by=CHILDREN).then(e.ReferralRevoked)
    # and agrees that the helper stops
    helping = moved.when(c.AcceptReferral(referral=1), by=VULNERABLE).then(e.ReferralAccepted)
    stop = c.RequestReturn(referral=1, reason="no-capacity")
    asked = helping.when(stop, by=VULNERABLE).then(e.ReferralReturnRequested)
    asked.when(c.AcceptReturn(referral=1), by=GENERAL).then_refused("not_your_referral")
    asked.when(c.AcceptReturn(referral=1), by=CHILDREN).then(
        e.ReferralReturned(referral=1, custodian=CHILDREN, reason="agreed")
    )


def test_the_result_of_help_comes_back_with_its_content() -> None:
    complete = c.CompleteReferral(referral=1, result="expertise-given", content=content(7))
    given(*in_progress(HELP)).when(complete, by=CHILDREN).then(
        e.ReferralCompleted(referral=1, result="expertise-given", content=content(7))
    )


def test_a_decision_completes_every_transfer_on_its_way() -> None:
    orders = passed_on(CHILDREN, VULNERABLE)
    examining = given(*orders, order(c.StartExamination(), VULNERABLE))
    state = (
        examining.when(decision(), by=VULNERABLE)
        .then(
            e.DecisionIssued(
                office=VULNERABLE,
                outcome="well-founded",
                remedy="court",
                content=content(3),
                completes=(1, 2),
            )
        )
        .state
    )
    assert {r.state for r in state.referrals} == {ReferralState.COMPLETED}


def test_a_decision_ends_the_help_that_is_still_open() -> None:
    start = order(c.StartExamination(), GENERAL)
    for state in (*PENDING, *ACTIVE, RETURN_REQUESTED):
        helped = given(*REFERRAL_IN[state](HELP), start)
        ended = e.ReferralRevoked if state in PENDING else e.ReferralReturned
        after = helped.when(decision(), by=GENERAL).then(ended, e.DecisionIssued)
        after.when(c.CloseComplaint(), by=GENERAL).then(e.ComplaintClosed)


def test_registration_of_a_referral_follows_the_registers_hours() -> None:
    late = c.ReceiveReferral(referral=1, number="CHI-1")
    given(*requested(HELP)).when(late, by=CHILDREN, at=LEG_END).then(
        e.ReferralReceived(referral=1, number="CHI-1", date=date(2026, 3, 6))
    )


@pytest.mark.parametrize("said", COMMANDS.values(), ids=lambda pair: type(pair[0]).__name__)
def test_nothing_happens_to_referrals_of_an_answered_complaint(said: tuple[Command, str]) -> None:
    command, by = said
    complaint = given(*answered())
    if by == CHILDREN:
        complaint.when(command, by=by).then_refused("no_such_complaint")
    else:
        complaint.when(command, by=by).then_refused("complaint_not_open")


def test_referrals_are_numbered_in_the_order_of_sending() -> None:
    state: Complaint = play(*requested(HELP), order(refer(TRANSFER, VULNERABLE), GENERAL, MONDAY))
    assert [r.number for r in state.referrals] == [1, 2]
    assert state.parties == (GENERAL, CHILDREN, VULNERABLE)
    assert set(state.parties) < set(OFFICES)
