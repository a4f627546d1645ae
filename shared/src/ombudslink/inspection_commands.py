"""What is asked of the registrar about a joint inspection: strict like the commands of complaints.

Those that say how a complaint answered come from the registrar itself (see `joint`).
"""

from datetime import date

from pydantic import Field

from ombudslink.inspection_events import (
    Addressees,
    Complaints,
    FindingNumber,
    Invited,
    TaskNumber,
)
from ombudslink.values import (
    Act,
    Code,
    ContentRef,
    Hash,
    Id,
    KeyId,
    Moment,
    ParticipantId,
    Signature,
)


class ProposeInspection(Act):
    """The office that will lead proposes to examine complaints together."""

    complaints: Complaints
    invited: Invited = ()
    content: ContentRef
    starts: date
    ends: date


class RecordEntry(Act):
    """The registrar: this complaint takes part."""

    complaint: Id
    custodian: ParticipantId
    mandatory: tuple[ParticipantId, ...]
    complained_office: ParticipantId | None = None


class RecordEntryRefusal(Act):
    """The registrar: this complaint cannot take part."""

    complaint: Id
    code: Code
    complained_office: ParticipantId | None = None


class RecordLeaving(Act):
    """The registrar: this complaint takes part no more."""

    complaint: Id
    reason: Code
    complained_office: ParticipantId | None = None


class InviteParty(Act):
    """The lead asks one more office."""

    office: ParticipantId
    ground: Code


class JoinInspection(Act):
    """An office that was invited takes part."""


class DeclineInspection(Act):
    """An office that was invited does not take part."""

    reason: Code


class WithdrawFromInspection(Act):
    """An office that took part does so no more."""

    reason: Code


class WarnParty(Act):
    """Routing's clock: the time to answer an invitation is about to run out."""

    office: ParticipantId
    due: Moment


class ExpireInvitation(Act):
    """Routing's clock: an invitation was not answered by the due moment that this names."""

    office: ParticipantId
    due: Moment


class OpenInspection(Act):
    """The lead opens it; where an office that must take part is silent, on that ground."""

    ground: Code | None = None


class AssignTask(Act):
    """The lead gives a party a part of the work."""

    office: ParticipantId
    kind: Code
    due: date


class CompleteTask(Act):
    """The party has done it."""

    task: TaskNumber
    content: ContentRef | None = None


class ShareEvidence(Act):
    """A party lays something before the others."""

    kind: Code
    content: ContentRef


class DraftFindings(Act):
    """A party says what it holds to be established."""

    content: ContentRef


class AgreeFindings(Act):
    """A party agrees."""

    finding: FindingNumber


class RecordDissent(Act):
    """A party does not agree, and says why."""

    finding: FindingNumber
    content: ContentRef


class IssueReport(Act):
    """The lead issues the report that everybody has voted on: the document of that digest, which
    it composed from the history up to `as_of` and from what it left with the holder."""

    content: ContentRef
    document: Hash
    as_of: int = Field(ge=0, le=2**31 - 1)
    addressees: Addressees = ()


class SignReport(Act):
    """A party signs the report of that digest: the signature is over the digest, for reports."""

    digest: Hash
    key: KeyId
    signature: Signature


class SeparateInspection(Act):
    """The lead ends it without a report."""

    reason: Code


class CloseInspection(Act):
    """The lead ends it with its report."""

    outcome: Code


InspectionCommand = (
    ProposeInspection
    | RecordEntry
    | RecordEntryRefusal
    | RecordLeaving
    | InviteParty
    | JoinInspection
    | DeclineInspection
    | WithdrawFromInspection
    | WarnParty
    | ExpireInvitation
    | OpenInspection
    | AssignTask
    | CompleteTask
    | ShareEvidence
    | DraftFindings
    | AgreeFindings
    | RecordDissent
    | IssueReport
    | SignReport
    | SeparateInspection
    | CloseInspection
)
"""The closed union of the commands about an inspection."""
