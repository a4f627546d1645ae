"""A small vocabulary for tests, matching the small country in `country`."""

from typing import Final

from ombudslink.testing.country import CHILDREN, GENERAL
from ombudslink.vocabulary import KINDS, Place, Vocabulary, Word

REGION: Final = "710000000"
PLACE: Final = "711110000"
"""A region, and a place that lies in it."""

_WORDS: Final = {
    "complainants": ("parent", "lawyer", "association", "legal_entity"),
    "affected": ("child", "disability", "entrepreneur", "detained"),
    "subjects": ("education", "housing", "permits", "torture"),
    "bodies": ("school", "hospital", "police", "court"),
    "regions": (REGION, "750000000"),
    "outcomes": ("well_founded", "unfounded", "settled"),
    "remedies": ("court", "none_needed"),
    "transfer_reasons": ("expertise", "conflict_of_interest"),
    "return_reasons": ("not_competent",),
    "revoke_reasons": ("sent_by_mistake",),
    "refuse_return_reasons": ("receiver_competent",),
    "pause_reasons": ("awaiting_body",),
    "results": ("information_given",),
    "admissibility_grounds": ("admissible", "before_court"),
    "extension_grounds": ("facts_to_establish",),
    "reopen_grounds": ("new_facts",),
    "withdrawal_grounds": ("own_wish",),
    "competence_grounds": ("general_competence", "agreement"),
    "recommendation_answers": (),
    "joint_decline_reasons": ("no_capacity",),
    "joint_leaving_reasons": ("conflict_of_interest",),
    "joint_end_reasons": ("no_agreement",),
    "joint_evidence": ("document",),
    "joint_invitation_grounds": ("expertise",),
    "joint_opening_grounds": ("urgent",),
    "joint_outcomes": ("breaches_found",),
    "joint_tasks": ("visit",),
    "legal_bases": ("law", "joint_rule"),
}


_ADMISSIBLE: Final = {"admissible": True, "before_court": False}
"""The answers that the grounds of admissibility are ones for."""


def _word(code: str, office: str | None = None) -> Word:
    return Word(
        kk=f"{code} (kk)",
        ru=f"{code} (ru)",
        en=f"{code} (en)",
        office=office,
        admissible=_ADMISSIBLE.get(code),
    )


def _words() -> dict[str, dict[str, Word]]:
    words = {
        kind: {code: _word(code) for code in (*_WORDS[kind], *sorted(needed))}
        for kind, needed in KINDS.items()
    }
    for office in (GENERAL, CHILDREN):
        words["bodies"][f"office_{office}"] = _word(f"office_{office}", office)
    return words


VOCABULARY: Final = Vocabulary(
    words=_words(),
    places={
        REGION: Place("", "Астана қ.", "г.Астана", "Astana"),
        PLACE: Place(REGION, "Алматы ауданы", "район Алматы", ""),
    },
)
"""Some words of every kind; `office_general` and `office_children` are offices themselves."""
