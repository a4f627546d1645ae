"""What travels: the exact bytes of events and commands, what is read back, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ombudslink.commands import StartExamination
from ombudslink.envelope import CommandBody, Envelope, Outcome, SignedCommand, Undecodable
from ombudslink.events import ExaminationStarted
from ombudslink.proof.chain import GENESIS, NotCanonical, canonical, digest, link, salt
from ombudslink.testing.country import GENERAL, MONDAY

STREAM = "00000000-0000-4000-8000-000000000001"
COMMAND = "00000000-0000-5000-8000-000000000002"
NONCE = "000102030405060708090a0b0c0d0e0f"

ENVELOPE = Envelope(
    stream=STREAM,
    root=STREAM,
    version=3,
    type="ExaminationStarted",
    type_version=1,
    time=MONDAY + timedelta(microseconds=123_999),
    author=GENERAL,
    actor="officer-1",
    command_id=COMMAND,
    command_digest=digest(b"a command"),
    correlation=STREAM,
    causation=f"{STREAM}/2",
    salt=salt(NONCE, 3),
    data={"office": GENERAL},
)
BODY = (
    b'{"actor":"officer-1","author":"general",'
    b'"causation":"00000000-0000-4000-8000-000000000001/2",'
    b'"command_digest":"b2ac90ec3c2edf86ae2072aa26a51b21cc81e8a4cf57b68fc5b8ca6197b0433c",'
    b'"command_id":"00000000-0000-5000-8000-000000000002",'
    b'"correlation":"00000000-0000-4000-8000-000000000001",'
    b'"data":{"office":"general"},"root":"00000000-0000-4000-8000-000000000001",'
    b'"salt":"9494a64c081fe5bb1ff34fb764221339","stream":"00000000-0000-4000-8000-000000000001",'
    b'"time":"2026-03-02T05:00:00.123Z","type":"ExaminationStarted","type_version":1,"version":3}'
)
HASH = "104791faa2b5e5c2f6973f7739344ec773285bc8af075ba2aecef3ef647027c2"


def command_body(**changes: Any) -> dict[str, Any]:
    """The fields of a command's body."""
    fields: dict[str, Any] = {
        "id": COMMAND,
        "stream": STREAM,
        "root": STREAM,
        "type": "StartExamination",
        "version": 1,
        "by": GENERAL,
        "actor": None,
        "nonce": NONCE,
        "based_on": 2,
        "correlation": STREAM,
        "causation": None,
        "issued": "2026-03-02T05:00:00.000Z",
        "data": {},
    }
    return fields | changes


def test_the_bytes_of_an_event_and_its_hash_are_these_for_ever() -> None:
    assert ENVELOPE.body() == BODY
    assert link(GENESIS, BODY).hex() == HASH


def test_an_event_that_is_read_back_has_the_same_bytes() -> None:
    again = Envelope.from_body(BODY)
    assert again.body() == BODY
    assert again == replace(ENVELOPE, time=MONDAY + timedelta(milliseconds=123))
    assert again.event == ExaminationStarted(office=GENERAL)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        BODY[:-1],
        BODY.replace(b'"version":3', b'"version":"3"'),
        BODY.replace(b'"version":3', b'"version":3.0'),
        BODY.replace(b".123Z", b".123"),
        BODY.replace(b"2026-03-02T05:00:00.123Z", b"0001-01-01T00:00:00+14:00"),
        BODY.replace(b'"salt"', b'"pepper"'),
        BODY[:-1] + b',"more":1}',
        BODY.replace(b'"officer-1"', b'"\\ud800"'),
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_bytes_that_are_no_event_are_refused_and_not_repeated(body: bytes) -> None:
    with pytest.raises(Undecodable, match=r"^record is not an event$"):
        Envelope.from_body(body)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "Secret name"}, "unknown type"),
        ({"type_version": 2}, "newer version"),
        ({"data": {"office": "Secret name"}}, "ExaminationStarted has 1 invalid fields"),
    ],
)
def test_an_event_that_this_program_cannot_read_is_named_without_what_it_says(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Undecodable, match=message) as refused:
        _ = replace(ENVELOPE, **changes).event
    assert "Secret" not in str(refused.value)


@pytest.mark.parametrize("year", [1, 999, 2026, 9999])
def test_an_instant_of_any_year_is_read_back_as_it_was_written(year: int) -> None:
    event = replace(ENVELOPE, time=datetime(year, 3, 2, 5, 0, 0, 123_999, UTC))
    assert f'"time":"{year:04d}-03-02T05:00:00.123Z"'.encode() in event.body()
    assert Envelope.from_body(event.body()).body() == event.body()


def test_transport_attributes_follow_cloud_events_and_are_not_hashed() -> None:
    headers = ENVELOPE.headers(GENESIS, previous_version=0)
    assert headers["ce_id"] == f"{STREAM}/3"
    assert headers["ce_type"] == "org.ombudslink.ExaminationStarted.v1"
    assert (headers["ce_prev"], headers["ce_prevhash"]) == ("0", "00" * 32)
    assert ENVELOPE.headers(GENESIS)["ce_prev"] == "2"
    assert ENVELOPE.body() == BODY


def test_a_command_is_read_back_from_its_record() -> None:
    signed = SignedCommand(canonical(command_body()), "general#0", "signature")
    read = SignedCommand.from_record(signed.headers(), signed.body)
    assert read == signed
    assert read.digest == digest(signed.body)
    assert read.parse().command() == StartExamination()
    assert signed.headers()["ce_type"] == "org.ombudslink.command.StartExamination.v1"


def test_a_command_without_a_signature_is_no_command() -> None:
    with pytest.raises(Undecodable, match="not signed"):
        SignedCommand.from_record({"ce_keyid": "general#0"}, canonical(command_body()))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "not-an-id"},
        {"by": "Secret Name"},
        {"nonce": "short"},
        {"issued": "2026-03-02T05:00:00"},
        {"issued": "0001-01-01T00:00:00+14:00"},
        {"issued": "9999-12-31T23:59:59-14:00"},
        {"based_on": -1},
        {"type": "x" * 65},
        {"causation": "anything"},
        {"data": []},
        {"more": 1},
    ],
    ids=lambda changes: f"{next(iter(changes))} {next(iter(changes.values()))}"[:30],
)
def test_a_body_with_a_wrong_field_is_refused_and_the_field_is_not_repeated(
    changes: dict[str, Any],
) -> None:
    signed = SignedCommand(canonical(command_body(**changes)), "general#0", "signature")
    with pytest.raises(Undecodable, match=r"^command has 1 invalid fields$"):
        signed.parse()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "ExamineAtOnce"}, "unknown command"),
        ({"version": 2}, "unknown command"),
        ({"data": {"secret": "name"}}, "StartExamination has 1 invalid fields"),
    ],
)
def test_a_command_of_an_unknown_kind_or_with_wrong_data_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    body = CommandBody.model_validate(command_body(**changes))
    with pytest.raises(Undecodable, match=message):
        body.command()


def test_an_outcome_is_read_back_and_anything_else_is_refused() -> None:
    outcome = Outcome(
        command_id=COMMAND,
        digest=digest(b"a command"),
        by=GENERAL,
        stream=STREAM,
        root=STREAM,
        partition=3,
        offset=17,
        time=MONDAY,
        result="refused",
        code="stale",
        args={"version": 4, "office": GENERAL},
    )
    assert Outcome.from_body(outcome.body()) == outcome
    with pytest.raises(Undecodable, match=r"^record is not an outcome$"):
        Outcome.from_body(BODY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner)
    ),
    max_leaves=30,
)


@given(value=JSON)
def test_the_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [0.5, float("nan"), 2**53, -(2**53), "\ud800", {"имя": 1}, {1: 2}, b"bytes", MONDAY, {1, 2}],
    ids=repr,
)
def test_what_has_no_canonical_form_is_refused_wherever_it_stands(value: object) -> None:
    for anywhere in (value, [value], {"a": [{"b": value}]}):
        with pytest.raises(NotCanonical):
            canonical(anywhere)


def test_the_chain_links_every_body_and_the_salts_of_one_command_differ() -> None:
    first, second = link(GENESIS, b"1"), link(link(GENESIS, b"1"), b"2")
    assert link(link(GENESIS, b"2"), b"1") != second != first
    assert len({salt(NONCE, n) for n in range(50)}) == 50
    assert salt(NONCE, 1) == salt(NONCE, 1) != salt(NONCE[::-1], 1)
