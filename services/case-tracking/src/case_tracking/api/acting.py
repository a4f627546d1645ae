"""What an office does: one operation for each act, all made the same way (see `acts`)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from case_tracking.acts import ACTS, OfficeAct
from case_tracking.api.rights import Acting
from case_tracking.cases import Cases
from case_tracking.desk import Desk
from case_tracking.desk import Request as ActRequest
from case_tracking.inputs import Nothing
from case_tracking.refusals import refusals
from case_tracking.trial import TrialView
from case_tracking.views import ComplaintView
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
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import LATER, headed, refuses

router = APIRouter(route_class=GuardedRoute, prefix="/v1/complaints/{complaint}", tags=["acts"])

_NOTHING: Final = Nothing()
_DESCRIPTION: Final = (
    "{said}\n\nNeeds `Idempotency-Key` and `If-Match`. Answers with the complaint as it is after "
    "the act, or, when the registrar did not decide in time (`Prefer: wait=<seconds>`), with 202 "
    "and where to ask for the outcome. With `dry_run=true` everything is checked and nothing is "
    "stored: the answer names the events that would follow and who would receive them; no "
    "`Idempotency-Key` is needed then."
)

_SAME: Final = {"complaint": "$request.path.complaint"}
_DONE: Final = linked(
    link("read_complaint", "Where it stands now.", _SAME),
    link("read_history", "What was decided.", _SAME),
)
_STORED: Final = linked(
    link("read_outcome", "What became of it.", {"command": "$response.body#/command"}),
)


def _of_complaint() -> int:
    return 0


def _of_referral(number: Annotated[int, Path(ge=1, le=10_000)]) -> int:
    return number


def _endpoint(act: OfficeAct) -> Callable[..., Awaitable[Response]]:
    """The operation of one act; its body and path are told to FastAPI by annotations."""

    async def perform(
        complaint: Id,
        caller: Acting,
        repeat: Annotated[Repeatable | None, Depends(repeatable_or_tried)],
        seen: Annotated[int, Depends(based_on)],
        request: Request,
        referral: Any,
        said: Any = _NOTHING if act.body is Nothing else ...,
    ) -> Response:
        desk: Desk = request.app.state.desk
        cases: Cases = request.app.state.cases
        asked = ActRequest(act, complaint, referral, said, seen, caller.actor)
        if repeat is None:
            return JSONResponse((await desk.attempt(asked)).model_dump(mode="json"))
        sent = await desk.perform(asked, repeat)
        if sent.outcome is None:
            return Response(
                CommandView.of(sent).model_dump_json(),
                status_code=202,
                headers={"Location": command_location(request, sent.id)},
                media_type="application/json",
            )
        view = await cases.view(complaint)
        return shown(request, view, version=view.version)

    where = _of_referral if act.on_referral else _of_complaint
    perform.__annotations__["referral"] = Annotated[int, Depends(where)]
    perform.__annotations__["said"] = act.body
    return perform


for _act in ACTS:
    router.add_api_route(
        _act.path,
        _endpoint(_act),
        methods=["POST"],
        name=_act.name,
        operation_id=_act.operation,
        summary=_act.summary,
        description=_DESCRIPTION.format(said=_act.body.__doc__),
        response_model=ComplaintView | TrialView,
        responses={
            200: headed("ETag") | _DONE,
            202: LATER | {"model": CommandView} | _STORED,
            **refuses(*refusals(_act)),
        },
    )
