"""Taking over a partition: `history` is the journal, and what it has, this database must have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection

from ombudslink.envelope import Outcome, Undecodable
from ombudslink.log import COMMANDS, HISTORY, Log, OffsetGone, Record
from ombudslink.proof.chain import link
from ombudslink.runtime import lease
from ombudslink.runtime.consumer import verified
from ombudslink.runtime.lease import Lease
from ombudslink.runtime.replica import arrival_of, carried, is_outcome
from ombudslink.runtime.states import Session
from ombudslink.store import history, positions
from ombudslink.store.engine import Database
from ombudslink.store.history import Arrival, HistoryDiverged, Stored
from ombudslink.store.positions import Position
from ombudslink.upcasts import UnknownEvent
from routing import outcomes, repair
from routing.registrar import Registrar, Signed

READER: Final = "registrar"
BATCH: Final = 100
"""So many records are imported in one transaction; who decides waits for its end."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a partition was read: where to go on in its commands, and in its journal."""

    commands: Position
    journal: Position


Torn = Mapping[str, Outcome]
"""Accepted decisions whose events were not all found yet, by stream."""


class JournalUnreadable(Exception):
    """A record in the journal that this program cannot read; its partition must stop."""


async def take_over(
    held: Lease, partition: int, database: Database, log: Log, registrar: Registrar
) -> Reached:
    """Read the journal's partition to its end and import what this database lacks.

    The position is stored only at the very end, so a crash in between repeats everything. When the
    log was restored or cut off, the journal is read from its beginning, and what it lost is sent
    to it again. Whoever has taken over may do so again, so that the next one has less to read.

    Raises:
        HistoryDiverged: the journal and this database differ; the partition must stop.
        JournalUnreadable: a record is not what a journal holds; the partition must stop.
        LeaseLost: somebody else took over meanwhile.
    """
    place = (HISTORY, partition)
    known = await database.query(partial(positions.recall, reader=READER))
    at, commands = [
        await verified(log, each, known.get(each)) for each in (place, (COMMANDS, partition))
    ]
    lost = None
    if at != known.get(place, at) or commands != known.get((COMMANDS, partition), commands):
        at, lost = Position(at.incarnation), repair.Survey()
    torn: Torn = {}
    while records := await log.read(*place, at.next, BATCH):
        at = at.after(records[-1])
        unit = partial(_import, held=held, records=records, torn=torn, registrar=registrar)
        torn = await database.write(unit)
        if lost is not None:
            lost.note(records)
    causes = {stream: await _command_of(log, outcome) for stream, outcome in torn.items()}

    def finish(connection: Connection) -> Session:
        lease.hold(connection, held)
        session = registrar.states.session(connection)
        for stream, record in causes.items():
            _decide_again(connection, session, registrar, torn[stream], record)
        if lost is not None:
            repair.send_again(connection, partition, lost)
        positions.remember(connection, READER, *place, at)
        return session

    registrar.states.merge(await database.write(finish))
    return Reached(commands, at)


def _import(
    connection: Connection,
    held: Lease,
    records: Sequence[Record],
    torn: Torn,
    registrar: Registrar,
) -> Torn:
    """Import records; returns the decisions whose events are still to come."""
    lease.hold(connection, held)
    waiting = dict(torn)
    session = registrar.states.session(connection)
    for record in records:
        try:
            if is_outcome(record):
                _import_outcome(connection, session, Outcome.from_body(record.value), waiting)
            else:
                _import_event(connection, session, record, waiting, registrar)
        except (Undecodable, UnknownEvent, LookupError) as error:
            raise JournalUnreadable(f"{type(error).__name__} at offset {record.offset}") from error
    return waiting


def _import_outcome(
    connection: Connection, session: Session, outcome: Outcome, waiting: dict[str, Outcome]
) -> None:
    key = (outcome.by, outcome.command_id)
    known = outcomes.find(connection, [key]).get(key)
    if known is None:
        outcomes.add(connection, outcome)
    elif known.body() != outcome.body():
        raise HistoryDiverged(outcome.stream, outcome.first_version or 0)
    last = outcome.last_version or 0
    if last > session.get(outcome.stream).head.version:
        waiting[outcome.stream] = outcome
    elif last and _hash(connection, outcome.stream, last) != outcome.last_hash:
        raise HistoryDiverged(outcome.stream, last)


def _import_event(
    connection: Connection,
    session: Session,
    record: Record,
    waiting: dict[str, Outcome],
    registrar: Registrar,
) -> None:
    arrival = arrival_of(record)
    stream = carried(arrival).stream
    came = history.replicate(connection, arrival.body, arrival.previous, session.get(stream).head)
    if came is Arrival.AHEAD:
        raise HistoryDiverged(stream, session.get(stream).head.version + 1)
    if came is Arrival.NEW:
        stored = Stored(arrival.body, link(arrival.previous, arrival.body))
        registrar.follow(connection, session, stored, journal=False)
    outcome = waiting.get(stream)
    if outcome is not None and outcome.last_version == session.get(stream).head.version:
        if outcome.last_hash != session.get(stream).head.hash.hex():
            raise HistoryDiverged(stream, outcome.last_version)
        del waiting[stream]


def _hash(connection: Connection, stream: str, version: int) -> str:
    return history.load(connection, stream, version - 1, version)[0].hash.hex()


async def _command_of(log: Log, outcome: Outcome) -> Record:
    try:
        found = await log.read(COMMANDS, outcome.partition, outcome.offset, 1)
    except OffsetGone:
        found = ()
    if not found:
        raise HistoryDiverged(outcome.stream, outcome.first_version or 0)
    return found[0]


def _decide_again(
    connection: Connection,
    session: Session,
    registrar: Registrar,
    outcome: Outcome,
    record: Record,
) -> None:
    signed = registrar.verify(record)
    if not isinstance(signed, Signed) or signed.digest != outcome.digest:
        raise HistoryDiverged(outcome.stream, outcome.first_version or 0)
    registrar.decide_again(connection, session, signed, outcome)
