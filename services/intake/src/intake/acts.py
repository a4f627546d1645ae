"""What complainants do to their complaint: taken in, decided by the registrar, and then shown."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from intake.filings import Filed
from ombudslink.runtime.commands import Sent
from ombudslink.runtime.service import Service
from ombudslink.store.history import head
from ombudslink.web.acts import Repeatable, performed

_LOOK_EVERY: Final = 0.02
Store = Callable[[str], Awaitable[Sent]]
"""Take something in under that command id."""


async def perform(
    service: Service, own: Filed, repeat: Repeatable, act: str, store: Store
) -> tuple[Sent, bool]:
    """What became of it, and whether the status shows that already.

    Raises:
        Problem: the key was used for another request, or the rules refuse it.
    """
    # The key is the complainant's own; another complainant may have chosen the same.
    command_id = repeat.command_id(service.participant, f"complaints/{own.complaint}/{act}")
    began = asyncio.get_running_loop().time()
    sent = await performed(
        service.database, service.sender, command_id, repeat.wait, partial(store, command_id)
    )
    left = repeat.wait - (asyncio.get_running_loop().time() - began)
    return sent, await _told(service, sent, left)


async def _told(service: Service, sent: Sent, seconds: float) -> bool:
    """Whether the status shows what was decided; the events come by another way than the outcome
    and may come a moment later."""
    if sent.outcome is None or sent.outcome.last_version is None:
        return False
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        known = await service.database.query(partial(head, stream=sent.stream))
        if known.version >= sent.outcome.last_version:
            return True
        if asyncio.get_running_loop().time() >= ends:
            return False
        await asyncio.sleep(_LOOK_EVERY)
