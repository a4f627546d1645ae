"""A machine that is asked from another thread, and whether it answers as its description says."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Final, TypeVar

import httpx
import requests
import schemathesis
from schemathesis.checks import CHECKS, CheckContext
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation

from machine import Desk, Machine, running
from ombudslink.web.access import AccessKeys, Scope
from ombudslink.web.openapi import CODES
from person import Person

SERVICES: Final = {
    "intake": "/intake",
    "routing": "/routing",
    "reporting": "/reporting",
    "children": "/offices/children",
}
BASE: Final = "http://test"
PATIENCE: Final = 60.0
NAMES: Final = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
Operation = APIOperation[Any, Any, Any, Any]
Result = TypeVar("Result")


class Target:
    """The machine, driven from outside its own thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self.machine: Machine
        self.desk: Desk
        self.person: Person
        self.complaint = ""
        self.keys: dict[str, str] = {}

    def run(self, folder: Any) -> None:
        """The thread: until told to stop."""
        self.loop.run_until_complete(self._live(folder))

    async def _live(self, folder: Any) -> None:
        async with running(folder) as machine:
            self.machine, self.desk = machine, machine.desk("children")
            self.person = await Person.files(machine)
            self.complaint = await self.person.complaint()
            await self.desk.asked(self.complaint, 1)
            await self.desk.done(self.complaint, "acceptance", referral=1)
            self.keys = {
                "key": self.everything(),
                "session": (await self.person.headers())["Authorization"],
            }
            self._ready.set()
            await self._stop.wait()

    def everything(self) -> str:
        """A key of the children's office with every scope, which no real key has."""
        keys = AccessKeys(self.machine.platform.installation.folder.access)
        now = self.machine.clock()
        return f"Bearer {keys.issue('children', frozenset(Scope), now, now.replace(year=2030))}"

    def described(self, service: str) -> dict[str, Any]:
        """What a service tells of itself, and where it is."""
        document = self.machine.platform.services[service].openapi()
        return document | {"servers": [{"url": SERVICES[service]}]}

    def wait(self) -> None:
        """Until the machine can be asked."""
        assert self._ready.wait(PATIENCE)

    def stop(self) -> None:
        """Let the thread end."""
        self.loop.call_soon_threadsafe(self._stop.set)

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something in the machine's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)


def credentials(target: Target, operation: Operation) -> dict[str, str]:
    """What is needed to be let in, so that there is more to see than the door."""
    ways = operation.definition.raw.get("security") or [{}]
    shown = [target.keys[name] for name in ways[-1] if name in target.keys]
    return {"Authorization": shown[0]} if shown else {}


def has_described_code(
    _: CheckContext, answer: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A refusal has a code that the description names under its status."""
    described = case.operation.definition.raw["responses"].get(str(answer.status_code), {})
    assert answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert "retry-after" in answer.headers
    if CODES in described:
        assert answer.json()["code"] in described[CODES], answer.text


def faults(
    case: schemathesis.Case, answer: schemathesis.Response | httpx.Response
) -> Iterator[str]:
    """What was answered otherwise than described."""
    try:
        case.validate_response(answer, checks=[*CHECKS.get_by_names(NAMES), has_described_code])
    except FailureGroup as found:
        yield from (f"{case.operation.label}: {one}" for one in found.exceptions)


async def asked(target: Target, case: schemathesis.Case) -> httpx.Response:
    base = f"{BASE}{case.operation.schema.raw_schema['servers'][0]['url']}"
    sent = requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()
    return await target.machine.client.request(
        sent.method or "",
        sent.url or "",
        headers=[
            (name.encode("latin-1"), str(value).encode("latin-1", "replace"))
            for name, value in sent.headers.items()
        ],
        content=sent.body,  # type: ignore[arg-type]
    )
