"""What is true of one joint inspection: the state that decisions need, folded from its events.

The rules that produce the events are in `inspecting`; how an inspection and its complaints follow
each other is in `joint`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, assert_never

from ombudslink import inspection_events as i
from ombudslink.values import Id, ParticipantId

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""When the time of who need not answer runs out."""


class Stage(StrEnum):
    """How far the inspection has come."""

    NONE = "none"
    PROPOSED = "proposed"
    OPEN = "open"
    REPORTED = "reported"
    SEPARATED = "separated"
    CLOSED = "closed"


class Answer(StrEnum):
    """What a complaint's own history says to taking part."""

    WAITING = "waiting"
    ENTERED = "entered"
    REFUSED = "refused"
    LEFT = "left"


class Part(StrEnum):
    """Where an office stands that was asked to take part."""

    INVITED = "invited"
    SILENT = "silent"
    JOINED = "joined"
    DECLINED = "declined"
    WITHDREW = "withdrew"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the complaints, and whom it needs."""

    complaint: Id
    answer: Answer = Answer.WAITING
    custodian: ParticipantId = ""
    mandatory: tuple[ParticipantId, ...] = ()
    complained_office: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One office; the clock of its invitation runs while it is only invited."""

    office: ParticipantId
    part: Part
    warn_at: datetime = NEVER
    due: datetime = NEVER
    warned: bool = False

    @property
    def admitted(self) -> bool:
        """Whether it takes part, or still may."""
        return self.part in (Part.INVITED, Part.SILENT, Part.JOINED)


@dataclass(frozen=True, slots=True)
class Task:
    """One part of the work, numbered from 1."""

    number: int
    office: ParticipantId
    kind: str
    due: date
    done: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one party drafted, numbered from 1, with each office's last word on it."""

    number: int
    office: ParticipantId
    votes: tuple[tuple[ParticipantId, bool], ...] = ()

    def vote(self, office: ParticipantId) -> bool | None:
        """Whether the office agrees; None where it has not voted."""
        return dict(self.votes).get(office)


@dataclass(frozen=True, slots=True)
class Inspection:
    """The state of one inspection after `version` events; `named` are the offices that the lead
    wants to have asked, `report` is its digest once issued."""

    version: int = 0
    stage: Stage = Stage.NONE
    lead: ParticipantId = ""
    named: tuple[ParticipantId, ...] = ()
    entries: tuple[Entry, ...] = ()
    parties: tuple[Party, ...] = ()
    starts: date = date.min
    ends: date = date.min
    tasks: tuple[Task, ...] = ()
    evidence: int = 0
    findings: tuple[Finding, ...] = ()
    report: str | None = None
    signed: tuple[ParticipantId, ...] = ()
    spoke: tuple[tuple[ParticipantId, int], ...] = ()

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.stage in (Stage.PROPOSED, Stage.OPEN, Stage.REPORTED)

    @property
    def settled(self) -> bool:
        """Whether every complaint has answered."""
        return all(entry.answer is not Answer.WAITING for entry in self.entries)

    @property
    def entered(self) -> tuple[Entry, ...]:
        """The complaints that take part."""
        return tuple(entry for entry in self.entries if entry.answer is Answer.ENTERED)

    @property
    def joined(self) -> tuple[ParticipantId, ...]:
        """The offices that take part, the lead first."""
        return tuple(party.office for party in self.parties if party.part is Part.JOINED)

    @property
    def complained_of(self) -> frozenset[ParticipantId]:
        """The offices that the complaints are about, those that did not enter or have left
        included: the history says it for ever, and such an office may never read it (invariant
        12)."""
        return frozenset(e.complained_office for e in self.entries if e.complained_office)

    @property
    def required(self) -> tuple[ParticipantId, ...]:
        """The offices that must take part; one that is complained of is left out."""
        wanted = dict.fromkeys(office for entry in self.entered for office in entry.mandatory)
        return tuple(office for office in wanted if office not in self.complained_of)

    def entry(self, complaint: Id) -> Entry | None:
        """The complaint of that id, if it is one of them."""
        return next((entry for entry in self.entries if entry.complaint == complaint), None)

    def party(self, office: ParticipantId) -> Party | None:
        """The office, if it was ever asked."""
        return next((party for party in self.parties if party.office == office), None)

    def last_spoken(self, other_than: ParticipantId) -> tuple[ParticipantId, int]:
        """The latest event that could make a decision of `other_than` stale: author, version."""
        return max(
            ((a, v) for a, v in self.spoke if a != other_than),
            key=lambda pair: pair[1],
            default=("", 0),
        )


def evolve_inspection(state: Inspection, event: i.InspectionEvent, by: ParticipantId) -> Inspection:
    """The state after one more event by that author."""
    version = state.version + 1
    state = replace(_apply(state, event), version=version)
    if event.quiet:
        return state
    others = tuple(pair for pair in state.spoke if pair[0] != by)
    return replace(state, spoke=(*others, (by, version)))


def fold_inspection(
    history: Iterable[tuple[i.InspectionEvent, ParticipantId]], state: Inspection
) -> Inspection:
    """The state after a whole history of (event, author)."""
    for event, by in history:
        state = evolve_inspection(state, event, by)
    return state


def _apply(state: Inspection, event: i.InspectionEvent) -> Inspection:
    match event:
        case i.JointInspectionProposed():
            return _proposed(state, event)
        case i.JointComplaintEntered():
            entry = Entry(
                event.complaint,
                Answer.ENTERED,
                event.custodian,
                event.mandatory,
                event.complained_office,
            )
            return _with_entry(state, entry)
        case i.JointComplaintRefused():
            return _answered(state, event, Answer.REFUSED)
        case i.JointComplaintLeft():
            return _answered(state, event, Answer.LEFT)
        case i.JointPartyInvited():
            asked = Party(event.office, Part.INVITED, event.warn_at, event.answer_due)
            others = tuple(p for p in state.parties if p.office != event.office)
            return replace(state, parties=(*others, asked))
        case i.JointPartyJoined():
            return _moved(state, event.office, Part.JOINED)
        case i.JointPartyDeclined():
            return _moved(state, event.office, Part.DECLINED)
        case i.JointPartyWithdrew():
            return _moved(state, event.office, Part.WITHDREW)
        case i.JointPartyWarned():
            return _with_party(state, event.office, lambda p: replace(p, warned=True))
        case i.JointInvitationExpired():
            return _moved(state, event.office, Part.SILENT)
        case i.JointInspectionOpened():
            return replace(state, stage=Stage.OPEN)
        case i.JointTaskAssigned():
            task = Task(event.task, event.office, event.kind, event.due)
            return replace(state, tasks=(*state.tasks, task))
        case i.JointTaskCompleted():
            done = (replace(t, done=t.done or t.number == event.task) for t in state.tasks)
            return replace(state, tasks=tuple(done))
        case i.JointEvidenceShared():
            return replace(state, evidence=event.evidence)
        case i.JointFindingsDrafted():
            finding = Finding(event.finding, event.office)
            return replace(state, findings=(*state.findings, finding))
        case i.JointFindingsAgreed():
            return _voted(state, event.finding, event.office, agrees=True)
        case i.DissentRecorded():
            return _voted(state, event.finding, event.office, agrees=False)
        case i.JointReportIssued():
            return replace(state, stage=Stage.REPORTED, report=event.document)
        case i.JointReportSigned():
            return replace(state, signed=(*state.signed, event.office))
        case i.JointInspectionSeparated():
            return replace(state, stage=Stage.SEPARATED)
        case i.JointInspectionClosed():
            return replace(state, stage=Stage.CLOSED)
        case _:
            assert_never(event)


def _proposed(state: Inspection, event: i.JointInspectionProposed) -> Inspection:
    """The state at the proposal: the lead takes part, nobody else knows of it."""
    return replace(
        state,
        stage=Stage.PROPOSED,
        lead=event.lead,
        named=event.invited,
        entries=tuple(Entry(complaint) for complaint in event.complaints),
        parties=(Party(event.lead, Part.JOINED),),
        starts=event.starts,
        ends=event.ends,
    )


def _answered(
    state: Inspection, event: i.JointComplaintRefused | i.JointComplaintLeft, answer: Answer
) -> Inspection:
    before = state.entry(event.complaint) or Entry(event.complaint)
    about = before.complained_office or event.complained_office
    return _with_entry(state, replace(before, answer=answer, complained_office=about))


def _with_entry(state: Inspection, changed: Entry) -> Inspection:
    entries = (changed if e.complaint == changed.complaint else e for e in state.entries)
    return replace(state, entries=tuple(entries))


def _moved(state: Inspection, office: ParticipantId, part: Part) -> Inspection:
    return _with_party(state, office, lambda party: replace(party, part=part))


def _with_party(
    state: Inspection, office: ParticipantId, change: Callable[[Party], Party]
) -> Inspection:
    parties = (change(party) if party.office == office else party for party in state.parties)
    return replace(state, parties=tuple(parties))


def _voted(state: Inspection, number: int, office: ParticipantId, *, agrees: bool) -> Inspection:
    """The state with the office's last word on a finding; an earlier one counts no more."""
    finding = state.findings[number - 1]
    others = tuple(vote for vote in finding.votes if vote[0] != office)
    changed = replace(finding, votes=(*others, (office, agrees)))
    findings = (changed if f.number == number else f for f in state.findings)
    return replace(state, findings=tuple(findings))
