"""The rules for what government bodies are to answer: requests for information, recommendations.

A body is addressed by nobody but the custodian, and only by one that examines the complaint or has
answered it. Whatever it answers is recorded, also when it comes late or the complaint has ended.
"""

from typing import assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.bodies import Request, Requests
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase
from ombudslink.conditions import require_custodian, require_service, require_settled_custody
from ombudslink.deadlines import require_due
from ombudslink.offices import Policy
from ombudslink.values import ParticipantId

RequestCommand = (
    c.RequestInformation
    | c.RecordInformation
    | c.DeclareInformationOverdue
    | c.IssueRecommendation
    | c.RecordRecommendationAnswer
    | c.DeclareRecommendationOverdue
)


def decide_request(
    state: Complaint, command: RequestCommand, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The events that follow from a command about what a government body is to answer.

    Raises:
        Refused: the rules do not allow it.
    """
    match command:
        case c.RequestInformation():
            return _ask(state, command, order, policy)
        case c.RecordInformation():
            return _record(state, command, order)
        case c.IssueRecommendation():
            return _recommend(state, command, order, policy)
        case c.RecordRecommendationAnswer():
            return _record_answer(state, command, order)
        case c.DeclareInformationOverdue() | c.DeclareRecommendationOverdue():
            return _declare_overdue(state, command, order, policy)
        case _:
            assert_never(command)


def _ask(
    state: Complaint, command: c.RequestInformation, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_custodian(state, order)
    if state.phase is not Phase.EXAMINATION:
        raise Refused("not_under_examination", phase=state.phase)
    require_settled_custody(state)
    _require_body(command.addressee, policy)
    limit = policy.information
    warn_at, due = policy.ends(limit, policy.calendar.local(order.at).date())
    return [
        e.InformationRequested(
            request=len(state.requests) + 1,
            addressee=command.addressee,
            rule=limit.rule,
            rule_version=limit.version,
            warn_at=warn_at,
            due=due,
            content=command.content,
        )
    ]


def _recommend(
    state: Complaint, command: c.IssueRecommendation, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    require_custodian(state, order)
    if state.phase is not Phase.ANSWERED:
        raise Refused("no_decision_to_follow", phase=state.phase)
    _require_body(command.addressee, policy)
    limit = policy.recommendation
    warn_at, due = policy.ends(limit, policy.calendar.local(order.at).date())
    return [
        e.RecommendationIssued(
            recommendation=len(state.recommendations) + 1,
            addressee=command.addressee,
            rule=limit.rule,
            rule_version=limit.version,
            warn_at=warn_at,
            due=due,
            content=command.content,
        )
    ]


def _record(state: Complaint, command: c.RecordInformation, order: Order) -> list[e.ComplaintEvent]:
    require_custodian(state, order)
    asked = _unanswered(state.requests, command.request)
    return [e.InformationProvided(addressee=asked.addressee, **command.model_dump())]


def _record_answer(
    state: Complaint, command: c.RecordRecommendationAnswer, order: Order
) -> list[e.ComplaintEvent]:
    require_custodian(state, order)
    asked = _unanswered(state.recommendations, command.recommendation)
    return [e.RecommendationAnswered(addressee=asked.addressee, **command.model_dump())]


def _declare_overdue(
    state: Complaint,
    command: c.DeclareInformationOverdue | c.DeclareRecommendationOverdue,
    order: Order,
    policy: Policy,
) -> list[e.ComplaintEvent]:
    require_service(order, policy.registrar)
    require_due(state, command, order.at)
    if isinstance(command, c.DeclareInformationOverdue):
        asked = state.requests[command.request - 1]
        return [e.InformationOverdue(addressee=asked.addressee, **command.model_dump())]
    asked = state.recommendations[command.recommendation - 1]
    return [e.RecommendationOverdue(addressee=asked.addressee, **command.model_dump())]


def _require_body(addressee: ParticipantId, policy: Policy) -> None:
    if policy.body(addressee) is None:
        raise Refused("unknown_body")


def _unanswered(requests: Requests, number: int) -> Request:
    if not 1 <= number <= len(requests):
        raise Refused("no_such_request")
    asked = requests[number - 1]
    if asked.answered:
        raise Refused("already_answered", request=number)
    return asked
