"""What an office is shown of a joint inspection: who takes part, the work, what may be done now."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from case_tracking.duties import Urgency, urgency
from case_tracking.joint.acts import JointStanding
from case_tracking.joint.duties import JointRole, JointTodo, joint_role, joint_todo
from case_tracking.views import Reader
from ombudslink import inspection_events as i
from ombudslink.envelope import Envelope
from ombudslink.inspection import Answer, Inspection, Part, Party, Stage
from ombudslink.inviting import content_right
from ombudslink.rights import ContentRight
from ombudslink.values import Code, Hash, Id, Moment, ParticipantId


class PartyView(BaseModel):
    """An office that was asked, whether it must take part, and until when it has to answer."""

    office: ParticipantId
    part: Part
    mandatory: bool
    due: Moment | None
    urgency: Urgency
    reason: Code | None


class EntryView(BaseModel):
    """One of the complaints, whose it is, and why it does not take part where it does not."""

    complaint: Id
    answer: Answer
    custodian: ParticipantId | None
    mandatory: list[ParticipantId]
    reason: Code | None


class TaskView(BaseModel):
    """One part of the work, and the acts on it that are open to the reader now. `content` names
    what was said when it was done."""

    number: int
    office: ParticipantId
    kind: Code
    due: date
    done: bool
    content: Id | None
    acts: list[str]


class EvidenceView(BaseModel):
    """What an office laid before the others; `content` names its text."""

    number: int
    office: ParticipantId
    kind: Code
    at: Moment
    content: Id


class VoteView(BaseModel):
    """An office's last word on a finding; `content` names the text of a dissent."""

    office: ParticipantId
    agrees: bool
    content: Id | None


class FindingView(BaseModel):
    """What an office holds to be established, every vote on it, and the acts on it that are open
    to the reader now. `waits_for` are the offices that have not voted."""

    number: int
    office: ParticipantId
    content: Id
    votes: list[VoteView]
    waits_for: list[ParticipantId]
    acts: list[str]


class ReportView(BaseModel):
    """The joint report: whose it is, how many findings and dissents it has, the digest of the
    document, to whom it recommends something, and who signed it."""

    offices: list[ParticipantId]
    findings: int
    dissents: int
    content: Id
    digest: Hash
    addressees: list[ParticipantId]
    signed: list[ParticipantId]


class InspectionView(BaseModel):
    """One joint inspection as an office has it. `acts` are the names under which one may post now;
    `terms` names the text of its terms.

    `end` is why it ended without a report, or with what it was closed.
    """

    inspection: Id
    version: int
    stage: Stage
    role: JointRole
    todo: JointTodo
    lead: ParticipantId
    starts: date
    ends: date
    terms: Id
    parties: list[PartyView]
    complaints: list[EntryView]
    tasks: list[TaskView]
    evidence: list[EvidenceView]
    findings: list[FindingView]
    report: ReportView | None
    end: Code | None
    content: ContentRight
    changed: Moment
    changed_by: ParticipantId
    acts: list[str]


def inspection_view(told: Sequence[Envelope], state: Inspection, reader: Reader) -> InspectionView:
    """The whole inspection, from its history and the state that it leads to."""
    standing = JointStanding(state, reader.office, reader.at, reader.policy)
    reasons, results = _reasons(told), _results(told)
    return InspectionView(
        inspection=told[0].stream,
        version=state.version,
        stage=state.stage,
        role=joint_role(state, reader.office),
        todo=joint_todo(state, reader.office),
        lead=state.lead,
        starts=state.starts,
        ends=state.ends,
        terms=_terms(told),
        parties=[_party(one, state, reasons.get(one.office), reader) for one in state.parties],
        complaints=[
            EntryView(
                complaint=one.complaint,
                answer=one.answer,
                custodian=one.custodian or None,
                mandatory=list(one.mandatory),
                reason=reasons.get(one.complaint),
            )
            for one in state.entries
        ],
        tasks=[
            TaskView(
                number=one.number,
                office=one.office,
                kind=one.kind,
                due=one.due,
                done=one.done,
                content=results.get(one.number),
                acts=standing.acts_on("task", one.number),
            )
            for one in state.tasks
        ],
        evidence=_evidence(told),
        findings=_findings(told, standing),
        report=_report(told, state),
        end=reasons.get("end"),
        content=content_right(state, reader.office),
        changed=told[-1].time,
        changed_by=told[-1].author,
        acts=standing.acts(),
    )


def _reasons(told: Sequence[Envelope]) -> dict[str, str]:
    """Why an office or a complaint is not in it, by its id, and with what it all ended."""
    found: dict[str, str] = {}
    for one in told:
        match one.event:
            case i.JointPartyDeclined(office=office, reason=reason):
                found[office] = reason
            case i.JointPartyWithdrew(office=office, reason=reason):
                found[office] = reason
            case i.JointPartyInvited(office=office):
                found.pop(office, None)
            case i.JointComplaintRefused(complaint=complaint, code=code):
                found[complaint] = code
            case i.JointComplaintLeft(complaint=complaint, reason=reason):
                found[complaint] = reason
            case i.JointInspectionSeparated(reason=reason):
                found["end"] = reason
            case i.JointInspectionClosed(outcome=outcome):
                found["end"] = outcome
            case _:
                pass
    return found


def _terms(told: Sequence[Envelope]) -> Id:
    return next(t.event.content.id for t in told if isinstance(t.event, i.JointInspectionProposed))


def _results(told: Sequence[Envelope]) -> dict[int, Id]:
    """What was said when tasks were done, by the task."""
    return {
        fact.task: fact.content.id
        for one in told
        if isinstance(fact := one.event, i.JointTaskCompleted) and fact.content is not None
    }


def _party(one: Party, state: Inspection, reason: str | None, reader: Reader) -> PartyView:
    asked = one.part in (Part.INVITED, Part.SILENT) and state.running
    return PartyView(
        office=one.office,
        part=one.part,
        mandatory=one.office in state.required,
        due=None if one.office == state.lead else one.due,
        urgency=urgency(one.warn_at, one.due, reader.at) if asked else Urgency.NONE,
        reason=reason,
    )


def _evidence(told: Sequence[Envelope]) -> list[EvidenceView]:
    return [
        EvidenceView(
            number=fact.evidence,
            office=fact.office,
            kind=fact.kind,
            at=one.time,
            content=fact.content.id,
        )
        for one in told
        if isinstance(fact := one.event, i.JointEvidenceShared)
    ]


def _findings(told: Sequence[Envelope], standing: JointStanding) -> list[FindingView]:
    drafted = [f for one in told if isinstance(f := one.event, i.JointFindingsDrafted)]
    dissents = {
        (fact.finding, fact.office): fact.content.id
        for one in told
        if isinstance(fact := one.event, i.DissentRecorded)
    }
    return [
        FindingView(
            number=one.number,
            office=one.office,
            content=fact.content.id,
            votes=[
                VoteView(
                    office=office,
                    agrees=agrees,
                    content=None if agrees else dissents[one.number, office],
                )
                for office, agrees in one.votes
            ],
            waits_for=[o for o in standing.state.joined if one.vote(o) is None],
            acts=standing.acts_on("finding", one.number),
        )
        for one, fact in zip(standing.state.findings, drafted, strict=True)
    ]


def _report(told: Sequence[Envelope], state: Inspection) -> ReportView | None:
    for one in told:
        if isinstance(fact := one.event, i.JointReportIssued):
            return ReportView(
                offices=list(fact.offices),
                findings=fact.findings,
                dissents=fact.dissents,
                content=fact.content.id,
                digest=fact.document,
                addressees=list(fact.addressees),
                signed=list(state.signed),
            )
    return None
