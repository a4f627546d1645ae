"""What intake does by itself: it records that the complainant can see where the complaint is."""

from sqlalchemy import Connection

from ombudslink import events as e
from ombudslink.commands import RecordNotice
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.runtime.states import Step
from ombudslink.values import Channel

TOLD = (
    e.ReferredTo,
    e.ReferralAccepted,
    e.ReferralReturned,
    e.ReferralRejected,
    e.ReferralExpired,
    e.ReferralRevoked,
    e.CompetenceDisputed,
    e.CompetenceDetermined,
    e.AdmissibilityDecided,
    e.ClarificationRequested,
    e.DeadlineExtended,
    e.DecisionIssued,
    e.ComplaintClosed,
    e.ComplaintReopened,
    e.ComplaintWithdrawn,
)
"""What a complainant is told of; every move of custody is among it (invariant 5)."""


class RecordNotices:
    """The public status reads the very events of this transaction, so no notice precedes it."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to what the complainant must know."""
        if isinstance(step.envelope.event, TOLD):
            version = step.envelope.version
            intent = Intent(
                id=derived_id(step.stream, version, "notice"),
                stream=step.stream,
                command=RecordNotice(about=version, channel=Channel.PORTAL),
                issued=step.envelope.time,
                causation=step.envelope.name,
                correlation=step.envelope.correlation,
            )
            self._sender.send(connection, intent)
