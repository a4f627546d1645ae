"""Pages of one office, to read only: its inbox, and a complaint's timeline with its integrity."""

from functools import partial
from typing import Literal

from fastapi import Depends, Request, Response
from sqlalchemy import Connection

from case_tracking import officers
from case_tracking.duties import Todo
from case_tracking.entrance import COOKIE, Entrance
from case_tracking.inbox import Filter, InboxEntry, position_of, read_inbox
from case_tracking.integrity import Integrity, recomputed
from case_tracking.joint.inbox import listed
from case_tracking.page_parts import (
    AT_ONCE,
    Reading,
    choices,
    cursors_of,
    page_router,
    service_of,
    site_of,
    timeline,
    words_of,
)
from case_tracking.register import number_of
from case_tracking.views import Reader, complaint_view
from ombudslink.complaint import Phase
from ombudslink.envelope import Envelope
from ombudslink.events import InspectionEntered, InspectionLeft
from ombudslink.offices import Language
from ombudslink.runtime.states import replay
from ombudslink.store import history
from ombudslink.store.history import Stored
from ombudslink.values import Id
from ombudslink.web.access import Public
from ombudslink.web.limits import PER_NETWORK, Limiter, network_of
from ombudslink.web.pages import (
    Typed,
    faults,
    forget,
    from_here,
    in_own_language,
    keep,
    leads_to,
    sentence,
)
from ombudslink.web.problems import Fault, Problem, catalogue

router = page_router()


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
        return site_of(request).page(request, language, "door.html", status=status, errors=wrong)
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
    service, cursors = service_of(request), cursors_of(request)
    wanted = Filter(todo=todo or None, phase=phase or None)
    after = cursors.open(wanted.name, cursor) if cursor else None
    now = service.setting.now()

    def question(connection: Connection) -> tuple[list[InboxEntry], frozenset[str]]:
        found = read_inbox(connection, wanted, now, AT_ONCE + 1, after)
        return found, listed(connection, [one.inspection for one in found if one.inspection])

    found, known = await service.database.query(question)
    following = None
    if len(found) > AT_ONCE:
        following = cursors.seal(wanted.name, *position_of(found[AT_ONCE - 1]))
    return site_of(request).page(
        request,
        language,
        "inbox.html",
        entries=found[:AT_ONCE],
        known=known,
        following=following,
        wanted=wanted,
        todos=choices("todo", Todo, language),
        phases=choices("phase", (one for one in Phase if one is not Phase.NONE), language),
        vocabulary=service.setting.vocabulary,
        words=words_of(service, language),
    )


@router.get("/{language:language}/complaints/{complaint}", summary="A complaint's timeline")
async def complaint(_: Reading, complaint: Id, language: Language, request: Request) -> Response:
    """Its state and its events in codes and words, and whether their chain is intact."""
    service = service_of(request)
    stored, number, integrity = await service.database.query(partial(_load, complaint=complaint))
    told = [one.envelope() for one in stored]
    joint = _inspections(told)

    def question(connection: Connection) -> tuple[dict[str, str], frozenset[str]]:
        named = officers.names(connection, [one.actor for one in told])
        return named, listed(connection, joint)

    named, known = await service.database.query(question)
    reader = Reader(service.participant, service.setting.now(), service.setting.policy)
    words, state = words_of(service, language), replay(stored).complaint
    if told and state.phase is Phase.NONE:
        raise Problem("no_such_complaint")
    return site_of(request).page(
        request,
        language,
        "complaint.html",
        number=number,
        view=complaint_view(told, state, reader) if told else None,
        joint=joint,
        known=known,
        integrity=integrity,
        events=list(timeline(stored, named, words)),
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


def _inspections(told: list[Envelope]) -> dict[str, Envelope]:
    """The inspections that a complaint takes part in or has left, each with its latest event."""
    return {
        one.event.inspection: one
        for one in told
        if isinstance(one.event, InspectionEntered | InspectionLeft)
    }
