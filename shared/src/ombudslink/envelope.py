"""What travels: signed commands, hash-linked events and the outcomes of commands.

Each has a canonical body that is hashed or signed as written, and CloudEvents 1.0 attributes for
Kafka's binary mode around it. Transport attributes are never hashed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ombudslink.commands import COMMANDS, Command
from ombudslink.events import Event
from ombudslink.proof.chain import NotCanonical, canonical, digest
from ombudslink.upcasts import UnknownEvent, decode
from ombudslink.values import Code, Hash, Id, Moment, ParticipantId, Value, format_moment

TYPE_PREFIX: Final = "org.ombudslink."
Headers = dict[str, str]


class Undecodable(Exception):
    """Bytes that are not what they should be. The message never repeats the bytes."""


class CommandBody(Value):
    """The signed part of a command."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    stream: Id
    root: Id
    type: str = Field(max_length=64)
    version: int
    by: ParticipantId
    actor: Code | None = None
    nonce: str = Field(pattern=r"^[0-9a-f]{32}$")
    based_on: int | None = Field(default=None, ge=0)
    correlation: Id
    causation: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}(/[0-9]{1,9})?$")
    issued: Moment
    data: dict[str, Any]

    def command(self) -> Command:
        """The command itself.

        Raises:
            Undecodable: its type is unknown or its data is not of that type.
        """
        cls = COMMANDS.get(self.type)
        if cls is None or cls.version != self.version:
            raise Undecodable(f"unknown command type or version {self.version}")
        try:
            return cls.model_validate(self.data)
        except ValidationError as error:
            raise Undecodable(f"{self.type} has {error.error_count()} invalid fields") from None


@dataclass(frozen=True)
class SignedCommand:
    """A command as it is sent, stored and verified: its bytes and the signature over them."""

    body: bytes
    key_id: str
    signature: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the body."""
        return digest(self.body)

    def parse(self) -> CommandBody:
        """The fields of the body.

        Raises:
            Undecodable: the bytes are not a command in canonical form.
        """
        fields = _object(self.body)
        if not _is_canonical(fields, self.body):
            # What has no canonical form could not be written into an outcome or an event either.
            raise Undecodable("command is not canonical JSON")
        try:
            parsed = CommandBody.model_validate(fields)
        except ValidationError as error:
            raise Undecodable(f"command has {error.error_count()} invalid fields") from None
        return parsed

    def headers(self) -> Headers:
        """The CloudEvents attributes, Kafka binary mode."""
        body = self.parse()
        return {
            **_cloud_event(f"command.{body.type}.v{body.version}", body.id, body.by, body.issued),
            "ce_subject": body.stream,
            "ce_partitionkey": body.root,
            "ce_keyid": self.key_id,
            "ce_signature": self.signature,
        }

    @classmethod
    def from_record(cls, headers: Mapping[str, str], value: bytes) -> "SignedCommand":
        """The command in a log record.

        Raises:
            Undecodable: it carries no signature.
        """
        try:
            return cls(value, headers["ce_keyid"], headers["ce_signature"])
        except KeyError:
            raise Undecodable("command is not signed") from None


@dataclass(frozen=True)
class Envelope:
    """One event of a history with everything that its hash covers."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    stream: str
    root: str
    version: int
    type: str
    type_version: int
    time: Moment
    author: ParticipantId
    actor: str | None
    command_id: str
    command_digest: str
    correlation: str
    causation: str | None
    salt: str
    data: dict[str, Any]

    def body(self) -> bytes:
        """The canonical bytes that are stored, sent and hashed."""
        return canonical(
            {
                "actor": self.actor,
                "author": self.author,
                "causation": self.causation,
                "command_digest": self.command_digest,
                "command_id": self.command_id,
                "correlation": self.correlation,
                "data": self.data,
                "root": self.root,
                "salt": self.salt,
                "stream": self.stream,
                "time": format_moment(self.time),
                "type": self.type,
                "type_version": self.type_version,
                "version": self.version,
            }
        )

    @classmethod
    def from_body(cls, body: bytes) -> "Envelope":
        """The envelope in stored or received bytes.

        Raises:
            Undecodable: the bytes are not an event.
        """
        try:
            return _ENVELOPE.validate_json(body, strict=True)
        except ValidationError:
            raise Undecodable("record is not an event") from None

    @cached_property
    def event(self) -> Event:
        """The event, brought to its current version.

        Raises:
            Undecodable: this program does not know the type or cannot read the data.
        """
        try:
            return decode(self.type, self.type_version, self.data)
        except UnknownEvent:
            raise Undecodable("event is of an unknown type or of a newer version") from None
        except ValidationError as error:
            raise Undecodable(f"{self.type} has {error.error_count()} invalid fields") from None

    @property
    def name(self) -> str:
        """The event's name on the wire: stream and version."""
        return f"{self.stream}/{self.version}"

    def headers(self, previous_hash: bytes, previous_version: int | None = None) -> Headers:
        """The CloudEvents attributes, Kafka binary mode.

        `previous_version` is what this reader received before in the stream; it differs from
        version - 1 only in a partial feed.
        """
        before = self.version - 1 if previous_version is None else previous_version
        return {
            **_cloud_event(f"{self.type}.v{self.type_version}", self.name, self.author, self.time),
            "ce_subject": self.stream,
            "ce_partitionkey": self.root,
            "ce_sequence": f"{self.version:010d}",
            "ce_prev": str(before),
            "ce_prevhash": previous_hash.hex(),
        }


_ENVELOPE: Final = TypeAdapter(Envelope)

OUTCOME_TYPE: Final = f"{TYPE_PREFIX}CommandDecided.v1"


class Outcome(Value):
    """What became of a command: the versions it produced and their last hash, or the refusal.

    `partition` and `offset` name the command's record, so that a torn decision can be repeated.
    """

    command_id: Id
    digest: Hash
    by: ParticipantId
    stream: Id
    root: Id
    partition: int
    offset: int
    time: Moment
    result: Literal["accepted", "refused"]
    first_version: int | None = None
    last_version: int | None = None
    last_hash: Hash | None = None
    code: str | None = Field(default=None, pattern=r"^[a-z_]{1,64}$")
    args: dict[str, str | int] = Field(default_factory=dict)

    def body(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.model_dump(mode="json"))

    def headers(self) -> Headers:
        """The CloudEvents attributes, Kafka binary mode."""
        return {
            **_cloud_event("CommandDecided.v1", f"{self.by}:{self.command_id}", self.by, self.time),
            "ce_subject": self.stream,
            "ce_partitionkey": self.root,
        }

    @classmethod
    def from_body(cls, body: bytes) -> "Outcome":
        """The outcome in received bytes.

        Raises:
            Undecodable: the bytes are not an outcome.
        """
        try:
            return cls.model_validate(_object(body))
        except ValidationError:
            raise Undecodable("record is not an outcome") from None


def _cloud_event(kind: str, id_: str, source: str, time: datetime) -> Headers:
    return {
        "ce_specversion": "1.0",
        "ce_id": id_,
        "ce_source": f"urn:ombudslink:{source}",
        "ce_type": f"{TYPE_PREFIX}{kind}",
        "ce_time": format_moment(time),
        "content-type": "application/json",
    }


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Undecodable("record is not JSON") from None
    if not isinstance(value, dict):
        raise Undecodable("record is not a JSON object")
    return value


def _is_canonical(value: dict[str, Any], body: bytes) -> bool:
    try:
        return canonical(value) == body
    except (NotCanonical, RecursionError):
        return False
