"""The published CloudEvents SDKs for Python and JavaScript read every record that we emit."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat

from contract.javascript import told_by
from ombudslink.commands import COMMANDS
from ombudslink.contracts import examples
from ombudslink.contracts.examples import Example
from ombudslink.events import EVENTS

CONTRACTS = Path(__file__).parents[2] / "shared" / "contracts"
OURS = {
    "command": {"subject", "partitionkey", "keyid", "signature"},
    "event": {"subject", "partitionkey", "sequence", "prev", "prevhash"},
    "outcome": {"subject", "partitionkey"},
}
"""What each kind of record has besides the attributes that CloudEvents demands."""
DEMANDED = {"specversion", "id", "source", "type", "time", "datacontenttype"}


def records() -> dict[str, Example]:
    """One of every type, by kind and name."""
    return {
        **{f"command {name}": examples.command(name) for name in COMMANDS},
        **{
            f"event {name}": examples.event(CONTRACTS, name, c.version)
            for name, c in EVENTS.items()
        },
        **{f"outcome {name}": example for name, example in examples.outcomes().items()},
    }


RECORDS = records()


def attributes(record: Example) -> dict[str, str]:
    """The attributes that the record's headers are to be read as."""
    names = {"content-type": "datacontenttype"}
    return {names.get(h, h.removeprefix("ce_")): value for h, value in record.headers.items()}


def http_headers(record: Example) -> dict[str, str]:
    """The same attributes as HTTP's binary mode spells them."""
    return {name.replace("ce_", "ce-"): value for name, value in record.headers.items()}


def as_text(value: Any) -> str:
    """An attribute as it was spelled; the SDKs make an instant of the time."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_the_attributes_that_are_demanded_and_ours_and_no_others(name: str) -> None:
    found = attributes(RECORDS[name])
    assert found.keys() == DEMANDED | OURS[name.split()[0]]
    assert [a for a in found if not re.fullmatch(r"[a-z0-9]{1,20}", a)] == []


@pytest.mark.parametrize("name", RECORDS)
def test_the_python_sdk_reads_a_record_from_kafka(name: str) -> None:
    record = RECORDS[name]
    headers = {header: value.encode() for header, value in record.headers.items()}
    message = kafka.KafkaMessage(headers, record.headers["ce_partitionkey"].encode(), record.body)
    event = kafka.from_kafka(message, JSONFormat())
    assert {n: as_text(v) for n, v in event.get_attributes().items()} == attributes(record)
    assert event.get_data() == record.payload


@pytest.mark.parametrize("name", RECORDS)
def test_the_python_sdk_reads_a_record_from_http(name: str) -> None:
    record = RECORDS[name]
    event = http.from_http(http.HTTPMessage(http_headers(record), record.body), JSONFormat())
    assert {n: as_text(v) for n, v in event.get_attributes().items()} == attributes(record)
    assert event.get_data() == record.payload


@pytest.mark.parametrize("binding", ["kafka", "http"])
def test_the_javascript_sdk_reads_every_record(binding: str) -> None:
    given = [
        {
            "binding": binding,
            "headers": record.headers if binding == "kafka" else http_headers(record),
            "key": record.headers["ce_partitionkey"],
            "body": record.body.decode(),
        }
        for record in RECORDS.values()
    ]
    read = told_by("cloudevents.mjs", given=given)
    for record, found in zip(RECORDS.values(), read, strict=True):
        assert found["attributes"] == attributes(record)
        assert found["data"] == record.payload


def test_a_record_without_a_demanded_attribute_is_refused_by_both() -> None:
    record = RECORDS["event ComplaintFiled"]
    headers = {name: value for name, value in record.headers.items() if name != "ce_source"}
    with pytest.raises(Exception, match="source"):
        kafka.from_kafka(
            kafka.KafkaMessage({n: v.encode() for n, v in headers.items()}, None, record.body),
            JSONFormat(),
        )
    given = [{"binding": "kafka", "headers": headers, "key": "x", "body": record.body.decode()}]
    with pytest.raises(AssertionError, match="source"):
        told_by("cloudevents.mjs", given=given)


def test_the_body_is_not_changed_by_the_way_it_is_read() -> None:
    """What is hashed is the value itself, so a reader can check it against the next record."""
    record = RECORDS["event ReferredTo"]
    headers = {header: value.encode() for header, value in record.headers.items()}
    event = kafka.from_kafka(kafka.KafkaMessage(headers, None, record.body), JSONFormat())
    again = json.dumps(event.get_data(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == record.body
