"""Whose feeds an event enters: whole histories for parties, from their first version on."""

from collections.abc import Sequence

from sqlalchemy import Connection

from ombudslink.envelope import Envelope, Outcome
from ombudslink.log import HISTORY, Outgoing, feed
from ombudslink.proof.chain import GENESIS
from ombudslink.rights import recipients
from ombudslink.runtime.states import Step
from ombudslink.store import history, outbox
from ombudslink.store.history import Stored
from ombudslink.values import ParticipantId


def publish(connection: Connection, step: Step, *, journal: bool) -> None:
    """Have one event sent to the history topic (if `journal`) and to its parties' feeds."""
    if journal:
        journal_event(connection, step.envelope, step.stored, step.previous)
    already, now = recipients(step.before), recipients(step.after)
    for party in sorted(now & already):
        _enqueue(connection, feed(party), step.envelope, step.stored, step.previous)
    joined = sorted(now - already)
    whole = history.load(connection, step.stream, up_to=step.envelope.version) if joined else []
    for party in joined:
        publish_whole(connection, party, whole)


def publish_whole(connection: Connection, party: ParticipantId, whole: Sequence[Stored]) -> None:
    """Have a history sent to a party from its first version on."""
    previous = GENESIS
    for stored in whole:
        _enqueue(connection, feed(party), stored.envelope(), stored, previous)
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
    connection: Connection, topic: str, envelope: Envelope, stored: Stored, previous: bytes
) -> None:
    record = Outgoing(topic, envelope.root, stored.body, envelope.headers(previous))
    outbox.enqueue(connection, record, envelope.version)
