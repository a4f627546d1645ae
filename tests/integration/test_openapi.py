"""What services tell programs of themselves (OpenAPI) is complete, and true where it can lie."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter

from case_tracking.acts import ACTS
from case_tracking.refusals import refusals
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.contracts.states import situations
from ombudslink.decisions import decide
from ombudslink.folder import DataFolder
from ombudslink.installation import Installation
from ombudslink.offices import LANGUAGES
from ombudslink.testing.country import MONDAY, POLICY
from ombudslink.testing.strategies import candidates
from ombudslink.web.docs import operations_page
from ombudslink.web.inputs import WORDS
from ombudslink.web.openapi import CODES
from ombudslink.web.problems import MEDIA_TYPE, catalogue
from ombudslink.web.routes import rights, routes
from onebox.platform import CONFIGURATION, Platform

SERVICES = ("intake", "routing", "reporting", "children")
ENDLESS = frozenset({"GET /v1/events"})
"""What is asked for with a cursor and never the same again."""
Operation = dict[str, Any]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Every service, not started."""
    folder = DataFolder(tmp_path_factory.mktemp("openapi") / "data")
    return Platform(Installation.of(folder, CONFIGURATION, "kz"))


def operations(app: FastAPI) -> Iterator[tuple[str, Operation]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def for_programs(app: FastAPI) -> Iterator[tuple[str, Operation]]:
    """The operations that are not pages."""
    return ((name, one) for name, one in operations(app) if "/v1/" in name)


def parameter(operation: Operation, name: str) -> Operation | None:
    return next((p for p in operation.get("parameters", ()) if p["name"] == name), None)


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_has_a_readable_name_of_its_own(platform: Platform, name: str) -> None:
    names = [one["operationId"] for _, one in operations(platform.services[name])]
    assert len(names) == len(set(names))
    assert all(one.isidentifier() and "v1" not in one for one in names)


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_says_with_what_a_caller_proves_who_it_is(
    platform: Platform, name: str
) -> None:
    app = platform.services[name]
    document = app.openapi()
    for route in routes(app):
        (right,) = rights(route)
        for method in route.methods:
            ways = document["paths"][route.path_format][method.lower()]["security"]
            named = {scheme for way in ways for scheme in way}
            assert named == ({right.shown.name} if right.shown else set()), route.path
            assert ({} in ways or not ways) == (right.optional or right.shown is None), route.path
            assert named <= set(document["components"]["securitySchemes"])


def test_a_key_is_asked_for_with_its_scope(platform: Platform) -> None:
    inbox = platform.services["children"].openapi()["paths"]["/v1/complaints"]["get"]
    filing = platform.services["intake"].openapi()["paths"]["/v1/complaints"]["post"]
    assert inbox["security"] == [{"key": ["complaints:read"]}]
    assert filing["security"] == [{}, {"key": ["complaints:file"]}]


def test_acts_cannot_be_described_without_what_they_need(platform: Platform) -> None:
    acts = [one for _, one in operations(platform.services["children"]) if one["tags"] == ["acts"]]
    posted = [one for one in acts if "412" in one["responses"]]
    assert len(posted) == len(ACTS)
    for one in posted:
        for name in ("Idempotency-Key", "If-Match"):
            found = parameter(one, name)
            assert found is not None
            assert found["required"] is True
        assert "ETag" in one["responses"]["200"]["headers"]
        assert "Location" in one["responses"]["202"]["headers"]
        assert one["responses"]["428"][CODES] == ["if_match_missing"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_refusal_is_described_with_its_codes_and_in_three_languages(
    platform: Platform, name: str
) -> None:
    app = platform.services[name]
    shown = app.openapi()["components"]["examples"]
    for where, operation in for_programs(app):
        for status, answer in operation["responses"].items():
            if status[0] not in "45":
                continue
            content = answer["content"][MEDIA_TYPE]
            for code in answer[CODES]:
                assert catalogue().problems[code].status == int(status), where
                for language in LANGUAGES:
                    example = shown[f"{code}.{language}"]["value"]
                    assert f"{code}.{language}" in content["examples"]
                    assert example["code"] == code
                    assert "{" not in example["detail"]
                    assert example["title"] == catalogue().problems[code].title.in_(language)


@pytest.mark.parametrize("name", SERVICES)
def test_what_may_be_asked_again_says_how(platform: Platform, name: str) -> None:
    for where, operation in for_programs(platform.services[name]):
        answers = operation["responses"]
        assert ("304" in answers) == (parameter(operation, "If-None-Match") is not None), where
        if where.startswith("GET") and where not in ENDLESS:
            assert "304" in answers, where
        if "304" in answers:
            assert "ETag" in answers["200"]["headers"], where
        for status in {"429", "503"} & set(answers):
            assert "Retry-After" in answers[status]["headers"], where


@pytest.mark.parametrize("name", SERVICES)
def test_every_answer_leads_only_to_what_there_is_and_with_what_it_has(
    platform: Platform, name: str
) -> None:
    app = platform.services[name]
    known = {one["operationId"]: one for _, one in operations(app)}
    links = 0
    for where, source in operations(app):
        for answer in source["responses"].values():
            for link in answer.get("links", {}).values():
                links += 1
                target = known[link["operationId"]]
                assert link["description"].endswith("."), where
                for parameter_name, expression in link.get("parameters", {}).items():
                    assert parameter(target, parameter_name) is not None, (where, link)
                    assert _has(app, source, answer, expression), (where, expression)
                asked = _shapes(app, target.get("requestBody", {}))
                for field, expression in link.get("requestBody", {}).items():
                    assert any(field in shape["properties"] for shape in asked), (where, field)
                    assert _has(app, source, answer, expression), (where, expression)
    assert links


def _has(app: FastAPI, source: Operation, answer: Operation, expression: str) -> bool:
    """Whether what a runtime expression names is described."""
    side, _, rest = expression.removeprefix("$").partition(".")
    where, _, part = rest.partition("#/" if rest.startswith("body") else ".")
    if where == "body":
        message = answer if side == "response" else source["requestBody"]
        return any(_leads(app, shape, part.split("/")) for shape in _shapes(app, message))
    if side == "response":
        return where == "header" and part in answer["headers"]
    found = parameter(source, part)
    return found is not None and found["in"] == where


def _shapes(app: FastAPI, message: Operation) -> list[Operation]:
    """The shapes that a message may have, with whatever is a reference looked up."""
    contents = message.get("content", {}).values()
    return [one for content in contents for one in _resolved(app, content.get("schema", {}))]


def _resolved(app: FastAPI, schema: Operation) -> list[Operation]:
    shapes = app.openapi()["components"]["schemas"]
    schema = shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    either = schema.get("anyOf")
    return [s for one in either for s in _resolved(app, one)] if either else [schema]


def _leads(app: FastAPI, schema: Operation, path: list[str]) -> bool:
    if not path:
        return True
    inner = schema.get("items") if path[0].isdigit() else schema.get("properties", {}).get(path[0])
    return inner is not None and any(_leads(app, s, path[1:]) for s in _resolved(app, inner))


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_carries_words_is_shown_in_three_languages(platform: Platform, name: str) -> None:
    app = platform.services[name]
    for where, operation in for_programs(app):
        messages = [operation.get("requestBody", {}), *operation["responses"].values()]
        contents = [m.get("content", {}).get("application/json", {}) for m in messages]
        worded = parameter(operation, "Accept-Language") is not None
        asked, answered = contents[0], [one for one in contents[1:] if one][:1]
        wanted = [*([asked] if _has_words(app, asked) else []), *(answered if worded else [])]
        for content in wanted:
            assert list(content["examples"]) == list(LANGUAGES), where
            texts = [str(one["value"]) for one in content["examples"].values()]
            assert len(set(texts)) == len(texts), where


def _has_words(app: FastAPI, content: Operation) -> bool:
    """Whether free text can be said in a request."""
    shape = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = app.openapi()["components"]["schemas"].get(shape, {})
    return f"'maxLength': {WORDS}" in str(schema)


@pytest.mark.parametrize("name", SERVICES)
def test_the_examples_are_what_the_services_take_and_say(platform: Platform, name: str) -> None:
    app = platform.services[name]
    tried = 0
    for route in routes(app):
        for method in route.methods:
            operation = app.openapi()["paths"][route.path_format][method.lower()]
            asked = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in asked.get("examples", {}).values():
                TypeAdapter(_body_of(route)).validate_python(example["value"])
                tried += 1
            for answer in operation["responses"].values():
                content = answer.get("content", {}).get("application/json", {})
                for example in content.get("examples", {}).values():
                    assert _said_again(route.response_model, example["value"]) == example["value"]
                    tried += 1
    assert tried


def _body_of(route: Any) -> Any:
    return route.body_field.field_info.annotation


def _said_again(model: type[BaseModel], value: Operation) -> Operation:
    return model.model_validate(value).model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize("name", SERVICES)
def test_the_page_for_engineers_shows_everything(platform: Platform, name: str) -> None:
    document = platform.services[name].openapi()
    page = operations_page(document, "/here")
    for _, operation in operations(platform.services[name]):
        assert f"<code>{operation['operationId']}</code>" in page
    for shape in document["components"]["schemas"]:
        assert f'id="{shape}"' in page
    assert "Leads to:" in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_codes_with_which_the_rules_refuse_an_act_are_described() -> None:
    described = {act.command: set(refusals(act)) | {"stale"} for act in ACTS}
    unknown = {
        f"{type(given.command).__name__}: {code}"
        for state in situations()
        for given, code in _refused(state)
        if code not in described.get(type(given.command), {code})
    }
    assert sorted(unknown) == []


def _refused(state: Complaint) -> Iterator[tuple[Order, str]]:
    for given in candidates(state, MONDAY):
        try:
            decide(state, given, POLICY)
        except Refused as refusal:
            yield given, refusal.code
