"""The description of a service for programs (OpenAPI 3.1), with what signatures do not say: who may
call, with which code each refusal comes, what the headers mean, and examples in every language.

A route names the codes of its own refusals by `refuses`, what can be asked again by `CONDITIONAL`,
what may be decided later by `LATER`; examples of what carries words stand in its service's
`examples.json`, by the shape and the language.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from ombudslink.offices import LANGUAGES
from ombudslink.web.acts import based_on, repeatable, repeatable_or_tried
from ombudslink.web.answers import language
from ombudslink.web.problems import MEDIA_TYPE, Problem, catalogue, rendered
from ombudslink.web.routes import demands, rights, routes

Responses = dict[int | str, dict[str, Any]]
Described = dict[str, Any]

CODES: Final = "x-problem-codes"
JSON: Final = "application/json"

CONDITIONAL: Final[Responses] = {304: {"description": "Just what the caller has already."}}
"""An answer under an entity tag, which may be asked for again with `If-None-Match`."""
LATER: Final = {"description": "Stored; what becomes of it can be asked for at `Location`."}
BY_REGISTRAR: Final = (
    *("undecodable_command", "command_id_reused"),
    *("not_decidable", "refused_for_unknown_reason"),
)
"""With what the registrar may refuse whatever it is sent."""

_REPEATED: Final = (
    *("idempotency_key_missing", "idempotency_key_invalid"),
    "idempotency_key_reused",
)
_OF_DEPENDENCIES: Final = {
    repeatable: _REPEATED,
    repeatable_or_tried: _REPEATED,
    based_on: ("if_match_missing", "if_match_unknown", "stale"),
}
_ALWAYS: Final = ("internal_error", "store_unavailable")
_WITHOUT_BODY: Final = ("invalid_request",)
_WITH_BODY: Final = ("malformed", "body_too_large", "media_type_unknown", "invalid_request")
_FRAMEWORKS_OWN: Final = "HTTPValidationError"
"""What FastAPI says of requests that are wrong; this program answers them with problems."""
_COMPULSORY: Final = frozenset({"Idempotency-Key", "If-Match"})
_OF_HTTP: Final = frozenset({"accept", "authorization"})
"""Headers that OpenAPI describes by other means than parameters."""
_SAMPLES: Final[dict[str, str | int]] = {
    "version": 7,
    "office": "an-office",
    "scope": "complaints:act",
    "hops": 3,
    "referral": 1,
    "limit": 1000,
}
"""What the arguments of refusals look like."""

_TEXT: Final = {"type": "string"}
_HEADERS: Final = {
    "ETag": ("Version and digest of what is shown; for `If-None-Match` and `If-Match`.", _TEXT),
    "Location": ("Where it can be asked for.", _TEXT | {"format": "uri-reference"}),
    "Retry-After": ("After so many seconds it may be tried again.", {"type": "integer"}),
    "RateLimit-Policy": ("How many requests (q) are allowed in so many seconds (w).", _TEXT),
    "RateLimit": ("How many requests are left (r), and for how many seconds (t).", _TEXT),
    "Content-Language": ("The language of the words.", _TEXT | {"enum": list(LANGUAGES)}),
    "Vary": ("The request headers on which the answer depends.", _TEXT),
    "WWW-Authenticate": ("How to prove who one is.", _TEXT),
}
_PARAMETERS: Final = {
    "If-None-Match": "The `ETag` of what the caller has already.",
    "Accept-Language": "The languages that the reader wants: kk, ru or en.",
}
_FAULT: Final = {
    "type": "object",
    "description": "One thing that is wrong in a request: where (RFC 6901) and what.",
    "required": ["pointer", "code", "detail"],
    "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
}
_CHANGE: Final = {
    "type": "object",
    "description": "One event since the version that a stale request is based on, and whose it is.",
    "required": ["version", "type", "author"],
    "properties": {"version": {"type": "integer"}, "type": _TEXT, "author": _TEXT},
}
_PROBLEM: Final = {
    "type": "object",
    "description": "A problem (RFC 9457) with a stable code, in the reader's language.",
    "required": ["type", "code", "title", "status", "detail"],
    "properties": {
        "type": _TEXT | {"format": "uri-reference"},
        "code": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "args": {"type": "object"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        "changed": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
    },
}


class Application(FastAPI):
    """An application that describes itself; `examples` by shape and language."""

    def __init__(self, *, examples: Mapping[str, Any] | None = None, **settings: Any) -> None:
        super().__init__(
            docs_url=None, redoc_url=None, generate_unique_id_function=_named, **settings
        )
        self._examples = examples or {}
        self._described: Described | None = None

    def openapi(self) -> Described:
        """The description, made once."""
        document = super().openapi()
        if document is not self._described:
            _complete(document, routes(self), self._examples)
            self._described = document
        return document


def refuses(*codes: str) -> Responses:
    """The refusals of one operation, besides those that its signature implies."""
    found: Responses = {}
    for code in codes:
        status = catalogue().problems[code].status
        found.setdefault(status, {CODES: []})[CODES].append(code)
    return found


def headed(*names: str) -> dict[str, Any]:
    """The part of an answer's description that names its headers."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


def examples_of(package: str) -> Mapping[str, Any]:
    """The examples that come with a service."""
    raw = files(package).joinpath("examples.json").read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(raw)
    return read


def _named(route: APIRoute) -> str:
    page = "page_" if "pages" in route.tags else ""
    return page + route.name.replace("-", "_")


def _complete(document: Described, found: Iterable[APIRoute], examples: Mapping[str, Any]) -> None:
    schemes: dict[str, Any] = {}
    codes: set[str] = set()
    for route in found:
        for method in sorted(route.methods or ()):
            operation = document["paths"][route.path_format][method.lower()]
            schemes |= _secure(operation, route)
            _set_parameters(operation, route)
            codes |= _explain_refusals(operation, route)
            _set_headers(operation, route)
            _show(operation, examples)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in (_FRAMEWORKS_OWN, "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Change": _CHANGE, "Fault": _FAULT, "Problem": _PROBLEM}
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = dict(sorted(schemes.items()))
    components["examples"] = dict(_examples_of_problems(sorted(codes)))
    components["headers"] = {
        name: {"description": meaning, "schema": schema}
        for name, (meaning, schema) in _HEADERS.items()
    }


def _secure(operation: Described, route: APIRoute) -> dict[str, Any]:
    """Say who may call it; the schemes for that."""
    schemes = {}
    for right in rights(route):
        if right.shown is None:
            operation["security"] = []
            continue
        needed = {right.shown.name: [str(right.scope)] if right.scope else []}
        operation["security"] = [{}, needed] if right.optional else [needed]
        schemes[right.shown.name] = right.shown.scheme
    return schemes


def _set_parameters(operation: Described, route: APIRoute) -> None:
    kept = []
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" and parameter["name"].lower() in _OF_HTTP:
            continue
        if parameter["name"] in _COMPULSORY:
            parameter |= {"required": True, "schema": _TEXT}
        kept.append(parameter)
    read = ["If-None-Match"] if "304" in operation["responses"] else []
    read += ["Accept-Language"] if _is_worded(route) else []
    for name in read:
        meaning = {"description": _PARAMETERS[name], "schema": _TEXT, "required": False}
        kept.append({"name": name, "in": "header", **meaning})
    if kept:
        operation["parameters"] = kept
    else:
        operation.pop("parameters", None)


def _explain_refusals(operation: Described, route: APIRoute) -> set[str]:
    """Say with which codes it is refused; those codes."""
    responses = operation["responses"]
    if "4XX" in responses:
        # A page says what is wrong in a page; what is in none of our languages is no page.
        problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses["4XX"]["content"] = responses["4XX"]["content"] | problem
        return set()
    if _FRAMEWORKS_OWN in str(responses.get("422")):
        del responses["422"]
    codes = [code for answer in responses.values() for code in answer.pop(CODES, ())]
    codes += [code for right in rights(route) for code in right.refuses]
    for call in demands(route.dependant):
        codes += _OF_DEPENDENCIES.get(call, ())
    if route.body_field is not None:
        codes += _WITH_BODY
    else:
        codes += _WITHOUT_BODY
    if "{" in route.path:
        codes.append("not_found")
    codes += _ALWAYS
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(catalogue().problems[code].status, []).append(code)
    for status, same in by_status.items():
        if "content" not in responses.get(str(status), {}):
            responses[str(status)] = _refusal(same)
    operation["responses"] = dict(sorted(responses.items()))
    return set(codes)


def _refusal(codes: Collection[str]) -> Described:
    said = (f"`{code}`: {catalogue().problems[code].title.en}." for code in codes)
    examples = {
        f"{code}.{one}": {"$ref": f"#/components/examples/{code}.{one}"}
        for code in codes
        for one in LANGUAGES
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "\n".join(said),
        CODES: list(codes),
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }


def _examples_of_problems(codes: Iterable[str]) -> Iterable[tuple[str, Described]]:
    for code in codes:
        detail = catalogue().problems[code].detail
        named = {name: value for name, value in _SAMPLES.items() if _names(detail, name)}
        for one in LANGUAGES:
            body = bytes(rendered(Problem(code, args=named), one).body)
            yield f"{code}.{one}", {"summary": one, "value": json.loads(body)}


def _names(detail: Any, argument: str) -> bool:
    return detail is not None and f"{{{argument}}}" in detail.en


def _set_headers(operation: Described, route: APIRoute) -> None:
    responses = operation["responses"]
    for status, answer in responses.items():
        names = []
        if status in ("200", "304") and "304" in responses:
            names.append("ETag")
        if status == "303":
            answer.pop("content", None)
        if status in ("202", "303"):
            names.append("Location")
        if status in ("429", "503"):
            names.append("Retry-After")
        if "429" in responses and status[0] in "24":
            names += ["RateLimit-Policy", "RateLimit"]
        if status == "401":
            names.append("WWW-Authenticate")
        if status[0] == "2" and _is_worded(route) and status != "202":
            names += ["Content-Language", "Vary"]
        if names:
            answer["headers"] = answer.get("headers", {}) | headed(*names)["headers"]


def _is_worded(route: APIRoute) -> bool:
    """Whether its answer says something in the reader's language."""
    return language in demands(route.dependant)


def _show(operation: Described, examples: Mapping[str, Any]) -> None:
    """Put examples to every message of a shape that has some."""
    answers = (answer for status, answer in operation["responses"].items() if status[0] == "2")
    for message in (operation.get("requestBody", {}), *answers):
        content = message.get("content", {}).get(JSON, {})
        shape = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        if shape in examples:
            shown = examples[shape].items()
            content["examples"] = {one: {"summary": one, "value": value} for one, value in shown}
