"""What is left with the holder of a complaint's content: letters; and what it makes: receipts."""

import asyncio
from typing import Any, Final

import httpx

from ombudslink.observe import logger
from ombudslink.runtime.consumer import reason_of
from ombudslink.values import ContentRef
from ombudslink.web.contents import Letter, NewReceipt
from ombudslink.web.problems import Problem

PATIENCE: Final = 3.0
"""Seconds for which a holder that is behind may catch up, so that the officer need not repeat."""
PAUSE: Final = 0.1


async def leave(
    holder: httpx.AsyncClient, complaint: str, version: int, said: Letter
) -> ContentRef:
    """Have the holder keep a letter, as of that version of the complaint's history.

    Raises:
        Problem: the holder is away, or does not take it.
    """
    path = f"/v1/contents/{complaint}/letters"
    left = await _posted(holder, path, version, complaint, json=said.model_dump(mode="json"))
    return ContentRef.model_validate_json(left)


async def new_receipt(
    holder: httpx.AsyncClient, complaint: str, version: int, key: str
) -> NewReceipt:
    """Have the holder make another receipt for the complainant, once for the same key.

    Raises:
        Problem: the holder is away, or does not make one.
    """
    path = f"/v1/contents/{complaint}/receipts"
    made = await _posted(holder, path, version, complaint, headers={"Idempotency-Key": key})
    return NewReceipt.model_validate_json(made)


async def _posted(
    holder: httpx.AsyncClient, path: str, version: int, complaint: str, **sent: Any
) -> bytes:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        try:
            answer = await holder.post(path, params={"have": version}, **sent)
        except httpx.TransportError as error:
            logger().warning("holder_away", reason=reason_of(error), stream=complaint)
            raise _away() from None
        if answer.is_success:
            return answer.content
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or loop.time() > end:
            logger().warning("holder_refuses", status=answer.status_code, stream=complaint)
            raise _away()
        await asyncio.sleep(PAUSE)


def _away() -> Problem:
    return Problem("holder_unavailable", headers={"Retry-After": "5"})
