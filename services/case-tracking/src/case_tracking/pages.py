"""Pages of one office, to read only: its inbox, and a complaint's timeline with its integrity."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from case_tracking import officers
from case_tracking.duties import Todo
from case_tracking.entrance import COOKIE, Entrance, Inside
from case_tracking.inbox import Filter, position_of, read_inbox
from case_tracking.integrity import Integrity, recomputed
from case_tracking.register import number_of
from case_tracking.views import Reader, complaint_view
from ombudslink.complaint import Phase
from ombudslink.offices import Language
from ombudslink.runtime.service import Service
from ombudslink.runtime.states import replay
from ombudslink.store import history
from ombudslink.store.history import Stored
from ombudslink.values import Id
from ombudslink.web.access import Principal, Public
from ombudslink.web.cursors import Cursors
from ombudslink.web.limits import PER_NETWORK, Limiter, network_of
from ombudslink.web.pages import (
    RESPONSES,
    PageRoute,
    Site,
    Typed,
    faults,
    forget,
    from_here,
    in_own_language,
    keep,
    leads_to,
    sentence,
)
from ombudslink.web.phrases import phrase
from ombudslink.web.problems import Fault, Problem, catalogue
from ombudslink.web.words import Words

router = APIRouter(
    route_class=PageRoute,
    tags=["pages"],
    default_response_class=HTMLResponse,
    responses=RESPONSES,
)

Reading = Annotated[Principal, Depends(Inside())]
AT_ONCE: Final = 25
"""Complaints on a page."""


@router.get("/", summary="The desk, in the reader's language", status_code=303)
async def first(_: Public, request: Request) -> Response:
    """Leads to the language that the browser asks for."""
    return in_own_language(request, "/")


@router.post("/{language:language}/entrance", summary="Be let in with a key", status_code=303)
async def enter(_: Public, language: Language, typed: Typed, request: Request) -> Response:
    """Leads to the inbox. The number of failed tries is limited."""
    limiter: Limiter = request.app.state.limiter
    entrance: Entrance = request.app.state.entrance
    try:
        if "key" not in typed:
            raise Problem("invalid_request", errors=[Fault("/key", "missing")])
        with limiter.failures((PER_NETWORK, "network", network_of(request))):
            cookie = entrance.open(typed["key"][0].strip())
    except Problem as problem:
        status = catalogue().problems[problem.code].status
        wrong = faults(problem, language) or {"key": sentence(problem, language)}
        return _site(request).page(request, language, "door.html", status=status, errors=wrong)
    inside = leads_to(request, language, "/")
    keep(request, inside, COOKIE, cookie, strict=True)
    return inside


@router.post(
    "/{language:language}/exit",
    summary="Sign out",
    status_code=303,
    dependencies=[Depends(from_here)],
)
async def leave(_: Public, language: Language, request: Request) -> Response:
    """The browser forgets the key."""
    outside = leads_to(request, language, "/")
    forget(request, outside, COOKIE)
    return outside


@router.get("/{language:language}/", summary="The inbox")
async def inbox(
    _: Reading,
    language: Language,
    request: Request,
    todo: Todo | Literal[""] = "",
    phase: Phase | Literal[""] = "",
    cursor: str | None = None,
) -> Response:
    """Every complaint that this office is party to, what is due first in front."""
    service, cursors = _service(request), _cursors(request)
    wanted = Filter(todo=todo or None, phase=phase or None)
    after = cursors.open(wanted.name, cursor) if cursor else None
    found = await service.database.query(
        partial(
            read_inbox, wanted=wanted, now=service.setting.now(), limit=AT_ONCE + 1, after=after
        )
    )
    following = None
    if len(found) > AT_ONCE:
        following = cursors.seal(wanted.name, *position_of(found[AT_ONCE - 1]))
    return _site(request).page(
        request,
        language,
        "inbox.html",
        entries=found[:AT_ONCE],
        following=following,
        wanted=wanted,
        todos=_choices("todo", Todo, language),
        phases=_choices("phase", (one for one in Phase if one is not Phase.NONE), language),
        vocabulary=service.setting.vocabulary,
        words=_words(service, language),
    )


@router.get("/{language:language}/complaints/{complaint}", summary="A complaint's timeline")
async def complaint(_: Reading, complaint: Id, language: Language, request: Request) -> Response:
    """Its state and its events in codes and words, and whether their chain is intact."""
    service = _service(request)
    stored, number, integrity = await service.database.query(partial(_load, complaint=complaint))
    told = [one.envelope() for one in stored]
    actors = [one.actor for one in told]
    named = await service.database.query(partial(officers.names, pseudonyms=actors))
    reader = Reader(service.participant, service.setting.now(), service.setting.policy)
    words, state = _words(service, language), replay(stored).complaint
    if told and state.phase is Phase.NONE:
        raise Problem("no_such_complaint")
    return _site(request).page(
        request,
        language,
        "complaint.html",
        number=number,
        view=complaint_view(told, state, reader) if told else None,
        integrity=integrity,
        events=[
            {
                "told": one,
                "actor": named.get(one.actor or "", one.actor),
                "words": words.of(one),
                "hash": kept.hash.hex(),
            }
            for one, kept in zip(told, stored, strict=True)
        ],
        vocabulary=service.setting.vocabulary,
        words=words,
    )


def _load(connection: Connection, complaint: str) -> tuple[list[Stored], str | None, Integrity]:
    """As much of a history as is sound; what follows a break cannot be trusted to be readable."""
    stored = history.load(connection, complaint)
    if not stored:
        raise Problem("no_such_complaint")
    found = recomputed(stored, history.head(connection, complaint))
    return stored[: found.sound], number_of(connection, complaint), found


def _choices(group: str, codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    return [(code, phrase(group, code, language)) for code in codes]


def _words(service: Service, language: str) -> Words:
    return Words(service.setting.policy, service.setting.vocabulary, language)


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _cursors(request: Request) -> Cursors:
    cursors: Cursors = request.app.state.cursors
    return cursors
