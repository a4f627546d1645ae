"""What the complainant is told: every situation in words, and each hop with its reason and end."""

from collections.abc import Sequence

import pytest

from intake.contents import Said
from intake.reader import Reader
from intake.status import StatusView, tell
from intake.way import Turn
from ombudslink import commands as c
from ombudslink.complaint import Complaint, fold
from ombudslink.offices import LANGUAGES
from ombudslink.status import Status
from ombudslink.store.vault import Item
from ombudslink.testing import builders as b
from ombudslink.testing.builders import Orders, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    GENERAL,
    HELP,
    INFORMATION_END,
    INTAKE,
    LEG_END,
    MINISTRY,
    MONDAY,
    POLICY,
    RECOMMENDATION_END,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.histories import told
from ombudslink.testing.words import VOCABULARY
from ombudslink.values import ReferralKind, ReferralState, RejectionReason
from ombudslink.web.phrases import groups

REFERENCE = "0000-0000-0000"


def seen(orders: Orders, language: str = "en", said: Sequence[Said] = ()) -> StatusView:
    """What is shown after those orders."""
    history = [one.envelope for one in told(orders)]
    state = fold(((one.event, one.author) for one in history), Complaint())
    reader = Reader(POLICY, VOCABULARY, language)
    return tell(REFERENCE, MONDAY, history, state, said, reader)


def turns(orders: Orders) -> list[tuple[Turn, str | None]]:
    """The turning points and their grounds."""
    return [(one.turn, one.ground) for one in seen(orders).turns]


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_registrar_has_decided_anything_it_is_filed(language: str) -> None:
    view = tell(REFERENCE, MONDAY, [], Complaint(), [], Reader(POLICY, VOCABULARY, language))
    assert (view.version, view.status, view.filed) == (0, Status.FILED, MONDAY)
    assert view.status_text
    assert not (view.offices or view.hops or view.turns or view.registrations or view.letters)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("situation", b.COMPLAINTS)
def test_every_situation_is_told_in_every_language(situation: str, language: str) -> None:
    view = seen(b.COMPLAINTS[situation](), language)
    assert view.status_text
    for turn in view.turns:
        assert turn.text
        assert turn.office is None or turn.office.name.endswith(f"({language})")


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
@pytest.mark.parametrize("state", ReferralState, ids=str)
def test_every_state_of_a_hop_is_told(state: ReferralState, kind: ReferralKind) -> None:
    hop = seen(b.REFERRAL_IN[state](kind)).hops[0]
    over = {"returned", "completed", "rejected", "redirected", "expired", "revoked"}
    assert (hop.state, hop.kind) == (state, kind)
    assert hop.state_text and hop.kind_text
    assert (hop.sender.id, hop.receiver.id) == (GENERAL, CHILDREN)
    assert (hop.sent, hop.answer_due) == (MONDAY, LEG_END)
    assert hop.reason_text == "competence (en)"
    assert (hop.ended is not None) == (state in over)
    unanswered = {"requested", "received", "expired", "revoked"}
    assert (hop.answered is None) == (state in unanswered)


def test_automatic_forwarding_is_told_with_its_rule_and_law() -> None:
    view = seen(b.forwarded())
    assert (view.status, view.next_date) == (Status.SENT, LEG_END)
    assert view.status_text == "Sent to the children (en), awaiting its confirmation"
    assert view.routing is not None
    assert (view.routing.office.id, view.routing.rule, view.routing.certain) == (
        CHILDREN,
        "child",
        True,
    )
    assert seen(b.filed()).routing is None


def test_a_rejection_is_told_with_the_office_that_it_suggests() -> None:
    hop = seen(b.rejected(TRANSFER)).hops[0]
    assert hop.end_text == "The subject is outside this office's competence"
    assert (hop.suggested, hop.remedy_text) == (f"{ENTREPRENEURS} (en)", None)


def test_a_rejection_is_told_with_the_body_or_the_remedy_that_it_names() -> None:
    body = c.RejectReferral(
        referral=1, reason=RejectionReason.REGION_NOT_COMPETENT, suggested_body="court"
    )
    remedy = c.RejectReferral(referral=1, reason=RejectionReason.BEFORE_COURT, remedy="court")
    told_body = seen((*b.received(TRANSFER), order(body, CHILDREN))).hops[0]
    told_remedy = seen((*b.received(TRANSFER), order(remedy, CHILDREN))).hops[0]
    assert (told_body.suggested, told_body.remedy_text) == ("court (en)", None)
    assert (told_remedy.suggested, told_remedy.remedy_text) == (None, "court (en)")


def test_a_redirected_hop_names_what_it_led_to() -> None:
    first, second = seen(b.redirected(TRANSFER)).hops
    assert (first.state, second.state) == (ReferralState.REDIRECTED, ReferralState.REQUESTED)
    assert (second.caused_by, second.receiver.id) == (1, VULNERABLE)


def test_help_that_the_answer_ends_is_told_in_words_not_in_codes() -> None:
    start, answer = order(c.StartExamination(), GENERAL), order(b.decision(), GENERAL)
    hop = seen((*b.accepted(HELP), start, answer)).hops[0]
    assert (hop.state, hop.end_text) == (ReferralState.RETURNED, "complaint_answered (en)")


def test_an_office_that_received_and_registered_it_has_one_number() -> None:
    again = order(c.RegisterComplaint(number="CHI-1"), CHILDREN)
    found = seen((*b.accepted(TRANSFER), again)).registrations
    assert [(one.office.id, one.number) for one in found] == [
        (GENERAL, "GEN-1"),
        (CHILDREN, "CHI-1"),
    ]


def test_what_no_office_did_names_no_office() -> None:
    (withdrawn,) = seen(b.withdrawn()).turns
    assert (withdrawn.office, withdrawn.text) == (None, "The complaint was withdrawn")


TURNS: list[tuple[Orders, list[tuple[Turn, str | None]]]] = [
    (b.inadmissible(), [(Turn.INADMISSIBLE, "before-court")]),
    (b.asked(), [(Turn.EXAMINED, None), (Turn.ASKED, None)]),
    (b.answered(), [(Turn.EXAMINED, None), (Turn.DECIDED, None)]),
    (b.closed(), [(Turn.EXAMINED, None), (Turn.DECIDED, None), (Turn.CLOSED, None)]),
    (b.withdrawn(), [(Turn.WITHDRAWN, "own-wish")]),
]


@pytest.mark.parametrize(("orders", "expected"), TURNS)
def test_turning_points_are_told_in_order_with_their_grounds(
    orders: Orders, expected: list[tuple[Turn, str | None]]
) -> None:
    assert turns(orders) == expected


def test_a_dispute_and_its_end_are_told() -> None:
    settle = c.DetermineCompetence(office=GENERAL, ground="agreement")
    disputed, determined = seen((*b.disputed(), order(settle, GENERAL))).turns
    assert disputed.text == "The general (en) decides who examines the complaint"
    assert (determined.turn, determined.ground_text) == (Turn.DETERMINED, "agreement (en)")


def test_more_time_and_time_that_ran_out_are_told_with_the_day() -> None:
    more = order(c.ExtendDeadline(working_days=5, ground="facts_to_establish"), GENERAL)
    over = order(c.BreachDeadline(due=EXAMINATION_END), REGISTRAR, EXAMINATION_END)
    extended = seen((*b.registered(), more)).turns[-1]
    overdue = seen((*b.registered(), over)).turns[-1]
    assert extended.text == "The time for the examination was extended to 31.03.2026"
    assert extended.ground_text == "facts_to_establish (en)"
    assert overdue.text == "The time for the examination ran out on 25.03.2026"


def test_what_a_government_body_was_asked_and_answered_is_told() -> None:
    asked = seen(b.body_asked()).turns[-1]
    told = order(c.RecordInformation(request=1, content=b.content(10)), GENERAL)
    replied = seen((*b.body_asked(), told)).turns[-1]
    late = c.DeclareInformationOverdue(request=1, due=INFORMATION_END)
    silent = seen((*b.body_asked(), order(late, REGISTRAR, INFORMATION_END))).turns[-1]
    assert [one.turn for one in (asked, replied, silent)] == [
        Turn.BODY_ASKED,
        Turn.BODY_REPLIED,
        Turn.BODY_LATE,
    ]
    asks = "Information was requested from the ministry (en), to be given by 12.03.2026"
    assert asked.text == asks
    assert {one.office and one.office.id for one in (asked, replied, silent)} == {MINISTRY}


def test_a_recommendation_is_told_with_what_the_body_said_to_it() -> None:
    assert seen(b.recommended()).turns[-1].text.endswith("to be answered by 19.03.2026")
    answer = c.RecordRecommendationAnswer(recommendation=1, answer="partly_accepted")
    answered = seen((*b.followed_up(), order(answer, GENERAL))).turns[-1]
    assert answered.turn is Turn.RECOMMENDATION_ANSWERED
    assert answered.ground_text == "partly_accepted (en)"
    late = c.DeclareRecommendationOverdue(recommendation=1, due=RECOMMENDATION_END)
    silent = seen((*b.followed_up(), order(late, REGISTRAR, RECOMMENDATION_END))).turns[-1]
    assert silent.turn is Turn.RECOMMENDATION_LATE


def test_the_answer_is_told_with_outcome_and_remedy_in_words() -> None:
    issue = c.IssueDecision(outcome="well_founded", remedy="court")
    view = seen((*b.examined(), order(issue, GENERAL)), "ru")
    assert (view.outcome, view.outcome_text) == ("well_founded", "well_founded (ru)")
    assert (view.remedy, view.remedy_text) == ("court", "court (ru)")


def test_there_is_a_phrase_for_every_turning_point_and_for_no_other() -> None:
    assert groups()["turn"] == {turn.value for turn in Turn}


def test_letters_to_and_from_the_complainant_are_shown_and_no_others() -> None:
    # given a question, an answer, and a result that one office sent another
    letter = Item("i", "letter", GENERAL, MONDAY, "d", b'{"text": "Which school?"}')
    answer = Item("j", "answer", INTAKE, MONDAY, "d", b'{"text": "School 12."}')
    event = told(b.asked())[-1].envelope
    said = [
        Said(letter, "question", event),
        Said(answer, "answer", event),
        Said(letter, "result", event),
    ]
    # then
    shown = seen(b.asked(), said=said).letters
    assert [(one.kind, one.text) for one in shown] == [
        ("question", "Which school?"),
        ("answer", "School 12."),
    ]
    assert [one.office.id if one.office else None for one in shown] == [GENERAL, None]
