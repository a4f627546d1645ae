"""The AsyncAPI description, as others read it: the official parser, its schemas, its examples."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.javascript import told_by
from ombudslink.commands import COMMANDS
from ombudslink.contracts.examples import KEY
from ombudslink.envelope import Envelope, Outcome, SignedCommand
from ombudslink.events import EVENTS
from ombudslink.ids import PARTITIONS, partition_of
from ombudslink.proof.chain import canonical
from ombudslink.proof.signing import KeyRing, Signer, key_id
from ombudslink.upcasts import decode

FILE = Path(__file__).parents[2] / "shared" / "contracts" / "asyncapi.json"
DESCRIBED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
MESSAGES: dict[str, Any] = DESCRIBED["components"]["messages"]
HAPPENED = {f"{n}.v{v}" for n, cls in EVENTS.items() for v in range(1, cls.version + 1)}
SAID = {f"{name}.v{cls.version}" for name, cls in COMMANDS.items()}


def examples(names: set[str]) -> list[Any]:
    return [
        pytest.param(example, id=f"{name} {example['name']}")
        for name in sorted(names)
        for example in MESSAGES[name]["examples"]
    ]


@pytest.fixture(scope="module")
def parsed() -> Any:
    """What the official parser makes of it."""
    return told_by("asyncapi.mjs", str(FILE))


def test_the_official_parser_has_nothing_against_it(parsed: Any) -> None:
    assert parsed["errors"] == []


def test_every_topic_carries_what_belongs_there_and_nothing_else(parsed: Any) -> None:
    carried = {address: {*messages} for address, messages in parsed["channels"].items()}
    told = HAPPENED | {"CommandDecided.v1"}
    assert carried == {
        "ombudslink.commands": SAID,
        "ombudslink.history": told,
        "ombudslink.feed.{participant}": told,
    }


def test_every_message_has_examples_that_its_schemas_allow(parsed: Any) -> None:
    for messages in parsed["channels"].values():
        for name, message in messages.items():
            assert message["examples"] > 0, name
            assert message["faults"] == [], name


def test_a_wrong_description_and_wrong_examples_are_noticed(tmp_path: Path) -> None:
    wrong = json.loads(json.dumps(DESCRIBED))
    examples = wrong["components"]["messages"]["ComplaintFiled.v1"]["examples"]
    examples[0]["payload"]["data"]["channel"] = "fax"
    del examples[0]["headers"]["ce_prevhash"]
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(wrong))
    found = told_by("asyncapi.mjs", str(path))
    assert found["errors"] == []
    assert found["channels"]["ombudslink.history"]["ComplaintFiled.v1"]["faults"] == [
        " must have required property 'ce_prevhash'",
        "/data/channel must be equal to one of the allowed values",
    ]
    wrong["operations"]["readFeed"]["action"] = "overhear"
    path.write_text(json.dumps(wrong))
    (error,) = told_by("asyncapi.mjs", str(path))["errors"]
    assert error.startswith("operations.readFeed.action")


def test_the_partitions_are_those_of_the_log() -> None:
    partitions = {
        name: channel["bindings"]["kafka"]["partitions"]
        for name, channel in DESCRIBED["channels"].items()
    }
    assert partitions == {"commands": PARTITIONS, "history": PARTITIONS, "feed": 1}


@pytest.mark.parametrize("example", examples(SAID))
def test_an_example_of_a_command_bears_a_signature_that_the_registrar_accepts(example: Any) -> None:
    signed = SignedCommand.from_record(example["headers"], canonical(example["payload"]))
    body = signed.parse()
    public = Signer(body.by, KEY).public
    ring = KeyRing({key_id(body.by, public): public})
    assert ring.verify(body.by, signed.key_id, signed.digest, signed.signature)
    assert body.command() == COMMANDS[body.type].model_validate(body.data)
    assert signed.headers() == example["headers"]


@pytest.mark.parametrize("example", examples(HAPPENED))
def test_an_example_of_an_event_is_one_that_our_programs_read(example: Any) -> None:
    envelope = Envelope.from_body(canonical(example["payload"]))
    assert envelope.event == decode(envelope.type, envelope.type_version, envelope.data)
    before = bytes.fromhex(example["headers"]["ce_prevhash"])
    assert envelope.headers(before) == example["headers"]


@pytest.mark.parametrize("example", examples({"CommandDecided.v1"}))
def test_an_example_of_an_outcome_names_the_record_of_its_command(example: Any) -> None:
    outcome = Outcome.from_body(canonical(example["payload"]))
    assert outcome.result == example["name"]
    assert outcome.partition == partition_of(outcome.root)
    assert outcome.headers() == example["headers"]
