"""The AsyncAPI description: topics, keys, headers, every message and an example, who sends it."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Final

from ombudslink.commands import COMMANDS
from ombudslink.contracts import examples, schemas
from ombudslink.contracts.examples import Example
from ombudslink.envelope import Headers
from ombudslink.events import EVENTS
from ombudslink.log import COMMANDS as COMMAND_TOPIC
from ombudslink.log import HISTORY, feed, partitions_of

Json = dict[str, Any]

_ABOUT: Final = """\
Whoever wants to change a complaint sends a signed command. The registrar puts the commands in one
order, decides, and appends events to the complaint's history; every participant gets what concerns
it in a feed that only it can read.

Each record is a CloudEvents 1.0 event in Kafka's binary mode: the attributes are headers, the
value is the body alone. Bodies are canonical JSON (RFC 8785) and are hashed and signed exactly as
they are written. A body has codes, ids and dates and refers to content that others hold; it has no
personal data and no free text.

`hash(n) = SHA-256(hash(n-1) || SHA-256(body))`, and `hash(0)` is 32 zero bytes. A command's
signature is Ed25519 over `ombudslink command v1`, a zero byte and the SHA-256 of the body. The
examples are signed with the private key 000102...1f, which signs nothing else.

A reader ignores fields of an event that it does not know; a command with an unknown field is
refused. A type never changes within its version.
"""

_HEADERS: Final = {
    "ce_specversion": "The version of CloudEvents.",
    "ce_id": "The record's own name: stream/version of an event, the id of a command, sender:id of "
    "the command that was decided. With `ce_source` it tells a record that came twice.",
    "ce_source": "The participant that said it: urn:ombudslink:<participant>.",
    "ce_type": "The type and its version.",
    "ce_time": "When it was said, in UTC to the millisecond.",
    "content-type": "The form of the value.",
    "ce_subject": "The stream: the complaint's id.",
    "ce_partitionkey": "The record's key, which decides its partition: the root complaint's id.",
    "ce_sequence": "The event's version in its stream, with leading zeros.",
    "ce_prev": "The version that this reader got before in the stream; 0 for the first one.",
    "ce_prevhash": "The hash of the history before this event; 64 zeros before the first one.",
    "ce_keyid": "The name of the key: its owner, # and the beginning of its SHA-256.",
    "ce_signature": "The Ed25519 signature, base64url without padding.",
}
_EVENT, _COMMAND, _DECIDED = "Event", "Command", "CommandDecided"
_BINDING: Final = {"bindingVersion": "0.5.0"}
_PARTICIPANT: Final = {
    "participant": {"description": "An office, a government body or a service of the platform."}
}
_KEY: Final = {
    "type": "string",
    "description": "The root complaint's id, so that all that belongs together has one order.",
}


def document(contracts: Path) -> Json:
    """The whole description, from the code and from the schemas and payloads in that folder."""
    events = dict(_events(contracts))
    commands = dict(_commands())
    decided = {f"{_DECIDED}.v1": _decided()}
    told = [*decided, *events]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ombudslink: the common log",
            "version": installed("ombudslink"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "commands": _channel(
                COMMAND_TOPIC, "What participants ask of the registrar.", commands
            ),
            "history": _channel(
                HISTORY, "All histories and outcomes: the registrar's journal.", told
            ),
            "feed": _channel(
                feed("{participant}"),
                "What one participant is told.",
                told,
                parameters=_PARTICIPANT,
            ),
        },
        "operations": {
            "sendCommand": _operation("send", "commands", "Every participant sends.", commands),
            "receiveCommand": _operation("receive", "commands", "The registrar reads.", commands),
            "appendToHistory": _operation("send", "history", "The registrar writes.", told),
            "readHistory": _operation(
                "receive", "history", "The registrar itself, intake and reporting read.", told
            ),
            "sendToFeed": _operation("send", "feed", "The registrar writes.", told),
            "readFeed": _operation(
                "receive", "feed", "The participant whose feed it is reads, and nobody else.", told
            ),
        },
        "components": {
            "messages": decided | events | commands,
            "schemas": dict(_schemas(contracts)) | _all_headers(contracts),
        },
    }


def _schemas(contracts: Path) -> Iterator[tuple[str, Json]]:
    for name, cls in schemas.BODIES.items():
        version = schemas.version_of(cls)
        yield f"{name}.v{version}", schemas.read(contracts, "bodies", name, version)
    for folder, name, version in _versions():
        yield f"{name}.v{version}", schemas.read(contracts, folder, name, version)


def _versions() -> Iterator[tuple[str, str, int]]:
    """Every version of an event that there ever was, and the present one of each command."""
    for name, event in EVENTS.items():
        yield from (("events", name, version) for version in range(1, event.version + 1))
    for name, command in COMMANDS.items():
        yield "commands", name, command.version


def _channel(topic: str, title: str, messages: Iterable[str], **more: Json) -> Json:
    return {
        "address": topic,
        "title": title,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"partitions": partitions_of(topic), **_BINDING}},
        **more,
    }


def _operation(action: str, channel: str, who: str, messages: Iterable[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": who,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _events(contracts: Path) -> Iterator[tuple[str, Json]]:
    for folder, name, version in _versions():
        if folder == "events":
            key = f"{name}.v{version}"
            about = (EVENTS[name].__doc__ or "").partition("\n")[0]
            payload = _carrying(_EVENT, name, version, "type_version")
            example = examples.event(contracts, name, version)
            yield key, _message(_EVENT, key, about, payload, {name: example})


def _commands() -> Iterator[tuple[str, Json]]:
    for name, cls in COMMANDS.items():
        key = f"{name}.v{cls.version}"
        about = (cls.__doc__ or "").partition("\n")[0]
        payload = _carrying(_COMMAND, name, cls.version, "version")
        yield key, _message(_COMMAND, key, about, payload, {name: examples.command(name)})


def _decided() -> Json:
    about = "What became of a command; its sender is told in its feed."
    payload = {"$ref": f"#/components/schemas/{_DECIDED}.v1"}
    return _message(_DECIDED, f"{_DECIDED}.v1", about, payload, examples.outcomes())


def _carrying(body: str, name: str, version: int, version_field: str) -> Json:
    """The payload of a message: the body, and in it the data of that version of that type."""
    return {
        "allOf": [
            {"$ref": f"#/components/schemas/{body}.v1"},
            {
                "type": "object",
                "properties": {
                    "type": {"const": name},
                    version_field: {"const": version},
                    "data": {"$ref": f"#/components/schemas/{name}.v{version}"},
                },
            },
        ]
    }


def _message(of: str, key: str, about: str, payload: Json, shown: dict[str, Example]) -> Json:
    return {
        "name": key,
        "title": key.partition(".")[0],
        "summary": about,
        "contentType": "application/json",
        "headers": _headers(of, next(iter(shown.values()))),
        "payload": payload,
        "bindings": {"kafka": {"key": _KEY, **_BINDING}},
        "examples": [
            {"name": name, "headers": dict(example.headers), "payload": example.payload}
            for name, example in shown.items()
        ],
    }


def _headers(of: str, example: Example) -> Json:
    """The headers of a message: those of its kind, and the type that it is."""
    fixed = {"ce_type": {"const": example.headers["ce_type"]}}
    return {
        "type": "object",
        "allOf": [{"$ref": f"#/components/schemas/{of}Headers"}, {"properties": fixed}],
    }


def _all_headers(contracts: Path) -> Json:
    """What the headers of each kind of message are, from those that a real one has."""
    real = {
        _COMMAND: examples.command(next(iter(COMMANDS))),
        _DECIDED: examples.outcomes()["accepted"],
        _EVENT: examples.event(contracts, next(iter(EVENTS)), 1),
    }
    return {f"{of}Headers": _header_schema(example.headers) for of, example in real.items()}


def _header_schema(real: Headers) -> Json:
    same = ("ce_specversion", "content-type")
    return {
        "type": "object",
        "properties": {
            name: {
                "type": "string",
                "description": _HEADERS[name],
                **({"const": value} if name in same else {}),
            }
            for name, value in real.items()
        },
        "required": list(real),
    }
