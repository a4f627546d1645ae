"""Two copies of a history that differ: it is noticed, and the first wrong version is named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consistency.node import Node
from consistency.world import World
from ombudslink import commands as c
from ombudslink.ids import derived_id
from ombudslink.log import HISTORY, Record, feed
from ombudslink.store import parking
from ombudslink.testing.builders import filing
from ombudslink.testing.country import CHILDREN, GENERAL, INTAKE

STREAM = derived_id("stream", "diverging")
OTHER = derived_id("stream", "another")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A complaint with the children's commissioner, who took it; the feeds are not read yet."""
    world = World(tmp_path)
    for stream in (STREAM, OTHER):
        world.ask(INTAKE, stream, filing())
    world.settle()
    act(world, c.AcceptReferral(referral=1))
    yield world
    world.close()


def act(world: World, command: c.Command) -> int:
    """The children's office acts, and the registrar sends on what follows; the last version."""
    world.ask(CHILDREN, STREAM, command)
    children, registrar = world.nodes[CHILDREN], world.registrar
    for node, step in ((children, children.send), (registrar, registrar.decide)):
        world.step(node, step)
    world.step(registrar, registrar.send)
    return len(registrar.history(STREAM))


def forge(world: World, topic: str, version: int, old: bytes, new: bytes) -> None:
    """Change one event in a topic."""
    for (name, _), there in world.content.records.items():
        for place, record in enumerate(there):
            if name == topic and record.id == f"{STREAM}/{version}":
                changed: Record = replace(record, value=record.value.replace(old, new))
                assert changed != record
                there[place] = changed


def letters(node: Node) -> list[tuple[str, str | None]]:
    """What a participant could not apply, with the reasons."""
    return [(w.stream, w.reason) for w in node.database.ask(parking.dead_letters)]


@pytest.mark.parametrize(
    ("reader", "topic"), [(GENERAL, feed(GENERAL)), (INTAKE, HISTORY)], ids=["feed", "history"]
)
def test_a_changed_event_is_named_as_soon_as_the_next_one_comes(
    world: World, reader: str, topic: str
) -> None:
    changed = len(world.registrar.history(STREAM))
    act(world, c.StartExamination())
    forge(world, topic, changed, b'"custodian":"children"', b'"custodian":"strangers"')
    node = world.nodes[reader]
    world.step(node, node.read)
    assert letters(node) == [(STREAM, f"history_diverged at version {changed}")]
    # and other complaints go on
    world.ask(CHILDREN, OTHER, c.AcceptReferral(referral=1))
    world.settle()
    assert node.state(OTHER) == world.registrar.state(OTHER)
    # while that one stands still, after another start too
    world.restart(node)
    world.settle()
    assert len(node.history(STREAM)) == changed
    assert (STREAM, f"history_diverged at version {changed}") in letters(node)


def test_an_event_that_comes_again_otherwise_is_named(world: World) -> None:
    general = world.nodes[GENERAL]
    world.step(general, general.read)
    known = len(general.history(STREAM))
    old = next(r for r in world.content.at(feed(GENERAL), 0) if r.id == f"{STREAM}/{known}")
    forged = old.value.replace(b'"custodian":"children"', b'"custodian":"strangers"')
    world.content.at(feed(GENERAL), 0).append(
        replace(old, value=forged, offset=len(world.content.at(feed(GENERAL), 0)))
    )
    world.step(general, general.read)
    assert letters(general) == [(STREAM, f"history_diverged at version {known}")]
    assert general.history(STREAM) == world.registrar.history(STREAM)[:known]


def test_an_event_that_nobody_can_read_holds_its_own_complaint_only(world: World) -> None:
    broken = len(world.registrar.history(STREAM))
    forge(world, feed(GENERAL), broken, b'"ReferralAccepted"', b'"ReferralAcceptee"')
    world.ask(CHILDREN, OTHER, c.AcceptReferral(referral=1))
    world.settle()
    general = world.nodes[GENERAL]
    assert general.state(OTHER) == world.registrar.state(OTHER)
    assert len(general.history(STREAM)) == broken - 1
    assert {stream for stream, _ in letters(general)} == {STREAM}
