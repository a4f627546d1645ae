"""Who may see what of a complaint: its history whole or in part, its content by part taken."""

from enum import StrEnum

from ombudslink import events as e
from ombudslink.complaint import Complaint, Referral
from ombudslink.values import ParticipantId, ReferralState


def readers(state: Complaint) -> frozenset[ParticipantId]:
    """Who may read it all: the parties, never the office complained of (invariant 12)."""
    return frozenset(state.parties) - {state.complained_office or ""}


def addressee(event: e.Event) -> ParticipantId | None:
    """The government body that an event concerns. Nothing else of a complaint is for bodies."""
    match event:
        case (
            e.InformationRequested()
            | e.InformationProvided()
            | e.InformationOverdue()
            | e.RecommendationIssued()
            | e.RecommendationAnswered()
            | e.RecommendationOverdue()
        ):
            return event.addressee
        case _:
            return None


def recipients(state: Complaint, event: e.Event) -> frozenset[ParticipantId]:
    """Whose feeds an event enters that led to this state: every reader's, and its addressee's."""
    body = addressee(event)
    return readers(state) | ({body} if body is not None else frozenset())


class ContentRight(StrEnum):
    """How much of a complaint's content an office may have from its holder."""

    WHOLE = "whole"
    FORMER = "former"
    """What was there when its part in the complaint ended, and nothing newer."""
    PREVIEW = "preview"
    """The coded fields only: an unanswered referral."""
    NONE = "none"


def content_right(state: Complaint, office: ParticipantId) -> ContentRight:
    """The right of an office to content, by its part in the complaint (see also `readers`).

    A custodian that has neither registered nor examined anything sees the preview only, until it
    is settled that it keeps the complaint: the competence rules have spoken, no transfer waits,
    and no dispute. A party of an inspection has the whole while the joint examination runs.
    """
    if office not in readers(state):
        return ContentRight.NONE
    if office == state.custodian:
        untouched = not state.examined and not state.released and office not in state.registered
        return ContentRight.PREVIEW if untouched and not state.settled else ContentRight.WHOLE
    joint = state.joint
    if joint is not None and office in joint.examining:
        return ContentRight.WHOLE
    mine = [r for r in state.referrals if r.receiver == office]
    if any(r.open and not r.moves_custody for r in mine) or office == state.disputed_before:
        return ContentRight.WHOLE
    if office in (*state.released, *state.arbiters, *state.jointly_before):
        return ContentRight.FORMER
    if any(_was_accepted(r) for r in mine):
        return ContentRight.FORMER
    invited = joint is not None and office in joint.offices
    return ContentRight.PREVIEW if invited or any(r.pending for r in mine) else ContentRight.NONE


def _was_accepted(referral: Referral) -> bool:
    return referral.open or referral.state in (ReferralState.RETURNED, ReferralState.COMPLETED)
