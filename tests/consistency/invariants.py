"""What must be true of a deployment at rest, and what at every moment, by invariant."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, select

from consistency.joint import check_inspections, check_reach, check_verified
from consistency.world import World
from ombudslink import events as e
from ombudslink.commands import RecordNotice
from ombudslink.envelope import Envelope, Outcome, SignedCommand, Undecodable
from ombudslink.log import COMMANDS, HISTORY, Record, feed, partitions_of
from ombudslink.offices import Policy
from ombudslink.proof.chain import GENESIS, link
from ombudslink.rights import addressee, readers
from ombudslink.runtime.commands import look_up
from ombudslink.runtime.projections import rebuild
from ombudslink.runtime.replica import is_outcome
from ombudslink.runtime.states import NOTHING
from ombudslink.store import outbox, parking, tables
from ombudslink.store.history import Stored
from ombudslink.testing.country import INTAKE
from routing import outcomes
from routing.projections.timers import Timers

Key = tuple[str, str]


def streams(connection: Connection) -> list[str]:
    """Every stream that a database holds."""
    return list(connection.scalars(select(tables.stream.c.stream)))


def records(world: World, topic: str) -> Iterator[Record]:
    """Everything in a topic."""
    for partition in range(partitions_of(topic)):
        yield from world.content.at(topic, partition)


def check_at_rest(world: World, acknowledged: set[Key]) -> None:
    """All of it."""
    registrar = world.registrar
    everything = registrar.database.ask(streams)
    histories = {stream: registrar.history(stream) for stream in everything}
    assert registrar.partitions.stopped == {}
    for node in world.nodes.values():
        assert node.database.ask(outbox.depth) == 0
        assert node.database.ask(parking.parked) == []
    check_copies(world, histories)
    check_feeds_of_bodies(world, histories)
    complaints = {s: h for s, h in histories.items() if world.registrar.state(s).version}
    for history in complaints.values():
        check_history(history, world.policy)
    check_decisions(world, histories, acknowledged)
    check_notices(complaints)
    check_projections(world)
    check_inspections(world, histories)
    check_verified(world)


def check_copies(world: World, histories: dict[str, list[Stored]]) -> None:
    """Invariants 1, 9 and 12: who holds a history holds the same, and only parties hold it."""
    assert sorted(world.intake.database.ask(streams)) == sorted(histories)
    for stream, history in histories.items():
        check_chain(stream, history)
        state = world.registrar.state(stream)
        assert state.complained_office not in readers(state)
        for office in world.offices:
            if office.name in readers(state):
                assert office.history(stream) == history, (office.name, stream)
                assert office.state(stream) == state
        assert world.intake.history(stream) == history
    check_reach(world, histories)
    for office in world.offices:
        for record in records(world, feed(office.name)):
            if not is_outcome(record):
                complained = world.registrar.state(record.key).complained_office
                assert complained != office.name


def check_feeds_of_bodies(world: World, histories: dict[str, list[Stored]]) -> None:
    """A body gets just what concerns it, each event with the one that it got before."""
    for body in (body.id for body in world.policy.bodies):
        expected = {
            (stream, *one)
            for stream, history in histories.items()
            for one in _concerning(body, history)
        }
        found = {
            (record.headers["ce_subject"], int(record.headers["ce_prev"]), record.value)
            for record in records(world, feed(body))
        }
        assert found == expected, body


def _concerning(body: str, history: list[Stored]) -> Iterator[tuple[int, bytes]]:
    before = 0
    for version, stored in enumerate(history, 1):
        if addressee(stored.envelope().event) == body:
            yield before, stored.body
            before = version


def check_chain(stream: str, history: list[Stored]) -> None:
    """The hashes follow from the bodies, and the versions have no gap."""
    previous = GENESIS
    for version, stored in enumerate(history, 1):
        previous = link(previous, stored.body)
        assert stored.hash == previous
        envelope = stored.envelope()
        assert (envelope.stream, envelope.version) == (stream, version)


def check_history(history: list[Stored], policy: Policy) -> None:
    """Invariants 1, 2, 6 and the hop limit, after every single event."""
    held = NOTHING
    for stored in history:
        event = stored.envelope().event
        held = held.after(stored.envelope(), stored.hash)
        state = held.complaint
        assert policy.office(state.custodian) is not None
        assert state.custodian != state.complained_office
        assert sum(r.moves_custody and r.pending for r in state.referrals) <= 1
        assert state.hops <= policy.hop_limit
        if isinstance(event, e.ReferralRejected):
            suggested = event.suggested_office or event.suggested_body
            assert suggested if event.reason.concerns_competence else event.remedy


def check_decisions(
    world: World, histories: dict[str, list[Stored]], acknowledged: set[Key]
) -> None:
    """Invariants 8 and 11: every command was decided once, and its events are its outcome's."""
    decided = decisions(world)
    assert acknowledged <= decided.keys()
    for node in world.nodes.values():
        if node is world.registrar:
            continue
        rows = node.database.ask(lambda c: c.execute(select(tables.command.c.id)).all())
        for (command,) in rows:
            outcome = decided[node.name, command]
            sent = node.database.ask(partial(look_up, command_id=command))
            assert sent is not None
            assert sent.outcome == outcome, (node.name, sent, outcome)
    kept = world.registrar.database.ask(lambda c: outcomes.find(c, decided.keys()))
    assert kept == decided
    made: dict[Key, list[Envelope]] = defaultdict(list)
    for history in histories.values():
        for envelope in (stored.envelope() for stored in history):
            made[envelope.author, envelope.command_id].append(envelope)
    for key, outcome in decided.items():
        versions = [envelope.version for envelope in made.pop(key, [])]
        if outcome.result == "accepted":
            assert outcome.first_version is not None
            assert outcome.last_version is not None
            assert versions == list(range(outcome.first_version, outcome.last_version + 1))
            last = histories[outcome.stream][outcome.last_version - 1]
            assert last.hash.hex() == outcome.last_hash
        else:
            assert versions == []
    assert made == {}


def decisions(world: World) -> dict[Key, Outcome]:
    """Every decision in the journal; one command never has two."""
    decided: dict[Key, Outcome] = {}
    for record in records(world, HISTORY):
        if is_outcome(record):
            outcome = Outcome.from_body(record.value)
            assert decided.setdefault((outcome.by, outcome.command_id), outcome) == outcome
    return decided


def check_notices(histories: dict[str, list[Stored]]) -> None:
    """Invariant 5: every move of custody is told to the complainant, once."""
    for history in histories.values():
        told: Counter[int] = Counter()
        moves: list[int] = []
        held = NOTHING
        for stored in history:
            envelope, before = stored.envelope(), held.complaint
            held = held.after(envelope, stored.hash)
            state = held.complaint
            if before.custodian and before.custodian != state.custodian:
                moves.append(envelope.version)
            if isinstance(envelope.event, e.ComplainantNotified) and envelope.author == INTAKE:
                told[envelope.event.about] += 1
        assert all(told[version] == 1 for version in moves)
        assert set(told.values()) <= {1}


def check_no_notice_too_early(world: World) -> None:
    """Invariant 5: whoever is told can already see it in the public status. Holds at any moment."""
    for record in records(world, COMMANDS):
        try:
            body = SignedCommand.from_record(record.headers, record.value).parse()
        except Undecodable:
            continue
        if body.by == INTAKE and body.type == RecordNotice.__name__:
            assert body.data["about"] <= len(world.intake.history(body.stream))


def check_projections(world: World) -> None:
    """Every read model equals what its rebuild makes of the stored events."""
    row = Timers.timer.c
    standing = select(row.stream, row.name, row.partition, row.at, row.type, row.data).order_by(
        row.stream, row.name
    )
    database = world.registrar.database
    before = database.ask(lambda c: c.execute(standing).all())
    with database.maintain() as connection:
        rebuild(connection, world.registrar.following)
    assert database.ask(lambda c: c.execute(standing).all()) == before
