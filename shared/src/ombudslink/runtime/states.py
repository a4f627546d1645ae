"""The states of streams that are in use, folded from stored events and kept in memory."""

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ombudslink.complaint import Complaint
from ombudslink.envelope import Envelope
from ombudslink.inspection import Inspection
from ombudslink.store import history
from ombudslink.store.history import Head, Stored
from ombudslink.streams import State, evolve

MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    """One stream: the head of its history and the state there, which is None before any event."""

    head: Head
    state: State | None

    @property
    def complaint(self) -> Complaint:
        """The complaint; an empty one where the stream is none."""
        return self.state if isinstance(self.state, Complaint) else Complaint()

    @property
    def inspection(self) -> Inspection:
        """The joint inspection; an empty one where the stream is none."""
        return self.state if isinstance(self.state, Inspection) else Inspection()

    def after(self, envelope: Envelope, hash_: bytes) -> "Held":
        """This stream after one more event."""
        state = evolve(self.state, envelope.event, envelope.author)
        return Held(Head(envelope.version, hash_), state)


NOTHING: Final = Held(Head(), None)
"""A stream before its first event."""


@dataclass(frozen=True, slots=True)
class Added:
    """One event that was just added to a history, with the hash before it."""

    envelope: Envelope
    stored: Stored
    previous: bytes

    @property
    def stream(self) -> str:
        """The id of the complaint or inspection."""
        return self.envelope.stream


@dataclass(frozen=True, slots=True)
class Step(Added):
    """One more event of a complaint, with both states."""

    before: Complaint
    after: Complaint


@dataclass(frozen=True, slots=True)
class InspectionStep(Added):
    """One more event of a joint inspection, with both states."""

    before: Inspection
    after: Inspection


AnyStep = Step | InspectionStep


def step_between(before: Held, after: Held, envelope: Envelope, stored: Stored) -> AnyStep:
    """What that event changed."""
    added = envelope, stored, before.head.hash
    if isinstance(after.state, Inspection):
        return InspectionStep(*added, before.inspection, after.inspection)
    return Step(*added, before.complaint, after.complaint)


def replay(stored: Collection[Stored], held: Held = NOTHING) -> Held:
    """The stream after those events."""
    for one in stored:
        held = held.after(one.envelope(), one.hash)
    return held


class States:
    """The most recently used states. One is believed only where its hash is the head in the
    database, so it never matters what was rolled back, or which of two transactions came later.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Held] = OrderedDict()
        self._lock = threading.Lock()

    def session(self, connection: Connection, streams: Collection[str] = ()) -> "Session":
        """States inside one transaction; those of `streams` are loaded at once."""
        session = Session(self, connection)
        if streams:
            session.load(streams)
        return session

    def kept(self, stream: str) -> Held | None:
        """The state of a stream that was seen last, if it is in memory."""
        with self._lock:
            held = self._kept.get(stream)
            if held is not None:
                self._kept.move_to_end(stream)
            return held

    def merge(self, session: "Session") -> None:
        """Keep what a transaction saw, for those after it; worth it only after its COMMIT."""
        for stream, held in session.seen.items():
            self.keep(stream, held)

    def keep(self, stream: str, held: Held) -> None:
        """Remember one state."""
        with self._lock:
            self._kept[stream] = held
            self._kept.move_to_end(stream)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


class Session:
    """The states as one transaction sees them."""

    def __init__(self, states: States, connection: Connection) -> None:
        self.seen: dict[str, Held] = {}
        self._states = states
        self._connection = connection

    def get(self, stream: str) -> Held:
        """The stream, from memory or from its stored events."""
        if stream not in self.seen:
            self.load([stream])
        return self.seen[stream]

    def complaint(self, stream: str) -> Complaint:
        """The complaint; an empty one where the stream is unknown, or is none."""
        return self.get(stream).complaint

    def inspection(self, stream: str) -> Inspection:
        """The joint inspection; an empty one where the stream is unknown, or is none."""
        return self.get(stream).inspection

    def load(self, streams: Collection[str]) -> None:
        """See these streams: two queries at most, the second for those not in memory."""
        heads = history.heads(self._connection, streams)
        missing = []
        for stream in streams:
            head = heads.get(stream, NOTHING.head)
            held = NOTHING if head == NOTHING.head else self._states.kept(stream)
            if held is not None and held.head == head:
                self.seen[stream] = held
            else:
                missing.append(stream)
        if missing:
            stored = history.load_many(self._connection, missing)
            self.seen |= {stream: replay(stored.get(stream, ())) for stream in missing}

    def put(self, stream: str, held: Held) -> None:
        """The stream as this transaction leaves it."""
        self.seen[stream] = held

    def add(self, envelope: Envelope, stored: Stored) -> AnyStep:
        """Take one more event in, and tell what it changed."""
        before = self.get(envelope.stream)
        after = before.after(envelope, stored.hash)
        self.put(envelope.stream, after)
        return step_between(before, after, envelope, stored)
