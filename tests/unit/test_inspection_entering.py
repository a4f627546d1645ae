"""A complaint's part in a joint inspection: consent, entering, what it refuses then, leaving."""

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink import inspection_commands as ic
from ombudslink import joint
from ombudslink.inspection import Inspection
from ombudslink.joint import Follow
from ombudslink.rights import ContentRight, content_right, readers
from ombudslink.status import Status, public_status
from ombudslink.testing.builders import (
    INSPECTION,
    Orders,
    admitted,
    answered,
    consented,
    decision,
    entered,
    entering,
    filed,
    filing,
    inadmissible,
    jointly_examined,
    order,
    registered,
    requested,
    return_requested,
    separated,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    HELP,
    INTAKE,
    POLICY,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.spec import given, play
from ombudslink.values import Channel

COMPLAINT = "20000000-0000-4000-8000-000000000001"
CONSENT = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)
NO_CONSENT = c.WithdrawConsent(purpose="joint_inspection")
TAKE_BACK = c.WithdrawComplaint(ground="own-wish")
TRANSFER_AWAY = c.Refer(kind=TRANSFER, receiver=ENTREPRENEURS, reason="business")


def left(reason: str) -> e.InspectionLeft:
    return e.InspectionLeft(inspection=INSPECTION, reason=reason)


def admit(office: str) -> c.AdmitInspectionParty:
    return c.AdmitInspectionParty(inspection=INSPECTION, office=office)


def test_consent_is_the_complainants_word_by_intake_or_the_custodian() -> None:
    given(*registered()).when(CONSENT, by=INTAKE).then(e.ConsentRecorded)
    given(*registered()).when(CONSENT, by=GENERAL).then(e.ConsentRecorded)
    given(*requested(HELP)).when(CONSENT, by=CHILDREN).then_refused("not_custodian")
    given(*consented()).when(CONSENT, by=INTAKE).then_refused("consent_given")
    given(*registered()).when(NO_CONSENT, by=INTAKE).then_refused("no_consent")
    given(*consented()).when(NO_CONSENT, by=GENERAL).then(e.ConsentWithdrawn)


def test_a_complaint_enters_and_says_whose_participation_it_needs() -> None:
    needs = e.InspectionEntered(inspection=INSPECTION, lead=GENERAL, mandatory=(GENERAL,))
    given(*consented()).when(entering(), by=REGISTRAR).then(needs)
    disability = (
        order(filed()[0].command.model_copy(update={"affected": ("disability",)}), INTAKE),
        *consented()[1:],
    )
    touched = needs.model_copy(update={"mandatory": (GENERAL, VULNERABLE)})
    given(*disability).when(entering(), by=REGISTRAR).then(touched)


def test_an_office_complained_of_is_never_made_to_take_part() -> None:
    about = {"affected": ("disability",), "complained_office": VULNERABLE}
    past = (order(filed()[0].command.model_copy(update=about), INTAKE), *consented()[1:])
    without = e.InspectionEntered(inspection=INSPECTION, lead=GENERAL, mandatory=(GENERAL,))
    inside = given(*past).when(entering(), by=REGISTRAR).then(without)
    inside.when(admit(VULNERABLE), by=REGISTRAR).then_refused("office_complained_of")
    leading = given(*past).when(entering(VULNERABLE), by=REGISTRAR)
    leading.then_refused("no_such_complaint")


@pytest.mark.parametrize(
    ("past", "lead", "code"),
    [
        ((), GENERAL, "no_such_complaint"),
        (consented(), CHILDREN, "no_such_complaint"),
        (registered(), GENERAL, "consent_missing"),
        (filed(), GENERAL, "not_routed"),
        (requested(TRANSFER), GENERAL, "transfer_pending"),
        (return_requested(TRANSFER), GENERAL, "return_pending"),
        (inadmissible(), GENERAL, "inadmissible"),
        (answered(), GENERAL, "complaint_not_open"),
        (entered(), GENERAL, "already_in_inspection"),
    ],
)
def test_a_complaint_does_not_enter(past: Orders, lead: str, code: str) -> None:
    given(*past).when(entering(lead), by=REGISTRAR).then_refused(code)


def test_only_the_registrar_makes_it_enter_and_no_consent_is_needed_where_none_is_configured() -> (
    None
):
    given(*consented()).when(entering(), by=GENERAL).then_refused("not_entitled")
    joint_rules = POLICY.joint.model_copy(update={"consent": False})
    elsewhere = POLICY.model_copy(update={"joint": joint_rules})
    entered_ = given(*registered(), policy=elsewhere).when(entering(), by=REGISTRAR)
    entered_.then(e.InspectionEntered)


@pytest.mark.parametrize("past", [entered(), jointly_examined()], ids=["entered", "examined"])
def test_meanwhile_the_custodian_does_not_go_on_alone(past: Orders) -> None:
    complaint = given(*past)
    complaint.when(TRANSFER_AWAY, by=GENERAL).then_refused("under_joint_inspection")
    complaint.when(c.CloseComplaint(), by=GENERAL).then_refused("under_joint_inspection")
    started = given(*past, *(() if past == jointly_examined() else _start()))
    started.when(decision(), by=GENERAL).then_refused("under_joint_inspection")


def _start() -> Orders:
    return (order(c.StartExamination(), GENERAL),)


@pytest.mark.parametrize("past", [entered(), jointly_examined()], ids=["entered", "examined"])
def test_the_complainant_may_go_at_any_time_and_the_complaint_leaves_in_the_same_decision(
    past: Orders,
) -> None:
    complaint = given(*past)
    complaint.when(NO_CONSENT, by=INTAKE).then(e.ConsentWithdrawn, left("consent_withdrawn"))
    complaint.when(TAKE_BACK, by=INTAKE).then(left("complaint_withdrawn"), e.ComplaintWithdrawn)


def test_an_office_that_joins_becomes_party_and_one_that_left_does_not_come_back() -> None:
    inside = given(*entered()).when(admit(CHILDREN), by=REGISTRAR)
    now = inside.then(e.InspectionPartyAdmitted(inspection=INSPECTION, office=CHILDREN))
    now.when(admit(CHILDREN), by=REGISTRAR).then_refused("already_joined")
    assert CHILDREN in readers(play(*admitted()))
    # and what is told in the wrong order ends in the same state
    release = c.ReleaseInspectionParty(inspection=INSPECTION, office=CHILDREN)
    gone = given(*entered()).when(release, by=REGISTRAR).then(e.InspectionPartyReleased)
    gone.when(admit(CHILDREN), by=REGISTRAR).then_refused("party_left")
    start = c.StartJointExamination(inspection=INSPECTION, offices=(GENERAL, CHILDREN))
    gone.when(start, by=REGISTRAR).then(
        e.InspectionPartyAdmitted(inspection=INSPECTION, office=GENERAL),
        e.JointExaminationStarted(inspection=INSPECTION, lead=GENERAL, offices=(GENERAL,)),
    )


def test_content_is_for_parties_while_they_examine_and_nothing_newer_afterwards() -> None:
    rights = [
        content_right(play(*past), CHILDREN)
        for past in (entered(), admitted(), jointly_examined(), separated())
    ]
    none, preview, whole, former = (
        ContentRight.NONE,
        ContentRight.PREVIEW,
        ContentRight.WHOLE,
        ContentRight.FORMER,
    )
    assert rights == [none, preview, whole, former]
    leave = c.LeaveInspection(inspection=INSPECTION, reason="separated")
    assert content_right(play(*admitted(), order(leave, REGISTRAR)), CHILDREN) is none


def test_the_complainant_is_told_who_examines_and_afterwards_the_custodian_alone() -> None:
    told = public_status(play(*jointly_examined()))
    assert (told.status, told.offices) == (Status.JOINTLY_EXAMINED, (GENERAL, CHILDREN))
    assert public_status(play(*separated())).status is Status.BEING_EXAMINED


def test_what_belongs_to_another_inspection_is_refused() -> None:
    other = "10000000-0000-4000-8000-000000000002"
    for said in (
        c.AdmitInspectionParty(inspection=other, office=CHILDREN),
        c.LeaveInspection(inspection=other, reason="separated"),
        c.StartJointExamination(inspection=other, offices=(GENERAL,)),
    ):
        given(*entered()).when(said, by=REGISTRAR).then_refused("not_in_inspection")


def test_a_refused_entry_tells_who_is_not_to_be_asked_unless_the_lead_knows_no_such_one() -> None:
    name = f"entry-refusal-{COMPLAINT}"
    about = play(order(filing(complained_office=VULNERABLE), INTAKE))
    for code, told in (("consent_missing", VULNERABLE), ("no_such_complaint", None)):
        refusal = ic.RecordEntryRefusal(complaint=COMPLAINT, code=code, complained_office=told)
        expected = (Follow(INSPECTION, name, refusal),)
        assert joint.refusals(COMPLAINT, entering(), code, about) == expected
    assert joint.refusals(COMPLAINT, admit(CHILDREN), "party_left", about) == ()


def test_what_the_inspection_ended_itself_is_not_told_back_to_it() -> None:
    state = play(*separated())
    before: Inspection | None = None
    assert joint.answers(COMPLAINT, left("separated"), before, state) == ()
    (follow,) = joint.answers(COMPLAINT, left("consent_withdrawn"), before, state)
    assert follow.stream == INSPECTION
