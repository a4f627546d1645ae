"""What an office's service does by itself: it confirms receipt, registers, and has content copied.

A reaction only notes what is due, in the transaction that stores the event; `clerk` and `copies`
do it.
"""

from sqlalchemy import Connection, insert

from case_tracking import copies
from case_tracking.clerk import RECEIVE, REGISTER, to_register
from case_tracking.register import Register
from case_tracking.tables import due
from ombudslink.events import ComplaintRegistered, ReferralReceived, ReferredTo
from ombudslink.inviting import content_right as joint_content_right
from ombudslink.rights import ContentRight, content_right
from ombudslink.runtime.states import Added, InspectionStep, Step
from ombudslink.values import ContentRef, ParticipantId


class KeepNumbers:
    """Enters the numbers that this office gave, as the history tells them, in its register."""

    def __init__(self, office: ParticipantId, register: Register) -> None:
        self._office = office
        self._register = register

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to this office's own registrations."""
        event = step.envelope.event
        if step.envelope.author == self._office and isinstance(
            event, ComplaintRegistered | ReferralReceived
        ):
            self._register.take(connection, step.stream, event.number)


class OweReceipt:
    """Notes that the registrar is to be told of a referral that is in the office's own store."""

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to a referral to this office."""
        event = step.envelope.event
        if isinstance(event, ReferredTo) and event.receiver == self._office:
            _note(connection, step, RECEIVE)


class OweRegistration:
    """Notes that a complaint is to be registered once it is settled that this office has it."""

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to whatever settles it."""
        if to_register(step.after, self._office) and not to_register(step.before, self._office):
            _note(connection, step, REGISTER)


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


class WantJointContent:
    """Notes that what the parties of an inspection wrote is to be copied: all of it for who takes
    part, the terms for who is asked to."""

    def __init__(self, office: ParticipantId) -> None:
        self._office = office

    def __call__(self, connection: Connection, step: InspectionStep) -> None:
        """React to a new right, and to an event that names content."""
        right = joint_content_right(step.after, self._office)
        if right not in (ContentRight.WHOLE, ContentRight.PREVIEW):
            return
        new = right is not joint_content_right(step.before, self._office)
        if new or (right is ContentRight.WHOLE and names_content(step)):
            copies.want(connection, step.stream, step.envelope.version)


def names_content(step: Added) -> bool:
    """Whether the event says where some text is kept."""
    return isinstance(getattr(step.envelope.event, "content", None), ContentRef)


def _note(connection: Connection, step: Step, name: str) -> None:
    row = {"complaint": step.stream, "version": step.envelope.version, "name": name}
    connection.execute(insert(due), row)
