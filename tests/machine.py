"""A whole machine for tests: every service in this process, a clock that is set by hand, keys."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from ombudslink.folder import DataFolder
from ombudslink.installation import OFFICE_KEY, Installation
from ombudslink.log import Log
from ombudslink.runtime.service import Service
from ombudslink.settings import Rates
from ombudslink.web.access import AccessKeys
from onebox.platform import CONFIGURATION, Platform

MONDAY = datetime(2026, 3, 2, 5, tzinfo=UTC)
"""Ten in the morning in Kazakhstan on a working day."""
OFTEN = Rates(filings_per_minute=100_000, requests_per_minute=100_000)
"""How often may be asked for what: tests are faster than people."""
PATIENCE = 20.0
"""Seconds after which something that should happen did not."""

View = dict[str, Any]


class Clock:
    """The machine's time; it moves only by hand."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Let so much time go by."""
        self.at += timedelta(**by)


class Desk:
    """One office's people, with a key of their own."""

    def __init__(self, machine: "Machine", office: str, key: str) -> None:
        self.office = office
        self.headers = {"Authorization": f"Bearer {key}"}
        self._machine = machine

    async def get(self, path: str, *, office: str | None = None, **options: Any) -> httpx.Response:
        """Read something at this office's service, or, with the same key, at another's."""
        headers = {**self.headers, **options.pop("headers", {})}
        return await self._machine.client.get(
            f"/offices/{office or self.office}/v1{path}", headers=headers, **options
        )

    async def view(self, complaint: str) -> View:
        """The complaint as this office has it."""
        answer = await self.get(f"/complaints/{complaint}")
        assert answer.status_code == 200, answer.text
        view: View = answer.json()
        return view

    async def etag(self, complaint: str) -> str:
        """What to base an act on."""
        return (await self.get(f"/complaints/{complaint}")).headers["etag"]

    async def act(
        self,
        complaint: str,
        act: str,
        said: View | None = None,
        *,
        referral: int | None = None,
        key: str | None = None,
        seen: str | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Do something, by default on the complaint as it is now and never done before."""
        where = f"/referrals/{referral}/{act}" if referral else f"/{act}"
        sent = {
            **self.headers,
            "Idempotency-Key": key or str(uuid.uuid4()),
            "If-Match": seen or await self.etag(complaint),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self._machine.client.post(
            f"/offices/{self.office}/v1/complaints/{complaint}{where}", headers=sent, json=said
        )

    async def post(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """Post nothing, under just these headers."""
        return await self._machine.client.post(url, headers=headers)

    async def told(self, command: str) -> View:
        """What became of a command of this office, once it is decided."""
        latest: View = {}

        async def decided() -> bool:
            nonlocal latest
            latest = (await self.get(f"/commands/{command}")).json()
            return bool(latest["result"] != "pending")

        await eventually(decided, lambda: str(latest))
        return latest

    async def done(self, complaint: str, act: str, said: View | None = None, **how: Any) -> View:
        """Do something that must be allowed; the complaint as it is then."""
        answer = await self.act(complaint, act, said, **{"Prefer": "wait=30", **how})
        assert answer.status_code == 200, f"{act}: {answer.text}"
        view: View = answer.json()
        return view

    async def until(self, complaint: str, holds: Callable[[View], object]) -> View:
        """The complaint once that holds here; what is looked for may be missing until then."""
        latest: View = {}

        async def reached() -> bool:
            nonlocal latest
            answer = await self.get(f"/complaints/{complaint}")
            latest = answer.json()
            try:
                return answer.status_code == 200 and bool(holds(latest))
            except IndexError:
                return False

        await eventually(reached, lambda: str(latest))
        return latest

    async def received(self, **said: Any) -> str:
        """A complaint that was filed, and that this office is asked to take over."""
        complaint = await self._machine.file(**said)
        await self.asked(complaint, 1)
        return complaint

    async def asked(self, complaint: str, referral: int) -> View:
        """The complaint once this office may answer that referral of it."""

        def answerable(view: View) -> bool:
            acts = (r["acts"] for r in view["referrals"] if r["number"] == referral)
            return any("acceptance" in one for one in acts)

        return await self.until(complaint, answerable)

    async def accepted(self, **said: Any) -> str:
        """The same, taken over, registered and copied."""
        complaint = await self.received(**said)
        await self.done(complaint, "acceptance", referral=1)
        await self.until(complaint, lambda view: view["todo"] == "assess")
        await self.content(complaint)
        return complaint

    async def content(self, complaint: str) -> View:
        """What this office has of the content, once all that it may have is copied."""
        latest: View = {}

        async def complete() -> bool:
            nonlocal latest
            answer = await self.get(f"/complaints/{complaint}/content")
            latest = answer.json()
            return answer.status_code == 200 and bool(latest["complete"])

        await eventually(complete, lambda: str(latest))
        return latest


class Machine:
    """Every service under one address."""

    def __init__(self, platform: Platform, clock: Clock, client: httpx.AsyncClient) -> None:
        self.platform = platform
        self.clock = clock
        self.client = client

    def service(self, participant: str) -> Service:
        """One participant's service, for a look at what it stores."""
        service: Service = self.platform.services[participant].state.service
        return service

    def desk(self, office: str) -> Desk:
        """The people of an office, under a new key."""
        now = self.clock()
        keys = AccessKeys(self.platform.installation.folder.access)
        key = keys.issue(office, OFFICE_KEY, now, now + timedelta(days=1000))
        return Desk(self, office, key)

    async def file(self, **said: Any) -> str:
        """File a complaint as a person does; by default about a child and a school."""
        answer = await self.client.post(
            "/intake/v1/complaints",
            json=filing(**said),
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 201, answer.text
        return await self.complaint(answer.json()["reference"])

    async def complaint(self, reference: str) -> str:
        """The internal id of the complaint with that public reference."""
        question = text("SELECT complaint FROM filing WHERE reference = :reference")
        found = await self.service("intake").database.query(
            lambda connection: connection.scalar(question, {"reference": reference})
        )
        return str(found)


def filing(**changes: Any) -> View:
    """A parent's complaint in Kazakh about a child refused schooling in Astana."""
    said: View = {
        "language": "kk",
        "complainant": "parent",
        "who": {"name": "Айгерім"},
        "affected": ["child"],
        "subject": "education",
        "body": "school",
        "region": "710000000",
        "text": "Баламды мектепке қабылдамады.",
    }
    return said | changes


async def eventually(
    reached: Callable[[], Awaitable[bool]], told: Callable[[], str] = lambda: "it did not happen"
) -> None:
    """Wait until something that other tasks do has happened."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not await reached():
        assert loop.time() < end, told()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(
    folder: Path,
    *,
    country: str = "kz",
    configuration: Path = CONFIGURATION,
    clock: Clock | None = None,
    log: Log | None = None,
    platform_of: type[Platform] = Platform,
    rates: Rates = OFTEN,
) -> AsyncIterator[Machine]:
    """A machine on that folder; running it again on the same folder goes on where it stopped."""
    clock = clock or Clock()
    installation = Installation.of(DataFolder(folder), configuration, country, clock)
    installation = replace(installation, rates=rates)
    platform = platform_of(installation, log=log, now=clock)
    transport = httpx.ASGITransport(app=platform.app)
    async with (
        platform.running(),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield Machine(platform, clock, client)
