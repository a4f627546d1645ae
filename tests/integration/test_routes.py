"""Every operation of every service states who may call it, and is documented."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from ombudslink.folder import DataFolder
from ombudslink.installation import Installation
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import WORDS, Written
from ombudslink.web.pages import PageRoute
from onebox.platform import CONFIGURATION, Platform

OPEN = re.compile(r"anybody\b")
APPS = ("intake", "routing", "reporting", "children", "home")
ID = "00000000-0000-4000-8000-000000000001"
ARGUMENTS = {
    "complaint": ID,
    "inspection": ID,
    "command": ID,
    "stream": ID,
    "reference": "x",
    "number": "1",
    "language": "kk",
    "form": "json",
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Every service, not started."""
    folder = DataFolder(tmp_path_factory.mktemp("routes") / "data")
    return Platform(Installation.of(folder, CONFIGURATION, "kz"))


def app_of(platform: Platform, name: str) -> FastAPI:
    return platform.home if name == "home" else platform.services[name]


def routes(app: FastAPI) -> Iterator[APIRoute]:
    for entry in app.routes:
        inner = getattr(entry, "original_router", None)
        for route in [entry] if inner is None else inner.routes:
            if isinstance(route, APIRoute):
                yield route


def stated(dependant: Dependant) -> list[str]:
    """The rights that a route's signature names."""
    own = getattr(dependant.call, "stated", None)
    return [own] if own else [right for d in dependant.dependencies for right in stated(d)]


def operations(described: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (path, method.upper()) for path, methods in described["paths"].items() for method in methods
    }


@pytest.mark.parametrize("name", APPS)
def test_every_route_states_exactly_one_right(platform: Platform, name: str) -> None:
    found = {route.path: stated(route.dependant) for route in routes(app_of(platform, name))}
    assert found
    assert {path: rights for path, rights in found.items() if len(rights) != 1} == {}


@pytest.mark.parametrize("name", APPS)
def test_every_route_is_guarded_and_takes_a_large_body_only_for_a_text(
    platform: Platform, name: str
) -> None:
    for route in routes(app_of(platform, name)):
        assert isinstance(route, GuardedRoute), route.path
        for parameter in route.dependant.body_params:
            kind = parameter.field_info.annotation
            assert isinstance(kind, type)
            schema = json.dumps(TypeAdapter(kind).json_schema())
            has_text = f'"maxLength": {WORDS}' in schema
            assert issubclass(kind, Written) == has_text, route.path


@pytest.mark.parametrize("name", APPS)
def test_every_route_is_documented_with_a_summary(platform: Platform, name: str) -> None:
    app = app_of(platform, name)
    described = app.openapi()
    known = {(route.path_format, method) for route in routes(app) for method in route.methods}
    assert operations(described) == known
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]


@pytest.mark.parametrize("name", APPS)
async def test_whoever_shows_nothing_is_let_in_only_where_everybody_is(
    platform: Platform, name: str
) -> None:
    transport = httpx.ASGITransport(app=app_of(platform, name))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for route in routes(app_of(platform, name)):
            if OPEN.match(stated(route.dependant)[0]):
                continue
            path = re.sub(r"{(\w+)[^}]*}", lambda part: ARGUMENTS[part[1]], route.path)
            for method in route.methods:
                answer = await client.request(method, path)
                assert answer.status_code == httpx.codes.UNAUTHORIZED, (method, path, answer.text)
                expected = (
                    "text/html" if isinstance(route, PageRoute) else "application/problem+json"
                )
                assert answer.headers["content-type"].partition(";")[0] == expected
