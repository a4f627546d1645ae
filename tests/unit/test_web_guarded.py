"""What is looked at before a request is read, and before it is checked field by field."""

import json
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient

from ombudslink.testing.country import CHILDREN
from ombudslink.web.access import Principal, Right, Scope
from ombudslink.web.guarded import DEEPEST, FEW_BYTES, MOST_VALUES, GuardedRoute, refuse_heap
from ombudslink.web.inputs import Body, Words, Written
from ombudslink.web.metrics import Metrics
from ombudslink.web.middleware import MOST_BYTES, Protected
from ombudslink.web.problems import Problem, rendered


class Codes(Body):
    """A request without text."""

    codes: tuple[Any, ...] = ()


class Said(Written):
    """One with a text."""

    text: Words


class Known(Right):
    """A right that one caller has."""

    def __call__(self, request: Request, authorization: str | None = None) -> Principal:  # type: ignore[override]
        """The caller."""
        if request.headers.get("authorization") != "Bearer right":
            raise Problem("not_authenticated")
        return Principal(CHILDREN)


def application() -> FastAPI:
    app, router = FastAPI(), APIRouter(route_class=GuardedRoute)

    @router.post("/codes")
    async def codes(said: Codes) -> int:
        return len(said.codes)

    def limited(limit: int = 10) -> int:
        return limit

    @router.post("/sorted")
    async def sort(by: str, limit: Annotated[int, Depends(limited)]) -> str:
        return by * limit

    @router.post("/texts")
    async def texts(said: Said) -> int:
        return len(said.text)

    @router.post("/known")
    async def known(said: Codes, by: Annotated[Principal, Depends(Known(Scope.ACT))]) -> str:
        return by.participant

    async def explain(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return rendered(error, "en")

    app.include_router(router)
    app.add_exception_handler(Problem, explain)
    app.add_middleware(Protected, metrics=Metrics())
    return app


async def posted(path: str, body: Any, **headers: str) -> tuple[int, Any]:
    transport = ASGITransport(application())
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", **headers}
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(path, content=content, headers=named)
    return answer.status_code, answer.json()


def faults(answer: tuple[int, Any]) -> list[tuple[str, str]]:
    status, body = answer
    assert status == 422
    return [(fault["pointer"], fault["code"]) for fault in body["errors"]]


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


async def test_a_body_has_so_many_values_and_not_one_more() -> None:
    assert await posted("/codes", {"codes": ["a"] * (MOST_VALUES - 1)}) == (200, MOST_VALUES - 1)
    assert faults(await posted("/codes", {"codes": ["a"] * MOST_VALUES})) == [("", "too_many")]
    many = {f"field{number}": 0 for number in range(MOST_VALUES + 1)}
    assert faults(await posted("/codes", many)) == [("", "too_many")]
    spread = {"codes": [["a"] * 100] * 5}
    assert faults(await posted("/codes", spread)) == [("", "too_many")]


async def test_a_body_is_so_deep_and_not_one_level_more() -> None:
    refuse_heap(nested(DEEPEST))
    refuse_heap({"a": {"b": "c"}})
    with pytest.raises(Problem):
        refuse_heap(nested(DEEPEST + 1))
    assert (await posted("/codes", {"codes": nested(DEEPEST - 1)}))[0] == 200
    assert faults(await posted("/codes", {"codes": nested(DEEPEST)})) == [("", "too_deep")]
    with pytest.raises(Problem):
        refuse_heap({"a": nested(400)})


async def test_only_where_a_text_is_expected_a_body_may_be_large() -> None:
    large = {"text": "x" * (FEW_BYTES - 12)}
    assert len(json.dumps(large)) == FEW_BYTES
    assert (await posted("/texts", large))[0] == 200
    assert (await posted("/codes", large))[0] == 422
    larger = {"text": "x" * (FEW_BYTES - 11)}
    assert (await posted("/texts", larger))[0] == 200
    assert (await posted("/codes", larger))[0] == 413
    assert (await posted("/texts", b" " * (MOST_BYTES + 1)))[0] == 413


async def test_who_has_no_right_is_sent_away_before_the_body_is_read() -> None:
    read: list[bytes] = []

    async def body() -> Any:
        read.append(b"[")
        yield b"["

    transport = ASGITransport(application())
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/known", content=body())
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert read == []
        answer = await client.post("/known", json={}, headers={"Authorization": "Bearer right"})
        assert answer.json() == CHILDREN


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "json"])
async def test_a_body_that_does_not_say_it_is_json_is_refused(kind: str) -> None:
    status, body = await posted("/codes", {"codes": []}, **{"Content-Type": kind})
    assert (status, body["code"]) == (415, "media_type_unknown")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"]
)
async def test_a_body_says_that_it_is_json_in_its_own_way(kind: str) -> None:
    assert await posted("/codes", {"codes": []}, **{"Content-Type": kind}) == (200, 0)


async def test_a_parameter_that_an_operation_does_not_have_is_refused_and_not_repeated() -> None:
    for path in ("/codes?secret=1", "/codes?secret", "/codes?secret=1&codes=a"):
        answer = await posted(path, {"codes": []})
        assert faults(answer) == [("/query", "unknown_parameter")]
        assert "secret" not in json.dumps(answer[1])
    assert (await posted("/sorted?by=name&limit=3", {}))[0] == 200
    assert faults(await posted("/sorted?by=name&limits=3", {})) == [("/query", "unknown_parameter")]


async def test_what_is_no_json_is_left_to_who_explains_it() -> None:
    assert (await posted("/codes", b"{"))[0] == 422
    assert (await posted("/codes", b"[" * 10_000))[0] == 400
    assert (await posted("/codes", b"9" * 5000))[0] == 400
