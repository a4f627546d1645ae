"""What an office is shown of a complaint: its state, its clocks, and what may be done now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from case_tracking.acts import Standing
from case_tracking.duties import Due, Role, Todo, Urgency, role_of, todo_of, urgency
from case_tracking.ends import EndView, ends, return_reasons
from ombudslink import events as e
from ombudslink.bodies import Request
from ombudslink.complaint import Complaint, Phase
from ombudslink.envelope import Envelope
from ombudslink.offices import Policy
from ombudslink.rights import ContentRight, content_right
from ombudslink.values import (
    Channel,
    Clock,
    Code,
    Id,
    Moment,
    ParticipantId,
    ReferralKind,
    ReferralState,
    RegistrationNumber,
)


class FiledView(BaseModel):
    """What the filing says in codes; the rest of it is content."""

    model_config = ConfigDict(from_attributes=True)

    channel: Channel
    received_by: ParticipantId | None
    addressed: ParticipantId | None
    complainant: Code
    affected: tuple[Code, ...]
    subject: Code
    body: Code
    complained_office: ParticipantId | None
    region: Code
    language: str
    filed_at: Moment


class AlternativeView(BaseModel):
    """Another office that could be competent, and the rule that says so."""

    model_config = ConfigDict(from_attributes=True)

    office: ParticipantId
    rule: Code


class RoutingView(BaseModel):
    """What the competence rules said. A routing that is not certain is a proposal."""

    model_config = ConfigDict(from_attributes=True)

    office: ParticipantId
    rule: Code
    rule_version: int
    legal_basis: Code
    certain: bool
    alternatives: list[AlternativeView]


class RegistrationView(BaseModel):
    """Under which number and date an office has it."""

    office: ParticipantId
    number: RegistrationNumber
    date: date


class ClockView(BaseModel):
    """A legal clock that runs: the whole complaint's, or that of an unanswered referral."""

    clock: Clock
    referral: int | None = None
    rule: Code
    warn_at: Moment
    due: Moment
    urgency: Urgency
    extended: bool = False


class ReferralView(BaseModel):
    """One referral, how it ended, and the acts on it that are open to the reader now.

    `return_reason` is why the receiver wants to give it back.
    """

    number: int
    kind: ReferralKind
    state: ReferralState
    sender: ParticipantId
    receiver: ParticipantId
    reason: Code
    hop: int
    caused_by: int | None
    sent: Moment
    answer_due: Moment
    return_reason: Code | None
    end: EndView | None
    acts: list[str]


class RequestView(BaseModel):
    """What a government body was sent, until when it must answer, and whether it did."""

    number: int
    addressee: ParticipantId
    sent: Moment
    due: Moment
    urgency: Urgency
    answered: bool


class ComplaintView(BaseModel):
    """One complaint as an office has it. `acts` are the names under which one may post now.

    `bodies` are the government bodies that answer for the one complained of.
    """

    complaint: Id
    version: int
    role: Role
    todo: Todo
    phase: Phase
    custodian: ParticipantId
    parties: list[ParticipantId]
    disputed_before: ParticipantId | None
    hops: int
    admissible: bool | None
    question_open: bool
    outcome: Code | None
    remedy: Code | None
    filed: FiledView
    routing: RoutingView | None
    registrations: list[RegistrationView]
    referrals: list[ReferralView]
    clocks: list[ClockView]
    bodies: list[ParticipantId]
    requests: list[RequestView]
    recommendations: list[RequestView]
    content: ContentRight
    changed: Moment
    changed_by: ParticipantId
    acts: list[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, when, and under which rules."""

    office: ParticipantId
    at: datetime
    policy: Policy


def complaint_view(told: Sequence[Envelope], state: Complaint, reader: Reader) -> ComplaintView:
    """The whole complaint, from its history and the state that it leads to."""
    standing = Standing(state, reader.office, reader.at, reader.policy)
    routed = next((t.event for t in told if isinstance(t.event, e.RoutingDecided)), None)
    return ComplaintView(
        complaint=told[0].stream,
        version=state.version,
        role=role_of(state, reader.office),
        todo=todo_of(state, reader.office),
        phase=state.phase,
        custodian=state.custodian,
        parties=list(state.parties),
        disputed_before=state.disputed_before,
        hops=state.hops,
        admissible=state.admissible,
        question_open=state.clarification_open,
        outcome=state.outcome,
        remedy=state.remedy,
        filed=FiledView.model_validate(told[0].event),
        routing=RoutingView.model_validate(routed) if routed else None,
        registrations=_registrations(told),
        referrals=_referrals(told, standing),
        clocks=_clocks(told, state, reader.at),
        bodies=_answering(told[0].event, reader.policy),
        requests=[_request(one, time, reader.at) for one, time in _requests(told, state)],
        recommendations=[
            _request(one, time, reader.at) for one, time in _recommendations(told, state)
        ],
        content=content_right(state, reader.office),
        changed=told[-1].time,
        changed_by=told[-1].author,
        acts=standing.acts(),
    )


def _registrations(told: Sequence[Envelope]) -> list[RegistrationView]:
    found = {
        one.author: RegistrationView(office=one.author, number=fact.number, date=fact.date)
        for one in told
        if isinstance(fact := one.event, e.ComplaintRegistered | e.ReferralReceived)
    }
    return list(found.values())


def _sent(told: Sequence[Envelope]) -> list[tuple[e.ReferredTo, datetime]]:
    return [(one.event, one.time) for one in told if isinstance(one.event, e.ReferredTo)]


def _referrals(told: Sequence[Envelope], standing: Standing) -> list[ReferralView]:
    ended, giving_back = ends(told), return_reasons(told)
    return [
        ReferralView(
            number=sent.referral,
            kind=sent.kind,
            state=standing.state.referrals[sent.referral - 1].state,
            sender=sent.sender,
            receiver=sent.receiver,
            reason=sent.reason,
            hop=sent.hop,
            caused_by=sent.caused_by,
            sent=time,
            answer_due=sent.answer_due,
            return_reason=giving_back.get(sent.referral),
            end=ended.get(sent.referral),
            acts=standing.acts_on(sent.referral),
        )
        for sent, time in _sent(told)
    ]


def _clocks(told: Sequence[Envelope], state: Complaint, at: datetime) -> list[ClockView]:
    if not state.open:
        return []
    running = [
        _clock(Due(Clock.LEG, sent.warn_at, sent.answer_due), sent.rule, at, referral=sent.referral)
        for sent, _ in _sent(told)
        if state.referrals[sent.referral - 1].pending
    ]
    whole = state.running_clock
    if whole is not None:
        due = Due(Clock.EXAMINATION, whole.warn_at, whole.due)
        running.append(_clock(due, whole.rule, at, extended=whole.extended))
    return running


def _answering(filed: e.Event, policy: Policy) -> list[str]:
    if not isinstance(filed, e.ComplaintFiled):
        return []
    return [body.id for body in policy.bodies if body.answers_for(filed.body, filed.region)]


def _requests(told: Sequence[Envelope], state: Complaint) -> Iterator[tuple[Request, datetime]]:
    sent = [one.time for one in told if isinstance(one.event, e.InformationRequested)]
    return zip(state.requests, sent, strict=True)


def _recommendations(
    told: Sequence[Envelope], state: Complaint
) -> Iterator[tuple[Request, datetime]]:
    sent = [one.time for one in told if isinstance(one.event, e.RecommendationIssued)]
    return zip(state.recommendations, sent, strict=True)


def _request(one: Request, sent: datetime, at: datetime) -> RequestView:
    return RequestView(
        number=one.number,
        addressee=one.addressee,
        sent=sent,
        due=one.due,
        urgency=Urgency.NONE if one.answered else urgency(one.warn_at, one.due, at),
        answered=one.answered,
    )


def _clock(
    due: Due, rule: str, at: datetime, *, referral: int | None = None, extended: bool = False
) -> ClockView:
    return ClockView(
        clock=due.clock,
        referral=referral,
        rule=rule,
        warn_at=due.warn_at,
        due=due.at,
        urgency=due.urgency(at),
        extended=extended,
    )
