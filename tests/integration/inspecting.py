"""A joint inspection in a deployment: proposing it, and what the histories say of it."""

from consistency import joint
from consistency.invariants import check_at_rest, decisions, records
from consistency.world import World
from ombudslink import commands as c
from ombudslink.ids import derived_id
from ombudslink.inspection import Answer, Inspection, Part
from ombudslink.log import feed
from ombudslink.runtime.replica import arrival_of, is_outcome
from ombudslink.testing.country import (
    ENTREPRENEURS,
    GENERAL,
)
from ombudslink.values import Channel

CHILD = "00000000-0000-4000-8000-00000000000a"
SCHOOL = "00000000-0000-4000-8000-00000000000b"
NOBODYS = "00000000-0000-4000-8000-00000000000c"
JOINT = derived_id("stream", "joint")
RIVAL = derived_id("stream", "rival")
CONSENT = c.RecordConsent(purpose="joint_inspection", channel=Channel.PORTAL)


def propose(
    world: World,
    complaints: tuple[str, ...] = (CHILD, SCHOOL),
    invited: tuple[str, ...] = (ENTREPRENEURS,),
    stream: str = JOINT,
    lead: str = GENERAL,
) -> None:
    """An office proposes to examine those complaints together with others."""
    world.ask(lead, stream, joint.proposal(complaints, invited, world.time.now.date()))


def inspection(world: World, stream: str = JOINT) -> Inspection:
    return world.registrar.inspection(stream)


def examining(world: World, stream: str) -> set[str]:
    """The offices that examine a complaint together, as its own history says."""
    work = world.registrar.state(stream).joint
    return set(work.examining) if work else set()


def parts(world: World, stream: str = JOINT) -> dict[str, Part]:
    return {party.office: party.part for party in inspection(world, stream).parties}


def answers(world: World, stream: str = JOINT) -> dict[str, Answer]:
    return {entry.complaint: entry.answer for entry in inspection(world, stream).entries}


def received(world: World, office: str, stream: str) -> list[int]:
    """The versions of a history that an office's feed brought, in that order."""
    there = (r for r in records(world, feed(office)) if not is_outcome(r))
    return [arrival_of(r).version for r in there if r.key == stream]


def decided(world: World, stream: str) -> int:
    """How many commands about a stream were decided."""
    return sum(outcome.stream == stream for outcome in decisions(world).values())


def at_rest(world: World) -> None:
    world.settle()
    check_at_rest(world, set())
