"""What a form needs to know before anybody files: the offices, the words, the places."""

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from ombudslink.offices import Office
from ombudslink.runtime.service import Service
from ombudslink.values import Channel, ReferralKind, ReferralState, RejectionReason
from ombudslink.vocabulary import MOST_PLACES, OF_PLATFORM, Vocabulary
from ombudslink.web.access import Public
from ombudslink.web.answers import Language, shown
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import Line
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import CONDITIONAL
from ombudslink.web.phrases import phrase

_NOTICED: Final = (Channel.POST, Channel.TELEPHONE)
_OFFERED: Final = {
    "channels": ("channel", [one for one in Channel if one not in (Channel.PORTAL, *_NOTICED)]),
    "notice_channels": ("channel", _NOTICED),
    "referral_kinds": ("referral_kind", ReferralKind),
    "rejection_reasons": ("rejection_reason", RejectionReason),
}
"""The platform's own words that may be said: the group of their phrases, and which those are."""

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["directory"])


class PeriodView(BaseModel):
    """How many working days an office has to examine a complaint, and by what rule."""

    working_days: int
    rule: str
    status: str
    basis: str


class OfficeEntry(BaseModel):
    """An office: what it is called, what it is competent for, how it is reached."""

    id: str
    name: str
    short_name: str
    competence: str
    general: bool
    site: str
    telephone: str
    examination: PeriodView


class DirectoryView(BaseModel):
    """The offices that a complaint can be addressed to."""

    country: str
    offices: list[OfficeEntry]


class WordEntry(BaseModel):
    """A code and its label."""

    code: str
    label: str


class GroundEntry(WordEntry):
    """A ground of admissibility; `admissible` is the answer that it is one for, null for both."""

    admissible: bool | None


class VocabularyView(BaseModel):
    """Every kind of word, in the order in which the country lists them.

    `words` are those that may be said; `platform` are those that only the platform itself says,
    where they follow from something, and that nobody may choose.
    """

    country: str
    words: dict[str, list[GroundEntry | WordEntry]]
    platform: dict[str, list[WordEntry]]


class PlaceEntry(BaseModel):
    """A place, with all that it lies in, and its region."""

    code: str
    name: str
    region: str | None
    region_name: str | None


class PlacesView(BaseModel):
    """Places that were found, largest first."""

    places: list[PlaceEntry]


@router.get(
    "/offices",
    operation_id="list_offices",
    summary="The offices",
    response_model=DirectoryView,
    responses=CONDITIONAL
    | {
        200: linked(
            link(
                "file_complaint",
                "To the first of these offices; to another one by its `id`.",
                said={"addressed": "$response.body#/offices/0/id"},
            )
        )
    },
)
async def offices(_: Public, request: Request, language: Language) -> Response:
    """Name, competence, contact and period of every office, in the reader's language."""
    policy = _service(request).setting.policy
    entries = [_office(office, language) for office in policy.offices]
    view = DirectoryView(country=policy.country, offices=entries)
    return shown(request, view, language=language)


@router.get(
    "/vocabulary",
    operation_id="list_words",
    summary="The words of forms",
    response_model=VocabularyView,
    responses=CONDITIONAL,
)
async def vocabulary(_: Public, request: Request, language: Language) -> Response:
    """Every code, with its label in the reader's language: what a form offers, and what may stand
    in an answer besides."""
    setting = _service(request).setting
    view = VocabularyView(
        country=setting.policy.country,
        words=offered(setting.vocabulary, language),
        platform=of_platform(setting.vocabulary, language),
    )
    return shown(request, view, language=language)


@router.get(
    "/places",
    operation_id="find_places",
    summary="Find a place",
    response_model=PlacesView,
    responses=CONDITIONAL
    | {
        200: linked(
            link(
                "file_complaint",
                "About what happened at the first of these places.",
                said={"place": "$response.body#/places/0/code"},
            )
        )
    },
)
async def places(
    _: Public,
    request: Request,
    language: Language,
    q: Annotated[Line, Query(description="How a word of its name begins, in any language.")],
    limit: Annotated[int, Query(ge=1, le=MOST_PLACES)] = 10,
) -> Response:
    """Towns, districts and villages by the beginning of a word of their name."""
    known = _service(request).setting.vocabulary
    found = []
    for code in known.places_beginning(q, limit):
        region = known.region_of(code)
        found.append(
            PlaceEntry(
                code=code,
                name=known.place_name(code, language),
                region=region,
                region_name=known.label("regions", region, language) if region else None,
            )
        )
    return shown(request, PlacesView(places=found), language=language)


def offered(vocabulary: Vocabulary, language: str) -> dict[str, list[GroundEntry | WordEntry]]:
    """The words that may be said: the country's, and those of the platform's rules."""
    found: dict[str, list[GroundEntry | WordEntry]] = {
        kind: [
            _entry(vocabulary, kind, code, language)
            for code in vocabulary.codes(kind)
            if vocabulary.offers(kind, code)
        ]
        for kind in vocabulary.words
    }
    return found | {kind: [*_said(*words, language)] for kind, words in _OFFERED.items()}


def of_platform(vocabulary: Vocabulary, language: str) -> dict[str, list[WordEntry]]:
    """The words that only the platform says."""
    found = {
        kind: [_entry(vocabulary, kind, code, language) for code in sorted(codes)]
        for kind, codes in OF_PLATFORM.items()
    }
    return found | {"referral_states": _said("referral_state", ReferralState, language)}


def _entry(vocabulary: Vocabulary, kind: str, code: str, language: str) -> WordEntry:
    label = vocabulary.label(kind, code, language)
    if kind == "admissibility_grounds":
        admissible = vocabulary.words[kind][code].admissible
        return GroundEntry(code=code, label=label, admissible=admissible)
    return WordEntry(code=code, label=label)


def _said(group: str, codes: Iterable[str], language: str) -> list[WordEntry]:
    return [WordEntry(code=code, label=phrase(group, code, language)) for code in codes]


def _office(office: Office, language: str) -> OfficeEntry:
    limit = office.examination
    return OfficeEntry(
        id=office.id,
        name=office.name.in_(language),
        short_name=office.short_name.in_(language),
        competence=office.competence.in_(language),
        general=office.general,
        site=office.site,
        telephone=office.telephone,
        examination=PeriodView(
            working_days=limit.working_days,
            rule=limit.rule,
            status=limit.status,
            basis=limit.basis.in_(language),
        ),
    )


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
