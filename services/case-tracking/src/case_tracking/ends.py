"""What became of referrals: when each ended, why, and what was named instead."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from ombudslink import events as e
from ombudslink.envelope import Envelope
from ombudslink.values import Code, Moment, ParticipantId


class EndView(BaseModel):
    """How a referral ended.

    `reason` is none where nobody gave one: it expired, was completed, or the decision ended it.
    """

    at: Moment
    reason: Code | None = None
    result: Code | None = None
    suggested_office: ParticipantId | None = None
    suggested_body: Code | None = None
    remedy: Code | None = None


def ends(told: Sequence[Envelope]) -> dict[int, EndView]:
    """The ends by the number of the referral; one that stands has none."""
    found: dict[int, EndView] = {}
    for one in told:
        match one.event:
            case e.DecisionIssued(completes=completes):
                found |= {number: EndView(at=one.time) for number in completes}
            case (
                e.ReferralRejected(referral=number)
                | e.ReferralRedirected(referral=number)
                | e.ReferralRevoked(referral=number)
                | e.ReferralReturned(referral=number)
                | e.ReferralCompleted(referral=number)
                | e.ReferralExpired(referral=number)
            ):
                found[number] = _end(one.event, one.time)
            case _:
                pass
    return found


def return_reasons(told: Sequence[Envelope]) -> dict[int, str]:
    """Why a receiver wants to give its referral back, or wanted to last."""
    asked = (one.event for one in told if isinstance(one.event, e.ReferralReturnRequested))
    return {event.referral: event.reason for event in asked}


def _end(event: e.Event, at: datetime) -> EndView:
    said = {name: value for name, value in event if name in EndView.model_fields}
    return EndView(at=at, **said)
