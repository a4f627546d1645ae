"""The page behind the one address, for people, and the health of all services together."""

import base64
import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from ombudslink.installation import REPORTING, Installation
from ombudslink.offices import LANGUAGES, Language, Text
from ombudslink.runtime.service import Service
from ombudslink.web.access import Public
from ombudslink.web.app import problem_of
from ombudslink.web.docs import page
from ombudslink.web.metrics import Metrics
from ombudslink.web.middleware import Protected
from ombudslink.web.problems import Problem, language_of, rendered

_STYLE: Final = (
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "nav a{margin-right:1rem}code,pre{background:#f2f2f2;color:#111;padding:.1em .3em}"
    "pre{overflow-x:auto;padding:.6em}"
)
_NAMES: Final = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter()


@router.get("/", summary="What this is, for people", response_class=HTMLResponse)
async def home(
    _: Public, request: Request, language: Annotated[Language | None, Query()] = None
) -> HTMLResponse:
    """In the language that the browser asks for, or the one that was chosen."""
    chosen = language or language_of(request.headers.get("accept-language"))
    headers = {
        "Content-Language": chosen,
        "Content-Security-Policy": _POLICY,
        "Vary": "Accept-Language",
    }
    installation: Installation = request.app.state.installation
    address = str(request.base_url).rstrip("/")
    return HTMLResponse(_home(installation, address, chosen), headers=headers)


@router.get("/health/live", summary="Whether the process answers")
async def live(_: Public) -> dict[str, str]:
    """Says so, whatever state the services are in."""
    return {"status": "live"}


@router.get("/health/ready", summary="Whether all services can be asked")
async def ready(_: Public, request: Request, response: Response) -> dict[str, dict[str, bool]]:
    """What must be well for each participant, and whether it is; 503 when something is not."""
    services: Mapping[str, FastAPI] = request.app.state.services
    found = {}
    for participant, app in services.items():
        service: Service = app.state.service
        found[participant] = await service.ready()
    if not all(all(parts.values()) for parts in found.values()):
        response.status_code = 503
    return found


def create_home(installation: Installation, services: Mapping[str, FastAPI]) -> FastAPI:
    """The application that answers whatever no service does."""
    app = FastAPI(title="Ombudslink", docs_url=None, redoc_url=None)
    app.state.installation = installation
    app.state.services = services
    app.include_router(router)

    async def explain(request: Request, error: Exception) -> Response:
        language = language_of(request.headers.get("accept-language"))
        # The pages that explain problems are in every service.
        return rendered(
            problem_of(error), language, root=installation.place(installation.policy.intake)
        )

    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, explain)
    app.add_middleware(Protected, metrics=Metrics())
    return app


def _home(installation: Installation, address: str, language: str) -> str:
    def say(word: str) -> str:
        return escape(_words()[word].in_(language))

    languages = " ".join(
        f'<a href="/?language={one}" hreflang="{one}" lang="{one}">{_NAMES[one]}</a>'
        for one in LANGUAGES
    )
    policy = installation.policy
    services = (
        (say("citizens"), policy.intake),
        *((escape(office.name.in_(language)), office.id) for office in policy.offices),
        (say("registrar"), policy.registrar),
        (say("statistics"), REPORTING),
    )
    links = "\n".join(
        f'<li>{name}: <a href="{installation.place(participant)}/docs">{say("operations")}</a></li>'
        for name, participant in services
    )
    return page(
        "Ombudslink",
        f"<nav>{languages}</nav>\n<p>{say('what')}</p>\n"
        f"<h2>{say('how_to_file')}</h2>\n<pre>ombudslink file --at {escape(address)}</pre>\n"
        f"<p>{say('how_to_follow')}</p>\n<pre>ombudslink status --at {escape(address)}</pre>\n"
        f"<h2>{say('services')}</h2>\n<ul>\n{links}\n</ul>",
        language,
        f"<style>{_STYLE}</style>\n",
    )


@cache
def _words() -> dict[str, Text]:
    raw = files("onebox").joinpath("home.toml").read_text(encoding="utf-8")
    return {word: Text.model_validate(text) for word, text in tomllib.loads(raw).items()}
