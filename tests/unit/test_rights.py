"""Whose feed a complaint enters, how much content an office may have, what the person sees."""

from itertools import pairwise

import pytest

from case_tracking.clerk import to_register
from ombudslink import commands as c
from ombudslink.complaint import Complaint, evolve
from ombudslink.rights import ContentRight, content_right, readers
from ombudslink.status import Status, public_status
from ombudslink.testing.builders import (
    COMPLAINTS,
    REFERRAL_IN,
    Orders,
    accepted,
    answered,
    asked,
    disputed,
    examined,
    filed,
    forwarded,
    inadmissible,
    kept,
    order,
    passed_on,
    received,
    registered,
    rejected,
    requested,
    returned,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    GENERAL,
    HELP,
    LEG_END,
    OFFICER,
    POLICY,
    TRANSFER,
    VULNERABLE,
    number_in,
)
from ombudslink.testing.spec import play, steps
from ombudslink.values import ReferralKind, ReferralState

WHOLE, FORMER = ContentRight.WHOLE, ContentRight.FORMER
PREVIEW, NONE = ContentRight.PREVIEW, ContentRight.NONE


def determined(for_: str) -> Orders:
    """The dispute before the general office, ended for that office."""
    determine = c.DetermineCompetence(office=for_, ground="general")
    return (*disputed(), order(determine, GENERAL))


def test_every_office_that_ever_had_a_part_sees_every_later_hop() -> None:
    passed = play(*passed_on(CHILDREN, ENTREPRENEURS))
    assert readers(passed) == {GENERAL, CHILDREN, ENTREPRENEURS}
    assert readers(play(*rejected(TRANSFER))) == {GENERAL, CHILDREN}
    assert readers(play(*returned(HELP))) == {GENERAL, CHILDREN}


def test_an_arbiter_who_had_no_part_becomes_party_and_keeps_what_it_saw() -> None:
    # given a complaint that goes round among three offices and never was the arbiter's
    way = (CHILDREN, ENTREPRENEURS, VULNERABLE, CHILDREN, ENTREPRENEURS)
    orders = filed(addressed=CHILDREN)
    for number, (sender, receiver) in enumerate(pairwise(way), 1):
        refer = c.Refer(kind=TRANSFER, receiver=receiver, reason="competence")
        orders += (order(refer, sender, actor=OFFICER),)
        if number <= POLICY.hop_limit:
            receive = c.ReceiveReferral(referral=number, number=number_in(receiver, number))
            orders += (order(receive, receiver),)
            orders += (order(c.AcceptReferral(referral=number), receiver),)
    before, after = play(*orders[:-1]), play(*orders)
    assert GENERAL not in readers(before)
    assert GENERAL in readers(after)
    assert content_right(after, GENERAL) is WHOLE
    ended = play(*orders, order(c.StartExamination(), CHILDREN))
    assert content_right(ended, GENERAL) is FORMER


RIGHTS: list[tuple[str, Orders, dict[str, ContentRight]]] = [
    ("not routed yet: preview", filed(), {GENERAL: PREVIEW, CHILDREN: NONE}),
    ("kept by its first custodian", kept(), {GENERAL: WHOLE, CHILDREN: NONE}),
    ("the custodian has it whole", registered(), {GENERAL: WHOLE, CHILDREN: NONE}),
    ("certainly on its way: both preview", forwarded(), {GENERAL: PREVIEW, CHILDREN: PREVIEW}),
    ("asked on its own account", requested(TRANSFER), {GENERAL: WHOLE, CHILDREN: PREVIEW}),
    ("received and unanswered", received(HELP), {GENERAL: WHOLE, CHILDREN: PREVIEW}),
    ("taken over", accepted(TRANSFER), {GENERAL: FORMER, CHILDREN: WHOLE}),
    ("helping", accepted(HELP), {GENERAL: WHOLE, CHILDREN: WHOLE}),
    ("given back", returned(TRANSFER), {GENERAL: WHOLE, CHILDREN: FORMER}),
    ("helped", returned(HELP), {GENERAL: WHOLE, CHILDREN: FORMER}),
    ("before the arbiter", disputed(), {GENERAL: WHOLE, CHILDREN: FORMER, VULNERABLE: WHOLE}),
    ("kept by the arbiter", determined(GENERAL), {GENERAL: WHOLE, VULNERABLE: FORMER}),
    ("left where it was", determined(VULNERABLE), {GENERAL: FORMER, VULNERABLE: WHOLE}),
]


@pytest.mark.parametrize(("orders", "rights"), [r[1:] for r in RIGHTS], ids=[r[0] for r in RIGHTS])
def test_content_goes_to_an_office_by_its_part(
    orders: Orders, rights: dict[str, ContentRight]
) -> None:
    state = play(*orders)
    assert {office: content_right(state, office) for office in rights} == rights


ELSEWHERE = POLICY.model_copy(update={"arbiter": (VULNERABLE,), "hop_limit": 1})
"""Another office than the fallback is arbiter, and that is asked soon."""


def sent_round() -> Orders:
    """Forwarded; the children's office pointed further than it may go: the arbiter is asked."""
    redirect = c.RedirectReferral(referral=1, receiver=ENTREPRENEURS, reason="business")
    receive = c.ReceiveReferral(referral=1, number="CHI-1")
    return (*forwarded(), order(receive, CHILDREN), order(redirect, CHILDREN))


def test_no_event_on_the_way_to_the_competent_office_opens_the_content() -> None:
    # given the events of filing, certain forwarding and a dispute, told one by one
    state = Complaint()
    for step in steps(sent_round(), ELSEWHERE):
        for event in step.events:
            state = evolve(state, event, step.order.by)
            # then at no moment, not even between two events of one decision, is it whole
            assert content_right(state, GENERAL) is PREVIEW
            assert content_right(state, CHILDREN) in (NONE, PREVIEW)
            assert not to_register(state, GENERAL)
    assert state.disputed_before == VULNERABLE


def test_a_custodian_to_which_the_arbiter_leaves_the_complaint_has_it_whole() -> None:
    leave = c.DetermineCompetence(office=GENERAL, ground="general")
    state = play(*sent_round(), order(leave, VULNERABLE), policy=ELSEWHERE)
    assert content_right(state, GENERAL) is WHOLE
    assert to_register(state, GENERAL)


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
@pytest.mark.parametrize("state", ["rejected", "expired", "revoked", "redirected"])
def test_an_office_that_did_not_take_it_has_nothing_more(kind: ReferralKind, state: str) -> None:
    complaint = play(*REFERRAL_IN[ReferralState(state)](kind))
    assert content_right(complaint, CHILDREN) is NONE


def test_the_office_complained_of_has_no_right_at_all() -> None:
    state = play(*filed(complained_office=CHILDREN))
    assert content_right(state, CHILDREN) is NONE
    assert CHILDREN not in readers(state)


SEEN = {
    "filed": (Status.FILED, (GENERAL,)),
    "registered": (Status.REGISTERED, (GENERAL,)),
    "forwarded": (Status.SENT, (CHILDREN,)),
    "inadmissible": (Status.ANSWERED, (GENERAL,)),
    "examined": (Status.BEING_EXAMINED, (GENERAL,)),
    "asked": (Status.WAITING_FOR_YOU, (GENERAL,)),
    "body asked": (Status.BEING_EXAMINED, (GENERAL,)),
    "disputed": (Status.BEING_ASSESSED, (GENERAL,)),
    "answered": (Status.ANSWERED, (GENERAL,)),
    "recommended": (Status.ANSWERED, (GENERAL,)),
    "followed up": (Status.CLOSED, (GENERAL,)),
    "closed": (Status.CLOSED, (GENERAL,)),
    "withdrawn": (Status.CLOSED, (GENERAL,)),
    "reopened": (Status.BEING_EXAMINED, (GENERAL,)),
    "consented": (Status.REGISTERED, (GENERAL,)),
    "entered": (Status.REGISTERED, (GENERAL,)),
    "jointly examined": (Status.JOINTLY_EXAMINED, (GENERAL, CHILDREN)),
    "separated": (Status.BEING_EXAMINED, (GENERAL,)),
}


@pytest.mark.parametrize("situation", COMPLAINTS)
def test_the_public_status_of_every_situation(situation: str) -> None:
    told = public_status(play(*COMPLAINTS[situation]()))
    assert (told.status, told.offices) == SEEN[situation]


def test_the_next_date_is_the_one_that_the_person_waits_for() -> None:
    assert public_status(play(*filed())).next_date is None
    assert public_status(play(*registered())).next_date == EXAMINATION_END
    assert public_status(play(*requested(TRANSFER))).next_date == LEG_END
    assert public_status(play(*answered())).next_date is None


def test_who_is_told_no_is_answered_with_what_else_can_be_done_and_waits_for_no_date() -> None:
    told = public_status(play(*inadmissible()))
    assert (told.outcome, told.remedy, told.next_date) == ("inadmissible", "court", None)
    # when it is passed on all the same, then that is what there is to wait for
    onwards = order(c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence"), GENERAL)
    sent = public_status(play(*inadmissible(), onwards))
    assert (sent.status, sent.offices, sent.next_date) == (Status.SENT, (CHILDREN,), LEG_END)


def test_more_time_is_told_and_a_question_comes_before_everything_else() -> None:
    more = order(c.ExtendDeadline(working_days=5, ground="complex"), GENERAL)
    assert public_status(play(*examined(), more)).status is Status.EXTENDED
    onwards = order(c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence"), GENERAL)
    assert public_status(play(*asked(), onwards)).status is Status.WAITING_FOR_YOU


def test_a_new_custodian_is_not_said_to_examine_before_it_does() -> None:
    onwards = (
        order(c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence"), GENERAL),
        order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN),
        order(c.AcceptReferral(referral=1), CHILDREN),
    )
    moved = public_status(play(*examined(), *onwards))
    assert (moved.status, moved.offices) == (Status.BEING_ASSESSED, (CHILDREN,))
    begun = play(*examined(), *onwards, order(c.StartExamination(), CHILDREN))
    assert public_status(begun).status is Status.BEING_EXAMINED
