"""The table of rights that people read: every operation of every service, and who may call it."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from ombudslink.folder import DataFolder
from ombudslink.installation import (
    BODY_KEY,
    OFFICE_KEY,
    OPERATOR_KEY,
    SERVICE_KEYS,
    Installation,
    configuration_of,
)
from ombudslink.log.memory import MemoryLog
from ombudslink.settings import Settings
from ombudslink.web.access import Scope, Stated
from ombudslink.web.routes import rights, routes

_HEAD: Final = """\
# Rights

Made by `make contracts` from the signatures of all operations. `yes`: this caller is let in; `own`:
the people of that office only, other offices' keys are refused with 403; 401: it must say who it
is; 403: its key is for something else. Whoever is let in still sees only what belongs to it: where
the existence of something is secret, it is answered 404. An office's pages are opened by its
people's key and then by a cookie, a complainant's by reference and code.
"""
KEYS: Final[Mapping[str, frozenset[Scope]]] = {
    "an office's people": OFFICE_KEY,
    "an office's service": SERVICE_KEYS["case-tracking"],
    "intake": SERVICE_KEYS["intake"],
    "reporting": SERVICE_KEYS["reporting"],
    "a government body": BODY_KEY,
    "the operator": OPERATOR_KEY,
}
"""Who has which keys."""
NOBODY: Final = "nobody known"
COMPLAINANT: Final = "the complainant"
CALLERS: Final = (NOBODY, COMPLAINANT, *KEYS)


def page(apps: Mapping[str, FastAPI]) -> str:
    """The whole page, for one application of each service by the service's name."""
    return "\n".join([_HEAD, *(line for name in apps for line in _service(name, apps[name]))])


@contextmanager
def applications() -> Iterator[dict[str, FastAPI]]:
    """One application of each installed service, not started."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings()
        made = DataFolder(Path(folder) / "data")
        installation = Installation.of(made, configuration_of(settings), settings.country)
        nowhere = httpx.AsyncClient()
        yield {
            service: installation.service(
                participant, log=MemoryLog(), registrar=nowhere, intake=nowhere
            )
            for participant, service in installation.participants().items()
        }


def callers(right: Stated) -> dict[str, str]:
    """What becomes of each caller at an operation with that right."""
    if right.shown is None:
        return dict.fromkeys(CALLERS, "yes")
    if right.scope is None:
        # A session or a cookie instead of a key.
        let_in = {COMPLAINANT: "yes"} if right.of_complainant else {"an office's people": "own"}
        return dict.fromkeys(CALLERS, "401") | let_in
    known = "own" if "not_entitled" in right.refuses else "yes"
    by_key = {who: known if right.scope in scopes else "403" for who, scopes in KEYS.items()}
    nobody = "yes" if right.optional else "401"
    return {NOBODY: nobody, COMPLAINANT: "401", **by_key}


def _service(name: str, app: FastAPI) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"| Operation | Right | {' | '.join(CALLERS)} |"
    yield f"|{' --- |' * (len(CALLERS) + 2)}"
    for route in routes(app):
        for method in sorted(route.methods or ()):
            yield _row(method, route)
    yield ""


def _row(method: str, route: APIRoute) -> str:
    (right,) = rights(route)
    cells = callers(right)
    told = " | ".join(cells[who] for who in CALLERS)
    return f"| `{method} {route.path_format}` | {right.stated} | {told} |"
