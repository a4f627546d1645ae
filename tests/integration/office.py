"""One participant as the tests need it: a store, a log in memory, a read model and a reaction."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select

from ombudslink.commands import RegisterComplaint
from ombudslink.ids import derived_id
from ombudslink.log import Outgoing, feed
from ombudslink.log.memory import Content, MemoryLog
from ombudslink.proof.signing import Signer
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.runtime.consumer import Consumer
from ombudslink.runtime.projections import Following, bring_up_to_date
from ombudslink.runtime.replica import Replica
from ombudslink.runtime.states import States, Step
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.parking import Parked
from ombudslink.testing.country import CHILDREN
from ombudslink.testing.faulty_log import FaultyLog
from ombudslink.testing.histories import Told

FEED = feed(CHILDREN)


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Broken(Exception):
    """A fault of our own, whose text quotes what it must not."""

    def __init__(self) -> None:
        super().__init__("Aigerim, IIN 900101400123")


class Seen:
    """A read model: every event in the order in which it came, with what was before it."""

    name = "seen"
    version = 1
    metadata = MetaData()
    table = Table(
        "seen",
        metadata,
        Column("number", Integer, primary_key=True),
        Column("stream", String(36), nullable=False),
        Column("version", Integer, nullable=False),
        Column("phase", String(20)),
    )

    def __init__(self) -> None:
        self.breaks_at: int | None = None

    def apply(self, connection: Connection, step: Step) -> None:
        """Note the event; break at the version that the test chose."""
        version = step.envelope.version
        row = {"stream": step.stream, "version": version, "phase": str(step.after.phase)}
        connection.execute(insert(self.table), row)
        if version == self.breaks_at:
            raise Broken


class React:
    """A reaction: a command about every event of the complaint's own filing."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.runs = 0

    def __call__(self, connection: Connection, step: Step) -> None:
        """Ask for something."""
        self.runs += 1
        intent = Intent(
            id=derived_id(step.stream, step.envelope.version, "react"),
            stream=step.stream,
            command=RegisterComplaint(number="CHI-1"),
            issued=step.envelope.time,
        )
        self._sender.send(connection, intent)


class Office:
    """The children's office; `restart` is a new process on the same store."""

    def __init__(self, database: Database) -> None:
        self.clock = Hand()
        self.seconds = 0.0
        self.content = Content()
        self.log = FaultyLog(MemoryLog(self.clock, self.content))
        self.database = database
        self.registrar: list[Told] = []
        self.asked: list[tuple[str, int]] = []
        self.seen = Seen()
        self.restart()
        bring_up_to_date(database, Following([self.seen]))

    def restart(self, log: FaultyLog | None = None) -> None:
        """A new process: whatever was in memory only is gone."""
        self.log = log or self.log
        self.sender = Sender(Signer(CHILDREN, b"\1" * 32))
        self.react = React(self.sender)
        self.states = States()
        self.consumer = Consumer(
            "office",
            [FEED],
            database=self.database,
            log=self.log,
            replica=Replica(self.states, self.sender, Following([self.seen], [self.react])),
            sender=self.sender,
            fetch=self._fetch,
            clock=lambda: self.seconds,
        )

    async def start(self) -> None:
        """Begin to read."""
        await self.log.start()
        await self.consumer.open()

    async def read(self) -> None:
        """Take all that is there."""
        while await self.consumer.read_once():
            pass

    async def publish(self, *events: Told) -> None:
        """Have the registrar put events into this office's feed."""
        await self.log.send([one.outgoing(FEED) for one in events])

    async def put(self, *records: Outgoing) -> None:
        """Put any records into the feed."""
        await self.log.send(records)

    def version(self, stream: str) -> int:
        """How much of that history the store has."""
        return self.database.ask(lambda c: history.head(c, stream)).version

    def rows(self) -> list[tuple[str, int, str]]:
        """The read model."""
        row = Seen.table.c
        query = select(row.stream, row.version, row.phase).order_by(row.number)
        return [
            (r.stream, r.version, r.phase)
            for r in self.database.ask(lambda c: c.execute(query).all())
        ]

    async def _fetch(self, stream: str, after: int) -> Sequence[Parked]:
        self.asked.append((stream, after))
        return [
            Parked(
                stream,
                one.envelope.version,
                one.previous,
                one.body,
                self.clock(),
                None,
            )
            for one in self.registrar
            if one.envelope.stream == stream and one.envelope.version > after
        ]


def alarms(logged: list[dict[str, object]]) -> list[object]:
    """The alarms among what was logged."""
    return [line["event"] for line in logged if line["log_level"] in ("error", "critical")]
