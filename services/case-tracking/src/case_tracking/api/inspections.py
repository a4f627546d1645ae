"""What an office reads of joint inspections: its list, one of them, its history and its content."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from case_tracking.api.reading import EventView, event_views
from case_tracking.api.rights import Reading
from case_tracking.joint.duties import JointRole, JointTodo
from case_tracking.joint.files import Files, JointContentView
from case_tracking.joint.inbox import InspectionsPage, JointFilter, place_of, read_inspections
from case_tracking.joint.reports import Reports
from case_tracking.joint.views import InspectionView
from ombudslink.inspection import Stage
from ombudslink.offices import Language as Spoken
from ombudslink.proof.reports import SignedReport
from ombudslink.runtime.service import Service
from ombudslink.values import Id
from ombudslink.web.answers import Language, sent, shown
from ombudslink.web.cursors import Cursors
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import Few
from ombudslink.web.openapi import CONDITIONAL, refuses

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["inspections"])
PDF: Final = "application/pdf"
_OF_REPORT: Final = (
    *("no_such_inspection", "no_such_content", "no_report"),
    *("report_differs", "not_yet"),
)


class InspectionHistoryPage(BaseModel):
    """Events of an inspection, oldest first; `next` is the cursor of the page after."""

    inspection: Id
    version: int
    events: list[EventView]
    next: str | None


@router.get(
    "/inspections",
    operation_id="list_inspections",
    summary="The joint inspections",
    response_model=InspectionsPage,
    responses=CONDITIONAL | refuses("cursor_invalid"),
)
async def inspections(
    _: Reading,
    request: Request,
    stage: Stage | None = None,
    role: JointRole | None = None,
    todo: JointTodo | None = None,
    cursor: str | None = None,
    limit: Few = 25,
) -> Response:
    """Every inspection that this office was asked to take part in, what is due first in front."""
    service: Service = request.app.state.service
    cursors: Cursors = request.app.state.cursors
    wanted = JointFilter(stage, role, todo)
    after = cursors.open(wanted.name, cursor) if cursor else None
    now = service.setting.now()
    found = await service.database.query(
        partial(read_inspections, wanted=wanted, now=now, limit=limit + 1, after=after)
    )
    following = None
    if len(found) > limit:
        following = cursors.seal(wanted.name, *place_of(found[limit - 1]))
    return shown(request, InspectionsPage(inspections=found[:limit], next=following))


@router.get(
    "/inspections/{inspection}",
    operation_id="read_inspection",
    summary="A joint inspection",
    response_model=InspectionView,
    responses=CONDITIONAL | refuses("no_such_inspection"),
)
async def inspection(_: Reading, inspection: Id, request: Request) -> Response:
    """Who takes part with which complaints, the work and every vote, and what may be done now.
    Under an entity tag."""
    files: Files = request.app.state.files
    view = await files.view(inspection)
    return shown(request, view, version=view.version)


@router.get(
    "/inspections/{inspection}/history",
    operation_id="read_inspection_history",
    summary="The history of a joint inspection",
    response_model=InspectionHistoryPage,
    responses=CONDITIONAL | refuses("no_such_inspection", "cursor_invalid"),
)
async def inspection_history(
    _: Reading,
    inspection: Id,
    request: Request,
    language: Language,
    cursor: str | None = None,
    limit: Few = 25,
) -> Response:
    """Event by event, with each one's hash, and its codes in the reader's language."""
    files: Files = request.app.state.files
    cursors: Cursors = request.app.state.cursors
    listed = f"inspection history {inspection}"
    after = int(cursors.open(listed, cursor)[0]) if cursor else 0
    file = await files.file(inspection)
    last = min(after + limit, file.state.version)
    page = InspectionHistoryPage(
        inspection=inspection,
        version=file.state.version,
        events=event_views(request, file, after, last, language),
        next=cursors.seal(listed, last) if last < file.state.version else None,
    )
    return shown(request, page, version=page.version, language=language)


@router.get(
    "/inspections/{inspection}/content",
    operation_id="read_inspection_content",
    summary="The content of a joint inspection",
    response_model=JointContentView,
    responses=CONDITIONAL | refuses("no_such_inspection", "no_such_content", "not_yet"),
)
async def inspection_content(_: Reading, inspection: Id, request: Request) -> Response:
    """Terms, evidence, findings, dissents and report, from this office's own encrypted copy; only
    the terms before it has joined; 503 while the copy is on its way."""
    files: Files = request.app.state.files
    view = await files.content(inspection)
    return shown(request, view, version=view.version)


@router.get(
    "/inspections/{inspection}/report",
    operation_id="read_joint_report",
    summary="The joint report with its signatures",
    response_model=SignedReport,
    responses=CONDITIONAL | refuses(*_OF_REPORT),
)
async def report(_: Reading, inspection: Id, request: Request) -> Response:
    """Composed again from what this office has, which is also what it signs: terms, parties,
    method, findings with votes, dissents in full, recommendations. For the offices that take part.
    `ombudslink verify-report` checks it."""
    reports: Reports = request.app.state.reports
    issued = await reports.issued(inspection)
    return shown(request, issued.signed, version=issued.version)


@router.get(
    "/inspections/{inspection}/report.pdf",
    operation_id="print_joint_report",
    summary="The joint report on paper",
    response_class=Response,
    responses=CONDITIONAL
    | {
        200: {
            "description": "Tagged, for archives (PDF/A-3a, PDF/UA-1), with the report inside.",
            "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        }
    }
    | refuses(*_OF_REPORT, "too_busy"),
)
async def report_on_paper(
    _: Reading,
    inspection: Id,
    request: Request,
    language: Language,
    lang: Annotated[
        Spoken | None, Query(description="The language; by default the reader's.")
    ] = None,
) -> Response:
    """The same for people, in one of the three languages. It is made in the same bytes as long as
    nobody else has signed it."""
    reports: Reports = request.app.state.reports
    spoken = lang or language
    made, version = await reports.print(inspection, spoken)
    answer = sent(request, made, PDF, version, language=spoken)
    name = f"joint-report-{inspection}-{spoken}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
