"""The registrar: puts commands in one order, decides each once, and writes the histories."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ombudslink.commands import Command, Order, Refused
from ombudslink.envelope import CommandBody, Envelope, Outcome, SignedCommand, Undecodable
from ombudslink.events import Event
from ombudslink.ids import partition_of
from ombudslink.inspection_commands import SignReport
from ombudslink.log import Record
from ombudslink.observe import logger
from ombudslink.offices import Policy
from ombudslink.proof.chain import link, salt
from ombudslink.proof.signing import KeyRing
from ombudslink.runtime.consumer import reason_of
from ombudslink.runtime.projections import Following
from ombudslink.runtime.states import Held, Session, States, replay
from ombudslink.store import history
from ombudslink.streams import decide
from routing import feeds, outcomes


@dataclass(frozen=True, slots=True)
class Signed:
    """A command whose sender is proved, with its place in the log."""

    body: CommandBody
    digest: str
    record: Record

    @property
    def key(self) -> outcomes.Key:
        """Sender and id."""
        return self.body.by, self.body.id


@dataclass
class Decided:
    """What a batch led to; made known after its COMMIT."""

    session: Session
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """One more of these."""
        self.counts[what] = self.counts.get(what, 0) + 1


class Registrar:
    """Decides commands. A bad command never holds anything: it is refused, or dropped."""

    def __init__(
        self,
        policy: Policy,
        ring: KeyRing,
        states: States,
        following: Following,
    ) -> None:
        self.states = states
        self._policy = policy
        self._ring = ring
        self._following = following

    def decide_batch(self, connection: Connection, records: Sequence[Record]) -> Decided:
        """Decide commands in the order of the log, inside one transaction."""
        verified: list[Signed] = []
        dropped: list[str] = []
        for record in records:
            signed = self.verify(record)
            if isinstance(signed, Signed):
                verified.append(signed)
            else:
                dropped.append(signed)
        session = self.states.session(connection, {s.body.stream for s in verified})
        decided = Decided(session)
        for reason in dropped:
            decided.count(reason)
        known = outcomes.find(connection, {s.key for s in verified})
        for signed in verified:
            earlier = known.get(signed.key)
            if earlier is None:
                known[signed.key] = self._decide(connection, session, signed)
                decided.count(known[signed.key].result)
            elif earlier.digest == signed.digest:
                # The sender may have lost the answer.
                feeds.publish_outcome(connection, earlier)
                decided.count("repeated")
            else:
                # Not a decision: the journal keeps the one that was made under this id.
                feeds.publish_outcome(connection, _refused(signed, Refused("command_id_reused")))
                decided.count("id_reused")
        return decided

    def verify(self, record: Record) -> Signed | str:
        """The command, if its sender is proved and it stands where it belongs; else why it is
        dropped without an outcome: nobody knows for certain whose it is."""
        try:
            signed = SignedCommand.from_record(record.headers, record.value)
            body = signed.parse()
        except Undecodable:
            return "undecodable"
        except Exception as error:  # noqa: BLE001 - anybody can put anything into the log
            logger().error("not_parsed", reason=reason_of(error))
            return "undecodable"
        if not self._ring.verify(body.by, signed.key_id, signed.digest, signed.signature):
            return "wrongly_signed"
        if record.partition != partition_of(body.root) or body.root != body.stream:
            return "misplaced"
        return Signed(body, signed.digest, record)

    def decide_again(
        self, connection: Connection, session: Session, signed: Signed, outcome: Outcome
    ) -> None:
        """Complete a decision whose outcome the journal has, and not all of its events.

        Raises:
            HistoryDiverged: deciding again does not yield the hash that the outcome names.
        """
        first = outcome.first_version or 1
        earlier = replay(history.load(connection, outcome.stream, up_to=first - 1))
        again, envelopes = self._judge(earlier, signed)
        if again.last_hash != outcome.last_hash:
            raise history.HistoryDiverged(outcome.stream, first)
        have = session.get(outcome.stream).head.version
        self._append(connection, session, [e for e in envelopes if e.version > have])

    def follow(
        self, connection: Connection, session: Session, stored: history.Stored, *, journal: bool
    ) -> None:
        """What an event in a history leads to here: feeds, read models, reactions."""
        step = session.add(stored.envelope(), stored)
        feeds.publish(connection, step, journal=journal)
        self._following.follow(connection, step)

    def _decide(self, connection: Connection, session: Session, signed: Signed) -> Outcome:
        outcome, envelopes = self._judge(session.get(signed.body.stream), signed)
        outcomes.add(connection, outcome)
        feeds.journal_outcome(connection, outcome)
        self._append(connection, session, envelopes)
        feeds.publish_outcome(connection, outcome)
        return outcome

    def _judge(self, held: Held, signed: Signed) -> tuple[Outcome, list[Envelope]]:
        """The decision, and the events it makes; nothing is written."""
        body = signed.body
        try:
            command = self._command(body)
            order = Order(command, body.by, signed.record.time, body.actor, body.based_on)
            events = decide(held.state, order, self._policy)
            envelopes = [
                _envelope(signed, event, held.head.version + number)
                for number, event in enumerate(events, 1)
            ]
            last = held.head.hash
            for envelope in envelopes:
                last = link(last, envelope.body())
        except Refused as refusal:
            return _refused(signed, refusal), []
        except Exception as error:  # noqa: BLE001 - a fault of ours must not hold the partition
            logger().error("not_decided", reason=reason_of(error), command=body.type)
            return _refused(signed, Refused("not_decidable")), []
        return _accepted(signed, held.head.version, len(envelopes), last), envelopes

    def _command(self, body: CommandBody) -> Command:
        """The command; the rules have no keys, so what is signed inside it is verified here."""
        try:
            command = body.command()
        except Undecodable:
            raise Refused("undecodable_command") from None
        if isinstance(command, SignReport):
            signed = command.key, command.digest, command.signature
            if not self._ring.verify_report(body.by, *signed):
                raise Refused("signature_invalid")
        return command

    def _append(
        self, connection: Connection, session: Session, envelopes: Sequence[Envelope]
    ) -> None:
        if envelopes:
            before = session.get(envelopes[0].stream).head
            for stored in history.append(connection, before, envelopes):
                self.follow(connection, session, stored, journal=True)


def _envelope(signed: Signed, event: Event, version: int) -> Envelope:
    body = signed.body
    return Envelope(
        stream=body.stream,
        root=body.root,
        version=version,
        type=type(event).__name__,
        type_version=event.version,
        time=signed.record.time,
        author=body.by,
        actor=body.actor,
        command_id=body.id,
        command_digest=signed.digest,
        correlation=body.correlation,
        causation=body.causation,
        salt=salt(body.nonce, version),
        data=event.model_dump(mode="json"),
    )


def _refused(signed: Signed, refusal: Refused) -> Outcome:
    return Outcome(**_about(signed), result="refused", code=refusal.code, args=refusal.args_)


def _accepted(signed: Signed, before: int, count: int, last: bytes) -> Outcome:
    return Outcome(
        **_about(signed),
        result="accepted",
        first_version=before + 1,
        last_version=before + count,
        last_hash=last.hex(),
    )


def _about(signed: Signed) -> dict[str, object]:
    body, record = signed.body, signed.record
    return {
        "command_id": body.id,
        "digest": signed.digest,
        "by": body.by,
        "stream": body.stream,
        "root": body.root,
        "partition": record.partition,
        "offset": record.offset,
        "time": record.time,
    }
