"""Given a past, when an order arrives, then these events follow: decision tests that read aloud.

A past is made of orders, which are decided, or of (event, author) pairs, which are believed.
Nothing is patched or faked: the rules that run here are the rules that run in the registrar.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.events import Event
from ombudslink.inspection import Inspection
from ombudslink.offices import Policy
from ombudslink.streams import State, decide, evolve
from ombudslink.testing.country import MONDAY, POLICY
from ombudslink.values import ParticipantId

Past = Order | tuple[Event, ParticipantId]
Expected = Event | type[Event]


@dataclass(frozen=True, slots=True)
class Step:
    """An order that was accepted, and the events that it led to."""

    order: Order
    events: tuple[Event, ...]


def steps(
    orders: Iterable[Order], policy: Policy = POLICY, state: State | None = None
) -> list[Step]:
    """Every order decided in turn, each on the state that the ones before it left.

    Raises:
        AssertionError: one of them is refused; the message names it and its code.
    """
    done = []
    for order in orders:
        try:
            events = decide(state, order, policy)
        except Refused as refusal:
            raise AssertionError(f"{order.command!r} by {order.by}: {_told(refusal)}") from None
        done.append(Step(order, tuple(events)))
        state = _after(state, ((event, order.by) for event in events))
    return done


def play(*past: Past, policy: Policy = POLICY) -> Complaint:
    """A complaint after that past.

    Raises:
        AssertionError: an order of the past is refused, or it is not the past of a complaint.
    """
    state = _played(past, policy) or Complaint()
    assert isinstance(state, Complaint)
    return state


def play_inspection(*past: Past, policy: Policy = POLICY) -> Inspection:
    """An inspection after that past.

    Raises:
        AssertionError: an order of the past is refused, or it is not the past of an inspection.
    """
    state = _played(past, policy) or Inspection()
    assert isinstance(state, Inspection)
    return state


@dataclass(frozen=True, slots=True)
class Given:
    """A complaint or an inspection with a past, ready for the next order."""

    state: State | None
    policy: Policy

    def when(
        self,
        command: Command,
        *,
        by: ParticipantId,
        at: datetime = MONDAY,
        actor: str | None = None,
        based_on: int | None = None,
    ) -> "When":
        """What the rules make of this command."""
        order = Order(command, by, at, actor=actor, based_on=based_on)
        try:
            return When(self, order, tuple(decide(self.state, order, self.policy)), None)
        except Refused as refusal:
            return When(self, order, (), refusal)


@dataclass(frozen=True, slots=True)
class When:
    """An order and what became of it."""

    given: Given
    order: Order
    events: tuple[Event, ...]
    refusal: Refused | None

    def then(self, *expected: Expected) -> Given:
        """These events followed and no others; a class stands for any event of that class.

        Returns the stream as it is now, so that a story can go on.

        Raises:
            AssertionError: something else happened; the message shows the difference.
        """
        if self.refusal is not None:
            raise AssertionError(f"{self._name()} was refused: {_told(self.refusal)}")
        if not _same(self.events, expected):
            raise AssertionError(f"{self._name()} led to\n{_difference(expected, self.events)}")
        history = ((event, self.order.by) for event in self.events)
        return Given(_after(self.given.state, history), self.given.policy)

    def then_refused(self, code: str) -> Given:
        """The rules refused it with this code and nothing changed.

        Raises:
            AssertionError: it was accepted, or refused with another code.
        """
        if self.refusal is None:
            raise AssertionError(
                f"{self._name()} was accepted, not refused as '{code}':\n"
                + "\n".join(_lines(self.events))
            )
        if self.refusal.code != code:
            raise AssertionError(
                f"{self._name()} was refused, but not as '{code}': {_told(self.refusal)}"
            )
        return self.given

    def _name(self) -> str:
        return f"{self.order.command!r} by {self.order.by}"


def given(*past: Past, policy: Policy = POLICY) -> Given:
    """A stream with that past; `given()` is one that nobody wrote into yet.

    Raises:
        AssertionError: an order of the past is refused.
    """
    return Given(_played(past, policy), policy)


def _played(past: Iterable[Past], policy: Policy) -> State | None:
    state: State | None = None
    for item in past:
        if isinstance(item, Order):
            (step,) = steps([item], policy, state)
            state = _after(state, ((event, item.by) for event in step.events))
        else:
            state = _after(state, [item])
    return state


def _after(state: State | None, history: Iterable[tuple[Event, ParticipantId]]) -> State | None:
    for event, by in history:
        state = evolve(state, event, by)
    return state


def _told(refusal: Refused) -> str:
    args = ", ".join(f"{name}={value}" for name, value in refusal.args_.items())
    return f"'{refusal.code}'" + (f" ({args})" if args else "")


def _same(events: Sequence[Event], expected: Sequence[Expected]) -> bool:
    return len(events) == len(expected) and all(
        type(event) is wanted if isinstance(wanted, type) else event == wanted
        for event, wanted in zip(events, expected, strict=True)
    )


def _lines(events: Sequence[Expected]) -> list[str]:
    lines: list[str] = []
    for event in events:
        if isinstance(event, type):
            lines.append(f"{event.__name__} (any)")
            continue
        lines.append(type(event).__name__)
        lines += [f"    {name} = {value}" for name, value in event]
    return lines


def _difference(expected: Sequence[Expected], events: Sequence[Event]) -> str:
    return "\n".join(
        difflib.unified_diff(_lines(expected), _lines(events), "expected", "happened", lineterm="")
    )
