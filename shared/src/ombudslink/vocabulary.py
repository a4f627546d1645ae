"""The words of a country: every code an event may carry, with its label, and the places.

A code is stored, a label is shown. The services say nothing that is not in the vocabulary. The
registrar holds none: whatever it takes has the form of a code, so no sentence enters a history.
"""

import csv
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from heapq import nsmallest
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ombudslink.offices import ConfigurationError, Text, read_toml
from ombudslink.values import Code, ParticipantId, Value

_ENDS: Final = frozenset(
    {"became_custodian", "complaint_answered", "complaint_closed", "complaint_withdrawn"}
)
"""Why a referral ends without anybody's wish."""

OF_PLATFORM: Final[Mapping[str, frozenset[str]]] = {
    "outcomes": frozenset({"answered", "inadmissible", "withdrawn"}),
    "return_reasons": _ENDS | {"agreed"},
    "revoke_reasons": _ENDS,
    "joint_end_reasons": frozenset(
        {
            *("consent_withdrawn", "complaint_withdrawn", "custodian_left", "reported"),
            *("party_withdrew", "lead_withdrew", "entered_too_late", "too_many_offices"),
            *("no_complaint_entered", "no_complaint_left"),
        }
    ),
    "joint_invitation_grounds": frozenset({"custodian", "affected", "named"}),
}
"""Words that only the platform says, where they follow from an act; nobody chooses them."""

KINDS: Final[dict[str, frozenset[str]]] = {
    "complainants": frozenset({"self", "other"}),
    "affected": frozenset({"other"}),
    "subjects": frozenset({"other"}),
    "bodies": frozenset({"other"}),
    "regions": frozenset({"unknown", "other"}),
    "outcomes": OF_PLATFORM["outcomes"] | {"other"},
    "remedies": frozenset({"other"}),
    "transfer_reasons": frozenset({"competence", "other"}),
    "return_reasons": OF_PLATFORM["return_reasons"] | {"other"},
    "revoke_reasons": OF_PLATFORM["revoke_reasons"] | {"other"},
    "refuse_return_reasons": frozenset({"other"}),
    "pause_reasons": frozenset({"other"}),
    "results": frozenset({"other"}),
    "admissibility_grounds": frozenset({"other"}),
    "extension_grounds": frozenset({"other"}),
    "reopen_grounds": frozenset({"other"}),
    "withdrawal_grounds": frozenset({"other"}),
    "competence_grounds": frozenset({"other"}),
    "recommendation_answers": frozenset({"accepted", "partly_accepted", "rejected"}),
    "joint_decline_reasons": frozenset({"other"}),
    "joint_end_reasons": OF_PLATFORM["joint_end_reasons"] | {"other"},
    "joint_leaving_reasons": frozenset({"other"}),
    "joint_evidence": frozenset({"other"}),
    "joint_invitation_grounds": OF_PLATFORM["joint_invitation_grounds"] | {"other"},
    "joint_opening_grounds": frozenset({"other"}),
    "joint_outcomes": frozenset({"other"}),
    "joint_tasks": frozenset({"other"}),
    "legal_bases": frozenset(),
}
"""Every kind of word, with the codes that the platform itself says or falls back to."""

MOST_PLACES: Final = 50
"""How many places one search finds at most."""

_LAST: Final = "\U0010ffff"
"""What no spelling goes on with."""
_COLUMNS: Final = ["code", "parent", "kk", "ru", "en"]
_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)


class Word(Text):
    """One code's label.

    `office` says that this body is itself an office of the platform. `admissible` says which of
    the two answers this ground of admissibility is one for; none for a ground that fits both.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    office: ParticipantId | None = None
    admissible: bool | None = None


class Place(NamedTuple):
    """A place, inside its parent; a place without parent is a region."""

    parent: str
    kk: str
    ru: str
    en: str

    def name(self, language: str) -> str:
        """Its own name, in another language if that one has none."""
        return getattr(self, language, "") or self.kk or self.ru or self.en


class _Index(NamedTuple):
    """Every spelling of every place in the order of the alphabet, beside it the place's rank, and
    the places by rank."""

    spellings: list[str]
    ranks: list[int]
    places: list[str]


class Vocabulary(Value):
    """All words and places of one country."""

    words: dict[str, dict[Code, Word]]
    places: dict[str, Place] = Field(default_factory=dict)

    def knows(self, kind: str, code: str) -> bool:
        """Whether that code is a word of that kind."""
        return code in self.words.get(kind, {})

    def offers(self, kind: str, code: str) -> bool:
        """Whether somebody may say that word: it is known, and not one of the platform's own."""
        return self.knows(kind, code) and code not in OF_PLATFORM.get(kind, ())

    def fits(self, ground: str, *, admissible: bool) -> bool:
        """Whether a ground of admissibility can be one for that answer."""
        word = self.words.get("admissibility_grounds", {}).get(ground)
        return word is not None and word.admissible in (None, admissible)

    def refuse_unknown(self, kind: str, codes: Iterable[str], where: str) -> None:
        """See that those are words of that kind.

        Raises:
            ConfigurationError: one is not; the message names it, and where it stands.
        """
        unknown = sorted(code for code in codes if not self.knows(kind, code))
        if unknown:
            raise ConfigurationError(f"{where} names unknown words of '{kind}': {unknown}")

    def label(self, kind: str, code: str, language: str) -> str:
        """The word for a code; the code itself when it is unknown."""
        word = self.words.get(kind, {}).get(code)
        return word.in_(language) if word else code

    def codes(self, kind: str) -> tuple[str, ...]:
        """The codes of a kind, in the order in which the country lists them."""
        return tuple(self.words.get(kind, {}))

    def office_complained_of(self, body: str) -> ParticipantId | None:
        """The office that a body is, when a complaint is about an office itself."""
        word = self.words.get("bodies", {}).get(body)
        return word.office if word else None

    def region_of(self, place: str) -> str | None:
        """The region that a place lies in."""
        return self._way_up(place)[-1] if place in self.places else None

    def place_name(self, place: str, language: str) -> str:
        """A place with all it lies in, because names repeat; the code itself when unknown."""
        if place not in self.places:
            return place
        return ", ".join(self.places[code].name(language) for code in self._way_up(place))

    def places_beginning(self, text: str, limit: int = 10) -> tuple[str, ...]:
        """Codes of places with a word that begins like that in any language, largest first."""
        wanted = _normal(text)
        if not wanted:
            return ()
        index = self._index
        first = bisect_left(index.spellings, wanted)
        last = bisect_left(index.spellings, wanted + _LAST, first)
        found = nsmallest(min(limit, MOST_PLACES), set(index.ranks[first:last]))
        return tuple(index.places[rank] for rank in found)

    def prepare(self) -> None:
        """Do now what the first search for a place would do, which takes a while."""
        _ = self._index

    def _way_up(self, place: str) -> list[str]:
        way = [place]
        while parent := self.places[way[-1]].parent:
            way.append(parent)
        return way

    @cached_property
    def _index(self) -> "_Index":
        places = sorted(self.places, key=lambda place: (len(self._way_up(place)), place))
        entries = sorted(
            {
                (spelling, rank)
                for rank, code in enumerate(places)
                for name in self.places[code][1:]
                for spelling in _spellings(name)
            }
        )
        return _Index([one for one, _ in entries], [rank for _, rank in entries], places)


def load_vocabulary(folder: Path, country: str) -> Vocabulary:
    """Read `rules/<country>/vocabulary.toml` and `places.csv`.

    Raises:
        ConfigurationError: a file is missing or breaks a rule; the message names it.
    """
    file = folder / "rules" / country / "vocabulary.toml"
    try:
        vocabulary = Vocabulary.model_validate({"words": read_toml(file)})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise ConfigurationError(f"{file}: {where}: {first['msg']}") from None
    for kind, needed in KINDS.items():
        missing = sorted(code for code in needed if not vocabulary.knows(kind, code))
        if missing or kind not in vocabulary.words:
            raise ConfigurationError(f"{file}: '{kind}' is missing or lacks {missing}")
    undecided = sorted(
        code
        for code, word in vocabulary.words["admissibility_grounds"].items()
        if word.admissible is None and code != "other"
    )
    if undecided:
        raise ConfigurationError(f"{file}: 'admissible' is not said of the grounds {undecided}")
    unknown = sorted(vocabulary.words.keys() - KINDS.keys())
    if unknown:
        raise ConfigurationError(f"{file}: unknown kinds of words: {unknown}")
    places = _read_places(folder / "rules" / country / "places.csv", vocabulary)
    return vocabulary.model_copy(update={"places": places})


def _read_places(file: Path, vocabulary: Vocabulary) -> dict[str, Place]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    except FileNotFoundError:
        raise ConfigurationError(f"configuration file is missing: {file}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration file is not CSV: {file}: {error}") from None
    if not rows or rows[0] != _COLUMNS:
        raise ConfigurationError(f"{file}: the first line must be {','.join(_COLUMNS)}")
    places: dict[str, Place] = {}
    for number, row in enumerate(rows[1:], 1):
        fault = _fault(row, places, vocabulary)
        if fault:
            raise ConfigurationError(f"{file}: place {number}: {fault}")
        code, parent, kk, ru, en = row
        places[code] = Place(parent, kk, ru, en)
    return places


def _fault(row: list[str], places: dict[str, Place], vocabulary: Vocabulary) -> str | None:
    """What is wrong with a row; parents come before what lies in them, so no place holds itself."""
    if len(row) != len(_COLUMNS):
        return "not five columns"
    code, parent, *names = row
    try:
        _CODE.validate_python(code)
    except ValidationError:
        return "its code is not a code"
    if code in places:
        return "its code stands twice"
    if not any(names):
        return "it has no name"
    if parent and parent not in places:
        return "its parent is not listed before it"
    if not parent and not vocabulary.knows("regions", code):
        return "it has no parent, but is not one of the regions"
    return None


def _normal(text: str) -> str:
    return " ".join(text.casefold().replace(".", " ").replace("ё", "е").split())


def _spellings(name: str) -> Iterator[str]:
    """The name from each of its words on: a village is found without its "village of"."""
    words = _normal(name).split()
    return (" ".join(words[n:]) for n in range(len(words)))
