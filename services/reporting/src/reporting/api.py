"""The figures over HTTP: rounded ones for the public, exact ones for the offices."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from ombudslink.runtime.service import Service
from ombudslink.web.access import Principal, RightOrNobody, Scope
from ombudslink.web.answers import Language, preferred, sent
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import CONDITIONAL, Responses, refuses
from ombudslink.web.problems import Fault, Problem
from reporting import statistics
from reporting.answers import InspectionStatistics, Statistics
from reporting.asking import CSV, JSON, Asked, Question
from reporting.publishing import Publisher
from reporting.statistics import (
    COMPLAINT_COUNTS,
    COMPLAINT_DIMENSIONS,
    INSPECTION_COUNTS,
    INSPECTION_DIMENSIONS,
    LEG_COUNTS,
    LEG_DIMENSIONS,
    MOST_ROWS,
    Period,
    TooManyRows,
)

router = APIRouter(route_class=GuardedRoute, prefix="/v1/statistics", tags=["statistics"])

MOST_DIMENSIONS: Final = 3
VARY: Final = "Accept, Accept-Language, Authorization"

Month = Annotated[str, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])]
Reader = Annotated[Principal | None, Depends(RightOrNobody(Scope.READ))]
_SAME: Final = {"from": "$request.query.from", "to": "$request.query.to"}
_RESPONSES: Final[Responses] = {
    200: {
        "model": Statistics,
        "content": {CSV: {"schema": {"type": "string"}}},
        **linked(
            link("count_complaints", "The complaints of the same months.", _SAME),
            link("count_referrals", "The referrals of the same months.", _SAME),
            link("count_inspections", "The joint inspections of the same months.", _SAME),
        ),
    },
    **CONDITIONAL,
    **refuses("not_acceptable", "table_too_large", "too_busy"),
}


_OF_INSPECTIONS: Final[Responses] = {
    **_RESPONSES,
    200: {**_RESPONSES[200], "model": InspectionStatistics},
}


def period(
    first: Annotated[Month, Query(alias="from", description="The first month.")],
    last: Annotated[Month, Query(alias="to", description="The last month, included.")],
) -> Period:
    """The months that are asked about, in the offices' local time.

    Raises:
        Problem: they are in the wrong order.
    """
    if first > last:
        raise Problem("invalid_request", errors=[Fault("/query/to", "period_reversed")])
    return Period(first, last)


class Answer:
    """What an answer about figures depends on besides the question."""

    def __init__(
        self,
        request: Request,
        language: Language,
        within: Annotated[Period, Depends(period)],
        accept: Annotated[str, Header()] = JSON,
    ) -> None:
        self._request = request
        self._language = language
        self._period = within
        self._format = preferred(accept, JSON, CSV)

    async def to(
        self,
        reader: Principal | None,
        question: Question,
        by: Sequence[str],
        counts: Sequence[str],
    ) -> Response:
        """The table for a reader, in the format and language that they want, if it is new.

        Raises:
            Problem: it has too many rows, or too many ask.
        """
        service: Service = self._request.app.state.service
        language, exact = self._language, reader is not None
        asked = Asked(question, tuple(by), tuple(counts), self._period, language, exact)
        make = partial(asked.written, setting=service.setting, media_type=self._format)
        publisher: Publisher = self._request.app.state.publisher
        try:
            body = await publisher.answer((asked, self._format), make, public=not exact)
        except TooManyRows:
            raise Problem("table_too_large", args={"limit": MOST_ROWS}) from None
        return sent(self._request, body, self._format, language=language, vary=VARY)


@router.get(
    "/complaints",
    operation_id="count_complaints",
    summary="What became of the complaints that were filed in a period",
    response_model=Statistics,
    responses=_RESPONSES,
)
async def complaints(
    reader: Reader,
    answer: Annotated[Answer, Depends()],
    by: Annotated[str, Query(examples=["office,region,subject"])] = "office",
) -> Response:
    """By one to three of month (of filing), office (that had it then), subject, complainant,
    affected, body, region, outcome (the present one) and hops (transfers so far).

    A complaint counts once in each cell, also one with several recommendations; `working_days` run
    from its first registration to its first decision. Without a key that may read complaints, every
    number is rounded to the nearest multiple of five, rows of noughts are left out, and means and
    medians are told where at least ten durations were measured.
    """
    wanted = _dimensions(by, COMPLAINT_DIMENSIONS)
    return await answer.to(reader, statistics.complaints, wanted, COMPLAINT_COUNTS)


@router.get(
    "/legs",
    operation_id="count_referrals",
    summary="What became of the referrals that were sent in a period",
    response_model=Statistics,
    responses=_RESPONSES,
)
async def legs(
    reader: Reader,
    answer: Annotated[Answer, Depends()],
    by: Annotated[str, Query(examples=["sender,receiver"])] = "receiver",
) -> Response:
    """By one to three of month (of sending), sender, receiver, kind and state (the present one).

    `working_days` run from the day of sending to the day of the answer: accepted, rejected or
    redirected. Without a key that may read complaints, every number is rounded to the nearest
    multiple of five, rows of noughts are left out, and means and medians are told where at least
    ten durations were measured.
    """
    return await answer.to(reader, statistics.legs, _dimensions(by, LEG_DIMENSIONS), LEG_COUNTS)


@router.get(
    "/inspections",
    operation_id="count_inspections",
    summary="What became of the joint inspections that were proposed in a period",
    response_model=InspectionStatistics,
    responses=_OF_INSPECTIONS,
)
async def inspections(
    reader: Reader,
    answer: Annotated[Answer, Depends()],
    by: Annotated[str, Query(examples=["lead,stage"])] = "lead",
) -> Response:
    """By one to three of month (of the proposal), lead, party (each office that took part at any
    time), stage (the present one), separated_for, closed_with, party_count and complaint_count.

    `complaints` and `parties` are the sums of those that took part at any time, `findings` and
    `dissents` the sums of what was drafted and of the votes against it. `working_days` run from the
    proposal to the report, `working_days_to_opening` from the proposal to the opening. Without a
    key that may read complaints, every number is rounded to the nearest multiple of five, rows of
    fewer than three inspections are left out, and means and medians are told where at least ten
    durations were measured.
    """
    wanted = _dimensions(by, INSPECTION_DIMENSIONS)
    return await answer.to(reader, statistics.inspections, wanted, INSPECTION_COUNTS)


def _dimensions(by: str, known: Collection[str]) -> list[str]:
    """The dimensions of a table, each once.

    Raises:
        Problem: there are more than three, or one is unknown.
    """
    wanted = list(dict.fromkeys(by.split(",")))
    if not set(wanted) <= set(known):
        raise Problem("invalid_request", errors=[Fault("/query/by", "not_one_of")])
    if len(wanted) > MOST_DIMENSIONS:
        fault = Fault("/query/by", "too_many", {"limit": MOST_DIMENSIONS})
        raise Problem("invalid_request", errors=[fault])
    return wanted
