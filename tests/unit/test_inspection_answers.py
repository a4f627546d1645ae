"""What complaints answer to a joint inspection, who is asked then, and how it ends with them."""

from datetime import timedelta

import pytest

from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.ids import derived_id
from ombudslink.inspection import Inspection, Stage
from ombudslink.inviting import readers
from ombudslink.testing.builders import order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    JOINT_END,
    JOINT_WARNING,
    POLICY,
    REGISTRAR,
    VULNERABLE,
    office,
)
from ombudslink.testing.inspections import (
    FIRST,
    SECOND,
    entry,
    opened,
    proposal,
    proposed,
    reported,
)
from ombudslink.testing.spec import When, given, play_inspection

JOIN = c.JoinInspection()
OPEN = c.OpenInspection()
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


def test_only_the_registrar_says_how_a_complaint_answered() -> None:
    for said in (entry(), NOT_ENTERED, c.RecordLeaving(complaint=FIRST, reason="withdrawn")):
        given(*proposed()).when(said, by=CHILDREN).then_refused("not_entitled")


def test_who_is_named_or_must_take_part_is_asked_once_every_complaint_has_answered() -> None:
    first = given(*proposed()).when(entry(FIRST), by=REGISTRAR).then(e.JointComplaintEntered)
    last = first.when(entry(SECOND, CHILDREN, VULNERABLE), by=REGISTRAR)
    last.then(
        e.JointComplaintEntered,
        invited(ENTREPRENEURS),
        invited(GENERAL, "custodian", mandatory=True),
        invited(VULNERABLE, "affected", mandatory=True),
    )


def test_who_is_named_and_must_take_part_is_asked_as_one_that_must() -> None:
    first = given(*proposed()).when(entry(FIRST), by=REGISTRAR).then(e.JointComplaintEntered)
    last = first.when(entry(SECOND, ENTREPRENEURS), by=REGISTRAR)
    last.then(
        e.JointComplaintEntered,
        invited(ENTREPRENEURS, "custodian", mandatory=True),
        invited(GENERAL, "custodian", mandatory=True),
    )


def test_an_answer_that_comes_late_gives_its_offices_their_whole_time() -> None:
    first = given(*proposed(complaints=(FIRST,)))
    asked = first.when(entry(FIRST), by=REGISTRAR, at=JOINT_END + timedelta(days=30))
    assert all(one.answer_due > JOINT_END + timedelta(days=30) for one in asked.events[1:])


ABOUT = {"complaint": SECOND, "complained_office": ENTREPRENEURS}


@pytest.mark.parametrize(
    "answer",
    [
        entry(SECOND, complained_office=ENTREPRENEURS),
        c.RecordEntryRefusal(code="consent_missing", **ABOUT),
        c.RecordLeaving(reason="consent_withdrawn", **ABOUT),
    ],
    ids=["entered", "refused", "left before it was told to have entered"],
)
def test_who_is_named_and_complained_of_is_never_asked_however_that_complaint_answers(
    answer: c.InspectionCommand,
) -> None:
    # given a proposal that names the office that one of its complaints is about
    both = given(*proposed(), order(entry(FIRST), REGISTRAR))
    # when the answers are there, then it is told nothing, and can do nothing
    now = both.when(answer, by=REGISTRAR)
    assert [x.office for x in now.events if isinstance(x, e.JointPartyInvited)] == [GENERAL]
    state = play_inspection(*proposed(), order(entry(FIRST), REGISTRAR), now.order)
    assert readers(state) == {CHILDREN, GENERAL}
    after = given(*proposed(), order(entry(FIRST), REGISTRAR), now.order)
    after.when(JOIN, by=ENTREPRENEURS).then_refused("no_such_inspection")
    ask = c.InviteParty(office=ENTREPRENEURS, ground="expertise")
    after.when(ask, by=CHILDREN).then_refused("office_complained_of")


def many(*, custodians: int, named: int) -> When:
    """A proposal over one complaint of each of so many offices, naming some more; all answer."""
    ids = tuple(f"office-{n}" for n in range(custodians + named))
    offices = tuple(office(id_, "OF") for id_ in ids)
    policy = POLICY.model_copy(update={"offices": (*POLICY.offices, *offices)})
    complaints = tuple(derived_id("complaint", n) for n in range(custodians))
    said = proposal(complaints=complaints, invited=ids[custodians:])
    past = [order(said, CHILDREN)]
    entries = [entry(one, ids[n]) for n, one in enumerate(complaints)]
    past += [order(one, REGISTRAR) for one in entries[:-1]]
    return given(*past, policy=policy).when(entries[-1], by=REGISTRAR)


@pytest.mark.parametrize(("custodians", "named"), [(7, 0), (1, 6), (4, 3)])
def test_eight_offices_take_part_at_most_and_so_many_are_asked(custodians: int, named: int) -> None:
    many(custodians=custodians, named=named).then(
        e.JointComplaintEntered, *[e.JointPartyInvited] * 7
    )


@pytest.mark.parametrize(("custodians", "named"), [(8, 0), (1, 7), (50, 0)])
def test_with_a_ninth_that_must_take_part_it_ends_at_once_and_nobody_is_asked(
    custodians: int, named: int
) -> None:
    ended = e.JointInspectionSeparated(reason="too_many_offices", ended_by=REGISTRAR)
    many(custodians=custodians, named=named).then(e.JointComplaintEntered, ended)


def test_nobody_is_asked_where_eight_take_part_already() -> None:
    full = many(custodians=7, named=0).then(e.JointComplaintEntered, *[e.JointPartyInvited] * 7)
    ask = c.InviteParty(office=VULNERABLE, ground="expertise")
    full.when(ask, by=CHILDREN).then_refused("too_many_offices")


@pytest.mark.parametrize("order_", [(0, 1), (1, 0)])
def test_an_office_complained_of_in_one_complaint_is_left_out_of_all(
    order_: tuple[int, int],
) -> None:
    # given a complaint that needs the vulnerable groups' office, and one that is about it
    said = (entry(FIRST, GENERAL, VULNERABLE), entry(SECOND, complained_office=VULNERABLE))
    orders = [order(said[number], REGISTRAR) for number in order_]
    # then it is not asked, whichever answers first, and may not even know
    state = play_inspection(*proposed(), *orders)
    assert readers(state) == {CHILDREN, ENTREPRENEURS, GENERAL}
    assert state.party(VULNERABLE) is None
    assert VULNERABLE not in state.required
    inspection = given(*proposed(), *orders)
    inspection.when(JOIN, by=VULNERABLE).then_refused("no_such_inspection")
    ask = c.InviteParty(office=VULNERABLE, ground="disability")
    inspection.when(ask, by=CHILDREN).then_refused("office_complained_of")


def test_an_office_complained_of_stays_out_when_that_complaint_has_left() -> None:
    needs, about = entry(FIRST, GENERAL, VULNERABLE), entry(SECOND, complained_office=VULNERABLE)
    both = given(*proposed(), order(needs, REGISTRAR), order(about, REGISTRAR))
    leaving = c.RecordLeaving(complaint=SECOND, reason="complaint_withdrawn")
    # it is not asked now, because the history says who was complained of
    after = both.when(leaving, by=REGISTRAR).then(e.JointComplaintLeft)
    after.when(JOIN, by=VULNERABLE).then_refused("no_such_inspection")
    ask = c.InviteParty(office=VULNERABLE, ground="disability")
    after.when(ask, by=CHILDREN).then_refused("office_complained_of")


def test_with_no_complaint_entered_it_ends_and_with_one_it_goes_on() -> None:
    refuse = [
        c.RecordEntryRefusal(complaint=one, code="consent_missing") for one in (FIRST, SECOND)
    ]
    first = given(*proposed()).when(refuse[0], by=REGISTRAR).then(e.JointComplaintRefused)
    separated_ = e.JointInspectionSeparated(reason="no_complaint_entered", ended_by=REGISTRAR)
    first.when(refuse[1], by=REGISTRAR).then(e.JointComplaintRefused, separated_)
    one = first.when(entry(SECOND, CHILDREN), by=REGISTRAR)
    one = one.then(e.JointComplaintEntered, invited(ENTREPRENEURS))
    one.when(refuse[1], by=REGISTRAR).then_refused("already_entered")


def test_it_ends_when_the_last_complaint_leaves() -> None:
    leaving = [
        c.RecordLeaving(complaint=one, reason="consent_withdrawn") for one in (FIRST, SECOND)
    ]
    first = given(*opened()).when(leaving[0], by=REGISTRAR).then(e.JointComplaintLeft)
    first.when(leaving[0], by=REGISTRAR).then_refused("complaint_left")
    ended = e.JointInspectionSeparated(reason="no_complaint_left", ended_by=REGISTRAR)
    last = first.when(leaving[1], by=REGISTRAR).then(e.JointComplaintLeft, ended)
    last.when(leaving[1], by=REGISTRAR).then_refused("inspection_ended")


def test_a_complaint_that_enters_too_late_is_told_to_leave_again() -> None:
    leaving = c.RecordLeaving(complaint=FIRST, reason="complaint_withdrawn")
    told = e.JointComplaintLeft(complaint=FIRST, reason="entered_too_late")
    gone = given(*proposed(), order(leaving, REGISTRAR))
    gone.when(entry(FIRST), by=REGISTRAR).then(told)
    ended = given(*proposed(), order(c.SeparateInspection(reason="other"), CHILDREN))
    late = ended.when(entry(FIRST), by=REGISTRAR).then(told)
    late.when(entry(FIRST), by=REGISTRAR).then(told)


def test_an_inspection_that_has_ended_still_notes_every_answer_and_asks_nobody() -> None:
    ended = given(*proposed(), order(c.SeparateInspection(reason="other"), CHILDREN))
    refused = ended.when(NOT_ENTERED, by=REGISTRAR).then(e.JointComplaintRefused)
    last = refused.when(entry(FIRST), by=REGISTRAR).then(e.JointComplaintLeft)
    assert isinstance(last.state, Inspection)
    assert (last.state.settled, last.state.stage) == (True, Stage.SEPARATED)
    assert readers(last.state) == {CHILDREN}
    last.when(NOT_ENTERED, by=REGISTRAR).then_refused("already_entered")


def test_a_report_that_is_issued_stays_when_the_last_complaint_leaves() -> None:
    inspection = given(*reported())
    for one in (FIRST, SECOND):
        leaving = c.RecordLeaving(complaint=one, reason="consent_withdrawn")
        inspection = inspection.when(leaving, by=REGISTRAR).then(e.JointComplaintLeft)
    closing = c.CloseInspection(outcome="reported")
    inspection.when(closing, by=CHILDREN).then(e.JointInspectionClosed)
