"""What intake does by itself: it records that the complainant can see where the complaint is."""

from collections.abc import Callable

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
    e.InformationRequested,
    e.DecisionIssued,
    e.RecommendationIssued,
    e.RecommendationAnswered,
    e.ComplaintClosed,
    e.ComplaintReopened,
    e.ComplaintWithdrawn,
)
"""What a complainant is told of; every move of custody is among it (invariant 5)."""


class RecordNotices:
    """The public status reads the very events of this transaction, so no notice precedes it.

    Whom `can_see` denies is told on the portal of nothing: the office that has the complaint tells
    them by post or telephone, and records that itself.
    """

    def __init__(self, sender: Sender, can_see: Callable[[Connection, str], bool]) -> None:
        self._sender = sender
        self._can_see = can_see

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to what the complainant must know."""
        if isinstance(step.envelope.event, TOLD) and self._can_see(connection, step.stream):
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
