"""Every refusal is a problem in each language with a page behind it; every answer is guarded."""

import asyncio
import html
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from machine import Machine, filing, running
from ombudslink.offices import LANGUAGES
from ombudslink.settings import Rates
from ombudslink.web.access import AccessKeys, Scope
from ombudslink.web.assets import DIGEST
from ombudslink.web.middleware import MOST_BYTES
from ombudslink.web.problems import MEDIA_TYPE, catalogue

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONCE = Rates(filings_per_minute=1, requests_per_minute=100_000)
DESK: Final = "/offices/children/v1"
ID: Final = "00000000-0000-4000-8000-000000000001"
ACT: Final = f"{DESK}/complaints/{ID}/closing"
JSON: Final = {"Content-Type": "application/json"}
TAG: Final = {"If-Match": '"1-0000000000000000"'}
KEY: Final = {"Idempotency-Key": str(uuid.uuid4())}
SENT: Final[dict[str, tuple[str, str, dict[str, str], bytes]]] = {
    "404 not_found": ("GET", "/nowhere", {}, b""),
    "404 not_found at a service": ("GET", "/intake/nowhere", {}, b""),
    "404 not_found of another version": ("GET", "/intake/v2/offices", {}, b""),
    "404 not_found in the dressing": ("GET", f"/static/{DIGEST}/none.css", {}, b""),
    "404 not_found for a problem": ("GET", "/problems/none", {}, b""),
    "404 no_such_complaint": ("GET", f"{DESK}/complaints/{ID}", {}, b""),
    "405 method_not_allowed": ("DELETE", "/intake/v1/offices", {}, b""),
    "405 method_not_allowed at the door": ("POST", "/health/live", {}, b""),
    "405 method_not_allowed unheard of": ("BREW", "/routing/v1/competence", {}, b""),
    "405 method_not_allowed for options": ("OPTIONS", f"{DESK}/complaints", {}, b""),
    "405 method_not_allowed for a trace": ("TRACE", f"{DESK}/complaints", {}, b""),
    "406 not_acceptable": ("GET", "/routing/v1/events", {"Accept": "image/png"}, b""),
    "413 body_too_large": ("POST", ACT, JSON, b" " * (MOST_BYTES + 1)),
    "415 media_type_unknown": ("POST", ACT, {"Content-Type": "text/plain"}, b"{}"),
    "422 invalid_request": ("POST", ACT, JSON, b"{"),
    "422 invalid_request by a parameter": ("GET", "/intake/v1/offices?x=1", {}, b""),
    "422 invalid_request by a path": ("GET", f"{DESK}/complaints/x", {}, b""),
    "400 malformed": ("POST", ACT, JSON, b"[" * 50_000),
    "400 idempotency_key_missing": ("POST", ACT, TAG, b""),
    "422 cursor_invalid": ("GET", f"{DESK}/complaints?cursor=x", {}, b""),
    "401 not_authenticated": ("GET", f"{DESK}/complaints", {"Authorization": ""}, b""),
    "403 not_entitled": ("GET", "/offices/entrepreneurs/v1/complaints", {}, b""),
    "428 if_match_missing": ("POST", ACT, KEY, b""),
    "412 if_match_unknown": ("POST", ACT, KEY | {"If-Match": "x"}, b""),
    "429 too_many_requests": (
        "POST",
        "/intake/v1/complaints",
        JSON | {"Authorization": ""} | KEY,
        httpx.Request("POST", "http://test", json=filing()).content,
    ),
}
"""What is sent, by the status and the code with which it is refused, and where."""
GUARDED: Final[dict[str, tuple[str, int, str]]] = {
    "a page": ("/kk/offices", 200, "text/html"),
    "a page that refuses": ("/kk/nowhere", 404, "text/html"),
    "what leads elsewhere": ("/", 303, ""),
    "an office's door": ("/offices/children/kk/", 401, "text/html"),
    "the engineers' page": ("/docs", 200, "text/html"),
    "the documentation": ("/routing/docs", 200, "text/html"),
    "a description": ("/routing/openapi.json", 200, "application/json"),
    "an answer": ("/intake/v1/offices", 200, "application/json"),
    "figures": (
        "/reporting/v1/statistics/legs?from=2026-01&to=2026-02",
        200,
        "application/json",
    ),
    "events": ("/routing/v1/events", 200, "application/cloudevents-batch+json"),
    "numbers": ("/routing/metrics", 200, "text/plain"),
    "health": ("/health/ready", 200, "application/json"),
    "a file": (f"/static/{DIGEST}/base.css", 200, "text/css"),
    "the page of a problem": ("/problems/stale", 200, "text/html"),
    "a refusal": ("/intake/v1/offices?x=1", 422, MEDIA_TYPE),
    "a stream": ("/routing/v1/events", 200, "text/event-stream"),
}
GUARDS: Final = {
    "content-security-policy": "default-src 'none'; ",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), ",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("refusals") / "data", rates=ONCE) as machine:
        now = machine.clock()
        keys = AccessKeys(machine.platform.installation.folder.access)
        key = keys.issue("children", frozenset(Scope), now, now.replace(year=now.year + 1))
        machine.client.headers["Authorization"] = f"Bearer {key}"
        await machine.client.post(
            "/intake/v1/complaints",
            json=filing(),
            headers={"Authorization": "", "Idempotency-Key": str(uuid.uuid4())},
        )
        yield machine


def guards(headers: httpx.Headers | dict[str, str]) -> dict[str, str]:
    """The guards that are not as they should be."""
    return {
        name: headers.get(name, "")
        for name, value in GUARDS.items()
        if name not in headers or not headers[name].startswith(value)
    }


async def is_explained(machine: Machine, answer: httpx.Response, language: str) -> None:
    """It is a problem from the catalogue, and a page in the same language is behind its type."""
    body: dict[str, Any] = answer.json()
    entry = catalogue().problems[body["code"]]
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["content-language"] == language
    assert (body["status"], entry.status) == (answer.status_code, answer.status_code)
    assert body["title"] == entry.title.in_(language)
    assert body["detail"]
    assert guards(answer.headers) == {}
    page = await machine.client.get(body["type"], headers={"Accept-Language": language})
    assert (page.status_code, body["type"].rpartition("/")[2]) == (200, body["code"])
    assert f"<h1>{html.escape(entry.title.in_(language))}</h1>" in page.text
    assert f'lang="{language}"' in page.text


@pytest.mark.parametrize("refused", SENT)
async def test_every_refusal_is_a_problem_in_each_language_with_a_page_behind_it(
    machine: Machine, refused: str
) -> None:
    status, code = refused.split()[:2]
    method, path, headers, body = SENT[refused]
    for language in LANGUAGES:
        asked = headers | {"Accept-Language": language}
        answer = await machine.client.request(method, path, headers=asked, content=body)
        assert (str(answer.status_code), answer.json()["code"]) == (status, code), answer.text
        await is_explained(machine, answer, language)
        if status == "405":
            assert answer.headers["allow"]


@pytest.mark.parametrize("path", [f"/intake/v1/contents/{ID}", f"{DESK}/complaints"])
async def test_a_mistake_of_the_program_is_a_problem_too(
    machine: Machine, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object) -> None:
        raise ZeroDivisionError

    for language in LANGUAGES:
        with monkeypatch.context() as broken:
            broken.setattr(AccessKeys, "find", mistaken)
            answer = await machine.client.get(path, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        await is_explained(machine, answer, language)


async def test_every_problem_has_a_page_in_each_language(machine: Machine) -> None:
    for code, entry in catalogue().problems.items():
        for language in LANGUAGES:
            headers = {"Accept-Language": language}
            page = await machine.client.get(f"/problems/{code}", headers=headers)
            assert page.status_code == 200
            assert html.escape(entry.title.in_(language)) in page.text


@pytest.mark.parametrize("kind", GUARDED)
async def test_every_kind_of_answer_is_guarded(machine: Machine, kind: str) -> None:
    path, status, media_type = GUARDED[kind]
    begun = await begins(machine, path, media_type)
    assert begun["status"] == status
    headers = {name.decode(): value.decode() for name, value in begun["headers"]}
    assert headers.get("content-type", "").partition(";")[0] == media_type
    assert guards(headers) == {}


async def begins(machine: Machine, path: str, media_type: str) -> dict[str, Any]:
    """How an answer begins, even one that does not end."""
    told: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    accepted = {"Accept": media_type or "*/*"}
    request = machine.client.build_request("GET", path, headers=accepted)
    if "kk/" in path:
        request.headers.pop("Authorization")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }

    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.set_result(message)

    serving = asyncio.create_task(machine.platform.app(scope, receive, send))
    try:
        return await asyncio.wait_for(told, 10)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
