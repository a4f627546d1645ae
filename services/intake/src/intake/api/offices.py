"""What offices do here: fetch the content that they are entitled to, and leave letters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from intake.contents import Holder
from ombudslink.values import ContentRef, Id
from ombudslink.web.access import Principal, Right, Scope
from ombudslink.web.contents import Contents, Letter

router = APIRouter(prefix="/v1", tags=["contents"])

Have = Annotated[int, Query(ge=0, le=2**31 - 1, description="The version that the office has.")]


@router.get("/contents/{complaint}", summary="A complaint's content, by right")
async def contents(
    complaint: Id,
    caller: Annotated[Principal, Depends(Right(Scope.CONTENT))],
    request: Request,
    have: Have = 0,
) -> Contents:
    """The whole for who has the complaint or helps with it; what was there until then for who had
    it; nothing but the right itself for who has not answered yet. 503 while the history here is
    older than the caller's."""
    holder: Holder = request.app.state.holder
    return await holder.hand_out(complaint, caller.participant, have)


@router.post(
    "/contents/{complaint}/letters", status_code=201, summary="Leave a letter to the complainant"
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
