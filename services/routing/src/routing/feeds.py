"""Whose feeds an event enters: whole histories for offices, what concerns them for bodies."""

from collections.abc import Sequence

from sqlalchemy import Connection

from ombudslink.envelope import Envelope, Outcome
from ombudslink.log import HISTORY, Outgoing, feed
from ombudslink.proof.chain import GENESIS
from ombudslink.readership import audience
from ombudslink.rights import addressee
from ombudslink.runtime.states import AnyStep
from ombudslink.store import history, outbox
from ombudslink.store.history import Stored
from ombudslink.streams import readers
from ombudslink.values import ParticipantId


def publish(connection: Connection, step: AnyStep, *, journal: bool) -> None:
    """Have one event sent to the history topic (if `journal`) and to its recipients' feeds.

    An office that joins is sent the history from its first version on.
    """
    if journal:
        journal_event(connection, step.envelope, step.stored, step.previous)
    already = readers(step.before)
    offices = audience(step.before, step.after, step.envelope.author)
    for office in sorted(offices & already):
        _enqueue(connection, feed(office), step.envelope, step.stored, step.previous)
    joined = sorted(offices - already)
    body = addressee(step.envelope.event)
    if joined or body is not None:
        whole = history.load(connection, step.stream, up_to=step.envelope.version)
        for office in joined:
            publish_whole(connection, office, whole)
        if body is not None and body not in offices:
            publish_part(connection, body, whole, after=step.envelope.version - 1)


def publish_whole(connection: Connection, office: ParticipantId, whole: Sequence[Stored]) -> None:
    """Have a history sent to an office from its first version on."""
    previous = GENESIS
    for stored in whole:
        _enqueue(connection, feed(office), stored.envelope(), stored, previous)
        previous = stored.hash


def publish_part(
    connection: Connection, body: ParticipantId, whole: Sequence[Stored], after: int = 0
) -> None:
    """Have sent to a government body what concerns it of a history, after that version."""
    previous, received = GENESIS, 0
    for stored in whole:
        envelope = stored.envelope()
        if addressee(envelope.event) == body:
            if envelope.version > after:
                _enqueue(connection, feed(body), envelope, stored, previous, received)
            received = envelope.version
        previous = stored.hash


def publish_outcome(connection: Connection, outcome: Outcome) -> None:
    """Tell the sender of a command what became of it."""
    record = Outgoing(feed(outcome.by), outcome.root, outcome.body(), outcome.headers())
    outbox.enqueue(connection, record)


def journal_outcome(connection: Connection, outcome: Outcome) -> None:
    """Write a decision into the journal, before its events."""
    record = Outgoing(HISTORY, outcome.root, outcome.body(), outcome.headers())
    outbox.enqueue(connection, record)


def journal_event(
    connection: Connection, envelope: Envelope, stored: Stored, previous: bytes
) -> None:
    """Write an event into the journal, after its decision."""
    _enqueue(connection, HISTORY, envelope, stored, previous)


def _enqueue(
    connection: Connection,
    topic: str,
    envelope: Envelope,
    stored: Stored,
    previous: bytes,
    received: int | None = None,
) -> None:
    """Have it sent; `received` is what a reader of a part got before, if that is not all."""
    record = Outgoing(topic, envelope.root, stored.body, envelope.headers(previous, received))
    outbox.enqueue(connection, record, envelope.version)
