"""What becomes of every kind of command: decided once, refused, or dropped and counted."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consistency.invariants import check_at_rest, decisions, records
from consistency.world import STRANGER, World
from ombudslink import commands as c
from ombudslink.envelope import Outcome, SignedCommand
from ombudslink.ids import derived_id, partition_of
from ombudslink.log import COMMANDS, Outgoing, feed
from ombudslink.proof.chain import canonical
from ombudslink.proof.signing import Signer
from ombudslink.runtime.commands import Intent, look_up
from ombudslink.runtime.replica import is_outcome
from ombudslink.testing.builders import filing
from ombudslink.testing.country import CHILDREN, GENERAL, INTAKE

STREAM = "00000000-0000-4000-8000-00000000000a"
ID = "00000000-0000-4000-8000-0000000000ff"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A complaint that was forwarded to the children's commissioner and arrived there."""
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.settle()
    world.registrar.partitions.counts.clear()
    yield world
    world.close()


def signed(
    world: World, by: str, command: c.Command, id_: str = ID, stream: str = STREAM
) -> SignedCommand:
    """A command of that participant, which does not remember having sent it."""
    return world.nodes[by].sender.sign(Intent(id_, stream, command, world.time.now))


def put(world: World, command: SignedCommand, key: str = STREAM) -> None:
    """The command arrives in the log, under some key."""
    headers = {"ce_keyid": command.key_id, "ce_signature": command.signature}
    world.put(Outgoing(COMMANDS, key, command.body, headers))


def forged(command: SignedCommand, signer: Signer, **changes: Any) -> SignedCommand:
    """The command with other fields, signed anew by that key, in whatever form."""
    body = json.dumps(json.loads(command.body) | changes, sort_keys=True, separators=(",", ":"))
    unsigned = SignedCommand(body.encode(), signer.key_id, "")
    return SignedCommand(unsigned.body, signer.key_id, signer.sign(unsigned.digest))


def answers(world: World, name: str, id_: str = ID) -> list[Outcome]:
    """What a participant is told about a command."""
    told = [Outcome.from_body(r.value) for r in records(world, feed(name)) if is_outcome(r)]
    return [outcome for outcome in told if outcome.command_id == id_]


def dropped(world: World, why: str) -> None:
    """The one command that arrived since was dropped for that reason, and nothing came of it."""
    before = world.registrar.history(STREAM)
    world.settle()
    assert world.registrar.partitions.counts == {why: 1}
    assert world.registrar.history(STREAM) == before
    assert not [key for key in decisions(world) if key[1] == ID]
    world.ask(CHILDREN, STREAM, c.AcceptReferral(referral=1))
    world.settle()
    assert world.registrar.state(STREAM).custodian == CHILDREN


def test_a_repeated_command_changes_nothing_and_gets_the_first_answer(world: World) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    put(world, command)
    world.settle()
    before = world.registrar.history(STREAM)
    world.time.pass_(timedelta(days=30))
    put(world, command)
    world.settle()
    assert world.registrar.history(STREAM) == before
    first, second = answers(world, CHILDREN)
    assert first == second
    assert world.registrar.partitions.counts["repeated"] == 1


def test_a_refused_command_is_refused_for_ever(world: World) -> None:
    command = signed(world, CHILDREN, c.CloseComplaint())
    put(world, command)
    world.settle()
    for act in (c.AcceptReferral(referral=1), c.StartExamination()):
        world.ask(CHILDREN, STREAM, act)
    world.settle()
    put(world, command)
    world.settle()
    first, second = answers(world, CHILDREN)
    assert first == second
    assert (first.result, first.code) == ("refused", "not_custodian")


def test_an_id_that_was_used_for_another_command_is_refused(world: World) -> None:
    accept = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    reject = signed(world, CHILDREN, c.StartReferralWork(referral=1))
    for command in (accept, reject, accept):
        put(world, command)
    world.settle()
    first, second, third = answers(world, CHILDREN)
    assert first == third
    assert (first.result, first.digest) == ("accepted", accept.digest)
    assert (second.result, second.code) == ("refused", "command_id_reused")
    assert second.digest == reject.digest
    assert decisions(world)[CHILDREN, ID] == first
    assert world.registrar.partitions.counts["id_reused"] == 1
    check_at_rest(world, set())


def test_a_sender_does_not_take_another_requests_answer_for_its_own(world: World) -> None:
    # given an office whose command bears an id that an earlier one of it used
    put(world, signed(world, CHILDREN, c.AcceptReferral(referral=1)))
    children = world.nodes[CHILDREN]
    mine = Intent(ID, STREAM, c.StartReferralWork(referral=1), world.time.now)
    world.run(children.database.write(lambda connection: children.sender.send(connection, mine)))
    world.settle()
    sent = children.database.ask(lambda connection: look_up(connection, ID))
    assert sent is not None
    assert sent.outcome is not None
    assert sent.outcome.code == "command_id_reused"


def test_two_participants_may_use_one_id(world: World) -> None:
    put(world, signed(world, CHILDREN, c.AcceptReferral(referral=1)))
    put(world, signed(world, GENERAL, c.CloseComplaint()))
    world.settle()
    assert [outcome.result for outcome in answers(world, CHILDREN)] == ["accepted"]
    assert [outcome.code for outcome in answers(world, GENERAL)] == ["not_custodian"]


def test_a_participant_that_is_no_office_is_refused_and_told(world: World) -> None:
    put(world, signed(world, STRANGER, c.CloseComplaint()))
    world.settle()
    assert [outcome.code for outcome in answers(world, STRANGER)] == ["no_such_complaint"]
    assert world.registrar.partitions.counts == {"refused": 1}


def test_a_complaint_that_was_withdrawn_before_it_was_routed_is_routed_when_reopened(
    world: World,
) -> None:
    # given a filing and its withdrawal that arrive together
    stream = derived_id("withdrawn at once")
    world.ask(INTAKE, stream, filing())
    world.ask(INTAKE, stream, c.WithdrawComplaint(ground="own-wish"))
    world.settle()
    assert (world.registrar.state(stream).phase, world.registrar.state(stream).routed) == (
        "closed",
        False,
    )
    # when its custodian opens it again
    world.ask(GENERAL, stream, c.ReopenComplaint(ground="new-facts"))
    world.settle()
    # then the competent office is asked, and nobody waits for ever
    state = world.registrar.state(stream)
    assert state.routed
    assert state.referrals[0].receiver == CHILDREN
    check_at_rest(world, set())


def test_a_complaint_that_was_routed_is_not_routed_again_when_reopened(world: World) -> None:
    world.ask(INTAKE, STREAM, c.WithdrawComplaint(ground="own-wish"))
    world.ask(GENERAL, STREAM, c.ReopenComplaint(ground="new-facts"))
    world.settle()
    types = [stored.envelope().type for stored in world.registrar.history(STREAM)]
    assert types.count("ComplaintReopened") == types.count("RoutingDecided") == 1
    assert [o.code for o in decisions(world).values() if o.by == "routing"] == [None]


def test_a_command_of_somebody_without_a_key_is_dropped(world: World) -> None:
    nobody = Signer("nobody", b"n" * 32)
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    put(world, forged(command, nobody, by="nobody"))
    dropped(world, "wrongly_signed")


def test_a_command_in_anothers_name_is_dropped(world: World) -> None:
    command = signed(world, STRANGER, c.AcceptReferral(referral=1))
    put(world, forged(command, world.nodes[STRANGER].signer, by=CHILDREN))
    dropped(world, "wrongly_signed")


def test_a_command_that_was_changed_on_the_way_is_dropped(world: World) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    changed = command.body.replace(b'"referral":1', b'"referral":2')
    put(world, SignedCommand(changed, command.key_id, command.signature))
    dropped(world, "wrongly_signed")


def test_a_command_without_a_signature_is_dropped(world: World) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    world.put(Outgoing(COMMANDS, STREAM, command.body, {}))
    dropped(world, "undecodable")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"id":1}', b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900],
    ids=["empty", "no text", "a list", "no fields", "wrong", "deep", "nested"],
)
def test_a_command_that_is_none_is_dropped(world: World, body: bytes) -> None:
    signer = world.nodes[CHILDREN].signer
    unsigned = SignedCommand(body, signer.key_id, "")
    put(world, SignedCommand(body, signer.key_id, signer.sign(unsigned.digest)))
    dropped(world, "undecodable")


@pytest.mark.parametrize("issued", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_unsigned_record_from_the_end_of_time_holds_nothing(world: World, issued: str) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    body = canonical(json.loads(command.body) | {"issued": issued})
    put(world, SignedCommand(body, "x", "y"))
    dropped(world, "undecodable")


def test_a_record_that_breaks_the_program_that_parses_it_holds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(_: SignedCommand) -> Any:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(SignedCommand, "parse", faulty)
    put(world, signed(world, CHILDREN, c.AcceptReferral(referral=1)))
    world.step(world.registrar, world.registrar.decide)
    dropped(world, "undecodable")


@pytest.mark.parametrize(
    "data",
    [{"referral": 10**30}, {"referral": 1.5}, {"referral": float("nan")}, {"x": "\ud800"}],
    ids=["huge", "fraction", "not a number", "half a character"],
)
def test_a_signed_command_without_canonical_form_holds_nothing(
    world: World, data: dict[str, Any]
) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    put(world, forged(command, world.nodes[CHILDREN].signer, data=data))
    dropped(world, "undecodable")


def test_a_command_is_canonical_or_it_is_none(world: World) -> None:
    signer = world.nodes[CHILDREN].signer
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    spaced = json.dumps(json.loads(command.body)).encode()
    assert canonical(json.loads(spaced)) == command.body
    unsigned = SignedCommand(spaced, signer.key_id, "")
    put(world, SignedCommand(spaced, signer.key_id, signer.sign(unsigned.digest)))
    dropped(world, "undecodable")


@pytest.mark.parametrize(
    "changes",
    [{"type": "DoWhatYouLike"}, {"version": 2}, {"data": {"referral": 1, "more": "x"}}],
    ids=["unknown type", "unknown version", "unknown field"],
)
def test_a_command_that_is_not_known_is_refused(world: World, changes: dict[str, Any]) -> None:
    command = signed(world, CHILDREN, c.AcceptReferral(referral=1))
    put(world, forged(command, world.nodes[CHILDREN].signer, **changes))
    world.settle()
    assert [outcome.code for outcome in answers(world, CHILDREN)] == ["undecodable_command"]
    check_at_rest(world, {(CHILDREN, ID)})


def test_a_command_in_the_wrong_partition_is_dropped(world: World) -> None:
    elsewhere = next(
        key for n in range(99) if partition_of(key := f"{n:036d}") != partition_of(STREAM)
    )
    put(world, signed(world, CHILDREN, c.AcceptReferral(referral=1)), key=elsewhere)
    dropped(world, "misplaced")


@pytest.mark.parametrize("what", ["decide", "link"], ids=["in the rules", "in an event"])
def test_a_fault_of_ours_refuses_one_command_and_holds_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def faulty(*args: Any) -> Any:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(f"routing.registrar.{what}", faulty)
    put(world, signed(world, CHILDREN, c.AcceptReferral(referral=1)))
    world.settle()
    assert [outcome.code for outcome in answers(world, CHILDREN)] == ["not_decidable"]
    world.ask(CHILDREN, STREAM, c.AcceptReferral(referral=1))
    world.settle()
    assert world.registrar.state(STREAM).custodian == CHILDREN
    check_at_rest(world, {(CHILDREN, ID)})
