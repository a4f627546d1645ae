"""THE contract: every event that can stand in a complaint's history, one frozen class each.

Those of joint inspections are in `inspection_events`; `Event` is both.

An event states in the past tense what was decided. It carries codes, ids, dates and references to
content held elsewhere; never a name, an address or free text. Its type string is the class name and
never changes; a changed shape gets a higher `version` and an upcast (see `upcasts`).
"""

from datetime import date
from typing import Final, Literal, get_args

from pydantic import Field

from ombudslink.inspection_events import InspectionEvent
from ombudslink.values import (
    Channel,
    Clock,
    Code,
    ContentRef,
    Fact,
    Id,
    Moment,
    ParticipantId,
    ReferralKind,
    RegistrationNumber,
    RejectionReason,
    Value,
)

Version = int
ReferralNumber = int
RequestNumber = int
RecommendationNumber = int


class ComplaintFiled(Fact):
    """A person's complaint exists and has a custodian."""

    channel: Channel
    received_by: ParticipantId | None = None
    addressed: ParticipantId | None = None
    custodian: ParticipantId
    complainant: Code
    affected: tuple[Code, ...] = ()
    subject: Code
    body: Code
    complained_office: ParticipantId | None = None
    region: Code
    language: Literal["kk", "ru", "en"]
    filed_at: Moment
    content: ContentRef


class ComplaintRegistered(Fact):
    """An office entered the complaint in its register under a number of its own."""

    quiet = True
    office: ParticipantId
    number: RegistrationNumber
    date: date


class DeadlineSet(Fact):
    """A legal clock runs: the rule and its version, its start and its end."""

    quiet = True
    clock: Clock
    rule: Code
    rule_version: int
    started: date
    warn_at: Moment
    due: Moment


class DeadlineExtended(Fact):
    """The custodian gave itself more time, with a ground the complainant is told."""

    clock: Clock
    ground: Code
    warn_at: Moment
    due: Moment


class DeadlineWarned(Fact):
    """A legal clock is about to run out."""

    quiet = True
    clock: Clock
    referral: ReferralNumber | None = None
    due: Moment


class DeadlineBreached(Fact):
    """The clock of the whole complaint ran out."""

    quiet = True
    clock: Clock
    due: Moment


class Alternative(Value):
    """An office that could be competent too, and the rule that says so."""

    office: ParticipantId
    rule: Code


class RoutingDecided(Fact):
    """The competence rules named an office; the reason stays with the complaint for ever."""

    office: ParticipantId
    rule: Code
    rule_version: int
    legal_basis: Code
    certain: bool
    alternatives: tuple[Alternative, ...] = ()


class ReferredTo(Fact):
    """The custodian asks another office to take the complaint over, or to help with it."""

    referral: ReferralNumber
    kind: ReferralKind
    sender: ParticipantId
    receiver: ParticipantId
    reason: Code
    caused_by: ReferralNumber | None = None
    hop: int
    rule: Code
    rule_version: int
    warn_at: Moment
    answer_due: Moment


class ReferralReceived(Fact):
    """The receiving office's own store has the referral, under its registration number."""

    quiet = True
    referral: ReferralNumber
    number: RegistrationNumber
    date: date


class ReferralAccepted(Fact):
    """The receiver takes it; for a transfer it is the custodian from here on."""

    referral: ReferralNumber
    custodian: ParticipantId


class ReferralRejected(Fact):
    """The receiver does not take it, says why, and names the right body or the remedy."""

    referral: ReferralNumber
    reason: RejectionReason
    suggested_office: ParticipantId | None = None
    suggested_body: Code | None = None
    remedy: Code | None = None


class ReferralRedirected(Fact):
    """The receiver points to a third office; the custodian's next referral goes there."""

    referral: ReferralNumber
    next: ReferralNumber
    reason: Code


class ReferralExpired(Fact):
    """Nobody answered in time; the complaint stays with its custodian."""

    quiet = True
    referral: ReferralNumber
    due: Moment


class ReferralRevoked(Fact):
    """The custodian took the question back before it was answered."""

    referral: ReferralNumber
    reason: Code


class ReferralWorkStarted(Fact):
    """The receiver began to work on it."""

    referral: ReferralNumber


class ReferralPaused(Fact):
    """Work waits for somebody else."""

    referral: ReferralNumber
    reason: Code


class ReferralResumed(Fact):
    """Work goes on."""

    referral: ReferralNumber


class ReferralReturnRequested(Fact):
    """The receiver wants to give it back; the sender must agree."""

    referral: ReferralNumber
    reason: Code


class ReferralReturned(Fact):
    """It is back; for a transfer the sender is custodian again."""

    referral: ReferralNumber
    custodian: ParticipantId
    reason: Code


class ReturnRefused(Fact):
    """The sender did not agree to take it back."""

    referral: ReferralNumber
    reason: Code


class ReferralCompleted(Fact):
    """The help asked for was given: the loop is closed."""

    referral: ReferralNumber
    result: Code
    content: ContentRef | None = None


class CompetenceDisputed(Fact):
    """The complaint was passed on too often; the configured office decides who keeps it."""

    arbiter: ParticipantId
    hops: int
    reason: Code


class CompetenceDetermined(Fact):
    """The dispute is settled: this office is custodian."""

    office: ParticipantId
    ground: Code


class AdmissibilityDecided(Fact):
    """The custodian may examine it, or may not and says why and what else can be done."""

    admissible: bool
    ground: Code
    remedy: Code | None = None


class ExaminationStarted(Fact):
    """The custodian examines the complaint."""

    office: ParticipantId


class ClarificationRequested(Fact):
    """The custodian asks the complainant something; the question itself is content."""

    number: int
    content: ContentRef


class ClarificationProvided(Fact):
    """The complainant answered."""

    number: int
    content: ContentRef


class InformationRequested(Fact):
    """The custodian asks a government body for information; the letter itself is content."""

    request: RequestNumber
    addressee: ParticipantId
    rule: Code
    rule_version: int
    warn_at: Moment
    due: Moment
    content: ContentRef


class InformationProvided(Fact):
    """The body's answer is in the custodian's hands."""

    request: RequestNumber
    addressee: ParticipantId
    content: ContentRef


class InformationOverdue(Fact):
    """The body did not answer in time."""

    quiet = True
    request: RequestNumber
    addressee: ParticipantId
    due: Moment


class DecisionIssued(Fact):
    """The custodian answered the complaint; accepted transfers on its way are completed by it."""

    office: ParticipantId
    outcome: Code
    remedy: Code
    content: ContentRef | None = None
    completes: tuple[ReferralNumber, ...] = ()


class RecommendationIssued(Fact):
    """The custodian recommends something to a government body, which must answer in time."""

    recommendation: RecommendationNumber
    addressee: ParticipantId
    rule: Code
    rule_version: int
    warn_at: Moment
    due: Moment
    content: ContentRef


class RecommendationAnswered(Fact):
    """The body said whether it follows the recommendation."""

    recommendation: RecommendationNumber
    addressee: ParticipantId
    answer: Code
    content: ContentRef | None = None


class RecommendationOverdue(Fact):
    """The body did not answer in time; this outlives the closing of the complaint."""

    quiet = True
    recommendation: RecommendationNumber
    addressee: ParticipantId
    due: Moment


class ComplaintClosed(Fact):
    """Nothing is left to do."""

    outcome: Code


class ComplaintReopened(Fact):
    """A closed or answered complaint is examined again."""

    ground: Code


class ComplaintWithdrawn(Fact):
    """The complainant does not want it examined any more; why, in words, is content."""

    ground: Code
    content: ContentRef | None = None


class ComplainantNotified(Fact):
    """The complainant was told what the event of that version says."""

    quiet = True
    about: Version = Field(ge=1)
    channel: Channel
    date: date


class ConsentRecorded(Fact):
    """The complainant agrees to that use of what the complaint says."""

    purpose: Code
    channel: Channel


class ConsentWithdrawn(Fact):
    """The complainant does not agree any more."""

    purpose: Code


class InspectionEntered(Fact):
    """The complaint takes part in a joint inspection; these offices must, too."""

    inspection: Id
    lead: ParticipantId
    mandatory: tuple[ParticipantId, ...]


class InspectionPartyAdmitted(Fact):
    """An office that joined the inspection becomes party to the complaint."""

    quiet = True
    inspection: Id
    office: ParticipantId


class InspectionPartyReleased(Fact):
    """An office that left the inspection has no part in the examination any more."""

    quiet = True
    inspection: Id
    office: ParticipantId


class JointExaminationStarted(Fact):
    """These offices examine the complaint together; it keeps its custodian."""

    inspection: Id
    lead: ParticipantId
    offices: tuple[ParticipantId, ...]


class InspectionLeft(Fact):
    """The complaint takes part no more; its custodian goes on alone."""

    inspection: Id
    reason: Code


ComplaintEvent = (
    ComplaintFiled
    | ComplaintRegistered
    | DeadlineSet
    | DeadlineExtended
    | DeadlineWarned
    | DeadlineBreached
    | RoutingDecided
    | ReferredTo
    | ReferralReceived
    | ReferralAccepted
    | ReferralRejected
    | ReferralRedirected
    | ReferralExpired
    | ReferralRevoked
    | ReferralWorkStarted
    | ReferralPaused
    | ReferralResumed
    | ReferralReturnRequested
    | ReferralReturned
    | ReturnRefused
    | ReferralCompleted
    | CompetenceDisputed
    | CompetenceDetermined
    | AdmissibilityDecided
    | ExaminationStarted
    | ClarificationRequested
    | ClarificationProvided
    | InformationRequested
    | InformationProvided
    | InformationOverdue
    | DecisionIssued
    | RecommendationIssued
    | RecommendationAnswered
    | RecommendationOverdue
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintWithdrawn
    | ComplainantNotified
    | ConsentRecorded
    | ConsentWithdrawn
    | InspectionEntered
    | InspectionPartyAdmitted
    | InspectionPartyReleased
    | JointExaminationStarted
    | InspectionLeft
)
"""The closed union: a new event joins here and mypy names every place that must know it."""

Event = ComplaintEvent | InspectionEvent
"""What can stand in any history."""

EVENTS: Final[dict[str, type[Event]]] = {cls.__name__: cls for cls in get_args(Event)}
"""Type string → class."""
