"""Whatever is sent is bounded: taken at the bound, and refused one above it, as is described."""

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from integration.shapes import ID, Schema, Shapes, edges, is_bounded, sample
from machine import Machine, running
from ombudslink.web.access import AccessKeys, Scope
from ombudslink.web.guarded import DEEPEST, FEW_BYTES, MOST_VALUES
from ombudslink.web.inputs import WORDS
from ombudslink.web.middleware import MOST_BYTES
from ombudslink.web.openapi import CODES
from person import Person
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICES = {
    "intake": "/intake",
    "routing": "/routing",
    "reporting": "/reporting",
    "children": "/offices/children",
}
ETAG = '"1-0000000000000000"'
HEAPS = ("a" * 8192, "wait=" * 1600, "kk;q=0," * 1100, "\u00ff" * 8000)
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Operation:
    """One operation of a service."""

    service: str
    method: str
    path: str
    described: Mapping[str, Any]

    @property
    def body(self) -> Schema | None:
        """What may be said in it as JSON."""
        content = self.described.get("requestBody", {}).get("content", {})
        schema: Schema | None = content.get("application/json", {}).get("schema")
        return schema

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        """What may be said elsewhere."""
        return list(self.described.get("parameters", ()))

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


class Asker:
    """Who may ask for everything."""

    def __init__(self, machine: Machine, shown: Mapping[str, str], **real: str) -> None:
        self.machine = machine
        self._shown = shown
        self._real = real

    def operations(self, service: str) -> Iterator[Operation]:
        """All that a service offers to programs."""
        for path, methods in self._document(service)["paths"].items():
            for method, one in methods.items():
                if path.startswith("/v1/"):
                    yield Operation(service, method.upper(), path, one)

    def shapes(self, service: str) -> Shapes:
        """The shapes of its requests."""
        return Shapes(self._document(service))

    def _document(self, service: str) -> Mapping[str, Any]:
        return self.machine.platform.services[service].openapi()

    async def asks(
        self, operation: Operation, body: bytes | None = None, **said: tuple[str, Any]
    ) -> httpx.Response:
        """Ask, with something else said at that place of the parameters."""
        changed = dict(said.values())
        sent: dict[str, dict[str, Any]] = {"query": {}, "path": {}, "header": {}}
        for one in operation.parameters:
            pointer = f"/{one['in']}/{one['name']}"
            if one.get("required") or pointer in changed:
                sent[one["in"]][one["name"]] = changed.get(pointer, self._usual(one))
        path = re.sub(r"{(\w+)}", lambda name: str(sent["path"][name[1]]), operation.path)
        ways = operation.described.get("security") or [{}]
        shown = [self._shown[name] for name in ways[-1]]
        headers = {"Authorization": f"Bearer {shown[0]}"} if shown else {}
        return await self.machine.client.request(
            operation.method,
            SERVICES[operation.service] + path,
            params=sent["query"],
            headers=headers | JSON | sent["header"],
            content=body,
        )

    def _usual(self, parameter: Mapping[str, Any]) -> Any:
        known = {**self._real, "Idempotency-Key": str(uuid.uuid4()), "If-Match": ETAG}
        return known.get(parameter["name"]) or sample(parameter["schema"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    async with running(tmp_path_factory.mktemp("bounds") / "data") as machine:
        now = machine.clock()
        keys = AccessKeys(machine.platform.installation.folder.access)
        key = keys.issue("children", frozenset(Scope), now, now.replace(year=now.year + 1))
        person = await Person.files(machine)
        session = (await person.headers())["Authorization"].removeprefix("Bearer ")
        yield Asker(
            machine,
            {"key": key, "session": session},
            reference=person.receipt["reference"],
            complaint=await person.complaint(),
        )


def faults(answer: httpx.Response) -> set[tuple[str, str]]:
    """Where something is wrong, and what."""
    assert answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR, answer.text
    found = answer.json().get("errors", ()) if answer.status_code == 422 else ()
    return {(fault["pointer"], fault["code"]) for fault in found}


def is_described(operation: Operation, answer: httpx.Response) -> bool:
    described = operation.described["responses"].get(str(answer.status_code))
    if described is None:
        return False
    return CODES not in described or answer.json()["code"] in described[CODES]


@pytest.mark.parametrize("service", SERVICES)
async def test_nothing_can_be_said_without_end(asker: Asker, service: str) -> None:
    shapes, endless = asker.shapes(service), []
    for operation in asker.operations(service):
        for path, schema in shapes.places(operation.body) if operation.body else ():
            if not is_bounded(schema):
                endless.append(f"{operation} {'/'.join(path)}")
        for one in operation.parameters:
            schema = shapes.resolved(one["schema"])
            if schema["type"] != "string" and not is_bounded(schema):
                endless.append(f"{operation} {one['in']} {one['name']}")
    assert endless == []


async def test_what_has_no_end_is_found() -> None:
    endless: list[Schema] = [
        {"type": "string"},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "pattern": "^a{3,}$"},
        {"type": "string", "pattern": "[a-z]{0,3}"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "integer", "minimum": 1},
        {"type": "object"},
        {},
    ]
    assert [schema for schema in endless if is_bounded(schema)] == []


@pytest.mark.parametrize("service", ["intake", "routing", "children"])
async def test_every_place_in_a_body_takes_so_much_and_not_one_more(
    asker: Asker, service: str
) -> None:
    shapes, wrong, tried = asker.shapes(service), [], 0
    for operation in asker.operations(service):
        for path, schema in shapes.places(operation.body) if operation.body else ():
            for last, over, code in edges(schema) if path else ():
                tried += 1
                pointer = "/" + "/".join(path)
                for value in (last, over):
                    said = shapes.saying(operation.body or {}, path, value)
                    answer = await asker.asks(operation, json.dumps(said).encode())
                    refused = (pointer, code) in faults(answer)
                    if refused != (value is over) or not is_described(operation, answer):
                        wrong.append(f"{operation} {pointer} {code}: {answer.text}")
    assert "\n".join(wrong) == ""
    assert tried


@pytest.mark.parametrize("service", SERVICES)
async def test_every_parameter_takes_so_much_and_not_one_more(asker: Asker, service: str) -> None:
    shapes, wrong, tried = asker.shapes(service), [], 0
    for operation in asker.operations(service):
        least = json.dumps(shapes.saying(operation.body)).encode() if operation.body else None
        for one in operation.parameters:
            pointer = f"/{one['in']}/{one['name']}"
            for last, over, code in edges(shapes.resolved(one["schema"])):
                tried += 1
                for value in (last, over):
                    answer = await asker.asks(operation, least, there=(pointer, value))
                    refused = (pointer, code) in faults(answer)
                    if refused != (value is over) or not is_described(operation, answer):
                        wrong.append(f"{operation} {pointer} {code}: {answer.text}")
    assert "\n".join(wrong) == ""
    assert tried


@pytest.mark.parametrize("service", SERVICES)
async def test_a_heap_in_any_parameter_is_answered_as_is_described(
    asker: Asker, service: str
) -> None:
    shapes, wrong = asker.shapes(service), []
    for operation in asker.operations(service):
        least = json.dumps(shapes.saying(operation.body)).encode() if operation.body else None
        for one in operation.parameters:
            for value in HEAPS:
                sent = value.encode("latin-1") if one["in"] == "header" else value
                there = (f"/{one['in']}/{one['name']}", sent)
                answer = await asker.asks(operation, least, there=there)
                if not is_described(operation, answer):
                    wrong.append(f"{operation} {there[0]} {value[:5]}: {answer.text[:500]}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("service", ["intake", "routing", "children"])
async def test_every_body_is_so_long_and_so_deep_and_has_so_many_values(
    asker: Asker, service: str
) -> None:
    shapes = asker.shapes(service)
    for operation in asker.operations(service):
        if operation.body is None:
            continue
        places = shapes.places(operation.body)
        has_text = any(schema.get("maxLength") == WORDS for _, schema in places)
        most = MOST_BYTES if has_text else FEW_BYTES
        for length in (most, most + 1):
            answer = await asker.asks(operation, b"{}".ljust(length))
            assert (answer.status_code == 413) == (length > most), operation
            assert is_described(operation, answer), operation
        for levels in (DEEPEST, DEEPEST + 1):
            deep = b'{"x":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"
            found = faults(await asker.asks(operation, deep))
            assert (("", "too_deep") in found) == (levels > DEEPEST), operation
        for count in (MOST_VALUES, MOST_VALUES + 1):
            many = json.dumps(dict.fromkeys(map(str, range(count)), 0)).encode()
            found = faults(await asker.asks(operation, many))
            assert (("", "too_many") in found) == (count > MOST_VALUES), operation


async def test_a_key_that_repeats_a_request_has_so_many_characters(asker: Asker) -> None:
    desk, complaint = asker.machine.desk("children"), ID
    for length, expected in ((255, 404), (256, 400)):
        answer = await desk.act(complaint, "acceptance", referral=1, key="k" * length, seen=ETAG)
        assert answer.status_code == expected, answer.text


async def test_an_entity_tag_has_so_many_digits(asker: Asker) -> None:
    complaint = await asker.machine.desk("children").received()
    for digits in (9, 10):
        seen = f'"{"9" * digits}-0000000000000000"'
        answer = await asker.machine.desk("children").act(
            complaint, "acceptance", referral=1, seen=seen
        )
        assert (answer.status_code, answer.json()["code"]) == (412, "if_match_unknown")


@pytest.mark.parametrize("name", ["Accept", "Accept-Encoding", "Authorization", "Cookie", "Origin"])
async def test_a_heap_in_any_header_is_answered(asker: Asker, name: str) -> None:
    months = "from=2026-01&to=2026-02"
    for path in ("/routing/v1/events", f"/reporting/v1/statistics/legs?{months}", "/kk/file"):
        for value in (*HEAPS, "a/b," * 2000, "=;" * 4000, "Bearer " + "x" * 8000):
            headers = {
                **asker.machine.desk("children").headers,
                name: value.encode("latin-1"),
            }
            answer = await asker.machine.client.get(path, headers=headers)
            assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text


async def test_any_number_of_parameters_is_answered(asker: Asker) -> None:
    desk = asker.machine.desk("children")
    many = "&".join(f"p{number}=1" for number in range(5000))
    answer = await desk.get(f"/complaints?{many}")
    assert (answer.status_code, faults(answer)) == (422, {("/query", "unknown_parameter")})
    assert (await desk.get("/complaints?" + "&".join(["limit=1"] * 5000))).status_code == 200


async def test_a_form_has_so_many_fields_and_is_so_long(asker: Asker) -> None:
    visitor = Visitor(asker.machine)
    page = await visitor.sends("/file/who", {f"f{number}": "x" for number in range(100)})
    assert page.status_code == 422
    for form in ({f"f{number}": "x" for number in range(101)}, {"name": "x" * MOST_BYTES}):
        page = await visitor.sends("/file/who", form)
        assert page.status_code in (400, 413)
        assert page.headers["content-type"].startswith("text/html")
