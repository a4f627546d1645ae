"""Long work few at a time: those who come when too many wait already are asked to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ombudslink.web.problems import Problem


class Places:
    """So many work at the same time, and so many may wait for it."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._most_waiting = most_waiting
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, for as long as the work takes.

        Raises:
            Problem: too many wait already.
        """
        if self._waiting == self._most_waiting:
            raise Problem("too_busy", headers={"Retry-After": "3"})
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()
