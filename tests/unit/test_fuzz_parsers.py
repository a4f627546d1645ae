"""Whatever arrives, each parser reads it or refuses it in the one way that it documents."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from intake.codes import code_for, same_code
from intake.sessions import StatusSessions
from ombudslink.commands import COMMANDS
from ombudslink.envelope import CommandBody, Envelope, Outcome, SignedCommand, Undecodable
from ombudslink.events import EVENTS
from ombudslink.log import Record
from ombudslink.proof.chain import NotCanonical, canonical, digest, salt
from ombudslink.proof.signing import KeyRing, Signer
from ombudslink.references import new_reference, read_reference
from ombudslink.runtime.replica import arrival_of, carried
from ombudslink.testing.country import GENERAL, MONDAY
from ombudslink.values import Moment
from ombudslink.web.access import AccessKeys
from ombudslink.web.acts import based_on, etag, repeatable
from ombudslink.web.answers import preferred
from ombudslink.web.cursors import Cursors
from ombudslink.web.problems import LANGUAGES, Problem, language_of
from ombudslink.web.sealed import Sealed

GOLDEN: Final = Path(__file__).parents[2] / "shared" / "contracts" / "golden"
STREAM: Final = "00000000-0000-4000-8000-000000000001"
COMMAND: Final = "00000000-0000-5000-8000-000000000002"
NONCE: Final = "000102030405060708090a0b0c0d0e0f"
SECRET: Final = b"s" * 32
SIGNER: Final = Signer(GENERAL, b"k" * 32)
RING: Final = KeyRing({SIGNER.key_id: SIGNER.public})
MOMENTS: Final = TypeAdapter(Moment)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**400]),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["", "\ud800", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]),
    st.sampled_from([STREAM, GENERAL, "A" * 300, "2026-03-02T05:00:00.000Z"]),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
typed = st.text(max_size=60) | st.text(
    "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefgoil- *~$=U", max_size=20
)


def golden(types: dict[str, Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A type, and its payload as it was written once for ever."""
    return st.sampled_from(sorted(types)).map(
        lambda name: (name, json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8")))
    )


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any]) -> Any:
    """The document with something in it replaced, removed, renamed or added; now and then none."""
    found: dict[str, Any] = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(0, 2))):
        place = _place(draw, found)
        if not place:
            found[draw(st.text(max_size=8))] = draw(values)
            continue
        name = draw(st.sampled_from(sorted(place)))
        match draw(st.sampled_from(["replace", "remove", "rename", "add"])):
            case "replace":
                place[name] = draw(values)
            case "remove":
                del place[name]
            case "rename":
                place[draw(st.text(max_size=8))] = place.pop(name)
            case _:
                place[draw(st.text(max_size=8))] = draw(values)
    return found


def _place(draw: st.DrawFn, found: dict[str, Any]) -> dict[str, Any]:
    """The document itself or an object in it."""
    inner = [value for value in found.values() if isinstance(value, dict)]
    return draw(st.sampled_from([found, *inner]))


def written(document: Any) -> bytes:
    """The bytes of a document, in canonical form where it has one."""
    try:
        return canonical(document)
    except (NotCanonical, RecursionError):
        return json.dumps(document).encode()


@st.composite
def cut(draw: st.DrawFn, body: bytes) -> bytes:
    """The bytes with some changed, or cut off; now and then unchanged."""
    kind = draw(st.sampled_from(["whole", "short", "changed", "long"]))
    place = draw(st.integers(0, max(0, len(body) - 1)))
    match kind:
        case "short":
            return body[:place]
        case "changed":
            return body[:place] + draw(st.binary(min_size=1, max_size=3)) + body[place + 1 :]
        case "long":
            return body + draw(st.binary(max_size=10))
        case _:
            return body


def event(named: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """An envelope around a payload."""
    name, data = named
    envelope = Envelope(
        stream=STREAM,
        root=STREAM,
        version=3,
        type=name,
        type_version=1,
        time=MONDAY,
        author=GENERAL,
        actor=None,
        command_id=COMMAND,
        command_digest=digest(b"a command"),
        correlation=COMMAND,
        causation=f"{STREAM}/2",
        salt=salt(NONCE, 3),
        data=data,
    )
    found: dict[str, Any] = json.loads(envelope.body())
    return found


def command(named: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The signed part of a command with a payload."""
    name, data = named
    return CommandBody(
        id=COMMAND,
        stream=STREAM,
        root=STREAM,
        type=name,
        version=1,
        by=GENERAL,
        nonce=NONCE,
        correlation=COMMAND,
        issued=MONDAY,
        data=data,
    ).model_dump(mode="json")


OUTCOME: Final = json.loads(
    Outcome(
        command_id=COMMAND,
        digest=digest(b"a command"),
        by=GENERAL,
        stream=STREAM,
        root=STREAM,
        partition=3,
        offset=7,
        time=MONDAY,
        result="refused",
        code="stale",
        args={"version": 4, "office": "children"},
    ).body()
)


def bodies(documents: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[bytes]:
    """Damaged documents, written and damaged once more."""
    return documents.flatmap(damaged).map(written).flatmap(cut)


@given(bodies(golden(EVENTS).map(event)))
@example(b"[" * 100_000)
@example(b'{"data":' * 2000)
def test_bytes_are_an_event_or_undecodable(body: bytes) -> None:
    with suppress(Undecodable):
        envelope = Envelope.from_body(body)
        assert envelope.event


@given(bodies(golden(COMMANDS).map(command)))
@example(b"[" * 100_000)
@example(b'{"data":' * 2000)
def test_bytes_are_a_command_or_undecodable(body: bytes) -> None:
    with suppress(Undecodable):
        assert SignedCommand(body, SIGNER.key_id, "").parse().command()


@given(bodies(st.just(OUTCOME)))
@example(b"[" * 100_000)
def test_bytes_are_an_outcome_or_undecodable(body: bytes) -> None:
    with suppress(Undecodable):
        assert Outcome.from_body(body).command_id


@given(
    st.dictionaries(
        st.sampled_from(["ce_subject", "ce_sequence", "ce_prevhash", "ce_type"]),
        st.sampled_from([STREAM, "0000000003", "0" * 64, "0", "-1", "9" * 10, "9" * 4300])
        | st.text(max_size=70),
    ),
    bodies(golden(EVENTS).map(event)),
)
def test_a_record_names_the_event_that_it_carries_or_is_undecodable(
    headers: dict[str, str], body: bytes
) -> None:
    record = Record(
        topic="feed", partition=0, offset=1, time=MONDAY, key=STREAM, value=body, headers=headers
    )
    with suppress(Undecodable):
        arrival = arrival_of(record)
        assert carried(arrival).stream == arrival.stream


@given(
    st.sampled_from([SIGNER.key_id, "general", f"{GENERAL}#", "children#1"]) | st.text(),
    cut(SIGNER.sign(digest(b"body")).encode()).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from([GENERAL, "children"]) | st.text(),
)
def test_a_signature_is_right_or_it_is_not(key: str, signature: str, by: str) -> None:
    right = RING.verify(by, key, digest(b"body"), signature)
    if right:
        assert (by, key) == (GENERAL, SIGNER.key_id)
        assert not RING.verify(by, key, digest(b"another body"), signature)


@given(typed)
def test_a_reference_is_read_in_its_one_spelling_or_not_at_all(text: str) -> None:
    reference = read_reference(text)
    assert reference is None or read_reference(reference) == reference


@given(st.builds(new_reference).map(str.encode).flatmap(cut).map(lambda raw: raw.decode("latin-1")))
def test_a_damaged_reference_is_read_in_its_one_spelling_or_not_at_all(text: str) -> None:
    reference = read_reference(text)
    assert reference is None or read_reference(reference) == reference


@given(typed | st.text("0123456789٠١٢²③ -", max_size=30))
def test_a_code_is_right_only_if_it_has_the_twenty_digits(text: str) -> None:
    code = code_for(SECRET, STREAM, 1)
    if same_code(code, text):
        assert [c for c in text if c.isascii() and c.isdigit()] == list(code.replace(" ", ""))


SEALED: Final = Sealed(SECRET, "purpose").seal(b"said", MONDAY + timedelta(hours=1))
CURSORS: Final = Cursors(SECRET)
CURSOR: Final = CURSORS.seal("list", 7, "x")


@given(typed | cut(CURSOR.encode()).map(lambda raw: raw.decode("latin-1")))
def test_a_cursor_is_one_of_ours_or_invalid(text: str) -> None:
    try:
        assert CURSORS.open("list", text) == [7, "x"]
    except Problem as problem:
        assert problem.code == "cursor_invalid"


@given(typed | cut(SEALED.encode()).map(lambda raw: raw.decode("latin-1")))
def test_what_was_sealed_is_opened_or_nothing(text: str) -> None:
    assert Sealed(SECRET, "purpose").open(text, MONDAY) in (b"said", None)
    assert StatusSessions(SECRET).read(text, MONDAY) is None


@given(typed | st.builds("omb_{}_{}".format, st.text(max_size=32), st.text(max_size=50)))
def test_a_key_that_was_never_issued_is_unknown(text: str) -> None:
    assert AccessKeys(GOLDEN).known(text) is None


@given(typed | st.builds(etag, st.integers(-1, 10**10), st.text(max_size=20)))
def test_an_entity_tag_is_one_of_ours_or_unknown(text: str) -> None:
    try:
        assert etag(based_on(text), text.strip().partition("-")[2]).startswith('"')
    except Problem as problem:
        assert problem.code == "if_match_unknown"


@given(typed, typed | st.builds("wait={}".format, st.integers() | st.text(max_size=9)))
def test_a_request_is_repeatable_or_its_key_invalid(key: str, prefer: str) -> None:
    try:
        repeat = repeatable(key, prefer)
        assert 0 <= repeat.wait <= 30
        assert repeat.command_id(GENERAL, "route")
    except Problem as problem:
        assert problem.code == "idempotency_key_invalid"


wanted = st.lists(
    st.builds(
        "{};q={}".format,
        st.sampled_from(["kk", "ru", "en", "*", "text/csv", "*/*"]) | st.text(max_size=5),
        st.sampled_from(["1", "0", "0.5", "2", "-1", "nan"]) | st.text(max_size=3),
    )
).map(",".join)


@given(wanted | typed)
def test_what_a_reader_accepts_is_one_of_what_is_offered(header: str) -> None:
    assert language_of(header) in LANGUAGES
    try:
        assert preferred(header, "application/json", "text/csv") in ("application/json", "text/csv")
    except Problem as problem:
        assert problem.code == "not_acceptable"


@given(values)
@example("0001-01-01T00:00:00+14:00")
@example(10**400)
def test_an_instant_is_in_the_calendar_or_invalid(value: Any) -> None:
    with suppress(ValidationError):
        assert MOMENTS.validate_python(value).tzinfo is not None


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (Envelope.from_body, written(event(("ComplaintClosed", {})))),
        (Outcome.from_body, written(OUTCOME)),
    ],
)
def test_what_is_whole_is_read(parse: Callable[[bytes], Any], body: bytes) -> None:
    assert parse(body)
    assert RING.verify(GENERAL, SIGNER.key_id, digest(body), SIGNER.sign(digest(body)))
    assert replace(SignedCommand(body, "", ""), key_id="k").digest == digest(body)
