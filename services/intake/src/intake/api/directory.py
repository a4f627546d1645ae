"""What a form needs to know before anybody files: the offices, the words, the places."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from ombudslink.offices import Office
from ombudslink.runtime.service import Service
from ombudslink.vocabulary import MOST_PLACES
from ombudslink.web.access import Public
from ombudslink.web.answers import shown
from ombudslink.web.app import Language
from ombudslink.web.inputs import Line

router = APIRouter(prefix="/v1", tags=["directory"])


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


class VocabularyView(BaseModel):
    """Every kind of word, in the order in which the country lists them."""

    country: str
    words: dict[str, list[WordEntry]]


class PlaceEntry(BaseModel):
    """A place, with all that it lies in, and its region."""

    code: str
    name: str
    region: str | None
    region_name: str | None


class PlacesView(BaseModel):
    """Places that were found, largest first."""

    places: list[PlaceEntry]


@router.get("/offices", summary="The offices", response_model=DirectoryView)
async def offices(_: Public, request: Request, language: Language) -> Response:
    """Name, competence, contact and period of every office, in the reader's language."""
    policy = _service(request).setting.policy
    entries = [_office(office, language) for office in policy.offices]
    view = DirectoryView(country=policy.country, offices=entries)
    return shown(request, view, language=language)


@router.get("/vocabulary", summary="The words of forms", response_model=VocabularyView)
async def vocabulary(_: Public, request: Request, language: Language) -> Response:
    """Every code that can be said, with its label in the reader's language."""
    setting = _service(request).setting
    words = {
        kind: [
            WordEntry(code=code, label=setting.vocabulary.label(kind, code, language))
            for code in setting.vocabulary.codes(kind)
        ]
        for kind in setting.vocabulary.words
    }
    view = VocabularyView(country=setting.policy.country, words=words)
    return shown(request, view, language=language)


@router.get("/places", summary="Find a place", response_model=PlacesView)
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
