"""Sending commands to the registrar, and learning what became of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, func, insert, select, update

from ombudslink.commands import Command
from ombudslink.envelope import CommandBody, Outcome, SignedCommand
from ombudslink.log import COMMANDS, Outgoing
from ombudslink.proof.chain import canonical
from ombudslink.proof.signing import Signer
from ombudslink.store import outbox, tables
from ombudslink.values import ParticipantId, format_moment

SENT_AGAIN_AFTER: Final = timedelta(seconds=60)
"""A command without outcome is sent again after this time; repeating is harmless."""
LONGEST_PAUSE: Final = timedelta(days=1)
"""A command that is never decided, under a lost key perhaps, must not fill the log."""


class IdReused(Exception):
    """A command id was used before for another request."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A command to be sent, with its circumstances. `request` tells repetitions from misuse."""

    id: str
    stream: str
    command: Command
    issued: datetime
    request: str = ""
    actor: str | None = None
    based_on: int | None = None
    causation: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A command of ours, and its outcome once there is one."""

    id: str
    stream: str
    type: str
    outcome: Outcome | None


class Sender:
    """One participant's commands: signed, stored with their cause, sent until decided."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @property
    def participant(self) -> ParticipantId:
        """Who sends."""
        return self._signer.participant

    def send(self, connection: Connection, intent: Intent) -> Sent:
        """Store the command and have it sent. The same id again only tells what became of it.

        Raises:
            IdReused: the id stands for another request.
        """
        known = repeated(connection, intent.id, intent.request)
        if known is not None:
            return known
        signed = self.sign(intent)
        connection.execute(
            insert(tables.command),
            {
                "id": intent.id,
                "stream": intent.stream,
                "type": type(intent.command).__name__,
                "digest": signed.digest,
                "request": intent.request,
                "body": signed.body,
                "key_id": signed.key_id,
                "signature": signed.signature,
                "times": 1,
                "again": format_moment(intent.issued + pause_after(1)),
            },
        )
        _enqueue(connection, intent.stream, signed)
        return Sent(intent.id, intent.stream, type(intent.command).__name__, None)

    def settle(self, connection: Connection, outcome: Outcome) -> None:
        """Note what became of a command of ours; the first outcome of just this request stands."""
        row = tables.command.c
        mine = (row.id == outcome.command_id) & (row.digest == outcome.digest)
        connection.execute(
            update(tables.command).where(mine, row.outcome.is_(None)), {"outcome": outcome.body()}
        )

    def announce(self, command_id: str) -> None:
        """Wake who waits for this command's outcome; only after the commit of `settle`."""
        for event in self._waiting.pop(command_id, ()):
            event.set()

    async def decided(self, command_id: str, seconds: float) -> None:
        """Return when the outcome is announced, or after so many seconds.

        Begin to wait before the command is stored, so that nothing is missed.
        """
        event = asyncio.Event()
        self._waiting.setdefault(command_id, set()).add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return
        finally:
            self._forget(command_id, event)

    def send_again(self, connection: Connection, now: datetime) -> int:
        """Send commands that have waited too long once more, unchanged; returns how many.

        What has not even left the outbox need not be repeated.
        """
        row = tables.command.c
        overdue = row.outcome.is_(None), row.again < format_moment(now)
        rows = connection.execute(
            select(tables.command)
            .where(*overdue, ~outbox.waits(COMMANDS, row.stream))
            .order_by(row.again)
            .limit(500)
        ).all()
        for r in rows:
            _enqueue(connection, r.stream, SignedCommand(r.body, r.key_id, r.signature))
            times = r.times + 1
            connection.execute(
                update(tables.command).where(row.id == r.id),
                {"times": times, "again": format_moment(now + pause_after(times))},
            )
        return len(rows)

    def sign(self, intent: Intent) -> SignedCommand:
        """The command as it travels; the same intent gives the same bytes."""
        body = CommandBody(
            id=intent.id,
            stream=intent.stream,
            root=intent.stream,
            type=type(intent.command).__name__,
            version=intent.command.version,
            by=self.participant,
            actor=intent.actor,
            nonce=self._signer.nonce(intent.id),
            based_on=intent.based_on,
            correlation=intent.correlation or intent.id,
            causation=intent.causation,
            issued=intent.issued,
            data=intent.command.model_dump(mode="json"),
        )
        encoded = canonical(body.model_dump(mode="json"))
        unsigned = SignedCommand(encoded, self._signer.key_id, "")
        signature = self._signer.sign(unsigned.digest)
        return SignedCommand(encoded, self._signer.key_id, signature)

    def _forget(self, command_id: str, event: asyncio.Event) -> None:
        waiting = self._waiting.get(command_id)
        if waiting is not None:
            waiting.discard(event)
            if not waiting:
                del self._waiting[command_id]


def pause_after(times: int) -> timedelta:
    """How long to wait for an answer to what was asked so often: each time twice as long."""
    return min(SENT_AGAIN_AFTER * (1 << min(times - 1, 20)), LONGEST_PAUSE)


def find(connection: Connection, command_id: str) -> Row[tuple[object, ...]] | None:
    """The stored row of a command of ours, or None."""
    return connection.execute(
        select(tables.command).where(tables.command.c.id == command_id)
    ).one_or_none()


def repeated(connection: Connection, command_id: str, request: str) -> Sent | None:
    """What became of the command that this request is, or None when it was not made before.

    Raises:
        IdReused: the id stands for another request.
    """
    known = find(connection, command_id)
    if known is None:
        return None
    if request and known.request != request:
        raise IdReused(command_id)
    return _sent(known)


def undecided(connection: Connection) -> int:
    """How many commands of ours have no outcome yet."""
    row = tables.command
    query = select(func.count()).select_from(row).where(row.c.outcome.is_(None))
    return int(connection.scalar(query) or 0)


def look_up(connection: Connection, command_id: str) -> Sent | None:
    """A command of ours and its outcome, or None when the id is unknown."""
    row = find(connection, command_id)
    return None if row is None else _sent(row)


def _sent(row: Row[tuple[object, ...]]) -> Sent:
    outcome = None if row.outcome is None else Outcome.from_body(row.outcome)
    return Sent(row.id, row.stream, row.type, outcome)


def _enqueue(connection: Connection, stream: str, signed: SignedCommand) -> None:
    record = Outgoing(COMMANDS, stream, signed.body, signed.headers())
    outbox.enqueue(connection, record)
