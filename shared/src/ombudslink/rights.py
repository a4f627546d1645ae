"""Who may see what of a complaint: its history whole or not at all, its content by part taken."""

from enum import StrEnum

from ombudslink.complaint import Complaint, Referral
from ombudslink.values import ParticipantId, ReferralState


def recipients(state: Complaint) -> frozenset[ParticipantId]:
    """Whose feeds this complaint's events enter, whole: its parties, never the office complained
    of (invariant 12)."""
    return frozenset(state.parties) - {state.complained_office or ""}


class ContentRight(StrEnum):
    """How much of a complaint's content an office may have from its holder."""

    WHOLE = "whole"
    FORMER = "former"
    """What was there when its part in the complaint ended, and nothing newer."""
    PREVIEW = "preview"
    """The coded fields only: an unanswered referral."""
    NONE = "none"


def content_right(state: Complaint, office: ParticipantId) -> ContentRight:
    """The right of an office to content, by its part in the complaint (see also `recipients`).

    A custodian that has neither registered nor examined anything sees the preview only, until it
    is settled that it keeps the complaint: the competence rules have spoken, no transfer waits.
    """
    if office not in recipients(state):
        return ContentRight.NONE
    if office == state.custodian:
        untouched = not state.examined and not state.released and office not in state.registered
        return ContentRight.PREVIEW if untouched and not state.settled else ContentRight.WHOLE
    mine = [r for r in state.referrals if r.receiver == office]
    if any(r.open and not r.moves_custody for r in mine) or office == state.disputed_before:
        return ContentRight.WHOLE
    if office in (*state.released, *state.arbiters) or any(_was_accepted(r) for r in mine):
        return ContentRight.FORMER
    return ContentRight.PREVIEW if any(r.pending for r in mine) else ContentRight.NONE


def _was_accepted(referral: Referral) -> bool:
    return referral.open or referral.state in (ReferralState.RETURNED, ReferralState.COMPLETED)
