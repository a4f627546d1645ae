"""What happens at the same time as a joint inspection, in whatever order it comes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from consistency.invariants import decisions
from consistency.world import OFFICES, World
from integration.inspecting import (
    CHILD,
    CONSENT,
    JOINT,
    RIVAL,
    SCHOOL,
    answers,
    at_rest,
    examining,
    inspection,
    parts,
    propose,
    received,
)
from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command
from ombudslink.ids import derived_id
from ombudslink.inspection import Answer, Part, Stage
from ombudslink.testing.builders import content, filing
from ombudslink.testing.country import CHILDREN, ENTREPRENEURS, GENERAL, INTAKE, JOINT_END
from ombudslink.testing.inspections import issuing
from ombudslink.values import ReferralKind

NO_CONSENT = c.WithdrawConsent(purpose="joint_inspection")
TAKE_BACK = c.WithdrawComplaint(ground="own-wish")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The children's office has one complaint and the general office another; both agree."""
    world = World(tmp_path)
    world.ask(INTAKE, CHILD, filing())
    world.ask(INTAKE, SCHOOL, filing(affected=()))
    world.settle()
    world.ask(CHILDREN, CHILD, c.AcceptReferral(referral=1))
    for stream in (CHILD, SCHOOL):
        world.ask(INTAKE, stream, CONSENT)
    world.settle()
    yield world
    world.close()


def code_of(world: World, command: str | None) -> str | None:
    """With which code a command was refused; None where it was accepted."""
    (outcome,) = (one for key, one in decisions(world).items() if key[1] == command)
    return outcome.code


def opened(world: World) -> None:
    """Proposed by the general office, joined by the two others, and opened."""
    propose(world)
    world.settle()
    for office in (CHILDREN, ENTREPRENEURS):
        world.ask(office, JOINT, ic.JoinInspection())
    world.settle()
    world.ask(GENERAL, JOINT, ic.OpenInspection())
    world.settle()


@pytest.mark.parametrize("first", [GENERAL, CHILDREN])
def test_of_two_offices_that_propose_at_once_one_has_the_complaint(
    world: World, first: str
) -> None:
    # given a complaint that two offices are party to, and proposals of both before any answer
    second = CHILDREN if first == GENERAL else GENERAL
    propose(world, (CHILD,), (), JOINT, first)
    propose(world, (CHILD,), (), RIVAL, second)
    world.settle()
    # then it is in one of them, and the other has ended
    stages = {inspection(world, one).stage: one for one in (JOINT, RIVAL)}
    assert set(stages) == {Stage.PROPOSED, Stage.SEPARATED}
    work = world.registrar.state(CHILD).joint
    assert work is not None
    assert work.inspection == stages[Stage.PROPOSED]
    assert answers(world, stages[Stage.SEPARATED]) == {CHILD: Answer.REFUSED}
    at_rest(world)


def before_it_is_decided(world: World) -> None:
    """The proposal is on its way."""
    propose(world)


def while_the_complaints_answer(world: World) -> None:
    """The proposal is decided; what it asks of the complaints is not."""
    propose(world)
    general, registrar = world.nodes[GENERAL], world.registrar
    for node, step in ((general, general.send), (registrar, registrar.decide)):
        world.step(node, step)


def before_it_is_opened(world: World) -> None:
    """All have answered, nobody has joined."""
    propose(world)
    world.settle()


@pytest.mark.parametrize("goes", [NO_CONSENT, TAKE_BACK], ids=["consent", "complaint"])
@pytest.mark.parametrize(
    "when", [before_it_is_decided, while_the_complaints_answer, before_it_is_opened, opened]
)
def test_who_goes_at_any_moment_is_out_and_the_others_go_on(
    world: World, when: Callable[[World], None], goes: Command
) -> None:
    when(world)
    world.ask(INTAKE, CHILD, goes)
    world.settle()
    assert answers(world)[CHILD] in (Answer.LEFT, Answer.REFUSED)
    assert answers(world)[SCHOOL] is Answer.ENTERED
    assert world.registrar.state(CHILD).joint is None
    assert examining(world, CHILD) == set()
    assert inspection(world).stage is (Stage.OPEN if when is opened else Stage.PROPOSED)
    at_rest(world)


@pytest.mark.parametrize("transfer_first", [True, False])
def test_a_transfer_and_a_proposal_at_once_do_not_take_the_complaint_apart(
    world: World, transfer_first: bool
) -> None:
    refer = c.Refer(kind=ReferralKind.TRANSFER, receiver=ENTREPRENEURS, reason="business")
    if not transfer_first:
        propose(world, (SCHOOL,))
        world.settle()
    moved = world.ask(GENERAL, SCHOOL, refer)
    if transfer_first:
        propose(world, (SCHOOL,))
    world.settle()
    if code_of(world, moved) is None:
        assert answers(world) == {SCHOOL: Answer.REFUSED}
        assert inspection(world).stage is Stage.SEPARATED
        accept = c.AcceptReferral(referral=world.registrar.state(SCHOOL).referrals[-1].number)
        world.ask(ENTREPRENEURS, SCHOOL, accept)
        world.settle()
        assert world.registrar.state(SCHOOL).custodian == ENTREPRENEURS
    else:
        assert code_of(world, moved) == "under_joint_inspection"
        assert answers(world) == {SCHOOL: Answer.ENTERED}
    at_rest(world)


def test_nobody_decides_or_closes_a_complaint_alone_meanwhile(world: World) -> None:
    opened(world)
    alone = (c.IssueDecision(outcome="well-founded", remedy="court"), c.CloseComplaint())
    ids = [world.ask(CHILDREN, CHILD, said) for said in alone]
    world.settle()
    assert {code_of(world, id_) for id_ in ids} == {"under_joint_inspection"}
    assert examining(world, CHILD) == {GENERAL, CHILDREN, ENTREPRENEURS}
    at_rest(world)


def test_without_a_silent_office_that_must_take_part_it_opens_on_a_ground_and_that_joins_later(
    world: World,
) -> None:
    # given that the custodian of a complaint does not answer in time
    propose(world)
    world.settle()
    world.ask(ENTREPRENEURS, JOINT, ic.JoinInspection())
    early = world.ask(GENERAL, JOINT, ic.OpenInspection(ground="no-answer"))
    world.settle()
    assert code_of(world, early) == "mandatory_party_missing"
    world.time.now = JOINT_END + timedelta(days=3)
    for _ in range(3):
        world.step(world.registrar, world.registrar.fire)
        world.settle()
    assert parts(world)[CHILDREN] is Part.SILENT
    # when the lead opens
    without = world.ask(GENERAL, JOINT, ic.OpenInspection())
    world.settle()
    assert code_of(world, without) == "ground_required"
    world.ask(GENERAL, JOINT, ic.OpenInspection(ground="no-answer"))
    world.settle()
    assert examining(world, CHILD) == {GENERAL, ENTREPRENEURS}
    # then the silent one still can join, and has all there is
    world.ask(CHILDREN, JOINT, ic.JoinInspection())
    world.settle()
    assert examining(world, CHILD) == {GENERAL, ENTREPRENEURS, CHILDREN}
    whole = len(world.registrar.history(SCHOOL))
    assert received(world, CHILDREN, SCHOOL) == list(range(1, whole + 1))
    at_rest(world)


@pytest.mark.parametrize("dissent_first", [True, False])
def test_a_dissent_is_in_the_report_or_refused_but_never_lost(
    world: World, dissent_first: bool
) -> None:
    # given a finding that all agree to, and a report that the lead has composed
    opened(world)
    world.ask(GENERAL, JOINT, ic.DraftFindings(content=content(50)))
    world.settle()
    for office in (GENERAL, CHILDREN, ENTREPRENEURS):
        world.ask(office, JOINT, ic.AgreeFindings(finding=1))
    world.settle()
    report = issuing(inspection(world).version, addressees=())
    dissent = ic.RecordDissent(finding=1, content=content(51))
    said = [(GENERAL, report), (ENTREPRENEURS, dissent)]
    # when the lead issues it while another office changes its mind
    ids = []
    for by, command in reversed(said) if dissent_first else said:
        ids.append(world.ask(by, JOINT, command))
        world.settle()
    closing = world.ask(GENERAL, JOINT, ic.CloseInspection(outcome="joint-report"))
    world.settle()
    # then one of the two is refused, and so is the closing while there is no report
    codes = [code_of(world, id_) for id_ in ids]
    later = "report_outdated" if dissent_first else "inspection_not_open"
    assert codes == [None, later]
    assert code_of(world, closing) == ("no_report" if dissent_first else None)
    assert inspection(world).stage is (Stage.OPEN if dissent_first else Stage.CLOSED)
    at_rest(world)


def test_eight_offices_and_fifty_complaints_open_while_one_office_is_a_day_behind(
    tmp_path: Path,
) -> None:
    # given fifty complaints of the general office, to which one office of eight is blind
    world = World(tmp_path, offices=8)
    complaints = tuple(sorted(derived_id("complaint", number) for number in range(50)))
    for stream in complaints:
        world.ask(INTAKE, stream, filing(affected=()))
    world.settle()
    for stream in complaints:
        world.ask(INTAKE, stream, CONSENT)
    behind = world.nodes[OFFICES[-1]]
    world.settle()
    behind.log.available = False
    # when it is proposed, and all the others join
    propose(world, complaints, OFFICES[1:])
    for _ in range(8):
        world.move_all()
    for office in OFFICES[1:-1]:
        world.ask(office, JOINT, ic.JoinInspection())
    for _ in range(8):
        world.move_all()
    world.ask(GENERAL, JOINT, ic.OpenInspection())
    world.time.pass_(timedelta(days=1))
    for _ in range(8):
        world.move_all()
    # then it is open without the one, which has not even heard of it
    assert inspection(world).stage is Stage.OPEN
    assert behind.history(JOINT) == []
    # and when that has caught up it joins, and has all fifty histories
    world.settle()
    world.ask(behind.name, JOINT, ic.JoinInspection())
    world.settle()
    for stream in complaints:
        assert examining(world, stream) == set(OFFICES)
        assert behind.history(stream) == world.registrar.history(stream)
    assert world.asked == 0
    at_rest(world)
    world.close()
