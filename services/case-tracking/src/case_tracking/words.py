"""The codes in an event as words, in the reader's language."""

from typing import Final

from ombudslink.envelope import Envelope
from ombudslink.offices import Policy
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase

_KINDS: Final = {
    "complainant": "complainants",
    "subject": "subjects",
    "body": "bodies",
    "suggested_body": "bodies",
    "region": "regions",
    "legal_basis": "legal_bases",
    "outcome": "outcomes",
    "remedy": "remedies",
    "result": "results",
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
}
"""The kind of word that an event's `reason` or `ground` is."""
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
    }
)


class Words:
    """Finds words for one reader."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, language: str) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._language = language

    def office(self, office: str) -> str:
        """An office's short name; the name of a service is its id."""
        known = self._policy.office(office)
        return known.short_name.in_(self._language) if known else office

    def of(self, told: Envelope) -> dict[str, str]:
        """The event's codes in words, by the name of the field."""
        found = {}
        for name, code in told.event:
            if isinstance(code, str):
                word = self._word(told.type, name, code)
                if word is not None:
                    found[name] = word
        return found

    def _word(self, type_: str, name: str, code: str) -> str | None:
        if name in _OFFICES:
            return self.office(code)
        if name == "reason" and type_ == "ReferralRejected":
            return phrase("rejection_reason", code, self._language)
        if name == "kind":
            return phrase("referral_kind", code, self._language)
        kind = _REASONS.get(type_) if name in ("reason", "ground") else _KINDS.get(name)
        return self._vocabulary.label(kind, code, self._language) if kind else None
