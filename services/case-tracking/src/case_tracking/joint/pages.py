"""Pages of one office about joint inspections, to read only: the list, and one of them whole."""

from functools import partial
from typing import Final, Literal

from fastapi import Request, Response

from case_tracking.joint.duties import JointRole, JointTodo
from case_tracking.joint.inbox import JointFilter, place_of, read_inspections
from case_tracking.joint.reports import Reports
from case_tracking.joint.sheets import Sheets
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
from ombudslink.inspection import Stage
from ombudslink.offices import Language
from ombudslink.values import Id

PDF: Final = "application/pdf"
JSON: Final = "application/json"

router = page_router()


@router.get("/{language:language}/inspections", summary="The joint inspections")
async def inspections(
    _: Reading,
    language: Language,
    request: Request,
    todo: JointTodo | Literal[""] = "",
    role: JointRole | Literal[""] = "",
    stage: Stage | Literal[""] = "",
    cursor: str | None = None,
) -> Response:
    """Every inspection that this office was asked to take part in, what is due first in front."""
    service, cursors = service_of(request), cursors_of(request)
    wanted = JointFilter(stage or None, role or None, todo or None)
    after = cursors.open(wanted.name, cursor) if cursor else None
    now = service.setting.now()
    found = await service.database.query(
        partial(read_inspections, wanted=wanted, now=now, limit=AT_ONCE + 1, after=after)
    )
    following = None
    if len(found) > AT_ONCE:
        following = cursors.seal(wanted.name, *place_of(found[AT_ONCE - 1]))
    return site_of(request).page(
        request,
        language,
        "inspections.html",
        entries=found[:AT_ONCE],
        following=following,
        wanted=wanted,
        todos=choices("joint_todo", JointTodo, language),
        roles=choices("joint_role", JointRole, language),
        stages=choices("stage", (one for one in Stage if one is not Stage.NONE), language),
        words=words_of(service, language),
    )


@router.get("/{language:language}/inspections/{inspection}", summary="A joint inspection")
async def inspection(_: Reading, inspection: Id, language: Language, request: Request) -> Response:
    """Who takes part with which complaints, the work and every vote, what was written, and the
    timeline with its chain computed again."""
    service = service_of(request)
    sheets: Sheets = request.app.state.sheets
    sheet = await sheets.sheet(inspection)
    words = words_of(service, language)
    return site_of(request).page(
        request,
        language,
        "inspection.html",
        inspection=inspection,
        view=sheet.view,
        sheet=sheet,
        integrity=sheet.integrity,
        events=list(timeline(sheet.stored, sheet.officers, words)),
        vocabulary=service.setting.vocabulary,
        words=words,
    )


@router.get(
    "/{language:language}/inspections/{inspection}/report.{form}",
    summary="The joint report",
    response_class=Response,
    responses={200: {"description": "The report, to keep.", "content": {JSON: {}, PDF: {}}}},
)
async def report(
    _: Reading,
    inspection: Id,
    form: Literal["json", "pdf"],
    language: Language,
    request: Request,
) -> Response:
    """On paper in that language, with the report inside; or the report itself with its signatures,
    the same in every language, which `ombudslink verify-report` checks."""
    reports: Reports = request.app.state.reports
    if form == "json":
        issued = await reports.issued(inspection)
        answer = Response(issued.signed.model_dump_json(), media_type=JSON)
        name = f"joint-report-{inspection}.json"
    else:
        made, _version = await reports.print(inspection, language)
        answer = Response(made, media_type=PDF)
        name = f"joint-report-{inspection}-{language}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
