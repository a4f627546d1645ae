"""Following a complaint: let in by reference and code; its way, letters, and what one may do."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from intake.acts import Store, perform
from intake.citizens import COOKIE, Citizens, Visitor
from intake.filing import Answer, Consent, Withdrawal
from intake.filings import Filed
from intake.pages.path import Path
from intake.pages.start import site
from intake.reception import Reception
from intake.sessions import AT_A_PAGE
from intake.status import StatusView
from ombudslink.entering import JOINT_INSPECTION
from ombudslink.offices import Language
from ombudslink.runtime.service import Service
from ombudslink.status import Status
from ombudslink.web.access import Public
from ombudslink.web.acts import DEFAULT_WAIT, Repeatable, anonymous
from ombudslink.web.limits import network_of
from ombudslink.web.pages import (
    EMPTY,
    RESPONSES,
    Form,
    PageRoute,
    Typed,
    faults,
    forget,
    from_here,
    keep,
    leads_to,
    read,
    sentence,
)
from ombudslink.web.problems import Fault, Problem

router = APIRouter(
    prefix="/{language:language}/status",
    route_class=PageRoute,
    tags=["pages"],
    default_response_class=HTMLResponse,
    responses=RESPONSES,
)

Own = Annotated[Filed, Depends(Visitor())]
ASKED: Final = ("reference", "code")
OVER: Final = frozenset({Status.ANSWERED, Status.CLOSED})
"""States in which nothing is left to withdraw, or to consent to."""

_CONSENT: Final = Consent(purpose="joint_inspection")


@router.get("", summary="Show reference and code")
async def door(_: Public, language: Language, request: Request) -> Response:
    """The form for them."""
    return site(request).page(request, language, "status/door.html", **EMPTY)


@router.post("", summary="Be let in with reference and code", status_code=303)
async def enter(_: Public, language: Language, typed: Typed, request: Request) -> Response:
    """Leads to the complaint. The number of tries is limited."""
    shown = partial(site(request).page, request, language, "status/door.html", typed=typed)
    missing = [Fault(f"/{name}", "missing") for name in ASKED if name not in typed]
    if missing:
        wrong = faults(Problem("invalid_request", errors=missing), language)
        return shown(status=422, labelled=ASKED, errors=wrong)
    reference, code = typed["reference"][0], typed["code"][0]
    citizens: Citizens = request.app.state.citizens
    try:
        session = await citizens.open(reference, code, network_of(request), AT_A_PAGE)
    except Problem as problem:
        if problem.code != "wrong_reference_or_code":
            raise
        wrong = {"reference": sentence(problem, language)}
        return shown(status=401, labelled=(), errors=wrong)
    inside = leads_to(request, language, "/status/complaint")
    keep(request, inside, COOKIE, session.token, strict=True)
    return inside


@router.get("/complaint", summary="Where my complaint stands")
async def complaint(
    own: Own,
    language: Language,
    request: Request,
    done: Literal["answers", "withdrawal", "consent", "consent-withdrawal"] | None = None,
) -> Response:
    """Who has it, its way, the next date, letters, and what can be done now."""
    view = await _view(request, own, language)
    consented, open_ = JOINT_INSPECTION in view.consents, view.status not in OVER
    shown = site(request).page(
        request,
        language,
        "status/complaint.html",
        view=view,
        stations=Path(site(request), language).stations(view),
        asked=view.status is Status.WAITING_FOR_YOU,
        open=open_,
        consented=consented,
        may_consent=open_ and not consented and _service(request).setting.policy.joint.consent,
        done=done,
        now=_service(request).setting.now(),
    )
    citizens: Citizens = request.app.state.citizens
    keep(request, shown, COOKIE, citizens.prolonged(own, AT_A_PAGE).token, strict=True)
    return shown


@router.get("/answers", summary="The office's question")
async def question(own: Own, language: Language, request: Request) -> Response:
    """The question, and a form for the answer to it."""
    return await _act_page(request, own, language, "answers", {})


@router.post("/answers", summary="Answer the office's question", status_code=303)
async def answer(own: Own, language: Language, typed: Typed, request: Request) -> Response:
    """Leads back to the complaint."""
    reception: Reception = request.app.state.reception
    return await _act(
        request,
        own,
        language,
        "answers",
        typed,
        lambda: partial(reception.answer, own.complaint, read(Answer, _said(typed, "text"))),
    )


@router.get("/withdrawal", summary="What withdrawing means")
async def farewell(own: Own, language: Language, request: Request) -> Response:
    """What it means, and a form to do it."""
    return await _act_page(request, own, language, "withdrawal", {})


@router.post("/withdrawal", summary="Withdraw my complaint", status_code=303)
async def withdraw(own: Own, language: Language, typed: Typed, request: Request) -> Response:
    """Leads back to the complaint."""
    reception: Reception = request.app.state.reception
    return await _act(
        request,
        own,
        language,
        "withdrawal",
        typed,
        lambda: partial(
            reception.withdraw, own.complaint, read(Withdrawal, _said(typed, "ground", "text"))
        ),
    )


@router.get("/consent", summary="What a joint examination means")
async def joint_offer(own: Own, language: Language, request: Request) -> Response:
    """What it means, and a form to consent to it."""
    return await _act_page(request, own, language, "consent", {})


@router.post("/consent", summary="Consent to a joint examination", status_code=303)
async def consent(own: Own, language: Language, typed: Typed, request: Request) -> Response:
    """Leads back to the complaint."""
    reception: Reception = request.app.state.reception
    store = partial(reception.consent, own.complaint, _CONSENT)
    return await _act(request, own, language, "consent", typed, lambda: store)


@router.get("/consent-withdrawal", summary="What withdrawing my consent means")
async def joint_farewell(own: Own, language: Language, request: Request) -> Response:
    """What it means, and a form to do it."""
    return await _act_page(request, own, language, "consent-withdrawal", {})


@router.post(
    "/consent-withdrawal", summary="Withdraw my consent to a joint examination", status_code=303
)
async def withdraw_consent(
    own: Own, language: Language, typed: Typed, request: Request
) -> Response:
    """Leads back to the complaint."""
    reception: Reception = request.app.state.reception
    store = partial(reception.withdraw_consent, own.complaint, _CONSENT)
    return await _act(request, own, language, "consent-withdrawal", typed, lambda: store)


@router.post("/leave", summary="Stop viewing", status_code=303, dependencies=[Depends(from_here)])
async def leave(_: Public, language: Language, request: Request) -> Response:
    """The browser forgets the complaint; leads to the first page."""
    gone = leads_to(request, language, "/")
    forget(request, gone, COOKIE)
    return gone


async def _act(
    request: Request,
    own: Filed,
    language: str,
    act: str,
    typed: Form,
    store: Callable[[], Store],
) -> Response:
    """Do it once for this form; what is wrong in its fields is shown in it."""
    repeat = anonymous(Repeatable(typed.get("key", [""])[0], DEFAULT_WAIT))
    try:
        await perform(_service(request), own, repeat, act, store())
    except Problem as problem:
        if not problem.errors:
            raise
        wrong = faults(problem, language)
        return await _act_page(request, own, language, act, typed, wrong, status=422)
    return leads_to(request, language, f"/status/complaint?done={act}")


async def _act_page(
    request: Request,
    own: Filed,
    language: str,
    act: str,
    typed: Form,
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    vocabulary = _service(request).setting.vocabulary
    codes = vocabulary.codes("withdrawal_grounds")
    view = await _view(request, own, language)
    return site(request).page(
        request,
        language,
        f"status/{act}.html",
        status=status,
        typed=typed,
        errors=errors or {},
        key=typed.get("key", [str(uuid.uuid4())])[0],
        grounds=[(code, vocabulary.label("withdrawal_grounds", code, language)) for code in codes],
        question=next((one for one in reversed(view.letters) if one.kind == "question"), None),
    )


def _said(typed: Form, *names: str) -> dict[str, Any]:
    return {name: typed[name][0] for name in names if name in typed}


async def _view(request: Request, own: Filed, language: str) -> StatusView:
    citizens: Citizens = request.app.state.citizens
    return await citizens.status(own, language)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
