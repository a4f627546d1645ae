"""The world itself: one complaint's way through a deployment in which nothing fails."""

from pathlib import Path

from consistency.invariants import check_at_rest, decisions
from consistency.world import World
from ombudslink import commands as c
from ombudslink.testing.builders import decision, filing
from ombudslink.testing.country import CHILDREN, INTAKE

STREAM = "00000000-0000-4000-8000-00000000000a"


def test_a_complaint_is_forwarded_registered_accepted_and_answered(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.settle()
    assert world.registrar.state(STREAM).pending_transfer() is not None
    for command in (c.AcceptReferral(referral=1), c.StartExamination(), decision()):
        world.ask(CHILDREN, STREAM, command)
        world.settle()
    assert world.registrar.state(STREAM).outcome == "well-founded"
    assert {o.result for o in decisions(world).values()} == {"accepted"}
    check_at_rest(world, set(decisions(world)))
    # and everybody got everything by its feed, without asking
    assert world.asked == 0
    world.close()
