"""The headers with which an act is repeated safely and based on what was seen."""

import uuid
from typing import Literal

import pytest

from ombudslink.envelope import Outcome
from ombudslink.testing.builders import received, registered
from ombudslink.testing.country import CHILDREN, GENERAL, INTAKE, MONDAY, TRANSFER
from ombudslink.testing.histories import told
from ombudslink.testing.spec import play
from ombudslink.web.acts import (
    DEFAULT_WAIT,
    LONGEST_WAIT,
    Repeatable,
    anonymous,
    based_on,
    etag,
    raise_refused,
    refuse_stale,
    repeatable,
)
from ombudslink.web.problems import Problem

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("key", ["a", "x" * 255, "!~", ID])
def test_a_key_of_1_to_255_printable_characters_is_taken_as_it_is(key: str) -> None:
    assert repeatable(key, None) == Repeatable(key, DEFAULT_WAIT)


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "tab\t", "a\n", "кілт", "\x7f"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(Problem) as refusal:
        repeatable(key, None)
    assert refusal.value.code == "idempotency_key_invalid"
    assert refusal.value.args_ == {}


def test_an_act_needs_a_key() -> None:
    with pytest.raises(Problem) as refusal:
        repeatable(None, None)
    assert refusal.value.code == "idempotency_key_missing"


@pytest.mark.parametrize(
    ("prefer", "wait"),
    [
        (None, DEFAULT_WAIT),
        ("wait=0", 0.0),
        ("wait=2", 2.0),
        ("respond-async, wait=10", 10.0),
        ("wait=10;x=1", 10.0),
        ("wait=31", LONGEST_WAIT),
        ("wait=9999", LONGEST_WAIT),
        ("wait=-1", DEFAULT_WAIT),
        ("wait=soon", DEFAULT_WAIT),
        ("await=3", DEFAULT_WAIT),
        ("return=minimal", DEFAULT_WAIT),
    ],
)
def test_the_caller_says_how_long_it_waits_for_the_decision(
    prefer: str | None, wait: float
) -> None:
    assert repeatable("key", prefer).wait == wait


def test_the_same_key_is_another_command_on_another_route_and_for_another_participant() -> None:
    repeat = Repeatable("key", DEFAULT_WAIT)
    command = repeat.command_id(CHILDREN, "accept")
    assert command == Repeatable("key", 0.0).command_id(CHILDREN, "accept")
    others = {
        repeat.command_id(GENERAL, "accept"),
        repeat.command_id(CHILDREN, "reject"),
        Repeatable("other", DEFAULT_WAIT).command_id(CHILDREN, "accept"),
    }
    assert len({command, *others}) == 4
    assert str(uuid.UUID(command)) == command


@pytest.mark.parametrize("spelling", [ID, ID.upper(), f"{{{ID}}}", ID.replace("-", "")])
def test_a_caller_without_a_name_gives_a_uuid_in_whatever_spelling(spelling: str) -> None:
    assert anonymous(Repeatable(spelling, 1.0)) == Repeatable(ID, 1.0)


@pytest.mark.parametrize("key", ["1", "my-complaint", ID[:-1], ID + "0"])
def test_a_caller_without_a_name_cannot_use_a_key_that_others_could_hit_upon(key: str) -> None:
    with pytest.raises(Problem) as refusal:
        anonymous(Repeatable(key, 1.0))
    assert refusal.value.code == "idempotency_key_invalid"


def test_the_version_that_was_seen_is_read_from_our_own_entity_tag() -> None:
    tag = etag(12, "0123456789abcdef" * 4)
    assert tag == '"12-0123456789abcdef"'
    assert based_on(tag) == 12
    assert based_on(f" {tag} ") == 12


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "*",
        "12",
        'W/"12-0123456789abcdef"',
        '"12-0123456789ABCDEF"',
        '"12-0123456789abcdef", "13-0123456789abcdef"',
        '"-1-0123456789abcdef"',
        '"1234567890-0123456789abcdef"',
    ],
)
def test_any_other_entity_tag_is_unknown(tag: str) -> None:
    with pytest.raises(Problem) as refusal:
        based_on(tag)
    assert refusal.value.code == "if_match_unknown"


def test_a_change_needs_the_version_that_was_seen() -> None:
    with pytest.raises(Problem) as refusal:
        based_on(None)
    assert refusal.value.code == "if_match_missing"


def test_who_saw_the_latest_version_may_act() -> None:
    state = play(*registered())
    refuse_stale(state, state.version, CHILDREN, [])


def test_who_did_not_see_what_another_office_did_is_refused_early_and_told_who_it_was() -> None:
    # given a complaint that the general office sent to the children's
    state = play(*registered())
    seen = state.version
    sent = play(*received(TRANSFER))
    # when the intake acts on what it saw before, then it is stale
    with pytest.raises(Problem) as refusal:
        refuse_stale(sent, seen, INTAKE, [one.envelope for one in told(received(TRANSFER))][seen:])
    author, version = sent.last_spoken(other_than=INTAKE)
    assert refusal.value.code == "stale"
    assert refusal.value.args_ == {"office": author, "version": version}
    assert author in (GENERAL, CHILDREN)
    changed = refusal.value.more["changed"]
    assert [one["version"] for one in changed] == list(range(seen + 1, sent.version + 1))
    assert changed[-1] == {
        "version": sent.version,
        "type": "ReferralReceived",
        "author": CHILDREN,
    }


def test_an_offices_own_acts_make_nothing_stale_for_itself() -> None:
    state = play(*registered())
    _, foreign = state.last_spoken(other_than=GENERAL)
    assert foreign < state.version
    refuse_stale(state, foreign, GENERAL, [])


def test_a_version_that_does_not_exist_yet_was_not_seen() -> None:
    state = play(*registered())
    with pytest.raises(Problem) as refusal:
        refuse_stale(state, state.version + 1, GENERAL, [])
    assert refusal.value.code == "if_match_unknown"


def outcome(result: Literal["accepted", "refused"], code: str | None = None) -> Outcome:
    return Outcome(
        command_id=ID,
        digest="0" * 64,
        by=CHILDREN,
        stream=ID,
        root=ID,
        partition=0,
        offset=0,
        time=MONDAY,
        result=result,
        code=code,
        args={"office": GENERAL} if code else {},
    )


def test_a_refusal_of_the_registrar_reaches_the_caller_with_its_code_and_arguments() -> None:
    with pytest.raises(Problem) as refusal:
        raise_refused(outcome("refused", "not_custodian"))
    assert refusal.value.code == "not_custodian"
    assert refusal.value.args_ == {"office": GENERAL}


def test_an_accepted_command_is_no_problem() -> None:
    raise_refused(outcome("accepted"))
