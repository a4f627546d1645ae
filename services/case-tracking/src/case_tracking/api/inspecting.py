"""What an office does in joint inspections: it proposes one, and one operation for each act."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from case_tracking.api.rights import Acting
from case_tracking.joint.acts import JOINT_ACTS, PROPOSAL, JointAct
from case_tracking.joint.desk import JointDesk, JointRequest
from case_tracking.joint.files import Files
from case_tracking.joint.inputs import Proposing
from case_tracking.joint.refusals import refusals
from case_tracking.joint.trial import JointTrialView
from case_tracking.joint.views import InspectionView
from ombudslink.values import Id
from ombudslink.web.acts import (
    CommandView,
    Repeatable,
    based_on,
    command_location,
    repeatable_or_tried,
)
from ombudslink.web.answers import shown
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.openapi import LATER, headed, refuses

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["inspections"])

_DESCRIPTION: Final = (
    "{said}\n\nNeeds `Idempotency-Key` and `If-Match`. Answers with the inspection as it is after "
    "the act, or, when the registrar did not decide in time (`Prefer: wait=<seconds>`), with 202 "
    "and where to ask for the outcome. With `dry_run=true` everything is checked and nothing is "
    "stored: the answer names the events that would follow and who would receive them; no "
    "`Idempotency-Key` is needed then."
)


@router.post(
    "/inspections",
    status_code=201,
    operation_id=PROPOSAL.operation,
    summary=PROPOSAL.summary,
    response_model=InspectionView,
    responses={
        200: {"model": JointTrialView, "description": "What would follow (`dry_run=true`)."},
        201: headed("ETag", "Location"),
        202: LATER | {"model": CommandView},
        **refuses(*refusals(PROPOSAL)),
    },
)
async def propose(
    caller: Acting,
    repeat: Annotated[Repeatable | None, Depends(repeatable_or_tried)],
    request: Request,
    said: Proposing,
) -> Response:
    """The caller's office leads it. Each complaint answers whether it can take part, and who must
    be asked besides those invited; the inspection opens once all have answered. Its id follows
    from the `Idempotency-Key`. With `dry_run=true` nothing is stored."""
    desk: JointDesk = request.app.state.joint_desk
    if repeat is None:
        asked = JointRequest(PROPOSAL, None, 0, said, None, caller.actor)
        return JSONResponse((await desk.attempt(asked)).model_dump(mode="json"))
    sent = await desk.propose(said, caller.actor, repeat)
    if sent.outcome is None:
        return _later(request, sent.id, CommandView.of(sent))
    files: Files = request.app.state.files
    view = await files.view(sent.stream)
    answer = shown(request, view, version=view.version)
    answer.status_code = 201
    answer.headers["Location"] = (
        f"{request.scope.get('root_path', '')}/v1/inspections/{sent.stream}"
    )
    return answer


def _of_inspection() -> int:
    return 0


def _of_thing(number: Annotated[int, Path(ge=1, le=10_000)]) -> int:
    return number


def _endpoint(act: JointAct) -> Callable[..., Awaitable[Response]]:
    """The operation of one act; its body and path are told to FastAPI by annotations."""
    needed = any(field.is_required() for field in act.body.model_fields.values())
    unsaid = ... if needed else act.body()

    async def perform(
        inspection: Id,
        caller: Acting,
        repeat: Annotated[Repeatable | None, Depends(repeatable_or_tried)],
        seen: Annotated[int, Depends(based_on)],
        request: Request,
        thing: Any,
        said: Any = unsaid,
    ) -> Response:
        desk: JointDesk = request.app.state.joint_desk
        asked = JointRequest(act, inspection, thing, said, seen, caller.actor)
        if repeat is None:
            return JSONResponse((await desk.attempt(asked)).model_dump(mode="json"))
        sent = await desk.perform(asked, inspection, repeat)
        if sent.outcome is None:
            return _later(request, sent.id, CommandView.of(sent))
        files: Files = request.app.state.files
        view = await files.view(inspection)
        return shown(request, view, version=view.version)

    where = _of_thing if act.about else _of_inspection
    perform.__annotations__["thing"] = Annotated[int, Depends(where)]
    perform.__annotations__["said"] = act.body
    return perform


def _later(request: Request, command: str, view: CommandView) -> Response:
    return Response(
        view.model_dump_json(),
        status_code=202,
        headers={"Location": command_location(request, command)},
        media_type="application/json",
    )


for _act in JOINT_ACTS:
    router.add_api_route(
        f"/inspections/{{inspection}}{_act.path}",
        _endpoint(_act),
        methods=["POST"],
        name=_act.operation,
        operation_id=_act.operation,
        summary=_act.summary,
        description=_DESCRIPTION.format(said=_act.body.__doc__),
        response_model=InspectionView | JointTrialView,
        responses={
            200: headed("ETag"),
            202: LATER | {"model": CommandView},
            **refuses(*refusals(_act)),
        },
    )
