"""Several streams that follow each other, with every command between them in the tester's hands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ombudslink import joint
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.events import Event
from ombudslink.ids import derived_id
from ombudslink.inspection import Inspection
from ombudslink.joint import Follow
from ombudslink.offices import Policy
from ombudslink.streams import State, decide, evolve
from ombudslink.testing.country import MONDAY, POLICY
from ombudslink.values import Id, ParticipantId


@dataclass(frozen=True, slots=True)
class Sent:
    """A command of the registrar on its way to a stream."""

    id: Id
    stream: Id
    command: Command


@dataclass
class World:
    """Streams, and what the registrar has sent and not decided yet; each id is decided once."""

    policy: Policy = POLICY
    now: datetime = MONDAY
    streams: dict[Id, State] = field(default_factory=dict)
    versions: dict[Id, int] = field(default_factory=dict)
    waiting: list[Sent] = field(default_factory=list)
    decided: set[Id] = field(default_factory=set)

    def copy(self) -> "World":
        """The same world, to go on differently."""
        return World(
            self.policy,
            self.now,
            dict(self.streams),
            dict(self.versions),
            list(self.waiting),
            set(self.decided),
        )

    def say(
        self, stream: Id, command: Command, by: ParticipantId, *, id_: Id | None = None
    ) -> str | None:
        """Decide a command, and have sent what follows; the code where it is refused."""
        state = self.streams.get(stream)
        try:
            events = decide(state, Order(command, by, self.now), self.policy)
        except Refused as refusal:
            if id_ is not None:
                self._send(id_, joint.refusals(stream, command, refusal.code, state))
            return refusal.code
        for event in events:
            self._add(stream, event, by)
        return None

    def deliver(self, which: int) -> None:
        """Decide one of the registrar's commands; a repeated one changes nothing."""
        sent = self.waiting.pop(which)
        if sent.id not in self.decided:
            self.decided.add(sent.id)
            self.say(sent.stream, sent.command, self.policy.registrar, id_=sent.id)

    def complaints(self) -> Iterator[tuple[Id, Complaint]]:
        """Every complaint."""
        for stream, state in self.streams.items():
            if isinstance(state, Complaint):
                yield stream, state

    def inspections(self) -> Iterator[tuple[Id, Inspection]]:
        """Every inspection."""
        for stream, state in self.streams.items():
            if isinstance(state, Inspection):
                yield stream, state

    def complaint(self, stream: Id) -> Complaint:
        """One complaint."""
        state = self.streams[stream]
        assert isinstance(state, Complaint)
        return state

    def inspection(self, stream: Id) -> Inspection:
        """One inspection."""
        state = self.streams[stream]
        assert isinstance(state, Inspection)
        return state

    def _add(self, stream: Id, event: Event, by: ParticipantId) -> None:
        before = self.streams.get(stream)
        after = self.streams[stream] = evolve(before, event, by)
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        self._send(f"{stream}/{version}", joint.answers(stream, event, before, after))

    def _send(self, cause: str, follows: tuple[Follow, ...]) -> None:
        self.waiting += [Sent(derived_id(cause, f.name), f.stream, f.command) for f in follows]
