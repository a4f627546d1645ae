"""Every event that can stand in the history of a joint inspection, one frozen class each.

They are facts like those of complaints (see `events`): codes, ids, dates and references only. What
becomes of the complaints themselves stands in their own histories; `joint` says how the two speak.
"""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from ombudslink.values import (
    Code,
    ContentRef,
    Fact,
    Hash,
    Id,
    KeyId,
    Moment,
    ParticipantId,
    Signature,
)

TaskNumber = int
EvidenceNumber = int
FindingNumber = int

MOST_COMPLAINTS: Final = 50
MOST_OFFICES: Final = 8
"""The largest inspection."""

Complaints = Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_COMPLAINTS)]
MOST_RECOMMENDATIONS: Final = 50
"""Those of one report."""

Invited = Annotated[tuple[ParticipantId, ...], Field(max_length=MOST_OFFICES - 1)]
Addressees = Annotated[tuple[ParticipantId, ...], Field(max_length=MOST_RECOMMENDATIONS)]
"""Who is given recommendations: government bodies and offices."""


class JointInspectionProposed(Fact):
    """An office proposes to examine complaints together; its terms (scope, questions, plan) are
    content. Those named in `invited` are asked once every complaint has answered."""

    lead: ParticipantId
    complaints: Complaints
    invited: Invited
    content: ContentRef
    starts: date
    ends: date


class JointComplaintEntered(Fact):
    """A complaint's own history says that it takes part, and whose participation it needs."""

    quiet = True
    complaint: Id
    custodian: ParticipantId
    mandatory: tuple[ParticipantId, ...]
    complained_office: ParticipantId | None = None


class JointComplaintRefused(Fact):
    """A complaint cannot take part."""

    complaint: Id
    code: Code
    complained_office: ParticipantId | None = None


class JointComplaintLeft(Fact):
    """A complaint takes part no more; its custodian goes on alone."""

    complaint: Id
    reason: Code
    complained_office: ParticipantId | None = None


class JointPartyInvited(Fact):
    """An office is asked to take part, and learns of the inspection by that; it must where
    `mandatory` says so."""

    quiet = True
    office: ParticipantId
    mandatory: bool
    ground: Code
    rule: Code
    rule_version: int
    warn_at: Moment
    answer_due: Moment


class JointPartyJoined(Fact):
    """An office takes part."""

    office: ParticipantId


class JointPartyDeclined(Fact):
    """An office that was invited does not take part."""

    office: ParticipantId
    reason: Code


class JointPartyWithdrew(Fact):
    """An office that took part does so no more."""

    office: ParticipantId
    reason: Code


class JointPartyWarned(Fact):
    """The time that an office has to answer its invitation is about to run out."""

    quiet = True
    office: ParticipantId
    due: Moment


class JointInvitationExpired(Fact):
    """An office did not answer its invitation in time; it may still join."""

    quiet = True
    office: ParticipantId
    due: Moment


class JointInspectionOpened(Fact):
    """The offices examine together from here on; without those that must take part and are silent
    only on a ground."""

    offices: tuple[ParticipantId, ...]
    silent: tuple[ParticipantId, ...] = ()
    ground: Code | None = None


class JointTaskAssigned(Fact):
    """One office does one part of the work until that day."""

    task: TaskNumber
    office: ParticipantId
    kind: Code
    due: date


class JointTaskCompleted(Fact):
    """It is done."""

    task: TaskNumber
    office: ParticipantId
    content: ContentRef | None = None


class JointEvidenceShared(Fact):
    """An office lays something before the others."""

    evidence: EvidenceNumber
    office: ParticipantId
    kind: Code
    content: ContentRef


class JointFindingsDrafted(Fact):
    """An office says what it holds to be established; each party agrees to it or dissents."""

    finding: FindingNumber
    office: ParticipantId
    content: ContentRef


class JointFindingsAgreed(Fact):
    """A party agrees."""

    finding: FindingNumber
    office: ParticipantId


class DissentRecorded(Fact):
    """A party does not agree, and says why; the report prints it."""

    finding: FindingNumber
    office: ParticipantId
    content: ContentRef


class JointReportIssued(Fact):
    """The report of these offices, with every finding and every vote on it.

    `document` is the digest of the whole, composed from the history up to `as_of` and from what
    `content` says, recommendations to the `addressees` included.
    """

    offices: tuple[ParticipantId, ...]
    findings: int
    dissents: int
    content: ContentRef
    document: Hash
    as_of: int
    addressees: Addressees = ()


class JointReportSigned(Fact):
    """A party signed the report of that digest with the key of its service."""

    office: ParticipantId
    digest: Hash
    key: KeyId
    signature: Signature


class JointInspectionSeparated(Fact):
    """There is no joint inspection any more: every complaint goes on alone."""

    reason: Code
    ended_by: ParticipantId


class JointInspectionClosed(Fact):
    """The inspection has ended with its report."""

    outcome: Code


InspectionEvent = (
    JointInspectionProposed
    | JointComplaintEntered
    | JointComplaintRefused
    | JointComplaintLeft
    | JointPartyInvited
    | JointPartyJoined
    | JointPartyDeclined
    | JointPartyWithdrew
    | JointPartyWarned
    | JointInvitationExpired
    | JointInspectionOpened
    | JointTaskAssigned
    | JointTaskCompleted
    | JointEvidenceShared
    | JointFindingsDrafted
    | JointFindingsAgreed
    | DissentRecorded
    | JointReportIssued
    | JointReportSigned
    | JointInspectionSeparated
    | JointInspectionClosed
)
"""The closed union of an inspection's events."""
