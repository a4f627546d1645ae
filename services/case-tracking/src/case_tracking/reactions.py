"""What an office's service does by itself: it confirms receipt, registers, and has content copied.

Every command's id follows from the event that causes it, so that repeating is harmless.
"""

from sqlalchemy import Connection

from case_tracking import copies
from case_tracking.register import Register
from ombudslink.commands import Command, ReceiveReferral, RegisterComplaint
from ombudslink.complaint import Complaint
from ombudslink.events import ReferredTo
from ombudslink.ids import derived_id
from ombudslink.rights import ContentRight, content_right
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.runtime.states import Step
from ombudslink.values import ContentRef, ParticipantId


class ConfirmReceipt:
    """Tells the registrar that a referral to this office is in the office's own store."""

    def __init__(self, sender: Sender, register: Register) -> None:
        self._sender = sender
        self._register = register

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to a referral to this office."""
        event = step.envelope.event
        if isinstance(event, ReferredTo) and event.receiver == self._sender.participant:
            number = self._register.number(connection, step.stream, step.envelope.time)
            command = ReceiveReferral(referral=event.referral, number=number)
            self._sender.send(connection, _intent(step, command, "receive"))


class RegisterOwnComplaints:
    """Registers a complaint as soon as it is settled that this office has it."""

    def __init__(self, sender: Sender, register: Register) -> None:
        self._sender = sender
        self._register = register

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to whatever settles it."""
        office = self._sender.participant
        if to_register(step.after, office) and not to_register(step.before, office):
            number = self._register.number(connection, step.stream, step.envelope.time)
            command = RegisterComplaint(number=number)
            self._sender.send(connection, _intent(step, command, "register"))


class WantContent:
    """Notes that content is to be copied: the office may have it now, or there is more of it."""

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to a new right, and to an event that names content."""
        if content_right(step.after, self._office) is not ContentRight.WHOLE:
            return
        before = content_right(step.before, self._office)
        if before is not ContentRight.WHOLE or names_content(step):
            copies.want(connection, step.stream, step.envelope.version)


def to_register(state: Complaint, office: ParticipantId) -> bool:
    """Whether the office has the complaint, nobody else is asked to take it, and its register
    lacks it."""
    return (
        office == state.custodian
        and state.open
        and state.settled
        and state.disputed_before is None
        and office not in state.registered
    )


def names_content(step: Step) -> bool:
    """Whether the event says where some text is kept."""
    return isinstance(getattr(step.envelope.event, "content", None), ContentRef)


def _intent(step: Step, command: Command, name: str) -> Intent:
    return Intent(
        id=derived_id(step.stream, step.envelope.version, name),
        stream=step.stream,
        command=command,
        issued=step.envelope.time,
        causation=step.envelope.name,
        correlation=step.envelope.correlation,
    )
