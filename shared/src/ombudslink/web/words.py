"""The codes of histories in words: who acted, and what an event says, in the reader's language."""

from typing import Final

from ombudslink.envelope import Envelope
from ombudslink.events import ComplainantNotified
from ombudslink.offices import Policy
from ombudslink.values import ParticipantId
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase
from ombudslink.web.problems import catalogue

_KINDS: Final = {
    "complainant": "complainants",
    "affected": "affected",
    "subject": "subjects",
    "body": "bodies",
    "suggested_body": "bodies",
    "region": "regions",
    "legal_basis": "legal_bases",
    "outcome": "outcomes",
    "remedy": "remedies",
    "result": "results",
    "answer": "recommendation_answers",
}
_REASONS: Final = {
    "ReferredTo": "transfer_reasons",
    "ReferralRedirected": "transfer_reasons",
    "CompetenceDisputed": "transfer_reasons",
    "ReferralRevoked": "revoke_reasons",
    "ReferralPaused": "pause_reasons",
    "ReferralReturnRequested": "return_reasons",
    "ReferralReturned": "return_reasons",
    "ReturnRefused": "refuse_return_reasons",
    "AdmissibilityDecided": "admissibility_grounds",
    "DeadlineExtended": "extension_grounds",
    "CompetenceDetermined": "competence_grounds",
    "ComplaintReopened": "reopen_grounds",
    "ComplaintWithdrawn": "withdrawal_grounds",
    "InspectionLeft": "joint_end_reasons",
    "JointComplaintLeft": "joint_end_reasons",
    "JointPartyInvited": "joint_invitation_grounds",
    "JointPartyDeclined": "joint_decline_reasons",
    "JointPartyWithdrew": "joint_leaving_reasons",
    "JointInspectionOpened": "joint_opening_grounds",
    "JointInspectionSeparated": "joint_end_reasons",
}
"""The kind of word that an event's `reason` or `ground` is."""
_OTHERWISE: Final = {
    ("JointTaskAssigned", "kind"): "joint_tasks",
    ("JointEvidenceShared", "kind"): "joint_evidence",
    ("JointInspectionClosed", "outcome"): "joint_outcomes",
}
"""The kind of word that a field of an event is which means something else in others."""
_OFFICES: Final = frozenset(
    {
        "office",
        "custodian",
        "sender",
        "receiver",
        "arbiter",
        "addressed",
        "received_by",
        "complained_office",
        "suggested_office",
        "addressee",
        "addressees",
        "lead",
        "offices",
        "invited",
        "mandatory",
        "silent",
        "ended_by",
    }
)
_PHRASES: Final = {
    "kind": "referral_kind",
    "channel": "channel",
    "clock": "clock",
    "purpose": "purpose",
}
_TRUTHS: Final = frozenset({"admissible", "certain", "mandatory"})

FIELDS: Final = frozenset({*_KINDS, *_OFFICES, *_PHRASES, *_TRUTHS, "reason", "ground", "code"})
"""The fields that are put into words."""

AS_THEY_ARE: Final = frozenset(
    {
        *("number", "date", "due", "answer_due", "starts", "ends"),
        *("complaint", "inspection", "task", "evidence", "finding", "findings", "dissents"),
    }
)
"""The fields that are told as they are, under a name in words."""


def participant_name(policy: Policy, participant: ParticipantId, language: str) -> str:
    """Who a participant is to people: an office or a body by its short name, and a service by who
    speaks through it."""
    known = policy.named(participant)
    if known is not None:
        return known.short_name.in_(language)
    spoken = {policy.intake: "complainant", policy.registrar: "registrar"}.get(participant)
    return phrase("participant", spoken, language) if spoken else participant


class Words:
    """Finds words for one reader."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, language: str) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._language = language

    def office(self, participant: ParticipantId) -> str:
        """Who a participant is."""
        return participant_name(self._policy, participant, self._language)

    def author(self, author: ParticipantId, type_: str) -> str:
        """Who is behind an event of that type: a notice is the platform's own, not the person's."""
        if author == self._policy.intake and type_ == ComplainantNotified.__name__:
            return phrase("participant", "platform", self._language)
        return self.office(author)

    def of(self, told: Envelope) -> dict[str, str]:
        """The event's codes in words, by the name of the field."""
        found = ((name, self.word(told.type, name, said)) for name, said in told.event)
        return {name: word for name, word in found if word is not None}

    def word(self, type_: str, name: str, said: object) -> str | None:
        """What a field of an event of that type says; None for what is no code, or nothing."""
        match said:
            case bool() if name in _TRUTHS:
                return phrase("truth", "yes" if said else "no", self._language)
            case str():
                return self._word(type_, name, said)
            case tuple() | list() if said and name in FIELDS:
                return ", ".join(self._word(type_, name, str(code)) or str(code) for code in said)
            case _:
                return None

    def _word(self, type_: str, name: str, code: str) -> str | None:
        if name in _OFFICES:
            return self.office(code)
        if name == "reason" and type_ == "ReferralRejected":
            return phrase("rejection_reason", code, self._language)
        if (type_, name) in _OTHERWISE:
            return self._vocabulary.label(_OTHERWISE[type_, name], code, self._language)
        if name == "code":
            return self._refusal(code)
        if name in _PHRASES:
            return phrase(_PHRASES[name], code, self._language)
        kind = _REASONS.get(type_) if name in ("reason", "ground") else _KINDS.get(name)
        return self._vocabulary.label(kind, code, self._language) if kind else None

    def _refusal(self, code: str) -> str:
        """Why something was refused, as its problem says it; the code itself when it is unknown."""
        problem = catalogue().problems.get(code)
        return problem.title.in_(self._language) if problem else code
