"""What people do: file, follow, answer, withdraw."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from intake.citizens import Citizen, CitizenOf, Citizens
from intake.filing import Answer, Filing, Withdrawal
from intake.filings import Filed
from intake.reception import Reception
from intake.references import read_reference
from intake.status import StatusView
from ombudslink.runtime.commands import Sent, look_up
from ombudslink.runtime.service import Service
from ombudslink.store.history import head
from ombudslink.values import Id, Moment
from ombudslink.web.access import Principal, Public, RightOrNobody, Scope
from ombudslink.web.acts import (
    Repeatable,
    anonymous,
    command_location,
    performed,
    raise_refused,
    repeatable,
)
from ombudslink.web.answers import shown
from ombudslink.web.app import Language
from ombudslink.web.inputs import Body, Line
from ombudslink.web.limits import PER_NETWORK, PER_REFERENCE, Limiter, network_of
from ombudslink.web.problems import Problem

router = APIRouter(prefix="/v1", tags=["people"])

_LOOK_EVERY: Final = 0.02
Store = Callable[[str], Awaitable[Sent]]
"""Take something in under that command id."""


class ReceiptView(BaseModel):
    """What whoever filed keeps. The code is shown here only; offices get the complaint's id too."""

    reference: str
    code: str
    filed: Moment
    status: str
    complaint: Id | None = None


class Receipts(Body):
    """Reference and code, as they stand on the receipt."""

    reference: Line
    code: Line


class SessionView(BaseModel):
    """A token for reading one complaint, and until when it is good."""

    token: str
    expires: Moment


class ActView(BaseModel):
    """What became of an act of the complainant."""

    command: Id
    type: str
    result: Literal["pending", "accepted"]


@router.post(
    "/complaints",
    status_code=201,
    summary="File a complaint",
    response_model_exclude_none=True,
)
async def file(
    caller: Annotated[Principal | None, Depends(RightOrNobody(Scope.FILE))],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    filing: Filing,
    request: Request,
    response: Response,
) -> ReceiptView:
    """Durable when answered, whatever else is down. An office enters with its key what came to it
    on paper, by telephone or in person; everybody else needs none, but a random UUID as
    `Idempotency-Key`."""
    service: Service = request.app.state.service
    reception: Reception = request.app.state.reception
    office = caller.participant if caller else None
    if office is not None and service.setting.policy.office(office) is None:
        raise Problem("not_entitled")
    repeat = repeat if office else anonymous(repeat)
    command_id = repeat.command_id(office or service.participant, "complaints")
    receipt = await reception.file(filing, command_id, office)
    place = f"{request.scope.get('root_path', '')}/v1/complaints/{receipt.reference}"
    response.headers["Location"] = place
    return ReceiptView(
        reference=receipt.reference,
        code=receipt.code,
        filed=receipt.filed,
        status=place,
        complaint=receipt.complaint if office else None,
    )


@router.post("/status-sessions", status_code=201, summary="Show reference and code")
async def open_session(_: Public, receipts: Receipts, request: Request) -> SessionView:
    """A short-lived token for everything about this complaint. The number of tries is limited, and
    a wrong reference and a wrong code look the same."""
    limiter: Limiter = request.app.state.limiter
    citizens: Citizens = request.app.state.citizens
    limiter.count(PER_NETWORK, "network", network_of(request))
    reference = read_reference(receipts.reference)
    if reference is not None:
        limiter.count(PER_REFERENCE, "reference", reference)
    session = await citizens.open(receipts.reference, receipts.code)
    return SessionView(token=session.token, expires=session.expires)


@router.get(
    "/complaints/{reference}", summary="Where my complaint stands", response_model=StatusView
)
async def status(
    own: Annotated[Filed, Depends(CitizenOf())], request: Request, language: Language
) -> Response:
    """Who has it, its way so far with dates and reasons, the next date, letters and remedy.

    True from the filing on. Send the `ETag` as `If-None-Match` to ask whether anything is new.
    """
    return await _status(request, own, language)


@router.post(
    "/complaints/{reference}/answers",
    summary="Answer the office's question",
    response_model=StatusView,
    responses={202: {"model": ActView}},
)
async def answer(
    own: Annotated[Filed, Depends(CitizenOf())],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    said: Answer,
    request: Request,
    language: Language,
) -> Response:
    """200 with the new status once it is decided; 202 if that takes longer than `Prefer: wait`."""
    reception: Reception = request.app.state.reception
    store = partial(reception.answer, own.complaint, said)
    return await _act(request, own, repeat, "answers", store, language)


@router.post(
    "/complaints/{reference}/withdrawal",
    summary="Withdraw my complaint",
    response_model=StatusView,
    responses={202: {"model": ActView}},
)
async def withdraw(
    own: Annotated[Filed, Depends(CitizenOf())],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    said: Withdrawal,
    request: Request,
    language: Language,
) -> Response:
    """200 with the new status once it is decided; 202 if that takes longer than `Prefer: wait`."""
    reception: Reception = request.app.state.reception
    store = partial(reception.withdraw, own.complaint, said)
    return await _act(request, own, repeat, "withdrawal", store, language)


@router.get("/commands/{command}", summary="What became of an answer or a withdrawal")
async def outcome(
    own: Annotated[Filed, Depends(Citizen())], command: Id, request: Request
) -> ActView:
    """Pending or accepted; a refusal is answered as the problem that it is."""
    service: Service = request.app.state.service
    sent = await service.database.query(partial(look_up, command_id=command))
    if sent is None or sent.stream != own.complaint:
        raise Problem("command_not_found")
    return _act_view(sent)


async def _act(
    request: Request, own: Filed, repeat: Repeatable, act: str, store: Store, language: str
) -> Response:
    service: Service = request.app.state.service
    # The key is the complainant's own; another complainant may have chosen the same.
    command_id = repeat.command_id(service.participant, f"complaints/{own.complaint}/{act}")
    began = asyncio.get_running_loop().time()
    sent = await performed(
        service.database, service.sender, command_id, repeat.wait, partial(store, command_id)
    )
    left = repeat.wait - (asyncio.get_running_loop().time() - began)
    if await _told(service, sent, left):
        return await _status(request, own, language)
    return Response(
        _act_view(sent).model_dump_json(),
        202,
        {"Location": command_location(request, command_id)},
        "application/json",
    )


async def _told(service: Service, sent: Sent, seconds: float) -> bool:
    """Whether the status shows what was decided; the events come by another way than the outcome
    and may come a moment later."""
    if sent.outcome is None or sent.outcome.last_version is None:
        return False
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        known = await service.database.query(partial(head, stream=sent.stream))
        if known.version >= sent.outcome.last_version:
            return True
        if asyncio.get_running_loop().time() >= ends:
            return False
        await asyncio.sleep(_LOOK_EVERY)


def _act_view(sent: Sent) -> ActView:
    if sent.outcome is not None:
        raise_refused(sent.outcome)
    result: Literal["pending", "accepted"] = "accepted" if sent.outcome else "pending"
    return ActView(command=sent.id, type=sent.type, result=result)


async def _status(request: Request, own: Filed, language: str) -> Response:
    citizens: Citizens = request.app.state.citizens
    view = await citizens.status(own, language)
    return shown(request, view, version=view.version, language=language)
