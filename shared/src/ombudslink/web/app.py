"""Every service's application: the same errors, health, metrics, documentation and limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from ombudslink.commands import Refused
from ombudslink.observe import logger
from ombudslink.offices import LANGUAGES
from ombudslink.runtime.consumer import reason_of
from ombudslink.runtime.service import Service
from ombudslink.store.engine import StoreError
from ombudslink.web import docs
from ombudslink.web.access import AccessKeys, Principal, Public, Right, Scope
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import refused
from ombudslink.web.metrics import CONTENT_TYPE, Metrics
from ombudslink.web.middleware import Protected
from ombudslink.web.openapi import Application, examples_of
from ombudslink.web.problems import Problem, catalogue, language_of, rendered
from ombudslink.web.words import participant_name

_BY_STATUS: Final = {
    400: "malformed",
    401: "not_authenticated",
    403: "not_entitled",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "media_type_unknown",
    422: "invalid_request",
}

common = APIRouter(route_class=GuardedRoute)


@common.get("/health/live", summary="Whether the process answers", tags=["service"])
async def live(_: Public) -> dict[str, str]:
    """Says so, whatever state the service's dependencies are in."""
    return {"status": "live"}


@common.get(
    "/health/ready",
    summary="Whether the service can be asked",
    tags=["service"],
    responses={503: {"model": dict[str, bool], "description": "Not everything is well."}},
)
async def ready(_: Public, request: Request, response: Response) -> dict[str, bool]:
    """What must be well, and whether it is; 503 when something is not."""
    service: Service = request.app.state.service
    found = await service.ready()
    if not all(found.values()):
        response.status_code = 503
    return found


@common.get(
    "/metrics",
    summary="Numbers for Prometheus",
    tags=["service"],
    response_class=PlainTextResponse,
)
async def metrics(
    _: Annotated[Principal, Depends(Right(Scope.OPERATE))], request: Request
) -> Response:
    """Counters and gauges in Prometheus' text format."""
    service: Service = request.app.state.service
    lag = await service.consumer.lag() if service.consumer else None
    kept: Metrics = request.app.state.metrics
    parts = service.parts
    text = await service.database.query(
        lambda c: kept.text(c, lag, parts.counts, len(parts.stopped))
    )
    return Response(text, media_type=CONTENT_TYPE)


@common.get(
    "/problems/{code}",
    summary="What a problem means",
    tags=["service"],
    response_class=HTMLResponse,
)
async def problem(_: Public, code: str, request: Request) -> str:
    """The page behind a problem's type, in the reader's language."""
    entry = catalogue().problems.get(code)
    if entry is None:
        raise Problem("not_found")
    language = language_of(request.headers.get("accept-language"))
    return docs.problem_page(code, entry, language)


@common.get("/docs", summary="This documentation", tags=["service"], response_class=HTMLResponse)
async def documentation(_: Public, request: Request) -> str:
    """Every operation on one page, without a file from any other host."""
    return docs.operations_page(request.app.openapi(), request.scope.get("root_path", ""))


def serve(service: Service, *routers: APIRouter) -> FastAPI:
    """The application of a service; its lifespan starts and stops the service."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    app = Application(
        examples=examples_of(service.name.replace("-", "_")),
        title=f"Ombudslink {service.name}",
        summary="One complaint, several ombudsman offices, one provable history.",
        version="0.1.0",
        lifespan=lifespan,
    )
    app.state.service = service
    app.state.access = AccessKeys(service.setting.access)
    app.state.now = service.setting.now
    app.state.metrics = Metrics()
    for router in (*routers, common):
        app.include_router(router)
    _explain_errors(app)
    app.add_middleware(Protected, metrics=app.state.metrics)
    return app


def _explain_errors(app: FastAPI) -> None:
    async def explain(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        language = page_language(request)
        if language and hasattr(app.state, "site"):
            page: Response = app.state.site.refused(request, problem, language)
            return page
        return answer(request, problem)

    for kind in (Problem, Refused, RequestValidationError, HTTPException, StoreError):
        app.add_exception_handler(kind, explain)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is, the framework's own errors included."""
    match error:
        case Problem():
            return error
        case Refused():
            return Problem.of(error)
        case RequestValidationError():
            return refused(error.errors())
        case HTTPException():
            code = _BY_STATUS.get(error.status_code, "malformed")
            return Problem(code, headers=error.headers)
        case _:
            logger().error("store_failed", reason=reason_of(error))
            return Problem("store_unavailable", headers={"Retry-After": "5"})


def answer(request: Request, problem: Problem) -> Response:
    """A problem for this request's reader."""
    service: Service = request.app.state.service

    def name(office: str, language: str) -> str:
        return participant_name(service.setting.policy, office, language)

    language = language_of(request.headers.get("accept-language"))
    return rendered(problem, language, name, str(request.scope.get("root_path", "")))


def page_language(request: Request) -> str | None:
    """The language in which a page was asked for; None for what is no page."""
    path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    first = path.strip("/").partition("/")[0]
    return first if first in LANGUAGES else None
