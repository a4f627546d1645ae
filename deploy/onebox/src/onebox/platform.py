"""All services in one process, under one address, on one embedded log."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

from ombudslink.installation import Installation
from ombudslink.log import Log, system_clock
from ombudslink.log.embedded import EmbeddedLog
from onebox.home import create_home

CONFIGURATION: Final = Path(__file__).parents[3]
"""The offices, rules and calendars that came with this package."""
PAGES: Final = (
    "/",
    "/offices",
    "/status",
    "/problems/{code}",
    "/static/{path:path}",
    "/{_:language}/{path:path}",
)
"""What people ask the one address for."""
_ADDRESS: Final = "http://onebox.invalid"
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
        # People find intake's pages at the root of the address, under the paths they have there.
        for path in PAGES:
            self.app.router.routes.append(Route(path, self.services[installation.policy.intake]))
        self.home = create_home(installation, self.services)
        # Not mounted: there are paths, with a line break in them, that fit no mount.
        self.app.router.default = self.home

    def client(self, caller: str, at: str) -> httpx.AsyncClient:
        """A client of one participant's service at another's, inside this process."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=f"{_ADDRESS}{self.installation.place(at)}",
            auth=self.installation.identity(caller, self._now),
        )

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
