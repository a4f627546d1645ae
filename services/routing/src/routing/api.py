"""Routing over HTTP: histories for those they belong to, the competence rules, the partitions."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, TypeAdapter

from ombudslink.ids import PARTITIONS
from ombudslink.offices import Policy
from ombudslink.runtime.histories import History
from ombudslink.runtime.service import Service
from ombudslink.values import Hash, Id, KeyId, ParticipantId
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.access import Principal, Public, Right, Scope
from ombudslink.web.answers import Language, sent, shown
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.links import link, linked
from ombudslink.web.openapi import CONDITIONAL
from ombudslink.web.problems import Fault, Problem
from routing import histories
from routing.competence import Competence, Facts, Rule, competent
from routing.partitions import Partitions

router = APIRouter(route_class=GuardedRoute, prefix="/v1")


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


class PreviewView(BaseModel):
    """Who would receive a complaint with these codes, and why.

    `custodian` has it first; when the rule is certain, it goes on to `office` by itself. `because`
    are the words of the complaint that the rule asks for, by the kind of word; none for a rule
    that catches what no other one does. `excluded` is the office complained of.
    """

    version: int
    office: WordView
    custodian: WordView
    certain: bool
    rule: str
    because: dict[str, list[WordView]]
    legal_basis: WordView
    alternatives: list[WordView]
    excluded: WordView | None


class PartitionView(BaseModel):
    """One partition of the commands as this instance sees it; it reads the offset `next` next."""

    partition: int
    owned: bool
    next: int | None
    at_end: bool
    stopped: str | None


class KeyView(BaseModel):
    """A participant's public Ed25519 key in hexadecimal, and its name."""

    key: KeyId
    participant: ParticipantId
    public: Hash


_KEYS: Final = TypeAdapter(list[KeyView])
_PARTITIONS: Final = TypeAdapter(list[PartitionView])


@router.get(
    "/histories/{stream}",
    operation_id="read_history",
    summary="The events of a complaint or joint inspection after a version",
    tags=["histories"],
    response_model=History,
    responses=CONDITIONAL
    | {
        200: linked(
            link(
                "read_history",
                "The events after the first of these; after another one by its `version`.",
                {
                    "stream": "$request.path.stream",
                    "after": "$response.body#/events/0/version",
                },
            )
        )
    },
)
async def history(
    stream: Id,
    request: Request,
    caller: Annotated[Principal, Depends(Right(Scope.HISTORY))],
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
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
    return shown(request, found)


@router.get(
    "/competence",
    operation_id="read_competence",
    summary="Which office is competent for what",
    tags=["competence"],
    response_model=CompetenceView,
    responses=CONDITIONAL
    | {200: linked(link("preview_competence", "What these rules say of a complaint."))},
)
async def competence(_: Public, request: Request, language: Language) -> Response:
    """The whole table with its legal bases, in the reader's language."""
    service: Service = request.app.state.service
    table: Competence = request.app.state.competence
    view = CompetenceView(
        version=table.version, rules=[_rule(service, rule, language) for rule in table.rule]
    )
    return shown(request, view, language=language)


@router.post(
    "/competence/preview",
    operation_id="preview_competence",
    summary="Who would receive a complaint, and why",
    tags=["competence"],
)
async def preview(
    _: Public, facts: Facts, request: Request, response: Response, language: Language
) -> PreviewView:
    """What the rules say of these codes, before anything is filed. Nothing is kept of it."""
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    service: Service = request.app.state.service
    _require_known(facts, service.setting.vocabulary)
    return _preview(service, request.app.state.competence, facts, language)


@router.get(
    "/keys",
    operation_id="list_keys",
    summary="The public keys of all participants",
    tags=["keys"],
    response_model=list[KeyView],
    responses=CONDITIONAL,
)
async def keys(_: Public, request: Request) -> Response:
    """With which the registrar verifies who sent a command, and anybody who signed a joint
    report. Whoever must not rely on the platform has them from the offices themselves."""
    service: Service = request.app.state.service
    ring = service.setting.ring.keys
    found = [
        KeyView(key=key, participant=key.partition("#")[0], public=public.hex())
        for key, public in sorted(ring.items())
    ]
    return sent(request, _KEYS.dump_json(found), "application/json")


@router.get(
    "/partitions",
    operation_id="list_partitions",
    summary="What this instance of the registrar does",
    tags=["service"],
    response_model=list[PartitionView],
    responses=CONDITIONAL,
)
async def partitions(
    _: Annotated[Principal, Depends(Right(Scope.OPERATE))], request: Request
) -> Response:
    """Every partition: whether it is owned here, how far it was read, and why it was stopped."""
    mine: Partitions = request.app.state.partitions
    found = [_partition(mine, number) for number in range(PARTITIONS)]
    return sent(request, _PARTITIONS.dump_json(found), "application/json")


def _require_known(facts: Facts, vocabulary: Vocabulary) -> None:
    said = facts.said()
    faults = [
        Fault(f"/{name}", "unknown_code")
        for name, kind in zip(Facts.model_fields, said, strict=True)
        if not all(vocabulary.knows(kind, word) for word in said[kind])
    ]
    if faults:
        raise Problem("invalid_request", errors=faults)


def _preview(service: Service, table: Competence, facts: Facts, language: str) -> PreviewView:
    vocabulary, policy = service.setting.vocabulary, service.setting.policy
    excluded = vocabulary.office_complained_of(facts.body)
    routed = competent(table, facts, excluded)
    rule = next(rule for rule in table.rule if rule.id == routed.rule)
    said = facts.said()

    def word(kind: str, code: str) -> WordView:
        return WordView(code=code, text=vocabulary.label(kind, code, language))

    return PreviewView(
        version=table.version,
        office=_office(policy, routed.office, language),
        custodian=_office(policy, policy.first(policy.fallback, excluded), language),
        certain=routed.certain,
        rule=rule.id,
        because={
            kind: [word(kind, code) for code in sorted(codes & said[kind])]
            for kind, codes in rule.conditions.items()
        },
        legal_basis=word("legal_bases", rule.legal_basis),
        alternatives=[_office(policy, one.office, language) for one in routed.alternatives],
        excluded=_office(policy, excluded, language) if excluded else None,
    )


def _office(policy: Policy, office: str, language: str) -> WordView:
    known = policy.office(office)
    return WordView(code=office, text=known.name.in_(language) if known else office)


def _rule(service: Service, rule: Rule, language: str) -> RuleView:
    vocabulary = service.setting.vocabulary

    def word(kind: str, code: str) -> WordView:
        return WordView(code=code, text=vocabulary.label(kind, code, language))

    return RuleView(
        id=rule.id,
        office=_office(service.setting.policy, rule.office, language),
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
