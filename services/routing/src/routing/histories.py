"""What is handed out of a history: what the journal has of it, and only to whom it belongs."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from ombudslink.installation import REPORTING
from ombudslink.offices import Policy
from ombudslink.proof.chain import GENESIS
from ombudslink.readership import Readership
from ombudslink.runtime.histories import History, described
from ombudslink.store import history, outbox
from ombudslink.store.history import Stored
from ombudslink.values import ParticipantId

MOST_EVENTS: Final = 500
"""How many events one answer holds; whoever needs more asks again after the last one."""


def shown(
    connection: Connection, stream: str, reader: ParticipantId, after: int, policy: Policy
) -> History | None:
    """The events after a version, or None for a stream that this reader may not know of.

    Whatever `history` has not acknowledged might still be decided otherwise, so nobody sees it.
    """
    unsent = outbox.first_unsent(connection, stream)
    stored = history.load(connection, stream, up_to=None if unsent is None else unsent - 1)
    reads_all = reader in (policy.intake, REPORTING)
    if not reads_all:
        stored = stored[: reach(stored).get(reader, 0)]
    if not stored:
        return None
    following = stored[after : after + MOST_EVENTS]
    previous = stored[after - 1].hash if 0 < after <= len(stored) else GENESIS
    return described(stream, after, previous, following)


def reach(stored: Iterable[Stored]) -> Mapping[ParticipantId, int]:
    """Who may read a history, and up to which version."""
    readership = Readership()
    for envelope in (one.envelope() for one in stored):
        readership = readership.after(envelope.event, envelope.author)
    return readership.reach
