"""What the pages of an office have in common: who is let in, and how a history is told on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from case_tracking.entrance import Inside
from ombudslink.envelope import Envelope
from ombudslink.runtime.service import Service
from ombudslink.store.history import Stored
from ombudslink.web.access import Principal
from ombudslink.web.cursors import Cursors
from ombudslink.web.pages import RESPONSES, PageRoute, Site
from ombudslink.web.phrases import phrase
from ombudslink.web.words import Words

Reading = Annotated[Principal, Depends(Inside())]
AT_ONCE: Final = 25
"""Complaints or inspections on a page."""
NUMBERED: Final[tuple[str, ...]] = ("task", "evidence", "finding")
"""What is numbered within an inspection."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a timeline tells it; `numbers` say which of several things it is about."""

    told: Envelope
    actor: str | None
    words: Mapping[str, str]
    numbers: Mapping[str, int]
    hash: str


def page_router() -> APIRouter:
    """For routes whose answers are pages."""
    return APIRouter(
        route_class=PageRoute,
        tags=["pages"],
        default_response_class=HTMLResponse,
        responses=RESPONSES,
    )


def timeline(stored: Sequence[Stored], names: Mapping[str, str], words: Words) -> Iterator[Line]:
    """The events in codes and words; `names` are this office's officers by their pseudonyms."""
    for kept in stored:
        one = kept.envelope()
        numbers = {name: one.data[name] for name in NUMBERED if name in one.data}
        actor = names.get(one.actor or "", one.actor)
        yield Line(one, actor, words.of(one), numbers, kept.hash.hex())


def choices(group: str, codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Codes of the platform with their words, to choose from."""
    return [(code, phrase(group, code, language)) for code in codes]


def words_of(service: Service, language: str) -> Words:
    """The words for a reader of that language."""
    return Words(service.setting.policy, service.setting.vocabulary, language)


def site_of(request: Request) -> Site:
    """The pages."""
    site: Site = request.app.state.site
    return site


def service_of(request: Request) -> Service:
    """The service behind them."""
    service: Service = request.app.state.service
    return service


def cursors_of(request: Request) -> Cursors:
    """What makes and opens its cursors."""
    cursors: Cursors = request.app.state.cursors
    return cursors
