"""What government bodies are asked and recommended: who may, until when, and what is recorded."""

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.complaint import Complaint, Phase
from ombudslink.deadlines import timers
from ombudslink.rights import addressee, recipients
from ombudslink.testing.builders import (
    accepted,
    body_asked,
    content,
    decision,
    examined,
    filed,
    followed_up,
    order,
    recommended,
    reopened,
    requested,
)
from ombudslink.testing.country import (
    CHILDREN,
    GENERAL,
    HELP,
    INFORMATION_END,
    INFORMATION_WARNING,
    MINISTRY,
    POLICE,
    RECOMMENDATION_END,
    RECOMMENDATION_WARNING,
    REGISTRAR,
    TRANSFER,
)
from ombudslink.testing.golden import examples
from ombudslink.testing.spec import given, play, steps

ASK = c.RequestInformation(addressee=MINISTRY, content=content(8))
RECOMMEND = c.IssueRecommendation(addressee=MINISTRY, content=content(9))
INFORMATION = c.RecordInformation(request=1, content=content(10))
ANSWER = c.RecordRecommendationAnswer(recommendation=1, answer="rejected", content=content(11))
LATE = c.DeclareInformationOverdue(request=1, due=INFORMATION_END)
UNMOVED = c.DeclareRecommendationOverdue(recommendation=1, due=RECOMMENDATION_END)


def test_who_examines_asks_a_body_which_has_until_the_end_of_the_configured_day() -> None:
    asked = given(*examined()).when(ASK, by=GENERAL)
    told = asked.then(
        e.InformationRequested(
            request=1,
            addressee=MINISTRY,
            rule="information",
            rule_version=3,
            warn_at=INFORMATION_WARNING,
            due=INFORMATION_END,
            content=content(8),
        )
    )
    provided = e.InformationProvided(request=1, addressee=MINISTRY, content=content(10))
    informed = told.when(INFORMATION, by=GENERAL).then(provided)
    informed.when(INFORMATION, by=GENERAL).then_refused("already_answered")
    informed.when(LATE, by=REGISTRAR, at=INFORMATION_END).then_refused("deadline_does_not_stand")


def test_a_body_that_does_not_answer_in_time_is_late_and_may_still_answer() -> None:
    late = given(*body_asked()).when(LATE, by=REGISTRAR, at=INFORMATION_END)
    overdue = late.then(e.InformationOverdue(request=1, addressee=MINISTRY, due=INFORMATION_END))
    again = overdue.when(LATE, by=REGISTRAR, at=INFORMATION_END)
    again.then_refused("deadline_does_not_stand")
    overdue.when(INFORMATION, by=GENERAL).then(e.InformationProvided)


def test_nobody_is_asked_before_the_examination_or_while_the_complaint_is_on_its_way() -> None:
    given(*filed()).when(ASK, by=GENERAL).then_refused("not_under_examination")
    onwards = requested(TRANSFER, before=examined())
    given(*onwards).when(ASK, by=GENERAL).then_refused("transfer_pending")


@pytest.mark.parametrize("command", [ASK, RECOMMEND], ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("nobody", [CHILDREN, "stranger"])
def test_what_is_no_body_is_not_addressed(command: c.Command, nobody: str) -> None:
    complaint = given(*(examined() if command is ASK else recommended()))
    to_nobody = command.model_copy(update={"addressee": nobody})
    complaint.when(to_nobody, by=GENERAL).then_refused("unknown_body")


@pytest.mark.parametrize("number", [0, 2])
def test_an_answer_to_what_was_not_asked_is_refused(number: int) -> None:
    for complaint, command, field in (
        (given(*body_asked()), INFORMATION, "request"),
        (given(*recommended()), ANSWER, "recommendation"),
    ):
        answer = command.model_copy(update={field: number})
        complaint.when(answer, by=GENERAL).then_refused("no_such_request")


def test_only_the_custodian_addresses_bodies_and_whoever_is_it_then_has_the_answers() -> None:
    helped = given(*accepted(HELP), order(c.StartExamination(), GENERAL))
    helped.when(ASK, by=CHILDREN).then_refused("not_custodian")
    # given a complaint that was passed on after a body was asked
    passed = given(
        *requested(TRANSFER, before=body_asked()),
        order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN),
        order(c.AcceptReferral(referral=1), CHILDREN),
    )
    # then its clock runs on, and the new custodian records the answer
    assert [t.command for t in timers(passed.state) if t.command == LATE] == [LATE]
    passed.when(INFORMATION, by=GENERAL).then_refused("not_custodian")
    passed.when(INFORMATION, by=CHILDREN).then(e.InformationProvided)


def test_the_clock_of_a_request_ends_with_the_complaint_and_its_late_answer_is_kept() -> None:
    answered = given(*body_asked()).when(decision(), by=GENERAL).then(e.DecisionIssued)
    assert timers(answered.state) == ()
    answered.when(LATE, by=REGISTRAR, at=INFORMATION_END).then_refused("deadline_does_not_stand")
    answered.when(INFORMATION, by=GENERAL).then(e.InformationProvided)


def test_a_recommendation_follows_the_decision_and_its_clock_outlives_the_closing() -> None:
    issued = given(*recommended()).state
    assert (issued.phase, issued.recommendations[0].due) == (Phase.ANSWERED, RECOMMENDATION_END)
    assert issued.recommendations[0].warn_at == RECOMMENDATION_WARNING
    closed = given(*followed_up())
    assert [timer.command for timer in timers(closed.state)] == [UNMOVED]
    late = e.RecommendationOverdue(recommendation=1, addressee=MINISTRY, due=RECOMMENDATION_END)
    overdue = closed.when(UNMOVED, by=REGISTRAR, at=RECOMMENDATION_END).then(late)
    assert timers(overdue.state) == ()
    answered = e.RecommendationAnswered(
        recommendation=1, addressee=MINISTRY, answer="rejected", content=content(11)
    )
    overdue.when(ANSWER, by=GENERAL).then(answered).when(ANSWER, by=GENERAL).then_refused(
        "already_answered"
    )


def test_nothing_is_recommended_without_a_decision_that_stands() -> None:
    for situation in (examined(), followed_up(), reopened()):
        given(*situation).when(RECOMMEND, by=GENERAL).then_refused("no_decision_to_follow")


def test_only_the_registrars_clock_says_that_a_body_is_late() -> None:
    given(*body_asked()).when(LATE, by=GENERAL, at=INFORMATION_END).then_refused("not_entitled")
    given(*followed_up()).when(UNMOVED, by=GENERAL, at=RECOMMENDATION_END).then_refused(
        "not_entitled"
    )


def test_a_body_is_told_only_what_concerns_it_and_offices_are_told_everything() -> None:
    # given a complaint in which one body was asked, and another one given a recommendation
    to_police = c.IssueRecommendation(addressee=POLICE, content=content(12))
    story = (*body_asked(), order(decision(), GENERAL), order(to_police, GENERAL))
    said = [(event, step.order.by) for step in steps(story) for event in step.events]
    told = {MINISTRY: [], POLICE: [], GENERAL: []}
    for number, (event, _) in enumerate(said, 1):
        for one in recipients(play(*said[:number]), event):
            told[one].append(type(event))
    assert told[MINISTRY] == [e.InformationRequested]
    assert told[POLICE] == [e.RecommendationIssued]
    assert told[GENERAL] == [type(event) for event, _ in said]


def test_nothing_that_a_body_is_told_names_a_person_a_place_or_the_matter() -> None:
    known = {"request", "recommendation", "addressee", "rule", "rule_version", "warn_at", "due"}
    for name, cls in e.EVENTS.items():
        if "addressee" in cls.model_fields:
            assert cls.model_fields.keys() <= known | {"answer", "content"}, name


def test_every_event_that_names_an_addressee_is_told_to_it_and_no_other_to_any_body() -> None:
    happened = [one for one in examples().values() if isinstance(one, e.Fact)]
    assert len(happened) == len(e.EVENTS)
    for event in happened:
        named = getattr(event, "addressee", None)
        assert addressee(event) == named, type(event).__name__
        assert recipients(Complaint(), event) == ({named} if named else set())
