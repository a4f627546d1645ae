"""A complaint's way as its complainant is told it: the hops between offices, the turning points."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from intake.reader import OfficeView, Reader
from ombudslink import events as e
from ombudslink.complaint import Complaint
from ombudslink.envelope import Envelope
from ombudslink.values import Moment, ReferralKind, ReferralState


class HopView(BaseModel):
    """One referral: from whom to whom, when, why, and how it ended.

    `answered` is when the receiver said yes or no, `ended` when the referral was over; `end_text`
    is the reason for that, `suggested` and `remedy_text` are what the receiver named instead.
    """

    number: int
    kind: ReferralKind
    kind_text: str
    sender: OfficeView
    receiver: OfficeView
    sent: Moment
    answer_due: Moment
    reason: str
    reason_text: str
    caused_by: int | None
    state: ReferralState
    state_text: str
    answered: Moment | None = None
    ended: Moment | None = None
    end_text: str | None = None
    suggested: str | None = None
    remedy_text: str | None = None


class Turn(StrEnum):
    """What happens to a complaint besides being passed on."""

    DISPUTED = "disputed"
    DETERMINED = "determined"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    EXAMINED = "examined"
    ASKED = "asked"
    REPLIED = "replied"
    BODY_ASKED = "body_asked"
    BODY_REPLIED = "body_replied"
    BODY_LATE = "body_late"
    EXTENDED = "extended"
    OVERDUE = "overdue"
    DECIDED = "decided"
    RECOMMENDED = "recommended"
    RECOMMENDATION_ANSWERED = "recommendation_answered"
    RECOMMENDATION_LATE = "recommendation_late"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CONSENTED = "consented"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    JOINTLY_EXAMINED = "jointly_examined"
    ALONE_AGAIN = "alone_again"


class TurnView(BaseModel):
    """One turning point: what happened, and on what ground."""

    turn: Turn
    at: Moment
    office: OfficeView | None
    text: str
    ground: str | None = None
    ground_text: str | None = None


def hops(told: Sequence[Envelope], state: Complaint, reader: Reader) -> list[HopView]:
    """Every referral in the order of sending."""
    found: dict[int, HopView] = {}
    for one in told:
        event = one.event
        match event:
            case e.ReferredTo():
                found[event.referral] = _sent(event, one.time, state, reader)
            case e.ReferralAccepted():
                found[event.referral].answered = one.time
            case e.ReferralRejected():
                _reject(found[event.referral], event, one.time, reader)
            case e.ReferralRedirected():
                found[event.referral].answered = one.time
                reason = reader.word("transfer_reasons", event.reason)
                _end(found[event.referral], one.time, reason)
            case e.ReferralRevoked():
                reason = reader.word("revoke_reasons", event.reason)
                _end(found[event.referral], one.time, reason)
            case e.ReferralReturned():
                reason = reader.word("return_reasons", event.reason)
                _end(found[event.referral], one.time, reason)
            case e.ReferralCompleted():
                _end(found[event.referral], one.time, reader.word("results", event.result))
            case e.ReferralExpired():
                _end(found[event.referral], one.time, None)
            case e.DecisionIssued():
                for number in event.completes:
                    _end(found[number], one.time, None)
            case _:
                pass
    return list(found.values())


def turns(told: Sequence[Envelope], reader: Reader) -> list[TurnView]:
    """Every turning point in order; a joint examination ends only where one had begun."""
    begun = {t.event.inspection for t in told if isinstance(t.event, e.JointExaminationStarted)}
    return [
        view
        for one in told
        if not (isinstance(one.event, e.InspectionLeft) and one.event.inspection not in begun)
        and (view := _turn(one, reader)) is not None
    ]


def _sent(event: e.ReferredTo, sent: datetime, state: Complaint, reader: Reader) -> HopView:
    standing = state.referrals[event.referral - 1].state
    return HopView(
        number=event.referral,
        kind=event.kind,
        kind_text=reader.phrase("referral_kind", event.kind),
        sender=reader.office(event.sender),
        receiver=reader.office(event.receiver),
        sent=sent,
        answer_due=event.answer_due,
        reason=event.reason,
        reason_text=reader.word("transfer_reasons", event.reason),
        caused_by=event.caused_by,
        state=standing,
        state_text=reader.phrase("referral_state", standing),
    )


def _reject(hop: HopView, event: e.ReferralRejected, at: datetime, reader: Reader) -> None:
    hop.answered = at
    _end(hop, at, reader.phrase("rejection_reason", event.reason))
    if event.suggested_office is not None:
        hop.suggested = reader.office(event.suggested_office).name
    elif event.suggested_body is not None:
        hop.suggested = reader.word("bodies", event.suggested_body)
    if event.remedy is not None:
        hop.remedy_text = reader.word("remedies", event.remedy)


def _end(hop: HopView, at: datetime, reason: str | None) -> None:
    hop.ended = at
    hop.end_text = reason


def _turn(one: Envelope, reader: Reader) -> TurnView | None:
    event = one.event

    def view(turn: Turn, *offices: str, date: str = "") -> TurnView:
        named = offices or (one.author,)
        names = ", ".join(reader.office(office).name for office in named)
        text = reader.phrase("turn", turn, office=names, date=date)
        return TurnView(turn=turn, at=one.time, office=reader.author(named[0]), text=text)

    def grounded(turn: TurnView, kind: str, ground: str) -> TurnView:
        words = {"ground": ground, "ground_text": reader.word(kind, ground)}
        return turn.model_copy(update=words)

    match event:
        case e.CompetenceDisputed():
            disputed = view(Turn.DISPUTED, event.arbiter)
            return grounded(disputed, "transfer_reasons", event.reason)
        case e.CompetenceDetermined():
            determined = view(Turn.DETERMINED, event.office)
            return grounded(determined, "competence_grounds", event.ground)
        case e.AdmissibilityDecided():
            decided = view(Turn.ADMISSIBLE if event.admissible else Turn.INADMISSIBLE)
            return grounded(decided, "admissibility_grounds", event.ground)
        case e.DeadlineExtended():
            extended = view(Turn.EXTENDED, date=reader.day(event.due))
            return grounded(extended, "extension_grounds", event.ground)
        case e.ComplaintReopened():
            return grounded(view(Turn.REOPENED), "reopen_grounds", event.ground)
        case e.ComplaintWithdrawn():
            return grounded(view(Turn.WITHDRAWN), "withdrawal_grounds", event.ground)
        case e.DeadlineBreached():
            return view(Turn.OVERDUE, date=reader.day(event.due))
        case e.ExaminationStarted():
            return view(Turn.EXAMINED)
        case e.ClarificationRequested():
            return view(Turn.ASKED)
        case e.ClarificationProvided():
            return view(Turn.REPLIED)
        case e.InformationRequested():
            return view(Turn.BODY_ASKED, event.addressee, date=reader.day(event.due))
        case e.InformationProvided():
            return view(Turn.BODY_REPLIED, event.addressee)
        case e.InformationOverdue():
            return view(Turn.BODY_LATE, event.addressee)
        case e.DecisionIssued():
            return view(Turn.DECIDED)
        case e.RecommendationIssued():
            return view(Turn.RECOMMENDED, event.addressee, date=reader.day(event.due))
        case e.RecommendationAnswered():
            answered = view(Turn.RECOMMENDATION_ANSWERED, event.addressee)
            return grounded(answered, "recommendation_answers", event.answer)
        case e.RecommendationOverdue():
            return view(Turn.RECOMMENDATION_LATE, event.addressee)
        case e.ConsentRecorded():
            return view(Turn.CONSENTED)
        case e.ConsentWithdrawn():
            return view(Turn.CONSENT_WITHDRAWN)
        case e.JointExaminationStarted():
            return view(Turn.JOINTLY_EXAMINED, event.lead, *_others(event))
        case e.InspectionLeft():
            ended = view(Turn.ALONE_AGAIN)
            return grounded(ended, "joint_end_reasons", event.reason)
        case e.ComplaintClosed():
            return view(Turn.CLOSED)
        case _:
            return None


def _others(event: e.JointExaminationStarted) -> list[str]:
    return [office for office in event.offices if office != event.lead]
