"""Leaving a letter to the complainant with the holder of the complaint's content."""

import asyncio
from typing import Final

import httpx

from ombudslink.observe import logger
from ombudslink.runtime.consumer import reason_of
from ombudslink.values import ContentRef
from ombudslink.web.contents import Letter
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
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        answer = await _post(holder, complaint, version, said)
        if answer.is_success:
            return ContentRef.model_validate_json(answer.content)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or loop.time() > end:
            logger().warning("letter_not_left", status=answer.status_code, stream=complaint)
            raise _away()
        await asyncio.sleep(PAUSE)


async def _post(
    holder: httpx.AsyncClient, complaint: str, version: int, said: Letter
) -> httpx.Response:
    try:
        return await holder.post(
            f"/v1/contents/{complaint}/letters",
            params={"have": version},
            json=said.model_dump(mode="json"),
        )
    except httpx.TransportError as error:
        logger().warning("letter_not_left", reason=reason_of(error), stream=complaint)
        raise _away() from None


def _away() -> Problem:
    return Problem("holder_unavailable", headers={"Retry-After": "5"})
