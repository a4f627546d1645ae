"""The two kinds of streams, complaints and joint inspections, behind one door.

A stream is of the kind of its first event. `None` is a stream with nothing in it yet.
"""

from ombudslink import deadlines, decisions, inspecting, inviting, rights
from ombudslink.commands import ComplaintCommand, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.complaint import evolve as evolve_complaint
from ombudslink.deadlines import Timer
from ombudslink.events import ComplaintEvent, Event
from ombudslink.inspection import Inspection, evolve_inspection
from ombudslink.offices import Policy
from ombudslink.rights import ContentRight
from ombudslink.values import ParticipantId

State = Complaint | Inspection


class WrongKind(Exception):
    """An event of the other kind than the stream: no decision makes one."""

    def __init__(self) -> None:
        super().__init__("an event of another kind than its stream")


def decide(state: State | None, order: Order, policy: Policy) -> list[Event]:
    """The events that follow from the order.

    Raises:
        Refused: the rules do not allow it, or the stream is of the other kind.
    """
    if isinstance(order.command, ComplaintCommand):
        if isinstance(state, Inspection):
            raise Refused("no_such_complaint")
        return [*decisions.decide(state or Complaint(), order, policy)]
    if isinstance(state, Complaint):
        raise Refused("no_such_inspection")
    return [*inspecting.decide_inspection(state or Inspection(), order, policy)]


def evolve(state: State | None, event: Event, by: ParticipantId) -> State:
    """The state after one more event by that author.

    Raises:
        WrongKind: the event is of the other kind than the stream.
    """
    if isinstance(event, ComplaintEvent):
        if isinstance(state, Inspection):
            raise WrongKind
        return evolve_complaint(state or Complaint(), event, by)
    if isinstance(state, Complaint):
        raise WrongKind
    return evolve_inspection(state or Inspection(), event, by)


def readers(state: State) -> frozenset[ParticipantId]:
    """Who may read it all."""
    if isinstance(state, Complaint):
        return rights.readers(state)
    return inviting.readers(state)


def content_right(state: State, office: ParticipantId) -> ContentRight:
    """How much of what was written an office may have."""
    if isinstance(state, Complaint):
        return rights.content_right(state, office)
    return inviting.content_right(state, office)


def timers(state: State) -> tuple[Timer, ...]:
    """Every timer that stands."""
    if isinstance(state, Complaint):
        return deadlines.timers(state)
    return inviting.timers(state)
