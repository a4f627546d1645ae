"""What people do: file, follow, answer, withdraw."""

from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from intake.acts import Store, perform
from intake.citizens import Citizen, CitizenOf, Citizens
from intake.filing import Answer, Consent, Filing, Withdrawal
from intake.filings import Filed
from intake.reception import Reception
from intake.status import StatusView
from ombudslink.runtime.commands import Sent, look_up
from ombudslink.runtime.service import Service
from ombudslink.values import Id, Moment
from ombudslink.web.access import Principal, Public, RightOrNobody, Scope
from ombudslink.web.acts import (
    Repeatable,
    anonymous,
    command_location,
    raise_refused,
    repeatable,
)
from ombudslink.web.answers import Language, shown
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import Body, Line
from ombudslink.web.limits import FILING, Limiter, network_of
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import BY_REGISTRAR, CONDITIONAL, LATER, Responses, headed, refuses
from ombudslink.web.problems import Problem

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["people"])

_ACT: Final = ("no_such_complaint", "not_entitled", *BY_REGISTRAR)
"""With what every act of a complainant may be refused."""


class ReceiptView(BaseModel):
    """What whoever filed keeps. The code is shown here only; offices get the complaint's id too.

    A field that is not for this caller is left out.
    """

    reference: str
    filed: Moment
    code: str | None = None
    status: str | None = None
    complaint: Id | None = None


class Shown(Body):
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


_KNOWN_ALREADY: Final = "If-None-Match"
_TAG: Final = "$response.header.ETag"
_MINE: Final = {"reference": "$request.path.reference"}
_DECIDED: Final[Responses] = {
    200: headed("ETag") | linked(link("read_status", "How it stands since then.", _MINE)),
    202: LATER
    | {"model": ActView}
    | linked(
        link("read_outcome", "What became of it.", {"command": "$response.body#/command"}),
        link("read_status", "How it stands meanwhile.", _MINE),
    ),
}
_RECEIVED: Final = {"reference": "$response.body#/reference"}
_KNOWN: Final = {"complaint": "$response.body#/complaint"}
_FILED: Final = linked(
    link(
        "open_status_session",
        "Show the receipt, to follow the complaint.",
        said=_RECEIVED | {"code": "$response.body#/code"},
    ),
    link("read_status", "With the token of a session.", _RECEIVED),
    link("fetch_content", "For the office that entered it.", _KNOWN),
)
_OPENED: Final = {"reference": "$request.body#/reference"}
_AS_BEARER: Final = "With the `token` as bearer."


@router.post(
    "/complaints",
    status_code=201,
    operation_id="file_complaint",
    summary="File a complaint",
    responses={201: headed("Location") | _FILED, **refuses("too_many_requests")},
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
    `Idempotency-Key`.

    The office hands the code on to the person; repeating the request shows it only while the
    office has the complaint and no other receipt was made. An office that enters a complaint about
    itself gets `reference` and `filed` only; the office that has the complaint can make a receipt
    for the person (`POST /v1/contents/{complaint}/receipts`)."""
    service: Service = request.app.state.service
    reception: Reception = request.app.state.reception
    office = caller.participant if caller else None
    if office is not None and service.setting.policy.office(office) is None:
        raise Problem("not_entitled")
    repeat = repeat if office else anonymous(repeat)
    if office is None:
        limiter: Limiter = request.app.state.limiter
        often = service.setting.rates.filings_per_minute
        limiter.take(request, FILING, often, network_of(request))
    command_id = repeat.command_id(office or service.participant, "complaints")
    receipt = await reception.file(filing, command_id, office)
    if receipt.code is None and receipt.complaint is None:
        return ReceiptView(reference=receipt.reference, filed=receipt.filed)
    place = f"{request.scope.get('root_path', '')}/v1/complaints/{receipt.reference}"
    response.headers["Location"] = place
    return ReceiptView(
        reference=receipt.reference,
        filed=receipt.filed,
        code=receipt.code,
        status=place,
        complaint=receipt.complaint,
    )


@router.post(
    "/status-sessions",
    status_code=201,
    operation_id="open_status_session",
    summary="Show reference and code",
    responses={
        201: linked(
            link("read_status", _AS_BEARER, _OPENED),
            link("answer_question", _AS_BEARER, _OPENED),
            link("withdraw_complaint", _AS_BEARER, _OPENED),
        ),
        **refuses("wrong_reference_or_code", "too_many_requests"),
    },
)
async def open_session(_: Public, said: Shown, request: Request) -> SessionView:
    """A short-lived token for everything about this complaint. The number of failed tries is
    limited, and a wrong reference and a wrong code look the same."""
    citizens: Citizens = request.app.state.citizens
    session = await citizens.open(said.reference, said.code, network_of(request))
    return SessionView(token=session.token, expires=session.expires)


@router.get(
    "/complaints/{reference}",
    operation_id="read_status",
    summary="Where my complaint stands",
    response_model=StatusView,
    responses=CONDITIONAL
    | {
        200: linked(
            link("read_status", "Whether anything is new.", _MINE | {_KNOWN_ALREADY: _TAG}),
            link("answer_question", "If a question is open.", _MINE),
            link("withdraw_complaint", "If it is still open.", _MINE),
        )
    },
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
    operation_id="answer_question",
    summary="Answer the office's question",
    response_model=StatusView,
    responses=_DECIDED | refuses("no_open_question", *_ACT),
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
    operation_id="withdraw_complaint",
    summary="Withdraw my complaint",
    response_model=StatusView,
    responses=_DECIDED | refuses("complaint_not_open", *_ACT),
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


@router.post(
    "/complaints/{reference}/consent",
    operation_id="give_consent",
    summary="Consent to a joint inspection",
    response_model=StatusView,
    responses=_DECIDED | refuses("complaint_not_open", "consent_given", *_ACT),
)
async def consent(
    own: Annotated[Filed, Depends(CitizenOf())],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    said: Consent,
    request: Request,
    language: Language,
) -> Response:
    """That the offices of a joint inspection see the complaint; none of them does without it where
    the country requires it. 202 if it takes longer than `Prefer: wait`."""
    reception: Reception = request.app.state.reception
    store = partial(reception.consent, own.complaint, said)
    return await _act(request, own, repeat, "consent", store, language)


@router.post(
    "/complaints/{reference}/consent-withdrawal",
    operation_id="withdraw_consent",
    summary="Withdraw my consent to a joint inspection",
    response_model=StatusView,
    responses=_DECIDED | refuses("no_consent", *_ACT),
)
async def withdraw_consent(
    own: Annotated[Filed, Depends(CitizenOf())],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    said: Consent,
    request: Request,
    language: Language,
) -> Response:
    """The complaint leaves the joint inspection at once, and the other offices get nothing newer.
    202 if it takes longer than `Prefer: wait`."""
    reception: Reception = request.app.state.reception
    store = partial(reception.withdraw_consent, own.complaint, said)
    return await _act(request, own, repeat, "consent-withdrawal", store, language)


@router.get(
    "/commands/{command}",
    operation_id="read_outcome",
    summary="What became of something that I sent",
    response_model=ActView,
    responses=CONDITIONAL
    | refuses("command_not_found", "no_open_question", "complaint_not_open", *_ACT)
    | refuses("consent_given", "no_consent"),
)
async def outcome(
    own: Annotated[Filed, Depends(Citizen())], command: Id, request: Request
) -> Response:
    """Pending or accepted; a refusal is answered as the problem that it is."""
    service: Service = request.app.state.service
    sent = await service.database.query(partial(look_up, command_id=command))
    if sent is None or sent.stream != own.complaint:
        raise Problem("command_not_found")
    return shown(request, _act_view(sent))


async def _act(
    request: Request, own: Filed, repeat: Repeatable, act: str, store: Store, language: str
) -> Response:
    service: Service = request.app.state.service
    sent, told = await perform(service, own, repeat, act, store)
    if told:
        return await _status(request, own, language)
    return Response(
        _act_view(sent).model_dump_json(),
        202,
        {"Location": command_location(request, sent.id)},
        "application/json",
    )


def _act_view(sent: Sent) -> ActView:
    if sent.outcome is not None:
        raise_refused(sent.outcome)
    result: Literal["pending", "accepted"] = "accepted" if sent.outcome else "pending"
    return ActView(command=sent.id, type=sent.type, result=result)


async def _status(request: Request, own: Filed, language: str) -> Response:
    citizens: Citizens = request.app.state.citizens
    view = await citizens.status(own, language)
    return shown(request, view, version=view.version, language=language)
