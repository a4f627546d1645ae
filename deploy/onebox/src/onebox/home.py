"""What the one address answers beside the services: a page for engineers, the health of all."""

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from ombudslink.installation import REPORTING, Installation
from ombudslink.runtime.service import Service
from ombudslink.web.access import Public
from ombudslink.web.app import problem_of
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.metrics import Metrics
from ombudslink.web.middleware import Protected
from ombudslink.web.openapi import Application
from ombudslink.web.pages import RESPONSES, PageRoute, Site
from ombudslink.web.phrases import phrase
from ombudslink.web.problems import Problem, language_of, rendered

router = APIRouter(route_class=GuardedRoute)
pages = APIRouter(route_class=PageRoute, default_response_class=HTMLResponse, responses=RESPONSES)


@pages.get("/docs", summary="For engineers: every service of this address")
async def engineers(_: Public, request: Request) -> Response:
    """Where the operations of each are described, in the language that the browser asks for."""
    language = language_of(request.headers.get("accept-language"))
    installation: Installation = request.app.state.installation
    policy = installation.policy
    services = [
        (phrase("engineers", "people", language), installation.place(policy.intake), None),
        *(
            (office.name.in_(language), place, f"{place}/{language}/")
            for office in policy.offices
            if (place := installation.place(office.id))
        ),
        (phrase("engineers", "registrar", language), installation.place(policy.registrar), None),
        (phrase("engineers", "statistics", language), installation.place(REPORTING), None),
    ]
    site: Site = request.app.state.site
    return site.page(request, language, "engineers.html", services=services)


@router.get("/health/live", summary="Whether the process answers")
async def live(_: Public) -> dict[str, str]:
    """Says so, whatever state the services are in."""
    return {"status": "live"}


@router.get(
    "/health/ready",
    summary="Whether all services can be asked",
    responses={
        503: {"model": dict[str, dict[str, bool]], "description": "Not everything is well."}
    },
)
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
    app = Application(title="Ombudslink")
    app.state.installation = installation
    app.state.services = services
    app.state.site = Site("onebox", installation.policy)
    app.include_router(pages)
    app.include_router(router)

    async def explain(request: Request, error: Exception) -> Response:
        language = language_of(request.headers.get("accept-language"))
        if "text/html" in request.headers.get("accept", ""):
            site: Site = request.app.state.site
            return site.refused(request, problem_of(error), language)
        # The pages that explain problems are in every service.
        return rendered(
            problem_of(error), language, root=installation.place(installation.policy.intake)
        )

    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, explain)
    app.add_middleware(Protected, metrics=Metrics())
    return app
