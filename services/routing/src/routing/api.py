"""Routing over HTTP: histories for those they belong to, the competence rules, the partitions."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from ombudslink.ids import PARTITIONS
from ombudslink.runtime.histories import History
from ombudslink.runtime.service import Service
from ombudslink.values import Id
from ombudslink.web.access import Principal, Public, Right, Scope
from ombudslink.web.app import Language
from ombudslink.web.problems import Problem
from routing import histories
from routing.competence import Competence, Rule
from routing.partitions import Partitions

router = APIRouter(prefix="/v1")


class WordView(BaseModel):
    """A code and what it means in the reader's language."""

    code: str
    text: str


class RuleView(BaseModel):
    """One row of the competence rules; rows are tried in order, and the first that fits decides.

    Every condition must hold; of its words, one is enough. A row that is not certain proposes an
    office, which a person must confirm.
    """

    id: str
    office: WordView
    certain: bool
    legal_basis: WordView
    conditions: dict[str, list[WordView]]


class CompetenceView(BaseModel):
    """The competence rules in force."""

    version: int
    rules: list[RuleView]


class PartitionView(BaseModel):
    """One partition of the commands as this instance sees it; it reads the offset `next` next."""

    partition: int
    owned: bool
    next: int | None
    at_end: bool
    stopped: str | None


@router.get(
    "/histories/{stream}", summary="The events of a complaint after a version", tags=["histories"]
)
async def history(
    stream: Id,
    request: Request,
    caller: Annotated[Principal, Depends(Right(Scope.HISTORY))],
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> History:
    """With the hash before each, so that the reader can check the chain. Only for its parties."""
    service: Service = request.app.state.service
    found = await service.database.query(
        partial(
            histories.shown,
            stream=stream,
            reader=caller.participant,
            after=after,
            policy=service.setting.policy,
        )
    )
    if found is None:
        raise Problem("not_found")
    return found


@router.get("/competence", summary="Which office is competent for what", tags=["competence"])
async def competence(
    _: Public, request: Request, response: Response, language: Language
) -> CompetenceView:
    """The whole table with its legal bases, in the reader's language."""
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    service: Service = request.app.state.service
    table: Competence = request.app.state.competence
    return CompetenceView(
        version=table.version, rules=[_rule(service, rule, language) for rule in table.rule]
    )


@router.get("/partitions", summary="What this instance of the registrar does", tags=["service"])
async def partitions(
    _: Annotated[Principal, Depends(Right(Scope.OPERATE))], request: Request
) -> list[PartitionView]:
    """Every partition: whether it is owned here, how far it was read, and why it was stopped."""
    mine: Partitions = request.app.state.partitions
    return [_partition(mine, number) for number in range(PARTITIONS)]


def _rule(service: Service, rule: Rule, language: str) -> RuleView:
    vocabulary, office = service.setting.vocabulary, service.setting.policy.office(rule.office)

    def word(kind: str, code: str) -> WordView:
        return WordView(code=code, text=vocabulary.label(kind, code, language))

    return RuleView(
        id=rule.id,
        office=WordView(code=rule.office, text=office.name.in_(language) if office else ""),
        certain=rule.certain,
        legal_basis=word("legal_bases", rule.legal_basis),
        conditions={
            kind: [word(kind, code) for code in sorted(codes)]
            for kind, codes in rule.conditions.items()
        },
    )


def _partition(partitions: Partitions, number: int) -> PartitionView:
    owned = partitions.owned.get(number)
    return PartitionView(
        partition=number,
        owned=owned is not None,
        next=owned.at.next if owned else None,
        at_end=partitions.at_end(number),
        stopped=partitions.stopped.get(number),
    )
