"""Filing page by page: each answer is kept, may be changed, and is sent once."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from intake.drafts import BEGUN, Draft, Drafts
from intake.filing import Filing
from intake.pages.start import site
from intake.preview import foreseen
from intake.reception import Reception
from intake.steps import (
    NOBODY,
    OFFICES_ONLY,
    WAYS,
    Step,
    answer,
    filing_of,
    first_open,
    previous,
)
from ombudslink.ids import derived_id
from ombudslink.offices import Language
from ombudslink.runtime.service import Service
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.access import Public
from ombudslink.web.limits import FILING, Limiter, network_of
from ombudslink.web.pages import (
    RESPONSES,
    Elsewhere,
    Form,
    PageRoute,
    Typed,
    faults,
    forget,
    from_here,
    keep,
    leads_to,
)
from ombudslink.web.phrases import phrase
from ombudslink.web.problems import Problem

router = APIRouter(
    prefix="/{language:language}/file",
    route_class=PageRoute,
    tags=["pages"],
    default_response_class=HTMLResponse,
    responses=RESPONSES,
)

COOKIE: Final = "ombudslink_draft"
PLACES_SHOWN: Final = 10
LABELLED: Final = {
    Step.NAMES: ("name", "for_whom", "ground"),
    Step.BODY: ("body", "body_name"),
    Step.PLACE: ("find", "region"),
    Step.CONTACT: ("by", "email", "telephone", "address", "note"),
}
"""The fields of pages with several; there, what is wrong is said with the field's name."""


@router.get("", summary="Begin to file", status_code=303)
async def begin(_: Public, language: Language, request: Request) -> Response:
    """Leads to the first page of questions."""
    return leads_to(request, language, "/file/who")


@router.get("/check", summary="Check before sending")
async def check(_: Public, language: Language, request: Request) -> Response:
    """All answers, and who will receive them and why."""
    draft = _complete(await _draft(request))
    service = _service(request)
    filing = filing_of(draft, language)
    preview = await foreseen(service.setting, filing, language)
    policy = service.setting.policy
    return site(request).page(
        request,
        language,
        "file/check.html",
        filing=filing,
        by=filing.safe_contact.by if filing.safe_contact.may_contact else NOBODY,
        place=_place(service.setting.vocabulary, filing, language),
        preview=preview,
        examiner=policy.office(preview.office.code) if preview else None,
        days=policy.leg.working_days,
        words=service.setting.vocabulary,
        labels=partial(_labels, service.setting.vocabulary, language),
    )


@router.post(
    "/check", summary="Send the complaint", status_code=303, dependencies=[Depends(from_here)]
)
async def send(_: Public, language: Language, request: Request) -> Response:
    """Filed once, however often it is sent; leads to the receipt."""
    draft = await _draft(request)
    if draft is None:
        raise Problem("draft_gone")
    if not draft.sent:
        often = _service(request).setting.rates.filings_per_minute
        _limiter(request).take(request, FILING, often, network_of(request))
        filing = filing_of(_complete(draft), language)
        reception: Reception = request.app.state.reception
        await reception.file(filing, _command(request, draft), None)
        await _drafts(request).keep(Draft(draft.id, draft.key, {}, sent=True))
    return leads_to(request, language, "/file/receipt")


@router.get("/receipt", summary="The receipt")
async def receipt(_: Public, language: Language, request: Request) -> Response:
    """Reference and code, for as long as the browser that filed keeps its cookie."""
    draft = await _draft(request)
    reception: Reception = request.app.state.reception
    found = await reception.receipt(_command(request, draft)) if draft and draft.sent else None
    if found is None:
        raise Problem("draft_gone")
    return site(request).page(request, language, "file/receipt.html", receipt=found)


@router.post(
    "/forget", summary="Delete what was typed", status_code=303, dependencies=[Depends(from_here)]
)
async def delete(_: Public, language: Language, request: Request) -> Response:
    """Nothing of it is left, here or in the browser; leads to the first page."""
    draft = await _draft(request)
    if draft is not None:
        await _drafts(request).forget(draft)
    gone = leads_to(request, language, "/")
    forget(request, gone, COOKIE)
    return gone


@router.get("/{step}", summary="A page of questions")
async def ask(_: Public, language: Language, step: Step, request: Request) -> Response:
    """With what was answered before. A page that comes too early leads to the first open one."""
    draft = await _draft(request)
    answered = draft.answers if draft and not draft.sent else {}
    open_ = first_open(draft) if answered else Step.WHO
    if open_ is not None and list(Step).index(step) > list(Step).index(open_):
        raise Elsewhere(f"/file/{open_}")
    said = answered.get(step, {})
    form = {name: [value] if isinstance(value, str) else value for name, value in said.items()}
    return _page(request, language, step, form, answered)


@router.post("/{step}", summary="Answer a page of questions", status_code=303)
async def take(
    _: Public, language: Language, step: Step, typed: Typed, request: Request
) -> Response:
    """Leads to the next open page, or the same page again with what must be corrected."""
    draft = await _draft(request)
    if draft is None or draft.sent:
        if step is not Step.WHO:
            raise Problem("draft_gone")
        _limiter(request).count(BEGUN, "draft", network_of(request))
        draft = Draft.new()
    try:
        said = answer(step, typed, _service(request).setting.vocabulary)
    except Problem as problem:
        wrong = faults(problem, language)
        return _page(request, language, step, typed, draft.answers, wrong, status=422)
    searched = step is Step.PLACE and _searches(typed, said, draft.answers.get(step, {}))
    draft = Draft(draft.id, draft.key, {**draft.answers, step: said})
    following = "/file/place" if searched else f"/file/{first_open(draft) or 'check'}"
    await _drafts(request).keep(draft)
    answered = leads_to(request, language, following)
    keep(request, answered, COOKIE, draft.cookie, strict=False)
    return answered


def _limiter(request: Request) -> Limiter:
    limiter: Limiter = request.app.state.limiter
    return limiter


def _page(
    request: Request,
    language: str,
    step: Step,
    form: Form,
    answers: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    vocabulary = _service(request).setting.vocabulary
    before = previous(step)

    def listed(kind: str, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
        codes = (code for code in vocabulary.codes(kind) if code not in without)
        return [(code, vocabulary.label(kind, code, language)) for code in codes]

    return site(request).page(
        request,
        language,
        f"file/{step}.html",
        status=status,
        typed=form,
        errors=errors or {},
        number=list(Step).index(step) + 1,
        all=len(Step) + 1,
        before=f"/file/{before}" if before else "/",
        labelled=LABELLED.get(step, ()),
        ways=[(way, phrase("contact_by", way, language)) for way in WAYS],
        unknown_region=vocabulary.label("regions", "unknown", language),
        oneself=answers.get(Step.WHO, {}).get("complainant") == "self",
        listed=listed,
        unlisted=OFFICES_ONLY,
        places=_places(request, language, form) if step is Step.PLACE else [],
    )


def _searches(form: Form, said: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether places are to be shown first: asked for, or typed and none chosen yet."""
    another = "find" in said and said["find"] != before.get("find") and "place" not in said
    return "search" in form or another


def _places(request: Request, language: str, form: Form) -> list[tuple[str, str]]:
    """The places that were looked for, and the one that was chosen before."""
    vocabulary = _service(request).setting.vocabulary
    found = list(vocabulary.places_beginning(form.get("find", [""])[0], PLACES_SHOWN))
    chosen = form.get("place", [])
    return [
        (code, vocabulary.place_name(code, language))
        for code in [*(one for one in chosen if one not in found), *found]
        if vocabulary.region_of(code) is not None
    ]


def _place(vocabulary: Vocabulary, filing: Filing, language: str) -> str | None:
    """Where it happened, as far as that was said."""
    if filing.place is not None:
        return vocabulary.place_name(filing.place, language)
    return vocabulary.label("regions", filing.region, language) if filing.region else None


def _labels(vocabulary: Vocabulary, language: str, kind: str, codes: Sequence[str]) -> str:
    return "; ".join(vocabulary.label(kind, code, language) for code in codes)


def _complete(draft: Draft | None) -> Draft:
    if draft is None:
        raise Problem("draft_gone")
    if draft.sent:
        raise Elsewhere("/file/receipt")
    missing = first_open(draft)
    if missing is not None:
        raise Elsewhere(f"/file/{missing}")
    return draft


async def _draft(request: Request) -> Draft | None:
    return await _drafts(request).read(request.cookies.get(COOKIE, ""))


def _command(request: Request, draft: Draft) -> str:
    """The id of the command that sending this draft is."""
    return derived_id(_service(request).participant, "drafts", draft.id)


def _drafts(request: Request) -> Drafts:
    drafts: Drafts = request.app.state.drafts
    return drafts


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
