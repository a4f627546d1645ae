"""Whatever programs send, each service answers as its description says: Schemathesis over OpenAPI.

The machine runs in a thread of its own, with a complaint that the children's office examines.
"""

import asyncio
import threading
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import Any, Final, TypeVar

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, CheckContext, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
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
EXAMPLES: Final = 4
"""For each operation: once in data that fits its description, once in data that does not."""
BASE: Final = "http://test"
PATIENCE: Final = 60.0
ENDLESS: Final = frozenset({"/v1/events"})
"""A stream is read until it is closed."""
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

    def wait(self) -> None:
        """Until the machine can be asked."""
        assert self._ready.wait(PATIENCE)

    def stop(self) -> None:
        """Let the thread end."""
        self.loop.call_soon_threadsafe(self._stop.set)

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something in the machine's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    load_all_checks()
    found = Target()
    thread = threading.Thread(target=found.run, args=(tmp_path_factory.mktemp("fuzz") / "data",))
    thread.start()
    try:
        found.wait()
        yield found
    finally:
        found.stop()
        thread.join(PATIENCE)


def operations_of(target: Target, service: str) -> list[Operation]:
    document = target.machine.platform.services[service].openapi()
    schema = schemathesis.openapi.from_dict(document | {"servers": [{"url": SERVICES[service]}]})
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_one_that_the_description_names(
    target: Target, service: str, mode: GenerationMode
) -> None:
    faults: list[str] = []
    for operation in operations_of(target, service):
        if operation.path not in ENDLESS:
            faults += _fuzzed(target, operation, mode)
    assert "\n".join(faults) == ""


def _mean_it(target: Target, case: schemathesis.Case) -> None:
    """Make it about the complaint that there is, as it is now."""
    real = {
        "complaint": target.complaint,
        "stream": target.complaint,
        "reference": target.person.receipt["reference"],
        "number": 1,
        "language": "kk",
    }
    case.path_parameters |= {n: v for n, v in real.items() if n in case.path_parameters}
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if "If-Match" in case.headers:
        case.headers["If-Match"] = target.do(target.desk.etag(target.complaint))


def _credentials(target: Target, operation: Operation) -> dict[str, str]:
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


def _fuzzed(target: Target, operation: Operation, mode: GenerationMode) -> list[str]:
    """What was answered otherwise than described."""
    faults: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if data.draw(st.booleans()):
            _mean_it(target, case)
        case.headers.update(_credentials(target, operation))
        answer = target.do(_asked(target, case))
        try:
            case.validate_response(answer, checks=[*CHECKS.get_by_names(NAMES), has_described_code])
        except FailureGroup as found:
            faults.extend(f"{operation.label}: {one}" for one in found.exceptions)

    # There is no data that does not fit the description of an operation without any.
    with suppress(Unsatisfiable):
        attempt()
    return faults


async def _asked(target: Target, case: schemathesis.Case) -> httpx.Response:
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
