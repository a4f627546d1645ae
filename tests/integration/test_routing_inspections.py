"""Joint inspections through the registrar: what spans streams happens, whatever goes wrong."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from case_tracking.projections.inbox import Inbox
from consistency.invariants import decisions, records
from consistency.world import World
from integration.inspecting import (
    CHILD,
    CONSENT,
    JOINT,
    NOBODYS,
    RIVAL,
    SCHOOL,
    answers,
    at_rest,
    decided,
    examining,
    inspection,
    parts,
    propose,
    received,
)
from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.complaint import Complaint
from ombudslink.inspection import Answer, Part, Stage
from ombudslink.log import COMMANDS, HISTORY, Outgoing, feed
from ombudslink.proof.audit import story
from ombudslink.runtime.projections import Following, rebuild
from ombudslink.runtime.states import States
from ombudslink.testing.builders import content, filing
from ombudslink.testing.country import (
    CALENDAR,
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    INTAKE,
    JOINT_END,
    REGISTRAR,
)
from ombudslink.testing.inspections import issuing, signing
from reporting.projections import facts
from routing.histories import shown

Meanwhile = Callable[[World], None]


def quietly(world: World) -> None:
    """Nothing happens besides."""
    world.settle()


def everybody_starts_again(world: World) -> None:
    """Every process ends after each of its steps."""
    for _ in range(4):
        world.move_all()
        for node in world.nodes.values():
            world.restart(node)
    world.settle()


def the_registrar_pauses(world: World) -> None:
    """All others go on for a while without a single decision."""
    registrar = world.registrar
    for _ in range(3):
        for node in world.nodes.values():
            if node is not registrar:
                world.step(node, node.send)
                world.step(node, node.read)
    world.time.pass_(timedelta(minutes=5))
    for node in world.nodes.values():
        world.step(node, node.repeat)
    world.settle()


def all_comes_again(world: World) -> None:
    """Every record that there ever was is sent once more."""
    world.settle()
    for topic in (COMMANDS, HISTORY, *(feed(name) for name in world.nodes)):
        for old in list(records(world, topic)):
            world.put(Outgoing(topic, old.key, old.value, old.headers))
    world.settle()


def the_disk_is_lost(world: World) -> None:
    """The registrar goes on from an empty disk, and has only what the journal has."""
    world.settle()
    world.restore_registrar(world.backups[0])
    world.settle()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The children's office has one complaint and the general office another; both agree."""
    world = World(tmp_path)
    world.back_up_registrar()
    world.ask(INTAKE, CHILD, filing())
    world.ask(INTAKE, SCHOOL, filing(affected=()))
    world.settle()
    world.ask(CHILDREN, CHILD, c.AcceptReferral(referral=1))
    for stream in (CHILD, SCHOOL):
        world.ask(INTAKE, stream, CONSENT)
    world.settle()
    yield world
    world.close()


def open_jointly(world: World, then: Meanwhile = quietly) -> None:
    """Proposed, entered, joined by all and opened."""
    propose(world)
    then(world)
    for office in (CHILDREN, ENTREPRENEURS):
        world.ask(office, JOINT, ic.JoinInspection())
    then(world)
    world.ask(GENERAL, JOINT, ic.OpenInspection())
    then(world)


@pytest.mark.parametrize(
    "meanwhile",
    [
        *(quietly, everybody_starts_again, the_registrar_pauses, all_comes_again),
        the_disk_is_lost,
    ],
)
def test_it_is_proposed_entered_joined_and_opened_whatever_happens(
    world: World, meanwhile: Meanwhile
) -> None:
    open_jointly(world, meanwhile)
    assert inspection(world).stage is Stage.OPEN
    assert answers(world) == dict.fromkeys((CHILD, SCHOOL), Answer.ENTERED)
    assert parts(world) == dict.fromkeys((GENERAL, ENTREPRENEURS, CHILDREN), Part.JOINED)
    for stream in (CHILD, SCHOOL):
        assert examining(world, stream) == {GENERAL, ENTREPRENEURS, CHILDREN}
    assert world.registrar.state(CHILD).custodian == CHILDREN
    assert world.registrar.state(SCHOOL).custodian == GENERAL
    at_rest(world)


def test_who_joins_is_sent_every_history_whole_and_once(world: World) -> None:
    propose(world)
    world.settle()
    # an office that is invited has the inspection, and none of its complaints
    assert received(world, ENTREPRENEURS, JOINT) == list(range(1, inspection(world).version + 1))
    assert received(world, ENTREPRENEURS, CHILD) == []
    for office in (CHILDREN, ENTREPRENEURS):
        world.ask(office, JOINT, ic.JoinInspection())
    world.settle()
    world.ask(GENERAL, JOINT, ic.OpenInspection())
    world.settle()
    for office in (CHILDREN, ENTREPRENEURS, GENERAL):
        for stream in (CHILD, SCHOOL, JOINT):
            whole = len(world.registrar.history(stream))
            assert received(world, office, stream) == list(range(1, whole + 1)), (office, stream)
    # and nobody had to ask for anything
    assert world.asked == 0
    at_rest(world)


def test_it_ends_with_a_report_and_each_custodian_goes_on_alone(world: World) -> None:
    open_jointly(world)
    world.ask(CHILDREN, JOINT, ic.DraftFindings(content=content(50)))
    world.settle()
    for office in (GENERAL, CHILDREN):
        world.ask(office, JOINT, ic.AgreeFindings(finding=1))
    world.ask(ENTREPRENEURS, JOINT, ic.RecordDissent(finding=1, content=content(51)))
    world.settle()
    world.ask(GENERAL, JOINT, issuing(inspection(world).version, addressees=()))
    world.settle()
    # then each party signs it with its own key, and no other one's is taken for it
    world.ask(CHILDREN, JOINT, signing(GENERAL))
    for office in (GENERAL, CHILDREN):
        world.ask(office, JOINT, signing(office))
    world.settle()
    refused = [one.code for one in decisions(world).values() if one.result == "refused"]
    assert refused == ["signature_invalid"]
    assert inspection(world).signed == (GENERAL, CHILDREN)
    world.ask(GENERAL, JOINT, ic.CloseInspection(outcome="joint-report"))
    world.settle()
    assert inspection(world).stage is Stage.CLOSED
    for stream in (CHILD, SCHOOL):
        assert world.registrar.state(stream).joint is None
    at_rest(world)


def test_a_complaint_that_cannot_enter_is_told_to_the_inspection(world: World) -> None:
    world.ask(INTAKE, CHILD, c.WithdrawConsent(purpose="joint_inspection"))
    world.settle()
    propose(world, (CHILD, SCHOOL, NOBODYS))
    world.settle()
    assert answers(world) == {
        CHILD: Answer.REFUSED,
        SCHOOL: Answer.ENTERED,
        NOBODYS: Answer.REFUSED,
    }
    assert inspection(world).stage is Stage.PROPOSED
    assert world.registrar.history(NOBODYS) == []
    at_rest(world)


def test_of_two_inspections_over_one_complaint_the_second_ends_without_any(world: World) -> None:
    propose(world, (CHILD,))
    world.settle()
    propose(world, (CHILD,), (), RIVAL, CHILDREN)
    world.settle()
    assert answers(world) == {CHILD: Answer.ENTERED}
    assert answers(world, RIVAL) == {CHILD: Answer.REFUSED}
    assert inspection(world, RIVAL).stage is Stage.SEPARATED
    at_rest(world)


def test_consent_that_is_withdrawn_takes_the_complaint_out_of_both_histories(world: World) -> None:
    open_jointly(world)
    world.ask(INTAKE, CHILD, c.WithdrawConsent(purpose="joint_inspection"))
    world.settle()
    assert answers(world) == {CHILD: Answer.LEFT, SCHOOL: Answer.ENTERED}
    assert world.registrar.state(CHILD).joint is None
    assert examining(world, SCHOOL) == {GENERAL, ENTREPRENEURS, CHILDREN}
    at_rest(world)


def test_an_office_that_declined_reads_up_to_its_answer_and_no_further(world: World) -> None:
    propose(world)
    world.settle()
    world.ask(ENTREPRENEURS, JOINT, ic.DeclineInspection(reason="not-competent"))
    world.settle()
    declined = inspection(world).version
    world.ask(CHILDREN, JOINT, ic.JoinInspection())
    world.settle()
    assert inspection(world).version > declined
    assert received(world, ENTREPRENEURS, JOINT) == list(range(1, declined + 1))
    given = world.registrar.database.ask(
        lambda connection: shown(connection, JOINT, ENTREPRENEURS, 0, world.policy)
    )
    assert given is not None
    assert [event.version for event in given.events] == list(range(1, declined + 1))
    at_rest(world)


def test_the_registrar_shows_an_inspection_to_its_parties_only(world: World) -> None:
    propose(world, invited=())
    world.settle()

    def versions(reader: str, after: int) -> list[int] | None:
        found = world.registrar.database.ask(
            lambda connection: shown(connection, JOINT, reader, after, world.policy)
        )
        return None if found is None else [event.version for event in found.events]

    last = inspection(world).version
    assert versions(CHILDREN, 1) == list(range(2, last + 1))
    assert versions(INTAKE, 0) == list(range(1, last + 1))
    assert versions(ENTREPRENEURS, 0) is None


def test_an_invitation_that_nobody_answers_runs_out_by_the_legal_clock(world: World) -> None:
    propose(world)
    world.settle()
    world.time.now = JOINT_END + timedelta(days=3)
    for _ in range(3):
        world.step(world.registrar, world.registrar.fire)
        world.settle()
    assert parts(world)[CHILDREN] is Part.SILENT
    fired = decided(world, JOINT)
    world.step(world.registrar, world.registrar.fire)
    world.settle()
    assert decided(world, JOINT) == fired
    at_rest(world)


def test_an_inspection_is_no_complaint_and_a_complaint_no_inspection(world: World) -> None:
    propose(world)
    world.settle()
    ids = [
        world.ask(GENERAL, JOINT, c.StartExamination()),
        world.ask(GENERAL, CHILD, ic.OpenInspection()),
        world.ask(INTAKE, JOINT, filing()),
    ]
    world.settle()
    codes = {key[1]: outcome.code for key, outcome in decisions(world).items()}
    assert [codes[id_ or ""] for id_ in ids] == [
        "no_such_complaint",
        "no_such_inspection",
        "no_such_complaint",
    ]
    seen = world.registrar.database.ask(lambda one: States().session(one).complaint(JOINT))
    assert seen == Complaint()
    at_rest(world)


def test_read_models_of_complaints_never_see_an_inspection(world: World) -> None:
    open_jointly(world)
    inbox, figures = Following([Inbox(GENERAL)]), Following([facts.Facts(CALENDAR)])
    with world.nodes[GENERAL].database.maintain() as connection:
        rebuild(connection, inbox)
        assert set(connection.scalars(select(Inbox.inbox.c.complaint))) == {CHILD, SCHOOL}
    with world.intake.database.maintain() as connection:
        rebuild(connection, figures)
        assert set(connection.scalars(select(facts.complaint.c.stream))) == {CHILD, SCHOOL}


def test_the_story_of_an_inspection_tells_who_holds_each_event(world: World) -> None:
    propose(world)
    world.settle()
    world.ask(ENTREPRENEURS, JOINT, ic.DeclineInspection(reason="not-competent"))
    world.settle()
    world.ask(CHILDREN, JOINT, ic.JoinInspection())
    world.settle()
    kept = [world.registrar, world.intake, *world.offices]
    lines = story({node.name: node.path for node in kept}, REGISTRAR, JOINT)
    assert next(line.type for line in lines) == "JointInspectionProposed"
    assert len(lines) == inspection(world).version
    holding = [{name for name, has in line.held_by.items() if has} for line in lines]
    assert ENTREPRENEURS in holding[0]
    assert holding[-1] == {REGISTRAR, INTAKE, GENERAL, CHILDREN}
