"""A participant's copy of histories: what one arriving record does to it, inside a transaction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from ombudslink.envelope import OUTCOME_TYPE, Envelope, Outcome, Undecodable
from ombudslink.log import Record
from ombudslink.proof.chain import link
from ombudslink.runtime.commands import Sender
from ombudslink.runtime.projections import Following
from ombudslink.runtime.states import Session, States
from ombudslink.store import history, parking
from ombudslink.store.history import Arrival, Stored
from ombudslink.store.parking import Parked

_HEADERS: Final = {
    "ce_subject": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "ce_sequence": re.compile(r"(?!0+$)[0-9]{1,10}"),
    "ce_prevhash": re.compile(r"[0-9a-f]{64}"),
}
LAST_VERSION: Final = 2**31 - 1


@dataclass
class Taken:
    """What a transaction did, to be made known after its COMMIT."""

    session: Session
    settled: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    """Streams of which something is parked and may now go on."""


class Replica:
    """Applies records by the rule: known and equal → skip; next → apply; beyond → park.

    A stream with a dead letter takes nothing more until that one is applied; other streams go on.
    """

    def __init__(
        self,
        states: States,
        sender: Sender,
        following: Following,
    ) -> None:
        self.states = states
        self._sender = sender
        self._following = following

    def take(self, connection: Connection, records: Sequence[Record]) -> Taken:
        """Do what the records say. Whatever a record breaks comes out as the error it raised.

        Raises:
            HistoryDiverged: this copy and the record differ.
            Undecodable: this program cannot read the record.
        """
        arrivals = [arrival_of(record) for record in records if not is_outcome(record)]
        streams = {arrival.stream for arrival in arrivals}
        dead = parking.dead(connection, streams)
        taken = Taken(self.states.session(connection, streams))
        taken.waiting = parking.held(connection, streams) - dead
        for record in filter(is_outcome, records):
            self._settle(connection, taken, record)
        for arrival in arrivals:
            if arrival.stream in dead:
                parking.park(connection, arrival)
            elif self._apply(connection, taken.session, arrival) is Arrival.AHEAD:
                parking.park(connection, arrival)
                taken.waiting.add(arrival.stream)
        return taken

    def retry(self, connection: Connection, waiting: Parked) -> Taken | None:
        """Apply what was parked; None when an earlier event is still missing.

        Raises:
            HistoryDiverged: this copy and the event differ.
            Undecodable: this program cannot read the event.
        """
        taken = Taken(self.states.session(connection))
        if self._apply(connection, taken.session, waiting) is Arrival.AHEAD:
            return None
        parking.remove(connection, waiting.stream, waiting.version)
        return taken

    def _settle(self, connection: Connection, taken: Taken, record: Record) -> None:
        outcome = Outcome.from_body(record.value)
        if outcome.by == self._sender.participant:
            self._sender.settle(connection, outcome)
            self._following.settle(connection, outcome)
            taken.settled.append(outcome.command_id)

    def _apply(self, connection: Connection, session: Session, arrival: Parked) -> Arrival:
        envelope = carried(arrival)
        before = session.get(arrival.stream).head
        came = history.replicate(connection, arrival.body, arrival.previous, before)
        if came is Arrival.NEW:
            stored = Stored(arrival.body, link(arrival.previous, arrival.body))
            self._following.follow(connection, session.add(envelope, stored))
        return came


def is_outcome(record: Record) -> bool:
    """Whether the record tells what became of a command; else it carries an event."""
    return record.headers.get("ce_type") == OUTCOME_TYPE


def arrival_of(record: Record) -> Parked:
    """What a record says it carries, by its headers; its body is not read.

    Raises:
        Undecodable: the headers do not name an event.
    """
    named = {name: record.headers.get(name, "") for name in _HEADERS}
    if not all(form.fullmatch(named[name]) for name, form in _HEADERS.items()):
        raise Undecodable("record does not name an event")
    version = int(named["ce_sequence"])
    if version > LAST_VERSION:
        raise Undecodable("record does not name an event")
    return Parked(
        stream=named["ce_subject"],
        version=version,
        previous=bytes.fromhex(named["ce_prevhash"]),
        body=record.value,
        since=record.time,
        reason=None,
    )


def carried(arrival: Parked) -> Envelope:
    """The event that an arrival carries.

    Raises:
        Undecodable: it is none, or another one than the arrival names.
    """
    envelope = Envelope.from_body(arrival.body)
    if (envelope.stream, envelope.version) != (arrival.stream, arrival.version):
        raise Undecodable("record names another event than it carries")
    return envelope


def dead_letter(record: Record, reason: str) -> Parked | None:
    """A record that cannot be applied, as a dead letter; None when it names no event.

    Such a one holds nothing, and nothing is lost with it: a missing event is noticed as a gap,
    and an outcome is told again when its sender repeats the command.
    """
    if is_outcome(record):
        return None
    try:
        return arrival_of(record).because(reason)
    except Undecodable:
        return None
