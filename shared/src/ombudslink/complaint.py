"""What is true of one complaint: the state that decisions need, folded from its events.

`evolve` knows every event of the closed union; mypy refuses to pass when one is forgotten. The
rules that produce the events are in `decisions`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from ombudslink import bodies, jointly
from ombudslink import events as e
from ombudslink.bodies import Request, Requests
from ombudslink.jointly import JointWork
from ombudslink.values import ACTIVE, PENDING, ParticipantId, ReferralKind, ReferralState


class Phase(StrEnum):
    """How far the complaint as a whole has come."""

    NONE = "none"
    OPEN = "open"
    EXAMINATION = "examination"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Referral:
    """One referral of the complaint, numbered from 1 in the order of sending."""

    number: int
    kind: ReferralKind
    sender: ParticipantId
    receiver: ParticipantId
    state: ReferralState
    warn_at: datetime
    due: datetime
    warned: bool = False
    resumes: ReferralState = ReferralState.ACCEPTED

    @property
    def moves_custody(self) -> bool:
        """Whether acceptance makes the receiver custodian."""
        return self.kind is ReferralKind.TRANSFER

    @property
    def pending(self) -> bool:
        """Whether it waits for the receiver's answer."""
        return self.state in PENDING

    @property
    def open(self) -> bool:
        """Whether the receiver is entitled to the content: accepted and not finished."""
        return self.state in ACTIVE or self.state is ReferralState.RETURN_REQUESTED

    @property
    def helping(self) -> bool:
        """Whether help is asked for or being given."""
        return not self.moves_custody and (self.pending or self.open)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The running clock of the whole complaint."""

    rule: str
    warn_at: datetime
    due: datetime
    warned: bool = False
    breached: bool = False
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """The state of one complaint after `version` events.

    `parties` joined in this order and stay; `spoke` holds for each author the version of its last
    event that is not quiet, for the staleness rule; `released` are offices that gave custody up;
    `disputed_before` is the arbiter of a standing dispute, `arbiters` every one there was;
    `requests` for information and `recommendations` are what government bodies were sent;
    `joint` is the inspection it takes part in, `jointly_before` who examined it in an earlier one.
    """

    version: int = 0
    phase: Phase = Phase.NONE
    custodian: ParticipantId = ""
    complained_office: ParticipantId | None = None
    affected: tuple[str, ...] = ()
    parties: tuple[ParticipantId, ...] = ()
    referrals: tuple[Referral, ...] = ()
    released: tuple[ParticipantId, ...] = ()
    hops: int = 0
    registered: tuple[ParticipantId, ...] = ()
    routed: bool = False
    disputed_before: ParticipantId | None = None
    arbiters: tuple[ParticipantId, ...] = ()
    admissible: bool | None = None
    examined: bool = False
    clarifications: int = 0
    clarification_open: bool = False
    requests: Requests = ()
    recommendations: Requests = ()
    examination: Deadline | None = None
    consents: frozenset[str] = frozenset()
    joint: JointWork | None = None
    jointly_before: frozenset[ParticipantId] = frozenset()
    outcome: str | None = None
    remedy: str | None = None
    spoke: tuple[tuple[ParticipantId, int], ...] = ()

    @property
    def open(self) -> bool:
        """Whether offices may still act on it (not answered, closed or withdrawn)."""
        return self.phase in (Phase.OPEN, Phase.EXAMINATION)

    @property
    def settled(self) -> bool:
        """Whether the rules or the custodian's work say whose it is, and nobody else is asked to
        take it or to decide a dispute."""
        return self.routed and self.pending_transfer() is None and self.disputed_before is None

    @property
    def running_clock(self) -> Deadline | None:
        """The whole complaint's clock while it counts; who is told no has been answered by that."""
        return self.examination if self.open and self.admissible is not False else None

    def pending_transfer(self) -> Referral | None:
        """The one unanswered referral that would move custody (invariant 2)."""
        return next((r for r in self.referrals if r.moves_custody and r.pending), None)

    def custody_leg(self) -> Referral | None:
        """The accepted transfer by which the present custodian holds the complaint."""
        mine = [
            r for r in self.referrals if r.moves_custody and r.open and r.receiver == self.custodian
        ]
        return mine[-1] if mine else None

    def last_spoken(self, other_than: ParticipantId) -> tuple[ParticipantId, int]:
        """The latest event that could make a decision of `other_than` stale: author, version."""
        return max(
            ((a, v) for a, v in self.spoke if a != other_than),
            key=lambda pair: pair[1],
            default=("", 0),
        )


def _with(state: Complaint, changed: Referral) -> Complaint:
    """The state with one referral replaced."""
    referrals = tuple(changed if r.number == changed.number else r for r in state.referrals)
    return replace(state, referrals=referrals)


def _moved(state: Complaint, number: int, to: ReferralState) -> Complaint:
    """The state with one referral in another state."""
    return _with(state, replace(state.referrals[number - 1], state=to))


def _joined(state: Complaint, *offices: ParticipantId) -> Complaint:
    new = tuple(o for o in offices if o not in state.parties)
    return replace(state, parties=state.parties + new) if new else state


def _custody(state: Complaint, office: ParticipantId) -> Complaint:
    """The state with that custodian; a new one admits and examines the complaint itself."""
    if office == state.custodian:
        return state
    released = tuple(o for o in state.released if o not in (office, state.custodian))
    return replace(
        _joined(state, office),
        custodian=office,
        released=(*released, state.custodian),
        phase=Phase.OPEN,
        examined=False,
        admissible=None,
        remedy=None,
    )


def _ended(state: Complaint, phase: Phase, outcome: str) -> Complaint:
    """The state of a complaint that ends: nobody waits for an answer or for an arbiter."""
    return replace(
        state, phase=phase, outcome=outcome, clarification_open=False, disputed_before=None
    )


def evolve(state: Complaint, event: e.ComplaintEvent, by: ParticipantId) -> Complaint:
    """The state after one more event by that author."""
    version = state.version + 1
    state = replace(_apply(state, event), version=version)
    if event.quiet:
        return state
    others = tuple(pair for pair in state.spoke if pair[0] != by)
    return replace(state, spoke=(*others, (by, version)))


def _apply(state: Complaint, event: e.ComplaintEvent) -> Complaint:
    match event:
        case e.ComplaintFiled():
            filed = replace(
                state,
                phase=Phase.OPEN,
                custodian=event.custodian,
                complained_office=event.complained_office,
                affected=event.affected,
            )
            return _joined(filed, event.custodian)
        case e.ComplaintRegistered():
            return replace(state, registered=(*state.registered, event.office))
        case e.DeadlineSet():
            return replace(state, examination=Deadline(event.rule, event.warn_at, event.due))
        case e.DeadlineExtended():
            rule = state.examination.rule if state.examination else ""
            extended = Deadline(rule, event.warn_at, event.due, extended=True)
            return replace(state, examination=extended)
        case e.DeadlineWarned():
            if event.referral is not None:
                return _with(state, replace(state.referrals[event.referral - 1], warned=True))
            return _clock(state, breached=False)
        case e.DeadlineBreached():
            return _clock(state, breached=True)
        case e.RoutingDecided():
            # A rule that is certain forwards in the same decision; until that event is told too,
            # where the complaint belongs is not settled.
            return replace(state, routed=not event.certain or event.office == state.custodian)
        case e.ReferredTo():
            referral = Referral(
                number=event.referral,
                kind=event.kind,
                sender=event.sender,
                receiver=event.receiver,
                state=ReferralState.REQUESTED,
                warn_at=event.warn_at,
                due=event.answer_due,
            )
            state = replace(state, referrals=(*state.referrals, referral), routed=True)
            if referral.moves_custody:
                state = replace(state, hops=event.hop)
            return _joined(state, event.receiver)
        case e.ReferralReceived():
            return _moved(state, event.referral, ReferralState.RECEIVED)
        case e.ReferralAccepted():
            state = _moved(state, event.referral, ReferralState.ACCEPTED)
            return _custody(state, event.custodian)
        case e.ReferralRejected():
            return _moved(state, event.referral, ReferralState.REJECTED)
        case e.ReferralRedirected():
            # The next referral is sent in the same decision; until that event is told too, a
            # complaint that is on its way has not come to rest.
            on_its_way = state.referrals[event.referral - 1].moves_custody
            state = replace(state, routed=state.routed and not on_its_way)
            return _moved(state, event.referral, ReferralState.REDIRECTED)
        case e.ReferralExpired():
            return _moved(state, event.referral, ReferralState.EXPIRED)
        case e.ReferralRevoked():
            return _moved(state, event.referral, ReferralState.REVOKED)
        case e.ReferralWorkStarted() | e.ReferralResumed():
            return _moved(state, event.referral, ReferralState.IN_PROGRESS)
        case e.ReferralPaused():
            return _moved(state, event.referral, ReferralState.ON_HOLD)
        case e.ReferralReturnRequested():
            before = state.referrals[event.referral - 1]
            asked = replace(before, state=ReferralState.RETURN_REQUESTED, resumes=before.state)
            return _with(state, asked)
        case e.ReturnRefused():
            resumed = state.referrals[event.referral - 1].resumes
            return _moved(state, event.referral, resumed)
        case e.ReferralReturned():
            state = _moved(state, event.referral, ReferralState.RETURNED)
            return _custody(state, event.custodian)
        case e.ReferralCompleted():
            return _moved(state, event.referral, ReferralState.COMPLETED)
        case e.CompetenceDisputed():
            others = tuple(o for o in state.arbiters if o != event.arbiter)
            state = replace(state, arbiters=(*others, event.arbiter))
            return replace(_joined(state, event.arbiter), disputed_before=event.arbiter)
        case e.CompetenceDetermined():
            return replace(_custody(state, event.office), disputed_before=None)
        case e.AdmissibilityDecided():
            return replace(state, admissible=event.admissible, remedy=event.remedy)
        case e.ExaminationStarted():
            # Who examines before the competence rules have spoken has settled it by that.
            examined = replace(state, phase=Phase.EXAMINATION, examined=True, routed=True)
            return replace(examined, disputed_before=None)
        case e.ClarificationRequested():
            return replace(state, clarifications=event.number, clarification_open=True)
        case e.ClarificationProvided():
            return replace(state, clarification_open=False)
        case e.InformationRequested():
            sent = Request(event.request, event.addressee, event.warn_at, event.due)
            return replace(state, requests=(*state.requests, sent))
        case e.InformationProvided():
            return replace(state, requests=bodies.answered(state.requests, event.request))
        case e.InformationOverdue():
            return replace(state, requests=bodies.overdue(state.requests, event.request))
        case e.RecommendationIssued():
            sent = Request(event.recommendation, event.addressee, event.warn_at, event.due)
            return replace(state, recommendations=(*state.recommendations, sent))
        case e.RecommendationAnswered():
            answered = bodies.answered(state.recommendations, event.recommendation)
            return replace(state, recommendations=answered)
        case e.RecommendationOverdue():
            overdue = bodies.overdue(state.recommendations, event.recommendation)
            return replace(state, recommendations=overdue)
        case e.DecisionIssued():
            for number in event.completes:
                state = _moved(state, number, ReferralState.COMPLETED)
            return replace(_ended(state, Phase.ANSWERED, event.outcome), remedy=event.remedy)
        case e.ComplaintClosed():
            return _ended(state, Phase.CLOSED, event.outcome)
        case e.ComplaintReopened():
            return replace(
                state,
                phase=Phase.EXAMINATION if state.examined else Phase.OPEN,
                admissible=None,
                outcome=None,
                remedy=None,
            )
        case e.ComplaintWithdrawn():
            return _ended(state, Phase.CLOSED, "withdrawn")
        case e.ComplainantNotified():
            return state
        case e.ConsentRecorded():
            return replace(state, consents=state.consents | {event.purpose})
        case e.ConsentWithdrawn():
            return replace(state, consents=state.consents - {event.purpose})
        case e.InspectionEntered():
            return replace(state, joint=JointWork(event.inspection, event.lead))
        case e.InspectionPartyAdmitted():
            state = _joined(state, event.office)
            return _jointly(state, state.joint and jointly.admitted(state.joint, event.office))
        case e.InspectionPartyReleased():
            return _jointly(state, state.joint and jointly.released(state.joint, event.office))
        case e.JointExaminationStarted():
            examined = replace(state, phase=Phase.EXAMINATION, examined=True)
            return _jointly(examined, state.joint and jointly.started(state.joint))
        case e.InspectionLeft():
            return _jointly(state, None)
        case _:
            assert_never(event)


def _jointly(state: Complaint, work: JointWork | None) -> Complaint:
    """The state with other joint work; who examined it until now is remembered."""
    examining = state.joint.examining if state.joint else frozenset()
    return replace(state, joint=work, jointly_before=state.jointly_before | examining)


def _clock(state: Complaint, *, breached: bool) -> Complaint:
    if state.examination is None:
        return state
    told = replace(state.examination, warned=True, breached=breached)
    return replace(state, examination=told)


def fold(history: Iterable[tuple[e.ComplaintEvent, ParticipantId]], state: Complaint) -> Complaint:
    """The state after a whole history of (event, author)."""
    for event, by in history:
        state = evolve(state, event, by)
    return state
