"""What participants ask of the registrar: one class per command, imperative, a closed union.

A command is strict: unknown fields are refused, because a field that is silently ignored is a
promise that is silently broken.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from pydantic import Field

from ombudslink.events import (
    Alternative,
    RecommendationNumber,
    ReferralNumber,
    RequestNumber,
    Version,
)
from ombudslink.inspection_commands import InspectionCommand
from ombudslink.values import (
    Act,
    Channel,
    Clock,
    Code,
    ContentRef,
    Id,
    Moment,
    ParticipantId,
    ReferralKind,
    RegistrationNumber,
    RejectionReason,
)


class Refused(Exception):
    """A command that the rules do not allow: a stable code and arguments, rendered for the reader.

    Codes are listed with their sentences in kk, ru and en in `web/catalogue.toml`.
    """

    def __init__(self, code: str, **args: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.args_ = args


class FileComplaint(Act):
    """Intake: a person filed; validated at the edge and never refused."""

    channel: Channel
    received_by: ParticipantId | None = None
    addressed: ParticipantId | None = None
    complainant: Code
    affected: tuple[Code, ...] = Field(default=(), max_length=12)
    subject: Code
    body: Code
    complained_office: ParticipantId | None = None
    region: Code
    language: Literal["kk", "ru", "en"]
    filed_at: Moment
    content: ContentRef


class RegisterComplaint(Act):
    """The custodian enters the complaint in its register."""

    number: RegistrationNumber


class RouteComplaint(Act):
    """Routing: the competence rules name this office."""

    office: ParticipantId
    rule: Code
    rule_version: int
    legal_basis: Code
    certain: bool
    alternatives: tuple[Alternative, ...] = Field(default=(), max_length=32)


class Refer(Act):
    """The custodian asks another office to take the complaint over, or to help."""

    kind: ReferralKind
    receiver: ParticipantId
    reason: Code


class ReceiveReferral(Act):
    """The receiving office's store confirms that it has the referral."""

    referral: ReferralNumber
    number: RegistrationNumber


class AcceptReferral(Act):
    """The receiver takes it."""

    referral: ReferralNumber


class RejectReferral(Act):
    """The receiver does not take it; competence reasons name a body, others a remedy."""

    referral: ReferralNumber
    reason: RejectionReason
    suggested_office: ParticipantId | None = None
    suggested_body: Code | None = None
    remedy: Code | None = None


class RedirectReferral(Act):
    """The receiver names the office that is competent; the referral goes there at once."""

    referral: ReferralNumber
    receiver: ParticipantId
    reason: Code


class RevokeReferral(Act):
    """The custodian takes an unanswered referral back."""

    referral: ReferralNumber
    reason: Code


class ExpireReferral(Act):
    """Routing's clock: nobody answered by the due moment that this command names."""

    referral: ReferralNumber
    due: Moment


class StartReferralWork(Act):
    """The receiver begins."""

    referral: ReferralNumber


class PauseReferral(Act):
    """The receiver waits for somebody else."""

    referral: ReferralNumber
    reason: Code


class ResumeReferral(Act):
    """The receiver goes on."""

    referral: ReferralNumber


class RequestReturn(Act):
    """The receiver asks the sender to take it back."""

    referral: ReferralNumber
    reason: Code


class AcceptReturn(Act):
    """The sender takes it back."""

    referral: ReferralNumber


class RefuseReturn(Act):
    """The sender does not take it back."""

    referral: ReferralNumber
    reason: Code


class CompleteReferral(Act):
    """The receiver sends the result of the help it was asked for."""

    referral: ReferralNumber
    result: Code
    content: ContentRef | None = None


class DetermineCompetence(Act):
    """The arbiter ends a dispute: it examines the complaint itself, or the custodian keeps it."""

    office: ParticipantId
    ground: Code


class DecideAdmissibility(Act):
    """The custodian says whether it may examine the complaint."""

    admissible: bool
    ground: Code
    remedy: Code | None = None


class StartExamination(Act):
    """The custodian begins to examine."""


class RequestClarification(Act):
    """The custodian asks the complainant a question."""

    content: ContentRef


class ProvideClarification(Act):
    """Intake, for the complainant: the answer to the open question."""

    content: ContentRef


class RequestInformation(Act):
    """The custodian asks a government body for information."""

    addressee: ParticipantId
    content: ContentRef


class RecordInformation(Act):
    """The custodian has the body's answer, whether in time or not."""

    request: RequestNumber
    content: ContentRef


class DeclareInformationOverdue(Act):
    """Routing's clock: the body did not answer by the due moment that this command names."""

    request: RequestNumber
    due: Moment


class ExtendDeadline(Act):
    """The custodian takes more time, in working days from the present end."""

    working_days: int = Field(ge=1, le=60)
    ground: Code


class WarnDeadline(Act):
    """Routing's clock: this end is near."""

    clock: Clock
    referral: ReferralNumber | None = None
    due: Moment


class BreachDeadline(Act):
    """Routing's clock: the whole complaint's time is over."""

    due: Moment


class IssueDecision(Act):
    """The custodian answers."""

    outcome: Code
    remedy: Code
    content: ContentRef | None = None


class IssueRecommendation(Act):
    """The custodian of an answered complaint recommends something to a government body."""

    addressee: ParticipantId
    content: ContentRef


class RecordRecommendationAnswer(Act):
    """The custodian has the body's answer to a recommendation, whether in time or not."""

    recommendation: RecommendationNumber
    answer: Code
    content: ContentRef | None = None


class DeclareRecommendationOverdue(Act):
    """Routing's clock: the body did not answer by the due moment that this command names."""

    recommendation: RecommendationNumber
    due: Moment


class CloseComplaint(Act):
    """The custodian closes an answered or inadmissible complaint."""


class ReopenComplaint(Act):
    """The custodian examines an answered or closed complaint again."""

    ground: Code


class WithdrawComplaint(Act):
    """Intake for the complainant, or the custodian on the complainant's word."""

    ground: Code
    content: ContentRef | None = None


class RecordNotice(Act):
    """Intake: the complainant can see what the event of that version says."""

    about: Version = Field(ge=1)
    channel: Channel


class RecordConsent(Act):
    """Intake for the complainant, or the custodian on the complainant's word."""

    purpose: Code
    channel: Channel


class WithdrawConsent(Act):
    """Intake for the complainant, or the custodian on the complainant's word."""

    purpose: Code


class EnterInspection(Act):
    """The registrar: the lead of an inspection proposes to examine this complaint in it."""

    inspection: Id
    lead: ParticipantId


class AdmitInspectionParty(Act):
    """The registrar: this office joined the inspection."""

    inspection: Id
    office: ParticipantId


class ReleaseInspectionParty(Act):
    """The registrar: this office left the inspection."""

    inspection: Id
    office: ParticipantId


class StartJointExamination(Act):
    """The registrar: the inspection was opened with these offices."""

    inspection: Id
    offices: tuple[ParticipantId, ...] = Field(max_length=32)


class LeaveInspection(Act):
    """The registrar: the inspection has ended, or goes on without this complaint."""

    inspection: Id
    reason: Code


ComplaintCommand = (
    FileComplaint
    | RegisterComplaint
    | RouteComplaint
    | Refer
    | ReceiveReferral
    | AcceptReferral
    | RejectReferral
    | RedirectReferral
    | RevokeReferral
    | ExpireReferral
    | StartReferralWork
    | PauseReferral
    | ResumeReferral
    | RequestReturn
    | AcceptReturn
    | RefuseReturn
    | CompleteReferral
    | DetermineCompetence
    | DecideAdmissibility
    | StartExamination
    | RequestClarification
    | ProvideClarification
    | RequestInformation
    | RecordInformation
    | DeclareInformationOverdue
    | ExtendDeadline
    | WarnDeadline
    | BreachDeadline
    | IssueDecision
    | IssueRecommendation
    | RecordRecommendationAnswer
    | DeclareRecommendationOverdue
    | CloseComplaint
    | ReopenComplaint
    | WithdrawComplaint
    | RecordNotice
    | RecordConsent
    | WithdrawConsent
    | EnterInspection
    | AdmitInspectionParty
    | ReleaseInspectionParty
    | StartJointExamination
    | LeaveInspection
)
"""The closed union of the commands about a complaint."""

Command = ComplaintCommand | InspectionCommand
"""All of them."""

COMMANDS: Final[dict[str, type[Command]]] = {cls.__name__: cls for cls in get_args(Command)}
"""Type string → class."""


@dataclass(frozen=True, slots=True)
class Order:
    """A verified command with what the decision may know of its circumstances.

    `at` is the append time of the command in the log; no decision reads another clock.
    `based_on` is the version the sender had seen, or None where staleness cannot matter.
    """

    command: Command
    by: ParticipantId
    at: datetime
    actor: str | None = None
    based_on: int | None = None
