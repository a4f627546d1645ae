"""Events for the systems of government bodies: each reads its own feed, at once or as a stream."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from ombudslink.values import Hash, Id, Moment
from ombudslink.web.access import Principal, Right, Scope
from ombudslink.web.acts import waiting
from ombudslink.web.answers import preferred
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import Responses, refuses
from ombudslink.web.problems import Problem
from ombudslink.web.server import stopping
from routing.subscriptions import AT_ONCE, Subscription, Subscriptions

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["events"])

BATCH: Final = "application/cloudevents-batch+json"
STREAM: Final = "text/event-stream"
RECONNECT: Final = 2000
"""Milliseconds after which a browser's EventSource comes again."""
READING: Final = Right(Scope.EVENTS)


class CloudEvent(BaseModel):
    """One event, in the JSON format of CloudEvents 1.0.

    `data` is its body; written as canonical JSON (RFC 8785) it is what the hashes cover.
    `sequence` is its version in the history `subject`; `prev` is the version that this reader got
    before, 0 at first, and `prevhash` the hash of the history before this event. `cursor` goes on
    after it. `prev` and the like are missing where a command of the reader's own was decided.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: Id
    time: Moment
    datacontenttype: Literal["application/json"]
    partitionkey: Id
    sequence: Annotated[str, Field(pattern=r"^[0-9]{10}$")] | None = None
    prev: Annotated[str, Field(pattern=r"^[0-9]{1,10}$")] | None = None
    prevhash: Hash | None = None
    cursor: str
    data: dict[str, Any]


_BATCH: Final = {"type": "array", "items": {"$ref": "#/components/schemas/CloudEvent"}}
_ANSWERS: Final[Responses] = {
    200: {
        "description": "The events, or a stream of them",
        "content": {BATCH: {"schema": _BATCH}, STREAM: {"schema": {"type": "string"}}},
        **linked(
            link(
                "read_events",
                "The events after the first of these; after another one by its `cursor`.",
                {"after": "$response.body#/0/cursor", "limit": "$request.query.limit"},
            ),
            link(
                "read_history",
                "The whole history that the first of these is part of.",
                {"stream": "$response.body#/0/subject"},
            ),
        ),
    }
}


@router.get(
    "/events",
    operation_id="read_events",
    summary="The caller's events after a cursor",
    response_model=list[CloudEvent],
    responses=_ANSWERS
    | refuses(
        *("cursor_invalid", "cursor_gone", "too_many_connections"),
        *("not_acceptable", "registrar_unavailable"),
    ),
)
async def events(
    caller: Annotated[Principal, Depends(READING)],
    wait: Annotated[float, Depends(waiting)],
    request: Request,
    after: Annotated[str | None, Query(description="The cursor of the last event.")] = None,
    limit: Annotated[int, Query(ge=1, le=AT_ONCE)] = AT_ONCE,
    accept: Annotated[str, Header()] = BATCH,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="Instead of `after`, in a stream.")
    ] = None,
) -> Response:
    """Each event comes in its place and keeps it for ever; after a crash one may come twice.

    As a batch at once, or with `Prefer: wait=<seconds>` as soon as there is one; its `Link` leads
    to what comes next. With `Accept: text/event-stream` as a stream, which begins again after
    `Last-Event-ID` when it was broken off.
    """
    form = preferred(accept, BATCH, STREAM)
    subscriptions: Subscriptions = request.app.state.subscriptions
    cursor = after if last_event_id is None or form == BATCH else last_event_id
    opened = subscriptions.opened(caller.participant, cursor)
    await opened.find()
    if form == BATCH:
        return await _batch(request, opened, caller, limit, wait)
    return _Stream(_lines(request, opened), subscriptions.kept_open(caller.participant))


async def _batch(
    request: Request, opened: Subscription, caller: Principal, limit: int, wait: float
) -> Response:
    told = await opened.next(limit)
    if not told and wait:
        subscriptions: Subscriptions = request.app.state.subscriptions
        with subscriptions.kept_open(caller.participant):
            await opened.wait(wait, stopping(request))
        told = await opened.next(limit)
    headers = {}
    if told:
        last, _ = told[-1]
        where = f"{request.scope.get('root_path', '')}/v1/events"
        headers["Link"] = f'<{where}?{urlencode({"after": last, "limit": limit})}>; rel="next"'
    body = [event | {"cursor": cursor} for cursor, event in told]
    return Response(_json(body), media_type=BATCH, headers=headers)


class _Stream(StreamingResponse):
    """A stream that counts as kept open while it is being sent."""

    media_type = STREAM

    def __init__(self, lines: AsyncIterator[str], kept: AbstractContextManager[None]) -> None:
        super().__init__(lines)
        self._kept = kept

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Send it.

        Raises:
            Problem: too many are open; nothing was sent.
        """
        with self._kept:
            await super().__call__(scope, receive, send)


async def _lines(request: Request, opened: Subscription) -> AsyncIterator[str]:
    """The stream in the form of server-sent events; a heartbeat is a comment."""

    async def admitted() -> bool:
        try:
            await run_in_threadpool(READING, request, request.headers.get("authorization"))
        except Problem:
            return False
        return True

    yield f"retry: {RECONNECT}\n\n"
    try:
        async for told in opened.stream(stopping(request), admitted):
            if told is None:
                yield ": nothing new\n\n"
                continue
            cursor, event = told
            yield f"id: {cursor}\ndata: {_json(event | {'cursor': cursor})}\n\n"
    except Problem:
        # The reader comes again, and is told why.
        return


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
