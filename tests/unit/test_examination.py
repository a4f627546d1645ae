"""Every command about the complaint as a whole in every named situation, and staleness."""

from typing import Final, get_args

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Command
from ombudslink.complaint import Phase
from ombudslink.entering import JOINT_INSPECTION
from ombudslink.testing.builders import (
    COMPLAINTS,
    INSPECTION,
    accepted,
    answered,
    asked,
    closed,
    content,
    decision,
    entering,
    examined,
    filed,
    filing,
    forwarded,
    in_progress,
    inadmissible,
    order,
    passed_on,
    received,
    registered,
    reopened,
    requested,
    return_requested,
    routing,
    withdrawn,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    EXAMINATION_WARNING,
    GENERAL,
    HELP,
    INFORMATION_END,
    INTAKE,
    MINISTRY,
    RECOMMENDATION_END,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
    moment,
)
from ombudslink.testing.spec import given, play
from ombudslink.values import Channel, Clock, ReferralState

CUSTODIAN: Final = "custodian"
END: Final = RECOMMENDATION_END
SAID: Final[dict[str, tuple[Command, str]]] = {
    "file": (filing(), INTAKE),
    "register": (c.RegisterComplaint(number="GEN-9"), CUSTODIAN),
    "route": (routing(ENTREPRENEURS), REGISTRAR),
    "transfer": (c.Refer(kind=TRANSFER, receiver=ENTREPRENEURS, reason="business"), CUSTODIAN),
    "ask-help": (c.Refer(kind=HELP, receiver=ENTREPRENEURS, reason="business"), CUSTODIAN),
    "determine": (c.DetermineCompetence(office=GENERAL, ground="general"), GENERAL),
    "admit": (c.DecideAdmissibility(admissible=True, ground="in-time"), CUSTODIAN),
    "start": (c.StartExamination(), CUSTODIAN),
    "ask": (c.RequestClarification(content=content(4)), CUSTODIAN),
    "clarify": (c.ProvideClarification(content=content(5)), INTAKE),
    "extend": (c.ExtendDeadline(working_days=10, ground="complex"), CUSTODIAN),
    "warn": (c.WarnDeadline(clock=Clock.EXAMINATION, due=EXAMINATION_END), REGISTRAR),
    "breach": (c.BreachDeadline(due=EXAMINATION_END), REGISTRAR),
    "decide": (decision(), CUSTODIAN),
    "close": (c.CloseComplaint(), CUSTODIAN),
    "reopen": (c.ReopenComplaint(ground="new-facts"), CUSTODIAN),
    "withdraw": (c.WithdrawComplaint(ground="own-wish"), INTAKE),
    "notify": (c.RecordNotice(about=1, channel=Channel.PORTAL), INTAKE),
    "inquire": (c.RequestInformation(addressee=MINISTRY, content=content(6)), CUSTODIAN),
    "inform": (c.RecordInformation(request=1, content=content(7)), CUSTODIAN),
    "recommend": (c.IssueRecommendation(addressee=MINISTRY, content=content(8)), CUSTODIAN),
    "respond": (c.RecordRecommendationAnswer(recommendation=1, answer="accepted"), CUSTODIAN),
    "late": (c.DeclareInformationOverdue(request=1, due=INFORMATION_END), REGISTRAR),
    "unmoved": (c.DeclareRecommendationOverdue(recommendation=1, due=END), REGISTRAR),
    "consent": (c.RecordConsent(purpose=JOINT_INSPECTION, channel=Channel.PORTAL), INTAKE),
    "no-consent": (c.WithdrawConsent(purpose=JOINT_INSPECTION), INTAKE),
    "enter": (entering(), REGISTRAR),
    "admit-party": (c.AdmitInspectionParty(inspection=INSPECTION, office=VULNERABLE), REGISTRAR),
    "release": (c.ReleaseInspectionParty(inspection=INSPECTION, office=CHILDREN), REGISTRAR),
    "start-jointly": (c.StartJointExamination(inspection=INSPECTION, offices=()), REGISTRAR),
    "leave": (c.LeaveInspection(inspection=INSPECTION, reason="separated"), REGISTRAR),
}
"""Each command about the whole complaint, from the one whose it is."""

CLOSED_TO: Final = "register route transfer ask-help determine admit start ask extend withdraw"
MATRIX: Final[dict[str, dict[str, str]]] = {
    "filed": {
        "ok": "route transfer admit start ask withdraw notify consent",
        "already_filed": "file",
        "not_routed": "register ask-help enter",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "no_deadline": "extend",
        "deadline_does_not_stand": "warn breach late unmoved",
        "not_under_examination": "decide inquire",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "registered": {
        "ok": "transfer ask-help admit start ask extend warn breach withdraw notify consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_under_examination": "decide inquire",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "deadline_does_not_stand": "late unmoved",
        "no_consent": "no-consent",
        "consent_missing": "enter",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "forwarded": {
        "ok": "ask withdraw notify consent",
        "already_filed": "file",
        "already_routed": "route",
        "transfer_pending": "register transfer ask-help admit start close enter",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "no_deadline": "extend",
        "deadline_does_not_stand": "warn breach late unmoved",
        "not_under_examination": "decide inquire",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "inadmissible": {
        "ok": "transfer ask-help admit ask close withdraw notify consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "inadmissible": "start extend enter",
        "deadline_does_not_stand": "warn breach late unmoved",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_under_examination": "decide inquire",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "examined": {
        "ok": "transfer ask-help ask extend warn breach decide withdraw notify inquire consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "already_examined": "admit start",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "deadline_does_not_stand": "late unmoved",
        "no_consent": "no-consent",
        "consent_missing": "enter",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "asked": {
        "ok": "transfer ask-help clarify extend warn breach decide withdraw notify inquire consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "already_examined": "admit start",
        "clarification_open": "ask",
        "no_dispute": "determine",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "deadline_does_not_stand": "late unmoved",
        "no_consent": "no-consent",
        "consent_missing": "enter",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "body asked": {
        "ok": "transfer ask-help ask extend warn breach "
        "decide withdraw notify inquire inform late consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "already_examined": "admit start",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "respond",
        "deadline_does_not_stand": "unmoved",
        "no_consent": "no-consent",
        "consent_missing": "enter",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "disputed": {
        "ok": "determine admit start ask extend warn breach withdraw notify consent",
        "already_filed": "file",
        "already_routed": "route",
        "competence_disputed": "register transfer ask-help enter",
        "no_open_question": "clarify",
        "not_under_examination": "decide inquire",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "deadline_does_not_stand": "late unmoved",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "answered": {
        "ok": "close reopen notify recommend",
        "already_filed": "file",
        "complaint_not_open": f"{CLOSED_TO} consent enter",
        "no_open_question": "clarify",
        "deadline_does_not_stand": "warn breach late unmoved",
        "not_under_examination": "decide inquire",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "recommended": {
        "ok": "close reopen notify recommend respond unmoved",
        "already_filed": "file",
        "complaint_not_open": f"{CLOSED_TO} consent enter",
        "no_open_question": "clarify",
        "deadline_does_not_stand": "warn breach late",
        "not_under_examination": "decide inquire",
        "no_such_request": "inform",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "followed up": {
        "ok": "reopen notify respond unmoved",
        "already_filed": "file",
        "complaint_not_open": f"{CLOSED_TO} close consent enter",
        "no_open_question": "clarify",
        "deadline_does_not_stand": "warn breach late",
        "not_under_examination": "decide inquire",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "closed": {
        "ok": "reopen notify",
        "already_filed": "file",
        "complaint_not_open": f"{CLOSED_TO} close consent enter",
        "no_open_question": "clarify",
        "deadline_does_not_stand": "warn breach late unmoved",
        "not_under_examination": "decide inquire",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "withdrawn": {
        "ok": "reopen notify",
        "already_filed": "file",
        "complaint_not_open": f"{CLOSED_TO} close consent enter",
        "no_open_question": "clarify",
        "deadline_does_not_stand": "warn breach late unmoved",
        "not_under_examination": "decide inquire",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "no_consent": "no-consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "reopened": {
        "ok": "transfer ask-help ask extend warn breach decide withdraw notify inquire consent",
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "already_examined": "admit start",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_decision_to_follow": "recommend",
        "no_such_request": "inform respond",
        "deadline_does_not_stand": "late unmoved",
        "no_consent": "no-consent",
        "consent_missing": "enter",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "consented": {
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "ok": "transfer ask-help admit start ask extend "
        "warn breach withdraw notify no-consent enter",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_under_examination": "decide inquire",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_such_request": "inform respond",
        "no_decision_to_follow": "recommend",
        "deadline_does_not_stand": "late unmoved",
        "consent_given": "consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
    "entered": {
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "under_joint_inspection": "transfer close",
        "ok": "ask-help admit start ask extend warn breach "
        "withdraw notify no-consent admit-party release start-jointly leave",
        "no_dispute": "determine",
        "no_open_question": "clarify",
        "not_under_examination": "decide inquire",
        "complaint_open": "reopen",
        "no_such_request": "inform respond",
        "no_decision_to_follow": "recommend",
        "deadline_does_not_stand": "late unmoved",
        "consent_given": "consent",
        "already_in_inspection": "enter",
    },
    "jointly examined": {
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "under_joint_inspection": "transfer decide close",
        "ok": "ask-help ask extend warn breach withdraw "
        "notify inquire no-consent admit-party release leave",
        "no_dispute": "determine",
        "already_examined": "admit start start-jointly",
        "no_open_question": "clarify",
        "complaint_open": "reopen",
        "no_such_request": "inform respond",
        "no_decision_to_follow": "recommend",
        "deadline_does_not_stand": "late unmoved",
        "consent_given": "consent",
        "already_in_inspection": "enter",
    },
    "separated": {
        "already_filed": "file",
        "already_registered": "register",
        "already_routed": "route",
        "ok": "transfer ask-help ask extend warn breach "
        "decide withdraw notify inquire no-consent enter",
        "no_dispute": "determine",
        "already_examined": "admit start",
        "no_open_question": "clarify",
        "not_answered": "close",
        "complaint_open": "reopen",
        "no_such_request": "inform respond",
        "no_decision_to_follow": "recommend",
        "deadline_does_not_stand": "late unmoved",
        "consent_given": "consent",
        "not_in_inspection": "admit-party release start-jointly leave",
    },
}
"""What becomes of each command in each situation: "ok", or the code of the refusal."""

CELLS: Final = [
    (situation, word, code)
    for situation, row in MATRIX.items()
    for code, words in row.items()
    for word in words.split()
]


def test_the_matrix_has_one_cell_for_every_command_in_every_situation() -> None:
    assert sorted((s, w) for s, w, _ in CELLS) == sorted((s, w) for s in COMPLAINTS for w in SAID)
    spoken = {type(command) for command, _ in SAID.values()}
    about_a_referral = {cls for cls in c.COMMANDS.values() if "referral" in cls.model_fields}
    assert spoken | about_a_referral == set(get_args(c.ComplaintCommand))


@pytest.mark.parametrize(("situation", "word", "code"), CELLS)
def test_every_command_is_accepted_or_refused_as_stated(
    situation: str, word: str, code: str
) -> None:
    complaint = given(*COMPLAINTS[situation]())
    command, by = SAID[word]
    late = word in ("warn", "breach", "late", "unmoved")
    at = EXAMINATION_END if late else moment("2026-03-03 10:00")
    by = complaint.state.custodian if by == CUSTODIAN else by
    happens = complaint.when(command, by=by, at=at)
    if code == "ok":
        assert happens.refusal is None, happens.refusal
        assert happens.events
    else:
        happens.then_refused(code)


@pytest.mark.parametrize("word", [word for word, (_, by) in SAID.items() if by == CUSTODIAN])
def test_what_is_the_custodians_is_refused_to_any_other_party(word: str) -> None:
    for situation in (accepted(TRANSFER), closed()):
        complaint = given(*situation)
        command, _ = SAID[word]
        other = GENERAL if complaint.state.custodian == CHILDREN else INTAKE
        refusal = complaint.when(command, by=other).refusal
        assert refusal is not None
        assert refusal.code in ("not_custodian", "complaint_not_open")


@pytest.mark.parametrize("word", SAID)
@pytest.mark.parametrize("based_on", [None, 0])
def test_an_office_that_is_not_party_learns_nothing_not_even_that_the_complaint_exists(
    word: str, based_on: int | None
) -> None:
    command, _ = SAID[word]
    for stranger in (VULNERABLE, "not-an-office"):
        happens = given(*examined()).when(command, by=stranger, based_on=based_on)
        nobody = given().when(command, by=stranger, based_on=based_on)
        assert happens.refusal is not None
        assert nobody.refusal is not None
        assert happens.refusal.args_ == nobody.refusal.args_ == {}
        assert happens.refusal.code == nobody.refusal.code


def test_the_office_complained_of_learns_nothing_either() -> None:
    about = given(*filed(complained_office=CHILDREN))
    about.when(c.StartExamination(), by=CHILDREN, based_on=0).then_refused("no_such_complaint")


def test_an_examination_runs_from_admission_to_the_answer() -> None:
    admitted = given(*registered()).when(
        c.DecideAdmissibility(admissible=True, ground="in-time"), by=GENERAL
    )
    started = admitted.then(e.AdmissibilityDecided(admissible=True, ground="in-time")).when(
        c.StartExamination(), by=GENERAL
    )
    answer = started.then(e.ExaminationStarted(office=GENERAL)).when(decision(), by=GENERAL)
    done = answer.then(
        e.DecisionIssued(office=GENERAL, outcome="well-founded", remedy="court", content=content(3))
    )
    assert done.state.phase is Phase.ANSWERED
    done.when(c.CloseComplaint(), by=GENERAL).then(e.ComplaintClosed(outcome="well-founded"))


def test_an_inadmissible_complaint_has_a_remedy_and_is_closed_as_such() -> None:
    bare = c.DecideAdmissibility(admissible=False, ground="before-court")
    given(*registered()).when(bare, by=GENERAL).then_refused("remedy_required")
    given(*inadmissible()).when(c.CloseComplaint(), by=GENERAL).then(
        e.ComplaintClosed(outcome="inadmissible")
    )


def test_closing_ends_the_help_that_was_asked_for_and_waits_for_a_transfer() -> None:
    unable = c.DecideAdmissibility(admissible=False, ground="before-court", remedy="court")
    helped = given(*in_progress(HELP), order(unable, GENERAL))
    helped.when(c.CloseComplaint(), by=GENERAL).then(
        e.ReferralReturned(referral=1, custodian=GENERAL, reason="complaint_closed"),
        e.ComplaintClosed(outcome="inadmissible"),
    )
    refer = c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence")
    given(*inadmissible(), order(refer, GENERAL)).when(c.CloseComplaint(), by=GENERAL).then_refused(
        "transfer_pending"
    )


def test_a_new_custodian_decides_for_itself_whether_it_may_examine() -> None:
    moved = given(*inadmissible(), *received(TRANSFER)[len(registered()) :])
    taken = moved.when(c.AcceptReferral(referral=1), by=CHILDREN).then(e.ReferralAccepted)
    assert (taken.state.admissible, taken.state.remedy) == (None, None)
    taken.when(c.CloseComplaint(), by=CHILDREN).then_refused("not_answered")
    taken.when(c.StartExamination(), by=CHILDREN).then(e.ExaminationStarted)


def test_a_custodian_that_wants_to_give_it_back_neither_answers_nor_closes() -> None:
    start = order(c.StartExamination(), CHILDREN)
    waiting = return_requested(TRANSFER, (*accepted(TRANSFER), start))
    given(*waiting).when(decision(), by=CHILDREN).then_refused("return_pending")
    unable = c.DecideAdmissibility(admissible=False, ground="before-court", remedy="court")
    waiting = return_requested(TRANSFER, (*accepted(TRANSFER), order(unable, CHILDREN)))
    given(*waiting).when(c.CloseComplaint(), by=CHILDREN).then_refused("return_pending")


def test_no_answer_goes_out_while_a_transfer_is_pending() -> None:
    refer = c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence")
    given(*examined(), order(refer, GENERAL)).when(decision(), by=GENERAL).then_refused(
        "transfer_pending"
    )


def test_questions_are_numbered_and_answered_by_the_complainant_through_intake() -> None:
    answer = c.ProvideClarification(content=content(5))
    given(*asked()).when(answer, by=GENERAL).then_refused("not_entitled")
    answered_once = (
        given(*asked())
        .when(answer, by=INTAKE)
        .then(e.ClarificationProvided(number=1, content=content(5)))
    )
    again = c.RequestClarification(content=content(6))
    answered_once.when(again, by=GENERAL).then(
        e.ClarificationRequested(number=2, content=content(6))
    )


@pytest.mark.parametrize(
    "orders", [asked(), (*inadmissible(), asked()[-1])], ids=["examined", "inadmissible"]
)
def test_no_question_stays_open_when_the_complaint_ends(orders: tuple[c.Order, ...]) -> None:
    ways: list[tuple[Command, str]] = [
        (c.WithdrawComplaint(ground="own-wish"), INTAKE),
        (decision(), GENERAL),
        (c.CloseComplaint(), GENERAL),
    ]
    ended = 0
    for command, by in ways:
        happens = given(*orders).when(command, by=by)
        if happens.refusal is None:
            ended += 1
            after = happens.then(*happens.events)
            assert not after.state.clarification_open
    assert ended == 2


def test_a_withdrawal_by_the_custodian_counts_too() -> None:
    command = c.WithdrawComplaint(ground="told-by-telephone")
    given(*examined()).when(command, by=GENERAL).then(
        e.ComplaintWithdrawn(ground="told-by-telephone")
    )
    given(*accepted(HELP)).when(command, by=CHILDREN).then_refused("not_custodian")


def test_a_withdrawal_settles_every_open_referral_and_leaves_custody_where_it_is() -> None:
    ask = order(c.Refer(kind=HELP, receiver=VULNERABLE, reason="disability"), CHILDREN)
    take = (
        order(c.ReceiveReferral(referral=2, number="VUL-1"), VULNERABLE),
        order(c.AcceptReferral(referral=2), VULNERABLE),
    )
    onwards = order(c.Refer(kind=TRANSFER, receiver=ENTREPRENEURS, reason="business"), CHILDREN)
    after = given(*accepted(TRANSFER), ask, *take, onwards).when(
        c.WithdrawComplaint(ground="own-wish"), by=INTAKE
    )
    state = after.then(
        e.ReferralReturned(referral=2, custodian=CHILDREN, reason="complaint_withdrawn"),
        e.ReferralRevoked(referral=3, reason="complaint_withdrawn"),
        e.ComplaintWithdrawn(ground="own-wish"),
    ).state
    assert state.custodian == CHILDREN
    assert (state.phase, state.outcome) == (Phase.CLOSED, "withdrawn")


def test_a_reopened_complaint_is_examined_again_and_has_no_outcome() -> None:
    state = play(*reopened())
    assert (state.phase, state.outcome, state.remedy) == (Phase.EXAMINATION, None, None)
    early = given(*withdrawn()).when(c.ReopenComplaint(ground="changed-mind"), by=GENERAL)
    assert early.then(e.ComplaintReopened).state.phase is Phase.OPEN


def test_a_reopened_complaint_whose_transfer_is_completed_can_be_passed_on() -> None:
    orders = (
        *accepted(TRANSFER),
        order(c.StartExamination(), CHILDREN),
        order(decision(), CHILDREN),
        order(c.ReopenComplaint(ground="new-facts"), CHILDREN),
    )
    complaint = given(*orders)
    assert complaint.state.referrals[0].state is ReferralState.COMPLETED
    back = c.RequestReturn(referral=1, reason="not-competent")
    complaint.when(back, by=CHILDREN).then_refused("not_custodian")
    on = c.Refer(kind=TRANSFER, receiver=VULNERABLE, reason="disability")
    complaint.when(on, by=CHILDREN).then(e.ReferredTo)


def test_notices_name_a_version_that_exists_and_come_from_intake_or_the_custodian() -> None:
    told = c.RecordNotice(about=2, channel=Channel.POST)
    complaint = given(*registered())
    complaint.when(told, by=GENERAL).then(e.ComplainantNotified)
    complaint.when(told, by=INTAKE).then(e.ComplainantNotified)
    late = c.RecordNotice(about=5, channel=Channel.POST)
    complaint.when(late, by=INTAKE).then_refused("no_such_version")
    given(*accepted(HELP)).when(told, by=CHILDREN).then_refused("not_entitled")


def test_a_decision_on_an_outdated_view_is_refused_and_names_what_came_between() -> None:
    # given an office that saw the referral, and not that its custodian asked a question since
    complaint = given(*received(HELP), asked()[-1])
    happens = complaint.when(c.AcceptReferral(referral=1), by=CHILDREN, based_on=5)
    happens.then_refused("stale")
    assert happens.refusal is not None
    assert happens.refusal.args_ == {"version": 7, "office": GENERAL}
    complaint.when(c.AcceptReferral(referral=1), by=CHILDREN, based_on=7).then(e.ReferralAccepted)


def test_receipts_notices_and_clocks_make_no_decision_stale() -> None:
    quiet = (
        order(c.RecordNotice(about=1, channel=Channel.PORTAL), INTAKE),
        order(
            c.WarnDeadline(clock=Clock.EXAMINATION, due=EXAMINATION_END),
            REGISTRAR,
            EXAMINATION_WARNING,
        ),
        order(c.BreachDeadline(due=EXAMINATION_END), REGISTRAR, EXAMINATION_END),
    )
    complaint = given(*requested(HELP), received(HELP)[-1], *quiet)
    complaint.when(c.StartExamination(), by=GENERAL, based_on=5).then(e.ExaminationStarted)


def test_an_offices_own_events_make_its_decision_not_stale() -> None:
    given(*examined()).when(decision(), by=GENERAL, based_on=3).then(e.DecisionIssued)
    given(*forwarded()).when(
        c.RequestClarification(content=content(4)), by=GENERAL, based_on=1
    ).then_refused("stale")


def test_the_whole_way_of_an_accepted_complaint_has_one_custodian_after_another() -> None:
    state = play(*passed_on(CHILDREN, ENTREPRENEURS))
    assert (state.custodian, state.released) == (ENTREPRENEURS, (GENERAL, CHILDREN))
    assert play(*answered()).custodian == GENERAL


def test_an_examination_begun_before_the_rules_have_spoken_settles_whose_it_is() -> None:
    examined = given(*filed()).when(c.StartExamination(), by=GENERAL).then(e.ExaminationStarted)
    assert examined.state.settled
    examined.when(routing(), by=REGISTRAR).then_refused("already_routed")
