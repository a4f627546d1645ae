"""The first page, and who does what."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from ombudslink.offices import Language
from ombudslink.runtime.service import Service
from ombudslink.web.access import Public
from ombudslink.web.pages import RESPONSES, PageRoute, Site, in_own_language

router = APIRouter(
    route_class=PageRoute,
    tags=["pages"],
    default_response_class=HTMLResponse,
    responses=RESPONSES,
)


@router.get("/", summary="The first page, in the reader's language", status_code=303)
async def first(_: Public, request: Request) -> Response:
    """Leads to the language that the browser asks for."""
    return in_own_language(request, "/")


@router.get("/offices", summary="Who does what, in the reader's language", status_code=303)
async def to_offices(_: Public, request: Request) -> Response:
    """Leads to the language that the browser asks for."""
    return in_own_language(request, "/offices")


@router.get(
    "/status", summary="Where a complaint stands, in the reader's language", status_code=303
)
async def to_status(_: Public, request: Request) -> Response:
    """Leads to the language that the browser asks for."""
    return in_own_language(request, "/status")


@router.get("/{language:language}/", summary="The first page")
async def start(_: Public, language: Language, request: Request) -> Response:
    """What this is, and where to file, to follow and to read who does what."""
    return site(request).page(request, language, "start.html")


@router.get("/{language:language}/offices", summary="Who does what")
async def offices(_: Public, language: Language, request: Request) -> Response:
    """Every office with its competence, its period and how it is reached."""
    service: Service = request.app.state.service
    listed = service.setting.policy.offices
    return site(request).page(request, language, "offices.html", offices=listed)


def site(request: Request) -> Site:
    """Intake's site."""
    found: Site = request.app.state.site
    return found
