"""What offices do here: fetch content that they are entitled to, leave letters, make receipts."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from intake.contents import Holder
from intake.receipts import Receipts
from ombudslink.values import ContentRef, Id
from ombudslink.web.access import Principal, Right, Scope
from ombudslink.web.acts import Repeatable, repeatable
from ombudslink.web.answers import shown
from ombudslink.web.contents import Contents, Letter, NewReceipt
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import CONDITIONAL, refuses

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["contents"])

_COMPLAINT: Final = "$request.path.complaint"
_SAME: Final = {"complaint": _COMPLAINT, "have": "$response.body#/version"}

Have = Annotated[int, Query(ge=0, le=2**31 - 1, description="The version that the office has.")]


@router.get(
    "/contents/{complaint}",
    operation_id="fetch_content",
    summary="The content of a complaint or a joint inspection, by right",
    response_model=Contents,
    responses=CONDITIONAL
    | {
        200: linked(
            link("leave_letter", "Write to the complainant.", _SAME),
            link("make_receipt", "For who has none any more.", _SAME),
        )
    }
    | refuses("no_such_complaint", "not_yet"),
)
async def contents(
    complaint: Id,
    caller: Annotated[Principal, Depends(Right(Scope.CONTENT))],
    request: Request,
    have: Have = 0,
) -> Response:
    """The whole for who has the complaint or helps with it; what was there until then for who had
    it; nothing but the right itself for who has not answered yet. Of a joint inspection, all for
    who takes part, and the terms for who is asked to. 503 while the history here is older than the
    caller's."""
    holder: Holder = request.app.state.holder
    found = await holder.hand_out(complaint, caller.participant, have)
    return shown(request, found, version=found.version)


@router.post(
    "/contents/{complaint}/letters",
    status_code=201,
    operation_id="leave_letter",
    summary="Leave a letter to the complainant or to other offices",
    responses={
        201: linked(
            link("fetch_content", "It is in the content then.", {"complaint": _COMPLAINT}),
        ),
        **refuses("no_such_complaint", "letter_id_reused", "not_yet"),
    },
)
async def leave_letter(
    complaint: Id,
    caller: Annotated[Principal, Depends(Right(Scope.LETTER))],
    letter: Letter,
    request: Request,
    have: Have = 0,
) -> ContentRef:
    """It is shown once an event names what is answered here. Repeating it changes nothing."""
    holder: Holder = request.app.state.holder
    return await holder.take_letter(complaint, caller.participant, letter, have)


@router.post(
    "/contents/{complaint}/receipts",
    status_code=201,
    operation_id="make_receipt",
    summary="Make another receipt for the complainant",
    responses=refuses("no_such_complaint", "not_custodian", "not_yet"),
)
async def make_receipt(
    complaint: Id,
    caller: Annotated[Principal, Depends(Right(Scope.LETTER))],
    repeat: Annotated[Repeatable, Depends(repeatable)],
    request: Request,
    have: Have = 0,
) -> NewReceipt:
    """For who lost the first one or never got it, e.g. because the office complained of entered
    the complaint. Only the office that has the whole complaint may; the code of the receipt before
    is void then. Repeating it with the same `Idempotency-Key` changes nothing."""
    receipts: Receipts = request.app.state.receipts
    command_id = repeat.command_id(caller.participant, f"contents/{complaint}/receipts")
    return await receipts.make(complaint, caller.participant, command_id, have)
