"""How far each office may read a history: to its end, or to where it went away.

An office that leaves by its own act reads that act, and nothing after it. Nobody reads the event
by which somebody else takes the history away from it (invariant 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ombudslink.events import Event
from ombudslink.streams import State, evolve, readers
from ombudslink.values import ParticipantId


def audience(before: State | None, after: State, author: ParticipantId) -> frozenset[ParticipantId]:
    """Who may read the event by that author that led from one state to the other."""
    leaving = {author} & readers(before) if before is not None else frozenset[ParticipantId]()
    return readers(after) | leaving


@dataclass(frozen=True, slots=True)
class Readership:
    """A history's readers after some events: `reach` is up to where each of them may read it."""

    version: int = 0
    state: State | None = None
    reach: Mapping[ParticipantId, int] = field(default_factory=dict)

    def after(self, event: Event, author: ParticipantId) -> "Readership":
        """The readers after one more event by that author."""
        version, state = self.version + 1, evolve(self.state, event, author)
        present = audience(self.state, state, author)
        return Readership(version, state, {**self.reach, **dict.fromkeys(present, version)})
