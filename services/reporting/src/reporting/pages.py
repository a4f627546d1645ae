"""The public's figures as a page: tables with a picture each, for a period that the reader says."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy import Connection

from ombudslink.offices import Language
from ombudslink.runtime.service import Service
from ombudslink.web.access import Public
from ombudslink.web.answers import sent
from ombudslink.web.pages import RESPONSES, PageRoute, Site, faults, in_own_language
from ombudslink.web.problems import Problem
from reporting.answers import Statistics
from reporting.asking import CSV, JSON
from reporting.periods import month_name, said_period
from reporting.publishing import Make, Publisher
from reporting.statistics import Period
from reporting.topics import TOPICS, Told, Topic

router = APIRouter(
    route_class=PageRoute,
    tags=["pages"],
    default_response_class=HTMLResponse,
    responses=RESPONSES,
)

HTML: Final = "text/html; charset=utf-8"
SVG: Final = "image/svg+xml"
_FRESH: Final = "no-cache"
"""A browser may keep it, and asks each time whether it is still the same."""
FORMS: Final = {"json": JSON, "csv": CSV}

First = Annotated[str, Query(alias="from", description="The first month: `YYYY-MM` or `MM.YYYY`.")]
Last = Annotated[str, Query(alias="to", description="The last month, included.")]
TOPIC: Final = {topic.name: topic for topic in TOPICS}


@router.get("/statistics", summary="Statistics, in the reader's language", status_code=303)
async def to_statistics(_: Public, request: Request) -> Response:
    """Leads to the language that the browser asks for."""
    return in_own_language(request, "/statistics")


@router.get("/{language:language}/statistics", summary="Statistics for everybody")
async def page(
    _: Public, language: Language, request: Request, first: First = "", last: Last = ""
) -> Response:
    """Rounded figures of a period, by default of the last twelve months."""
    site: Site = request.app.state.site
    this_month = f"{_today(request):%m.%Y}"
    shown: dict[str, Any]
    try:
        period = said_period(first, last, _today(request))
    except Problem as problem:
        typed, wrong = _lists({"from": first, "to": last}), faults(problem, language)
        shown = {"typed": typed, "errors": wrong, "told": None, "this_month": this_month}
        return site.page(request, language, "statistics.html", status=422, **shown)
    query = urlencode({"from": period.first, "to": period.last})
    shown = {
        "typed": _lists({"from": month_name(period.first), "to": month_name(period.last)}),
        "months": query,
        "this_month": this_month,
        "query": f"?{query}" if first or last else "",
    }

    def make(connection: Connection) -> bytes:
        told = [_told(topic, connection, request, period, language) for topic in TOPICS]
        made = site.page(request, language, "statistics.html", told=told, **shown)
        return bytes(made.body)

    root = request.scope.get("root_path", "")
    asked = "page", root, language, period, shown["query"], this_month
    return await _published(request, asked, make, HTML, language)


@router.get(
    "/{language:language}/statistics/{topic}.svg",
    summary="A picture of one table of the statistics",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
async def picture(
    _: Public, topic: str, language: Language, request: Request, first: First = "", last: Last = ""
) -> Response:
    """As the page shows it; there is none of a table in which there is nothing."""
    wanted, period = _topic(topic), said_period(first, last, _today(request))

    def make(connection: Connection) -> bytes:
        # What draws takes long to load, and most processes never draw.
        from reporting.drawing import drawn

        told = _told(wanted, connection, request, period, language)
        if not told.drawn:
            raise Problem("not_found")
        return drawn(told.picture(period))

    return await _published(request, ("picture", topic, language, period), make, SVG, language)


@router.get(
    "/{language:language}/statistics/{topic}.{form}",
    summary="One table of the statistics, as JSON or CSV",
    response_model=Statistics,
    response_class=JSONResponse,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def table(
    _: Public,
    topic: str,
    form: str,
    language: Language,
    request: Request,
    first: First = "",
    last: Last = "",
) -> Response:
    """The API's answer to the same question, without a key."""
    wanted, period = _topic(topic), said_period(first, last, _today(request))
    media_type = FORMS.get(form)
    if media_type is None:
        raise Problem("not_found")
    asked = wanted.asked(period, language)
    setting = _service(request).setting
    make = partial(asked.written, setting=setting, media_type=media_type)
    answer = await _published(request, (asked, media_type), make, media_type, language)
    name = f"{topic}-{period.first}-{period.last}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def _published(
    request: Request, asked: Hashable, make: Make, media_type: str, language: str
) -> Response:
    """What was asked for, if it is new to the browser."""
    pictures: Publisher = request.app.state.pictures
    body = await pictures.answer(asked, make, public=True)
    answer = sent(request, body, media_type, language=language)
    answer.headers["Cache-Control"] = _FRESH
    return answer


def _told(
    topic: Topic, connection: Connection, request: Request, period: Period, language: str
) -> Told:
    setting = _service(request).setting
    return Told(topic, topic.asked(period, language).table(connection, setting), language)


def _topic(name: str) -> Topic:
    """The topic of that name.

    Raises:
        Problem: there is none.
    """
    topic = TOPIC.get(name)
    if topic is None:
        raise Problem("not_found")
    return topic


def _lists(typed: Mapping[str, str]) -> dict[str, list[str]]:
    return {field: [said] for field, said in typed.items()}


def _today(request: Request) -> datetime:
    setting = _service(request).setting
    return setting.policy.calendar.local(setting.now())


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
