"""Whatever fails between two steps of a joint inspection, at each of them: it ends the same."""

import copy
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from consistency.invariants import check_at_rest, records, streams
from consistency.joint import proposal
from consistency.world import World
from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command
from ombudslink.ids import derived_id
from ombudslink.inspection import Answer, Stage
from ombudslink.log import COMMANDS, HISTORY, Outgoing, feed
from ombudslink.log.memory import Content
from ombudslink.testing.builders import filing
from ombudslink.testing.country import CHILDREN, GENERAL, INTAKE, MONDAY
from ombudslink.values import Channel

STAYS, GOES, NEVER = (derived_id("complaint", name) for name in ("stays", "goes", "never"))
"""A complaint until the end, one whose complainant takes the consent back, one without consent."""
JOINT: Final = derived_id("stream", "joint")
CONSENT: Final = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)
STORY: Final[tuple[tuple[str, str, Command], ...]] = (
    (GENERAL, JOINT, proposal((STAYS, GOES, NEVER), (CHILDREN,), MONDAY.date())),
    (CHILDREN, JOINT, ic.JoinInspection()),
    (GENERAL, JOINT, ic.OpenInspection()),
    (INTAKE, GOES, c.WithdrawConsent(purpose="joint_inspection")),
    (CHILDREN, JOINT, ic.WithdrawFromInspection(reason="conflict-of-interest")),
    (GENERAL, JOINT, ic.SeparateInspection(reason="no-agreement")),
)
"""Every command between streams: enter, refuse, admit, start, leave, release."""


@dataclass(frozen=True)
class Moment:
    """A deployment between two steps: copies of its databases and of its log."""

    folder: Path
    content: Content
    asked: int

    @contextmanager
    def again(self, folder: Path) -> Iterator[World]:
        """Another deployment that goes on from there, with new processes."""
        shutil.copytree(self.folder, folder)
        world = World(folder, offices=2, content=copy.deepcopy(self.content), asked=self.asked)
        try:
            yield world
        finally:
            world.close()


def moment(world: World, folder: Path) -> Moment:
    """How the deployment is now."""
    folder.mkdir()
    for node in world.nodes.values():
        node.backup(folder / node.path.name)
    return Moment(folder, copy.deepcopy(world.content), world.commands)


def steps(world: World) -> Iterator[None]:
    """Every step until nothing is left to do, and a halt after each of the registrar's."""
    moved = True
    while moved:
        moved = False
        for node in world.nodes.values():
            for act in (node.send, node.read):
                if world.step(node, act):
                    moved = True
                    if node is world.registrar:
                        yield
        if world.step(world.registrar, world.registrar.decide):
            moved = True
            yield


def told(world: World) -> object:
    """What happened in all histories, and how it is in the end."""
    everything = world.registrar.database.ask(streams)
    histories = {stream: world.registrar.history(stream) for stream in everything}
    for office in world.offices:
        assert office.history(JOINT) == histories[JOINT][: len(office.history(JOINT))]
    happened = {
        stream: Counter(one.envelope().type for one in history)
        for stream, history in histories.items()
    }
    inspection = world.registrar.inspection(JOINT)
    entries = {entry.complaint: entry.answer for entry in inspection.entries}
    parties = {party.office: party.part for party in inspection.parties}
    joint = {s: world.registrar.state(s).joint for s in everything}
    return happened, inspection.stage, entries, parties, joint


@dataclass(frozen=True)
class Chapter:
    """The moments of one act, and how it is when it has had all its effects."""

    act: Command
    moments: list[Moment]
    end: object


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[Chapter]:
    """The story when nothing fails."""
    folder = tmp_path_factory.mktemp("story")
    begun = folder / "begun"
    begun.mkdir()
    world = World(begun, offices=2)
    for stream in (STAYS, GOES, NEVER):
        world.ask(INTAKE, stream, filing(affected=()))
    world.settle()
    for stream in (STAYS, GOES):
        world.ask(INTAKE, stream, CONSENT)
    world.settle()
    chapters = []
    for number, (by, stream, command) in enumerate(STORY):
        world.ask(by, stream, command)
        moments = [moment(world, folder / f"{number}")]
        for step, _ in enumerate(steps(world)):
            moments.append(moment(world, folder / f"{number}-{step}"))
        chapters.append(Chapter(command, moments, told(world)))
    check_at_rest(world, set())
    inspection = world.registrar.inspection(JOINT)
    world.close()
    assert inspection.stage is Stage.SEPARATED
    answers = (Answer.ENTERED, Answer.LEFT, Answer.REFUSED)
    assert tuple(entry.answer for entry in inspection.entries) == answers
    return chapters


def the_registrar_dies_before_its_next_commit(world: World) -> None:
    """What it was about to write is lost."""
    world.registrar.database.die_at(1, committed=False)
    world.move_all()


def the_registrar_dies_after_its_next_commit(world: World) -> None:
    """What it wrote is there, and nobody was told."""
    world.registrar.database.die_at(1, committed=True)
    world.move_all()


def everything_comes_again(world: World) -> None:
    """All that was ever sent is sent once more."""
    for topic in (COMMANDS, HISTORY, *(feed(name) for name in world.nodes)):
        for old in list(records(world, topic)):
            world.put(Outgoing(topic, old.key, old.value, old.headers))


def the_registrar_pauses(world: World) -> None:
    """The others go on without a decision, and ask again."""
    for _ in range(2):
        for node in world.nodes.values():
            if node is not world.registrar:
                world.step(node, node.send)
                world.step(node, node.read)
    world.time.pass_(timedelta(minutes=5))
    for node in world.nodes.values():
        world.step(node, node.repeat)


@pytest.mark.parametrize(
    "fault",
    [
        the_registrar_dies_before_its_next_commit,
        the_registrar_dies_after_its_next_commit,
        everything_comes_again,
        the_registrar_pauses,
    ],
)
def test_whatever_fails_after_any_step_it_ends_in_the_same_state(
    story: list[Chapter], fault: Callable[[World], None], tmp_path: Path
) -> None:
    assert sum(len(chapter.moments) for chapter in story) > 40
    for chapter in story:
        for when in chapter.moments:
            with when.again(tmp_path / when.folder.name) as world:
                fault(world)
                world.settle()
                assert told(world) == chapter.end, (when.folder.name, chapter.act)
