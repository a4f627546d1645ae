"""What each office has to do with a complaint in every named situation, and until when."""

from datetime import timedelta
from itertools import chain
from typing import get_args

import pytest

from case_tracking.acts import ACTS, Standing
from case_tracking.duties import Role, Todo, Urgency, due_of, role_of, todo_of
from ombudslink import commands as c
from ombudslink.testing import builders as b
from ombudslink.testing.builders import Orders, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    GENERAL,
    HELP,
    INFORMATION_END,
    LEG_END,
    LEG_WARNING,
    MONDAY,
    POLICY,
    RECOMMENDATION_END,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.spec import play
from ombudslink.values import Clock

Duty = tuple[Role, Todo]
NOBODY = (Role.NONE, Todo.NOTHING)
FORMER = (Role.FORMER, Todo.NOTHING)


def custodian(todo: Todo) -> Duty:
    return Role.CUSTODIAN, todo


def late_information() -> Orders:
    late = c.DeclareInformationOverdue(request=1, due=INFORMATION_END)
    return (*b.body_asked(), order(late, REGISTRAR, INFORMATION_END))


def late_recommendation() -> Orders:
    late = c.DeclareRecommendationOverdue(recommendation=1, due=RECOMMENDATION_END)
    return (*b.followed_up(), order(late, REGISTRAR, RECOMMENDATION_END))


ACCEPTED = c.RecordRecommendationAnswer(recommendation=1, answer="accepted")
ASKED = (Role.ASKED, Todo.ANSWER_REFERRAL)
HELPING = (Role.ASKED, Todo.HELP)

DUTIES: dict[str, tuple[Orders, dict[str, Duty]]] = {
    "filed": (b.filed(), {GENERAL: custodian(Todo.AWAIT_ROUTING), CHILDREN: NOBODY}),
    "forwarded": (b.forwarded(), {GENERAL: custodian(Todo.AWAIT_ANSWER), CHILDREN: ASKED}),
    "proposed only": (
        (*b.filed(), order(b.routing(certain=False), "routing")),
        {GENERAL: custodian(Todo.REGISTER), CHILDREN: NOBODY},
    ),
    "registered": (b.registered(), {GENERAL: custodian(Todo.ASSESS)}),
    "asked to take over": (
        b.received(TRANSFER),
        {GENERAL: custodian(Todo.AWAIT_ANSWER), CHILDREN: ASKED},
    ),
    "rejected": (b.rejected(TRANSFER), {GENERAL: custodian(Todo.ASSESS), CHILDREN: FORMER}),
    "taken over": (
        b.accepted(TRANSFER),
        {GENERAL: FORMER, CHILDREN: custodian(Todo.REGISTER)},
    ),
    "to be given back": (
        b.return_requested(TRANSFER),
        {GENERAL: (Role.FORMER, Todo.ANSWER_RETURN), CHILDREN: custodian(Todo.AWAIT_RETURN)},
    ),
    "given back": (b.returned(TRANSFER), {GENERAL: custodian(Todo.ASSESS), CHILDREN: FORMER}),
    "asked to help": (b.received(HELP), {GENERAL: custodian(Todo.ASSESS), CHILDREN: ASKED}),
    "helping": (b.in_progress(HELP), {GENERAL: custodian(Todo.ASSESS), CHILDREN: HELPING}),
    "help to be given back": (
        b.return_requested(HELP),
        {GENERAL: custodian(Todo.ANSWER_RETURN), CHILDREN: (Role.ASKED, Todo.AWAIT_RETURN)},
    ),
    "helped": (b.completed(HELP), {GENERAL: custodian(Todo.ASSESS), CHILDREN: FORMER}),
    "disputed": (
        b.disputed(),
        {
            GENERAL: (Role.ARBITER, Todo.DECIDE_DISPUTE),
            VULNERABLE: custodian(Todo.AWAIT_ARBITER),
            CHILDREN: FORMER,
            ENTREPRENEURS: FORMER,
        },
    ),
    "inadmissible": (b.inadmissible(), {GENERAL: custodian(Todo.CLOSE)}),
    "examined": (b.examined(), {GENERAL: custodian(Todo.EXAMINE)}),
    "asked a question": (b.asked(), {GENERAL: custodian(Todo.AWAIT_COMPLAINANT)}),
    "waiting for a body": (b.body_asked(), {GENERAL: custodian(Todo.AWAIT_BODY)}),
    "a body is late": (late_information(), {GENERAL: custodian(Todo.EXAMINE)}),
    "answered": (b.answered(), {GENERAL: custodian(Todo.CLOSE)}),
    "recommended": (b.recommended(), {GENERAL: custodian(Todo.CLOSE)}),
    "closed and not followed yet": (b.followed_up(), {GENERAL: custodian(Todo.AWAIT_BODY)}),
    "closed and not followed in time": (
        late_recommendation(),
        {GENERAL: custodian(Todo.FOLLOW_UP)},
    ),
    "closed and followed": (
        (*late_recommendation(), order(ACCEPTED, GENERAL)),
        {GENERAL: custodian(Todo.NOTHING)},
    ),
    "closed": (b.closed(), {GENERAL: custodian(Todo.NOTHING)}),
    "withdrawn": (b.withdrawn(), {GENERAL: custodian(Todo.NOTHING)}),
    "reopened": (b.reopened(), {GENERAL: custodian(Todo.EXAMINE)}),
    "ended while help was asked for": (
        (*b.requested(HELP), order(c.WithdrawComplaint(ground="own-wish"), GENERAL)),
        {GENERAL: custodian(Todo.NOTHING), CHILDREN: FORMER},
    ),
}


@pytest.mark.parametrize(("orders", "duties"), DUTIES.values(), ids=DUTIES.keys())
def test_each_office_sees_what_it_has_to_do(orders: Orders, duties: dict[str, Duty]) -> None:
    state = play(*orders)
    assert {o: (role_of(state, o), todo_of(state, o)) for o in duties} == duties


def test_the_date_that_counts_is_the_offices_own() -> None:
    # given a registered complaint on its way to the children's office
    state = play(*b.received(TRANSFER))
    asked, custodian_due = due_of(state, CHILDREN), due_of(state, GENERAL)
    assert asked and custodian_due
    assert (asked.clock, asked.at) == (Clock.LEG, LEG_END)
    assert (custodian_due.clock, custodian_due.at) == (Clock.EXAMINATION, EXAMINATION_END)
    # whoever has no part, or a complaint without a running clock, has no date
    assert due_of(state, VULNERABLE) is None
    assert due_of(play(*b.answered()), GENERAL) is None
    assert due_of(play(*b.inadmissible()), GENERAL) is None
    assert due_of(play(*b.filed()), GENERAL) is None


def test_a_date_becomes_urgent_with_its_warning_and_overdue_after_its_end() -> None:
    due = due_of(play(*b.received(TRANSFER)), CHILDREN)
    assert due
    second = timedelta(seconds=1)
    told = [due.urgency(at) for at in (MONDAY, LEG_WARNING - second, LEG_WARNING, LEG_END)]
    assert told == [Urgency.IN_TIME, Urgency.IN_TIME, Urgency.SOON, Urgency.SOON]
    assert due.urgency(LEG_END + second) is Urgency.OVERDUE


@pytest.mark.parametrize(("orders", "duties"), DUTIES.values(), ids=DUTIES.keys())
def test_who_has_something_to_do_is_offered_an_act_for_it(
    orders: Orders, duties: dict[str, Duty]
) -> None:
    state = play(*orders)
    for office, (role, todo) in duties.items():
        standing = Standing(state, office, MONDAY, POLICY)
        on_referrals = (standing.acts_on(referral.number) for referral in state.referrals)
        offered = {*standing.acts(), *chain(*on_referrals)}
        assert NEEDED.get(todo, set()) <= offered, todo
        if role is Role.FORMER and todo is Todo.NOTHING:
            assert offered == set()


NEEDED = {
    Todo.DECIDE_DISPUTE: {"competence"},
    Todo.ANSWER_RETURN: {"return-acceptance", "return-refusal"},
    Todo.REGISTER: {"registration"},
    Todo.ASSESS: {"admissibility", "examination", "referrals"},
    Todo.EXAMINE: {"questions", "decision"},
    Todo.FOLLOW_UP: {"recommendation-answers"},
    Todo.CLOSE: {"closing"},
    Todo.HELP: {"completion"},
    Todo.AWAIT_ANSWER: {"revocation"},
}
"""The acts by which a duty is done."""


def test_acts_have_names_of_their_own_and_cover_every_command_of_an_office() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    automatic = {"ReceiveReferral"}
    of_services = {
        "FileComplaint",
        "RouteComplaint",
        "ExpireReferral",
        "WarnDeadline",
        "BreachDeadline",
        "ProvideClarification",
        "DeclareInformationOverdue",
        "DeclareRecommendationOverdue",
        "EnterInspection",
        "AdmitInspectionParty",
        "ReleaseInspectionParty",
        "StartJointExamination",
        "LeaveInspection",
    }
    about_complaints = {command.__name__ for command in get_args(c.ComplaintCommand)}
    offered = about_complaints - automatic - of_services
    assert {act.command.__name__ for act in ACTS} == offered
