"""What the registrar sends to government bodies, and what they get again after a loss."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consistency.invariants import check_at_rest, records
from consistency.world import World
from ombudslink import commands as c
from ombudslink.commands import Command
from ombudslink.ids import partition_of
from ombudslink.log import COMMANDS, HISTORY, feed
from ombudslink.testing.builders import content, decision, filing
from ombudslink.testing.country import CHILDREN, INTAKE, MINISTRY, POLICE
from ombudslink.testing.faulty_log import truncated

STREAM = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A complaint that the children's commissioner examines."""
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.settle()
    act(world, c.AcceptReferral(referral=1), c.StartExamination())
    yield world
    world.close()


def act(world: World, *commands: Command) -> None:
    """The commissioner does that, and all comes to rest."""
    for command in commands:
        world.ask(CHILDREN, STREAM, command)
        world.settle()


def told(world: World, body: str) -> list[tuple[str, int, int]]:
    """What a body got: type, version, and the version that it got before."""
    return [
        (
            record.headers["ce_type"].split(".")[2],
            int(record.headers["ce_sequence"]),
            int(record.headers["ce_prev"]),
        )
        for record in records(world, feed(body))
    ]


def asked_and_recommended() -> tuple[Command, ...]:
    """Two bodies are asked, one answers, and the other is given a recommendation."""
    return (
        c.RequestInformation(addressee=MINISTRY, content=content(8)),
        c.RequestInformation(addressee=POLICE, content=content(9)),
        c.RecordInformation(request=1, content=content(10)),
        decision(),
        c.IssueRecommendation(addressee=POLICE, content=content(11)),
    )


def test_a_body_gets_its_part_of_a_history_and_each_event_names_the_one_before(
    world: World,
) -> None:
    assert told(world, MINISTRY) == told(world, POLICE) == []
    act(world, *asked_and_recommended())
    (first, one, before), (second, two, after) = told(world, MINISTRY)
    assert (first, second) == ("InformationRequested", "InformationProvided")
    assert (before, after) == (0, one)
    assert one < two
    (first, one, before), (second, two, after) = told(world, POLICE)
    assert (first, second) == ("InformationRequested", "RecommendationIssued")
    assert (before, after) == (0, one)
    check_at_rest(world, set())


def test_a_registrar_that_lost_its_disk_sends_bodies_nothing_else_than_before(
    world: World,
) -> None:
    world.back_up_registrar()
    act(world, *asked_and_recommended())
    before = {body: told(world, body) for body in (MINISTRY, POLICE)}
    world.restore_registrar(world.backups[-1])
    world.settle()
    check_at_rest(world, set())
    for body, events in before.items():
        assert told(world, body)[: len(events)] == events
        assert set(told(world, body)) == set(events)


def test_a_log_that_lost_its_end_gives_bodies_their_part_again(world: World) -> None:
    partition = partition_of(STREAM)
    kept = {
        (HISTORY, partition): len(world.content.at(HISTORY, partition)),
        (COMMANDS, partition): len(world.content.at(COMMANDS, partition)),
        (feed(MINISTRY), 0): 0,
        (feed(POLICE), 0): 0,
    }
    act(world, *asked_and_recommended())
    before = {body: told(world, body) for body in (MINISTRY, POLICE)}
    world.content.records = truncated(world.content, kept).records
    assert told(world, MINISTRY) == []
    world.restart(world.registrar)
    world.settle()
    assert {body: told(world, body) for body in before} == before
