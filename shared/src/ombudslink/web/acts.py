"""Acts over HTTP: a command is stored, acknowledged, and answered once the registrar decided it."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import Header, Query, Request
from pydantic import BaseModel, ConfigDict

from ombudslink.envelope import Envelope, Outcome
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import IdReused, Sender, Sent, look_up
from ombudslink.store.engine import Database
from ombudslink.streams import State
from ombudslink.values import Id, ParticipantId
from ombudslink.web.problems import Problem

LONGEST_WAIT: Final = 30.0
DEFAULT_WAIT: Final = 5.0
MOST_TOLD: Final = 50
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG: Final = re.compile(r'"(\d{1,9})-[0-9a-f]{16}"')
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\"?(?:$|[,;\s])", re.IGNORECASE)


class CommandView(BaseModel):
    """What became of a command: not decided yet, accepted with its versions, or refused.

    `complaint` is what the command was about: the complaint's id, or the joint inspection's.
    """

    command: Id
    complaint: Id
    type: str
    result: Literal["pending", "accepted", "refused"]
    first_version: int | None = None
    last_version: int | None = None
    last_hash: str | None = None
    code: str | None = None

    @classmethod
    def of(cls, sent: Sent) -> "CommandView":
        """The view of a command of ours."""
        outcome = sent.outcome
        if outcome is None:
            return cls(command=sent.id, complaint=sent.stream, type=sent.type, result="pending")
        return cls(
            command=sent.id,
            complaint=sent.stream,
            type=sent.type,
            **outcome.model_dump(
                include={"result", "first_version", "last_version", "last_hash", "code"}
            ),
        )


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may be repeated: `Idempotency-Key` and how long to wait for the decision."""

    key: str
    wait: float

    def command_id(self, participant: str, route: str) -> str:
        """The id of the command that this request is, the same for every repetition."""
        return derived_id(participant, route, self.key)


def repeatable(
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    prefer: Annotated[str | None, Header(alias="Prefer", examples=["wait=10"])] = None,
) -> Repeatable:
    """Read `Idempotency-Key` (compulsory) and `Prefer: wait=<seconds>` (RFC 7240).

    Raises:
        Problem: the key is missing or is not printable ASCII of 1 to 255 characters.
    """
    if idempotency_key is None:
        raise Problem("idempotency_key_missing")
    if not _KEY.fullmatch(idempotency_key):
        raise Problem("idempotency_key_invalid")
    return Repeatable(idempotency_key, _preferred(prefer, DEFAULT_WAIT))


def waiting(
    prefer: Annotated[str | None, Header(alias="Prefer", examples=["wait=10"])] = None,
) -> float:
    """Read `Prefer: wait=<seconds>` (RFC 7240) where nothing is waited for unless it is wished."""
    return _preferred(prefer, 0.0)


def _preferred(prefer: str | None, otherwise: float) -> float:
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST_WAIT) if found else otherwise


def repeatable_or_tried(
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    prefer: Annotated[str | None, Header(alias="Prefer", examples=["wait=10"])] = None,
    dry_run: Annotated[
        bool, Query(description="Only tell what would follow, and who would receive it.")
    ] = False,
) -> Repeatable | None:
    """The same; None for a request that is only tried, which needs no key.

    Raises:
        Problem: the key is missing or is not printable ASCII of 1 to 255 characters.
    """
    return None if dry_run else repeatable(idempotency_key, prefer)


def anonymous(repeat: Repeatable) -> Repeatable:
    """The same for a caller without a key of its own, whose idempotency key must be a random UUID.

    Raises:
        Problem: it is not; a key that others could hit upon would show them the answer.
    """
    try:
        key = uuid.UUID(repeat.key)
    except ValueError:
        raise Problem("idempotency_key_invalid") from None
    if key.version != 4:
        raise Problem("idempotency_key_invalid")
    return Repeatable(str(key), repeat.wait)


def etag(version: int, digest: str) -> str:
    """A strong entity tag: the version of the complaint and a digest of what is shown."""
    return f'"{version}-{digest[:16]}"'


def based_on(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int:
    """The version that the caller saw, from `If-Match` (RFC 9110).

    Raises:
        Problem: the header is missing (428) or is no entity tag of ours (412).
    """
    if if_match is None:
        raise Problem("if_match_missing")
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise Problem("if_match_unknown")
    return int(match[1])


class Change(BaseModel):
    """One event that somebody who looked earlier has not seen."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    type: str
    author: ParticipantId


def refuse_stale(state: State, seen: int, by: str, since: Sequence[Envelope]) -> None:
    """Refuse early what the registrar would refuse: somebody else acted since that version.

    `since` are the events after it, the latest `MOST_TOLD` of them if they are many.

    Raises:
        Problem: stale, with the version and its author, and all that changed.
    """
    if seen > state.version:
        raise Problem("if_match_unknown")
    author, version = state.last_spoken(other_than=by)
    if version > seen:
        changed = [Change.model_validate(one).model_dump() for one in since]
        raise Problem(
            "stale", args={"version": version, "office": author}, more={"changed": changed}
        )


async def performed(
    database: Database,
    sender: Sender,
    command_id: str,
    wait: float,
    store: Callable[[], Awaitable[Sent]],
) -> Sent:
    """Store a command, and wait so many seconds for what becomes of it.

    Raises:
        Problem: the key was used for another request, or the rules refuse the command.
    """
    waiting = asyncio.create_task(sender.decided(command_id, wait))
    # The waiting must have begun before the command can be decided.
    await asyncio.sleep(0)
    try:
        sent = await store()
        if sent.outcome is None:
            await waiting
            decided = await database.query(partial(look_up, command_id=command_id))
            sent = decided or sent
    except IdReused:
        raise Problem("idempotency_key_reused") from None
    finally:
        waiting.cancel()
    if sent.outcome is not None:
        raise_refused(sent.outcome)
    return sent


def raise_refused(outcome: Outcome) -> None:
    """Turn a refusal into a problem; an accepted outcome passes.

    Raises:
        Problem: the rules refused the command.
    """
    if outcome.result == "refused":
        raise Problem(outcome.code or "undecodable_command", args=outcome.args)


def command_location(request: Request, command_id: str) -> str:
    """Where the outcome of a command can be asked for."""
    return f"{request.scope.get('root_path', '')}/v1/commands/{command_id}"
