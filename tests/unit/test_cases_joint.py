"""What each office has to do in a joint inspection at every stage, and what it may do."""

from itertools import product
from typing import get_args

import pytest

from case_tracking.joint.acts import JOINT_ACTS, PROPOSAL, JointAct, JointStanding
from case_tracking.joint.duties import JointRole, JointTodo, joint_role, joint_todo
from case_tracking.joint.refusals import refusals
from ombudslink import inspection_commands as c
from ombudslink.commands import Order, Refused
from ombudslink.inspection import Inspection
from ombudslink.streams import decide
from ombudslink.testing import inspections as b
from ombudslink.testing.country import CHILDREN, ENTREPRENEURS, GENERAL, MONDAY, POLICY, VULNERABLE
from ombudslink.testing.spec import play_inspection

OFFICES = (CHILDREN, GENERAL, VULNERABLE, ENTREPRENEURS)
STAGES = {
    make.__name__: play_inspection(*make())
    for make in (
        *(b.proposed, b.answered, b.joined, b.declined, b.silent, b.opened, b.tasked),
        *(b.one_left, b.at_work, b.voted, b.reported, b.closed, b.separated),
    )
}
NEEDED = {
    JointTodo.ANSWER_INVITATION: {"joining"},
    JointTodo.OPEN: {"opening"},
    JointTodo.EXAMINE: {"evidence", "findings"},
    JointTodo.REPORT: {"report"},
    JointTodo.SIGN: {"signature"},
    JointTodo.CLOSE: {"closing"},
}
"""The acts by which a duty is done."""


def standing(state: Inspection, office: str) -> JointStanding:
    return JointStanding(state, office, MONDAY, POLICY)


@pytest.mark.parametrize(("stage", "office"), sorted(product(STAGES, OFFICES)))
def test_what_an_office_has_to_do_it_may_do(stage: str, office: str) -> None:
    state = STAGES[stage]
    todo, may = joint_todo(state, office), standing(state, office)
    assert NEEDED.get(todo, set()) <= set(may.acts())
    if todo is JointTodo.VOTE:
        votes = [may.acts_on("finding", finding.number) for finding in state.findings]
        assert ["agreement", "dissent"] in votes
    if todo is JointTodo.DO_TASK:
        assert ["completion"] in [may.acts_on("task", task.number) for task in state.tasks]
    if joint_role(state, office) is JointRole.FORMER:
        assert (todo, may.acts()) == (JointTodo.NOTHING, [])


@pytest.mark.parametrize("act", ["opening", "report", "closing"])
def test_what_only_the_lead_may_do_is_asked_of_it_when_it_may(act: str) -> None:
    (todo,) = (todo for todo, acts in NEEDED.items() if act in acts)
    for state in STAGES.values():
        asked = joint_todo(state, state.lead) is todo
        before = {JointTodo.SIGN, JointTodo.DO_TASK}
        may = act in standing(state, state.lead).acts()
        if act == "opening":
            # It opens without a silent office only on a ground, which is for the lead to weigh.
            assert asked == may
        elif may:
            assert asked or joint_todo(state, state.lead) in before


def test_joint_acts_cover_every_command_of_an_office() -> None:
    of_registrar = {
        *(c.RecordEntry, c.RecordEntryRefusal, c.RecordLeaving),
        *(c.WarnParty, c.ExpireInvitation),
    }
    offered = set(get_args(c.InspectionCommand)) - of_registrar
    assert {act.command for act in (PROPOSAL, *JOINT_ACTS)} == offered
    assert len({act.name for act in JOINT_ACTS}) == len(JOINT_ACTS)


@pytest.mark.parametrize("act", JOINT_ACTS, ids=lambda act: act.name)
def test_every_refusal_of_a_joint_act_is_described(act: JointAct) -> None:
    drawn = {"digest": "0" * 64, "office": GENERAL, "reason": "other", "number": 1}
    for state, office, number in product(STAGES.values(), OFFICES, (1, 9)):
        for said in act.probes:
            try:
                standing(state, office).follows(act, number, {**drawn, **said}, "officer")
            except Refused as refusal:
                assert refusal.code in refusals(act)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_an_office_that_was_never_asked_may_do_nothing(stage: str) -> None:
    assert standing(STAGES[stage], "nobody").acts() == []
    with pytest.raises(Refused, match="no_such_inspection"):
        decide(STAGES[stage], Order(c.JoinInspection(), "nobody", MONDAY), POLICY)
