"""Another receipt for a complainant who lost theirs, or whom none could be given."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from case_tracking.api.rights import Acting
from case_tracking.cases import Cases
from case_tracking.letters import new_receipt
from ombudslink.rights import ContentRight, content_right
from ombudslink.runtime.service import Service
from ombudslink.values import Id
from ombudslink.web.acts import Repeatable, repeatable
from ombudslink.web.contents import NewReceipt
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.openapi import refuses
from ombudslink.web.problems import Problem

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["complaints"])


@router.post(
    "/complaints/{complaint}/receipts",
    status_code=201,
    operation_id="make_receipt",
    summary="Make another receipt for the complainant",
    responses=refuses(
        "no_such_complaint", "not_custodian", "no_such_content", "holder_unavailable"
    ),
)
async def make_receipt(
    complaint: Id,
    _: Acting,
    repeat: Annotated[Repeatable, Depends(repeatable)],
    request: Request,
) -> NewReceipt:
    """To be printed and handed over; the code is shown here only, and the one before is void. Only
    for the office that has the whole complaint. Repeating it with the same `Idempotency-Key`
    changes nothing."""
    service: Service = request.app.state.service
    cases: Cases = request.app.state.cases
    state = (await cases.case(complaint)).state
    if state.custodian != service.participant:
        raise Problem("not_custodian", args={"office": state.custodian})
    if content_right(state, service.participant) is not ContentRight.WHOLE:
        raise Problem("no_such_content")
    key = repeat.command_id(service.participant, f"complaints/{complaint}/receipts")
    return await new_receipt(service.setting.intake, complaint, state.version, key)
