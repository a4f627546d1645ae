"""What an office reads: its inbox, a complaint, its history and content, what became of an act."""

import json
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from case_tracking.acts import ACTS
from case_tracking.api.rights import Reading
from case_tracking.cases import Case, Cases, ContentView
from case_tracking.duties import Role, Todo
from case_tracking.inbox import Filter, InboxPage, position_of, read_inbox
from case_tracking.joint.files import File
from case_tracking.views import ComplaintView
from ombudslink.complaint import Phase
from ombudslink.runtime.commands import look_up
from ombudslink.runtime.service import Service
from ombudslink.values import Hash, Id, Moment, ParticipantId
from ombudslink.web.acts import CommandView, raise_refused
from ombudslink.web.answers import Language, shown
from ombudslink.web.app import answer
from ombudslink.web.cursors import Cursors
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import Few
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import CONDITIONAL, refuses
from ombudslink.web.problems import Problem
from ombudslink.web.words import Words

router = APIRouter(route_class=GuardedRoute, prefix="/v1")

FILTERS: Final = ("todo", "role", "phase", "due_before", "limit")
"""What a list depends on besides its cursor."""
_NEXT: Final = {"cursor": "$response.body#/next"}
_FIRST: Final = {"complaint": "$response.body#/complaints/0/complaint"}
_SAME: Final = {"complaint": "$request.path.complaint"}
_SEEN: Final = _SAME | {"If-Match": "$response.header.ETag"}
_NUMBER: Final = {"number": "$response.body#/referrals/0/number"}
_LISTED: Final = linked(
    link(
        "list_complaints",
        "The page after.",
        {**_NEXT, **{name: f"$request.query.{name}" for name in FILTERS}},
    ),
    link("read_complaint", "The first of these; another one by its `complaint`.", _FIRST),
)
_SHOWN: Final = linked(
    link("read_history", "How it came to this.", _SAME),
    link("read_content", "What was said.", _SAME),
    link("make_receipt", "For who has none any more.", _SAME),
    *(
        link(
            act.operation,
            f"While {'its' if act.on_referral else 'the'} `acts` name `{act.name}`.",
            _SEEN | (_NUMBER if act.on_referral else {}),
        )
        for act in ACTS
    ),
)


class EventView(BaseModel):
    """One event: what was decided, when, by whom; `words` are its codes in words, by field.

    `actor` is the officer's pseudonym, which every party reads; `actor_name` is told of this
    office's own officers only.
    """

    version: int
    type: str
    time: Moment
    author: ParticipantId
    author_name: str
    actor: str | None
    actor_name: str | None = None
    data: dict[str, Any]
    words: dict[str, str]
    hash: Hash


class HistoryPage(BaseModel):
    """Events of a complaint, oldest first; `next` is the cursor of the page after."""

    complaint: Id
    version: int
    events: list[EventView]
    next: str | None


class OutcomeView(CommandView):
    """What became of a command; a refusal as the problem (RFC 9457) that it is."""

    problem: dict[str, Any] | None = None


@router.get(
    "/complaints",
    operation_id="list_complaints",
    summary="The inbox",
    tags=["complaints"],
    response_model=InboxPage,
    responses=CONDITIONAL | {200: _LISTED} | refuses("cursor_invalid"),
)
async def inbox(
    _: Reading,
    request: Request,
    todo: Todo | None = None,
    role: Role | None = None,
    phase: Phase | None = None,
    due_before: Moment | None = None,
    cursor: str | None = None,
    limit: Few = 25,
) -> Response:
    """Every complaint that this office is party to, what is due first in front."""
    service, cursors = _service(request), _cursors(request)
    wanted = Filter(todo, role, phase, due_before)
    after = cursors.open(wanted.name, cursor) if cursor else None
    found = await service.database.query(
        partial(read_inbox, wanted=wanted, now=service.setting.now(), limit=limit + 1, after=after)
    )
    following = None
    if len(found) > limit:
        following = cursors.seal(wanted.name, *position_of(found[limit - 1]))
    return shown(request, InboxPage(complaints=found[:limit], next=following))


@router.get(
    "/complaints/{complaint}",
    operation_id="read_complaint",
    summary="A complaint",
    tags=["complaints"],
    response_model=ComplaintView,
    responses=CONDITIONAL | {200: _SHOWN} | refuses("no_such_complaint"),
)
async def complaint(_: Reading, complaint: Id, request: Request) -> Response:
    """Its state, its referrals and clocks, and what may be done now. Under an entity tag."""
    cases: Cases = request.app.state.cases
    view = await cases.view(complaint)
    return shown(request, view, version=view.version)


@router.get(
    "/complaints/{complaint}/history",
    summary="The history of a complaint",
    tags=["complaints"],
    response_model=HistoryPage,
    operation_id="read_history",
    responses=CONDITIONAL
    | {
        200: linked(
            link("read_history", "The page after.", _SAME | _NEXT),
            link("read_complaint", "Where it stands now.", _SAME),
        )
    }
    | refuses("no_such_complaint", "cursor_invalid"),
)
async def history(
    _: Reading,
    complaint: Id,
    request: Request,
    language: Language,
    cursor: str | None = None,
    limit: Few = 25,
) -> Response:
    """Event by event, with each one's hash, and its codes in the reader's language."""
    cases: Cases = request.app.state.cases
    cursors, listed = _cursors(request), f"history {complaint}"
    after = int(cursors.open(listed, cursor)[0]) if cursor else 0
    case = await cases.case(complaint)
    last = min(after + limit, case.state.version)
    page = HistoryPage(
        complaint=complaint,
        version=case.state.version,
        events=event_views(request, case, after, last, language),
        next=cursors.seal(listed, last) if last < case.state.version else None,
    )
    return shown(request, page, version=page.version, language=language)


@router.get(
    "/complaints/{complaint}/content",
    summary="The content of a complaint",
    tags=["complaints"],
    response_model=ContentView,
    operation_id="read_content",
    responses=CONDITIONAL | refuses("no_such_complaint", "no_such_content", "not_yet"),
)
async def content(_: Reading, complaint: Id, request: Request) -> Response:
    """What the complainant and the offices said, from this office's own encrypted copy; only
    coded fields before a referral is answered; 503 while the copy is on its way."""
    cases: Cases = request.app.state.cases
    view = await cases.content(complaint)
    return shown(request, view, version=view.version)


@router.get(
    "/commands/{command}",
    operation_id="read_outcome",
    summary="What became of an act",
    tags=["acts"],
    response_model=OutcomeView,
    responses=CONDITIONAL
    | {
        200: linked(
            link(
                "read_complaint",
                "Where the complaint stands.",
                {"complaint": "$response.body#/complaint"},
            )
        )
    }
    | refuses("command_not_found"),
)
async def outcome(_: Reading, command: Id, request: Request, language: Language) -> Response:
    """Not decided yet, accepted with the versions that it led to, or refused and why."""
    sent = await _service(request).database.query(partial(look_up, command_id=command))
    if sent is None:
        raise Problem("command_not_found")
    view = OutcomeView(**CommandView.of(sent).model_dump())
    if sent.outcome is not None:
        try:
            raise_refused(sent.outcome)
        except Problem as refusal:
            view.problem = json.loads(bytes(answer(request, refusal).body))
    return shown(request, view, language=language)


def event_views(
    request: Request, case: Case | File, after: int, last: int, language: str
) -> list[EventView]:
    """The events between two versions, for one reader."""
    setting = _service(request).setting
    words = Words(setting.policy, setting.vocabulary, language)
    return [
        EventView(
            version=one.version,
            type=one.type,
            time=one.time,
            author=one.author,
            author_name=words.author(one.author, one.type),
            actor=one.actor,
            actor_name=case.officers.get(one.actor) if one.actor else None,
            data=one.data,
            words=words.of(one),
            hash=stored.hash.hex(),
        )
        for one, stored in zip(case.told[after:last], case.stored[after:last], strict=True)
    ]


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _cursors(request: Request) -> Cursors:
    cursors: Cursors = request.app.state.cursors
    return cursors
