"""A joint inspection: who proposes, who takes part, when it opens, who leaves."""

import pytest

from ombudslink import commands as cc
from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.inspection import Part, Stage
from ombudslink.inviting import readers, timers
from ombudslink.testing.builders import content, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    INTAKE,
    JOINT_END,
    JOINT_WARNING,
    OFFICES,
    REGISTRAR,
    VULNERABLE,
)
from ombudslink.testing.inspections import (
    FIRST,
    INSPECTIONS,
    SECOND,
    answered,
    at_work,
    closed,
    entry,
    opened,
    proposal,
    proposed,
    reported,
    silent,
)
from ombudslink.testing.spec import given, play_inspection

JOIN = c.JoinInspection()
OPEN = c.OpenInspection()
LEAVE = c.WithdrawFromInspection(reason="conflict-of-interest")
DECLINE = c.DeclineInspection(reason="not-competent")
AGREE = c.AgreeFindings(finding=1)
NOT_ENTERED = c.RecordEntryRefusal(complaint=SECOND, code="consent_missing")


def invited(office: str, ground: str = "named", *, mandatory: bool = False) -> e.JointPartyInvited:
    return e.JointPartyInvited(
        office=office,
        mandatory=mandatory,
        ground=ground,
        rule="joint",
        rule_version=5,
        warn_at=JOINT_WARNING,
        answer_due=JOINT_END,
    )


def test_an_office_proposes_and_leads_and_nobody_else_knows_before_the_complaints_answer() -> None:
    made = e.JointInspectionProposed(lead=CHILDREN, **proposal().model_dump())
    inspection = given().when(proposal(), by=CHILDREN).then(made)
    state = play_inspection(*proposed())
    assert (state.stage, state.joined) == (Stage.PROPOSED, (CHILDREN,))
    assert readers(state) == {CHILDREN}
    for said in (JOIN, DECLINE):
        inspection.when(said, by=ENTREPRENEURS).then_refused("no_such_inspection")


@pytest.mark.parametrize(
    ("said", "by", "code"),
    [
        (proposal(), INTAKE, "not_entitled"),
        (proposal(complaints=(FIRST, FIRST)), CHILDREN, "named_twice"),
        (proposal(invited=(CHILDREN,)), CHILDREN, "named_twice"),
        (proposal(invited=("stranger",)), CHILDREN, "unknown_office"),
        (proposal(ends=proposal().starts.replace(day=1)), CHILDREN, "ends_before_start"),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(
    said: c.ProposeInspection, by: str, code: str
) -> None:
    given().when(said, by=by).then_refused(code)


def test_nothing_is_proposed_twice_and_a_stream_is_of_one_kind() -> None:
    inspection = given(*proposed())
    inspection.when(proposal(), by=GENERAL).then_refused("already_proposed")
    inspection.when(cc.CloseComplaint(), by=CHILDREN).then_refused("no_such_complaint")
    given().when(JOIN, by=CHILDREN).then_refused("no_such_inspection")


def test_it_opens_only_when_everybody_who_must_be_there_is() -> None:
    given(*proposed()).when(OPEN, by=CHILDREN).then_refused("complaints_not_answered")
    inspection = given(*answered())
    inspection.when(OPEN, by=GENERAL).then_refused("not_lead")
    inspection.when(OPEN, by=CHILDREN).then_refused("mandatory_party_missing")
    one = inspection.when(JOIN, by=GENERAL).then(e.JointPartyJoined(office=GENERAL))
    one.when(OPEN, by=CHILDREN).then_refused("mandatory_party_missing")
    both = one.when(JOIN, by=VULNERABLE).then(e.JointPartyJoined)
    offices = (CHILDREN, GENERAL, VULNERABLE)
    now = both.when(OPEN, by=CHILDREN).then(e.JointInspectionOpened(offices=offices))
    now.when(OPEN, by=CHILDREN).then_refused("already_open")


def test_without_any_other_office_nothing_is_opened() -> None:
    alone = (*proposed(complaints=(FIRST,)), order(entry(FIRST, CHILDREN), REGISTRAR))
    given(*alone).when(OPEN, by=CHILDREN).then_refused("no_other_party")


def test_who_must_take_part_and_stays_silent_is_gone_without_on_a_ground() -> None:
    inspection = given(*silent())
    inspection.when(OPEN, by=CHILDREN).then_refused("ground_required")
    late = c.OpenInspection(ground="silent-beyond-limit")
    opening = e.JointInspectionOpened(
        offices=(CHILDREN, GENERAL), silent=(VULNERABLE,), ground="silent-beyond-limit"
    )
    now = inspection.when(late, by=CHILDREN).then(opening)
    # and it may still join
    now.when(JOIN, by=VULNERABLE).then(e.JointPartyJoined(office=VULNERABLE))


def test_an_invitation_is_warned_about_and_runs_out_like_a_referral() -> None:
    inspection = given(*answered())
    warn, expire = (
        kind(office=GENERAL, due=JOINT_END) for kind in (c.WarnParty, c.ExpireInvitation)
    )
    inspection.when(expire, by=REGISTRAR).then_refused("deadline_does_not_stand")
    inspection.when(expire, by=GENERAL, at=JOINT_END).then_refused("not_entitled")
    warned = inspection.when(warn, by=REGISTRAR, at=JOINT_WARNING).then(e.JointPartyWarned)
    warned.when(warn, by=REGISTRAR, at=JOINT_WARNING).then_refused("deadline_does_not_stand")
    warned.when(expire, by=REGISTRAR, at=JOINT_END).then(
        e.JointInvitationExpired(office=GENERAL, due=JOINT_END)
    )
    joined_in_time = warned.when(JOIN, by=GENERAL).then(e.JointPartyJoined)
    late = joined_in_time.when(expire, by=REGISTRAR, at=JOINT_END)
    late.then_refused("deadline_does_not_stand")
    assert timers(play_inspection(*closed())) == ()


def test_an_office_that_must_take_part_cannot_decline_but_a_custodian_takes_its_complaint_out() -> (
    None
):
    inspection = given(*answered())
    inspection.when(DECLINE, by=VULNERABLE).then_refused("participation_mandatory")
    inspection.when(DECLINE, by=ENTREPRENEURS).then(e.JointPartyDeclined)
    inspection.when(DECLINE, by=GENERAL).then(
        e.JointComplaintLeft(complaint=FIRST, reason="custodian_left"),
        e.JointPartyDeclined(office=GENERAL, reason="not-competent"),
    )


@pytest.mark.parametrize(("office", "reason"), [(VULNERABLE, "party"), (CHILDREN, "lead")])
def test_without_who_must_be_there_an_open_inspection_is_separated(
    office: str, reason: str
) -> None:
    ended = e.JointInspectionSeparated(reason=f"{reason}_withdrew", ended_by=office)
    given(*opened()).when(LEAVE, by=office).then(e.JointPartyWithdrew, ended)


def test_without_anybody_else_it_goes_on_and_who_left_has_no_say() -> None:
    with_a_guest = (*at_work(), order(JOIN, ENTREPRENEURS), order(AGREE, ENTREPRENEURS))
    goes_on = given(*with_a_guest).when(LEAVE, by=ENTREPRENEURS).then(e.JointPartyWithdrew)
    share = c.ShareEvidence(kind="document", content=content(30))
    for said in (share, AGREE, JOIN, c.InviteParty(office=GENERAL, ground="other")):
        goes_on.when(said, by=ENTREPRENEURS).then_refused("party_left")
    again = c.InviteParty(office=ENTREPRENEURS, ground="business")
    goes_on.when(again, by=CHILDREN).then_refused("party_left")


def test_who_was_not_invited_does_not_join_and_who_was_joins_until_the_report() -> None:
    uninvited = (*proposed(invited=()), order(entry(FIRST), REGISTRAR))
    given(*uninvited).when(JOIN, by=ENTREPRENEURS).then_refused("no_such_inspection")
    given(*opened()).when(JOIN, by=ENTREPRENEURS).then(e.JointPartyJoined)
    given(*opened()).when(JOIN, by=GENERAL).then_refused("already_joined")
    given(*reported()).when(JOIN, by=ENTREPRENEURS).then_refused("report_issued")


def test_the_lead_asks_further_offices_once_it_is_known_who_is_complained_of() -> None:
    ask = c.InviteParty(office=GENERAL, ground="expertise")
    given(*proposed()).when(ask, by=CHILDREN).then_refused("complaints_not_answered")
    given(*answered()).when(ask, by=CHILDREN).then_refused("already_asked")
    given(*answered()).when(ask, by=ENTREPRENEURS).then_refused("not_lead")
    only = (*proposed(complaints=(FIRST,)), order(entry(FIRST, CHILDREN), REGISTRAR))
    asked = given(*only).when(ask, by=CHILDREN)
    asked.then(invited(GENERAL, "expertise", mandatory=False))
    stranger = c.InviteParty(office="stranger", ground="expertise")
    given(*only).when(stranger, by=CHILDREN).then_refused("unknown_office")


def test_a_decision_on_an_outdated_view_is_refused() -> None:
    inspection = given(*at_work())
    inspection.when(AGREE, by=GENERAL, based_on=3).then_refused("stale")


def test_what_the_registrar_books_makes_no_act_outdated_but_a_complaint_that_is_out_does() -> None:
    end = c.SeparateInspection(reason="other")
    given(*answered()).when(end, by=CHILDREN, based_on=1).then(e.JointInspectionSeparated)
    given(*silent()).when(end, by=CHILDREN, based_on=1).then_refused("stale")  # an office joined
    lost = (*proposed(), order(entry(FIRST), REGISTRAR), order(NOT_ENTERED, REGISTRAR))
    given(*lost).when(end, by=CHILDREN, based_on=1).then_refused("stale")
    leaving = c.RecordLeaving(complaint=FIRST, reason="consent_withdrawn")
    gone = (*answered(), order(leaving, REGISTRAR))
    given(*gone).when(end, by=CHILDREN, based_on=4).then_refused("stale")


@pytest.mark.parametrize("situation", INSPECTIONS)
def test_outsiders_learn_nothing_in_any_situation(situation: str) -> None:
    past = INSPECTIONS[situation]()
    state = play_inspection(*past)
    assert readers(state) <= set(OFFICES)
    assert all(state.party(office) for office in readers(state))
    for said in (JOIN, OPEN, AGREE):
        for stranger in (INTAKE, "stranger"):
            refused = given(*past).when(said, by=stranger)
            refused.then_refused("no_such_inspection")
            assert refused.refusal is not None
            assert refused.refusal.args_ == {}
    assert state.lead == CHILDREN
    assert all(party.part in Part for party in state.parties)
