"""All services in one process, under one address, on one embedded log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

from ombudslink.ids import PARTITIONS
from ombudslink.installation import REPORTING, Installation
from ombudslink.log import Log, system_clock
from ombudslink.log.embedded import EmbeddedLog
from ombudslink.runtime.service import Service
from onebox.home import create_home
from routing.clock import LegalClock
from routing.partitions import Partitions

CONFIGURATION: Final = Path(__file__).parents[3]
"""The offices, rules and calendars that came with this package."""
STATISTICS: Final = (
    "/statistics",
    "/{_:language}/statistics",
    "/{_:language}/statistics/{table}",
)
"""What people ask the one address for and reporting answers."""
PAGES: Final = (
    "/",
    "/offices",
    "/status",
    "/problems/{code}",
    "/static/{path:path}",
    "/{_:language}/{path:path}",
)
"""What people ask the one address for otherwise; intake answers."""
PAUSE: Final = 0.01
"""Seconds between two looks whether there is anything left to do."""
ADDRESS: Final = "http://onebox.invalid"
"""Requests between the services stay in the process; the name is never looked up."""


class Platform:
    """Every participant of an installation, mounted below `app`."""

    def __init__(
        self,
        installation: Installation,
        *,
        log: Log | None = None,
        now: Callable[[], datetime] = system_clock,
    ) -> None:
        self.installation = installation
        self._now = now
        self.log = log or EmbeddedLog(installation.folder.log, now)
        self.app = Starlette(lifespan=self._lifespan)
        self.services: dict[str, FastAPI] = {}
        for participant in installation.participants():
            self.services[participant] = installation.service(
                participant,
                log=self.log,
                registrar=self.client(participant, installation.policy.registrar),
                intake=self.client(participant, installation.policy.intake),
                now=now,
            )
            self.app.mount(installation.place(participant), self.services[participant])
        # People find the pages at the root of the address, under the paths they have there.
        for participant, paths in ((REPORTING, STATISTICS), (installation.policy.intake, PAGES)):
            for path in paths:
                self.app.router.routes.append(Route(path, self.services[participant]))
        self.home = create_home(installation, self.services)
        # Not mounted: there are paths, with a line break in them, that fit no mount.
        self.app.router.default = self.home

    def client(self, caller: str, at: str) -> httpx.AsyncClient:
        """A client of one participant's service at another's, inside this process."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=f"{ADDRESS}{self.installation.place(at)}",
            auth=self.installation.identity(caller, self._now),
        )

    async def rest(self) -> None:
        """Return once everything that was said is decided, told, and known to all it concerns.

        What one look misses, because it moved from a service into the log meanwhile, the next one
        sees, or sees that somebody has read more.
        """
        before = None
        while (now := await self._look()) is None or now != before:
            before = now
            await asyncio.sleep(PAUSE)

    async def fire_timers(self) -> None:
        """Let what is due by the log's time run out at once."""
        clock: LegalClock = self.services[self.installation.policy.registrar].state.clock
        while await clock.fire_once():
            pass

    async def _look(self) -> dict[str, int] | None:
        """How many records each participant has read, if there is nothing to be done."""
        partitions: Partitions = self.services[self.installation.policy.registrar].state.partitions
        if not all(map(partitions.at_end, range(PARTITIONS))):
            return None
        services: list[Service] = [app.state.service for app in self.services.values()]
        readers = {s.participant: s.consumer for s in services if s.consumer is not None}
        read = {who: reader.read for who, reader in readers.items()}
        if any(await asyncio.gather(*(reader.lag() for reader in readers.values()))):
            return None
        if any(await asyncio.gather(*(service.owes() for service in services))):
            return None
        return read

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Platform"]:
        """Every service started inside, stopped after.

        Raises:
            StoreError: a database cannot be used.
            LogUnavailable: the log cannot be opened.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.log.close)
            for app in self.services.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield self

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield
