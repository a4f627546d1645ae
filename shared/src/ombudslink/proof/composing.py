"""The joint report is a pure function of an inspection's history and of what its parties wrote, so
that each of them can compose it again from its own store before it signs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from ombudslink import inspection_events as i
from ombudslink.envelope import Envelope
from ombudslink.inspection import Finding, Inspection, Part, Party, fold_inspection
from ombudslink.proof.reports import (
    Conclusions,
    Evidence,
    Found,
    JointReport,
    Opened,
    Participation,
    Past,
    Recommendation,
    Said,
    Terms,
    Vote,
    Work,
)
from ombudslink.values import ContentRef, Id, ParticipantId

F = TypeVar("F", bound=i.InspectionEvent)
Texts = Mapping[Id, Mapping[str, Any]]
"""What was written, by the id under which the history names it."""


class Incomplete(Exception):
    """Something that the history names is not among the texts."""


def composed(
    told: Sequence[Envelope], hash_: bytes, conclusions: ContentRef, texts: Texts
) -> JointReport:
    """The report on all these events of an inspection, the last of which has that hash.

    Raises:
        Incomplete: one of the texts is missing.
    """
    source = _Source(told, texts)
    state, last = source.state, told[-1]
    opened = source.only(i.JointInspectionOpened)
    return JointReport(
        inspection=last.stream,
        lead=state.lead,
        history=Past(version=last.version, hash=hash_.hex(), at=last.time),
        terms=_terms(source),
        opened=Opened(at=opened.at, silent=opened.fact.silent, ground=opened.fact.ground),
        parties=_parties(source),
        tasks=_tasks(source),
        evidence=tuple(
            Evidence(
                number=one.fact.evidence, office=one.fact.office, kind=one.fact.kind, at=one.at
            )
            for one in source.all(i.JointEvidenceShared)
        ),
        findings=tuple(_found(source, finding) for finding in state.findings),
        conclusions=_conclusions(source, conclusions),
    )


@dataclass(frozen=True, slots=True)
class _Told(Generic[F]):
    """A fact, and when it was."""

    at: datetime
    fact: F


class _Source:
    """What a report is composed from."""

    def __init__(self, told: Sequence[Envelope], texts: Texts) -> None:
        facts = [(one, one.event) for one in told]
        own = [(one, fact) for one, fact in facts if isinstance(fact, i.InspectionEvent)]
        self.state = fold_inspection(((fact, one.author) for one, fact in own), Inspection())
        self._facts = [_Told(one.time, fact) for one, fact in own]
        self._texts = texts

    def all(self, kind: type[F]) -> list[_Told[F]]:
        """Every fact of a kind."""
        return [_Told(at=t.at, fact=t.fact) for t in self._facts if isinstance(t.fact, kind)]

    def only(self, kind: type[F]) -> _Told[F]:
        """The fact of a kind that there is once."""
        return self.all(kind)[0]

    def last_of(self, kind: type[F], office: ParticipantId) -> _Told[F] | None:
        """The latest fact of a kind about an office."""
        found = [one for one in self.all(kind) if getattr(one.fact, "office", None) == office]
        return found[-1] if found else None

    def content(self, named: ContentRef) -> Mapping[str, Any]:
        """What was written there.

        Raises:
            Incomplete: it is missing.
        """
        try:
            return self._texts[named.id]
        except KeyError:
            raise Incomplete(named.id) from None

    def said(self, named: ContentRef) -> Said:
        """The text there.

        Raises:
            Incomplete: it is missing.
        """
        text = self.content(named)["text"]
        return Said(text=text, content=named.id, digest=named.digest)


def _terms(source: _Source) -> Terms:
    proposed, state = source.only(i.JointInspectionProposed), source.state
    return Terms(
        proposed=proposed.at,
        starts=state.starts,
        ends=state.ends,
        complaints_named=len(state.entries),
        complaints_examined=len(state.entered),
        terms=source.said(proposed.fact.content),
    )


def _parties(source: _Source) -> tuple[Participation, ...]:
    """Everybody who was asked, but no office that a complaint is about: that one is no party."""
    state = source.state
    return tuple(
        _participation(source, one)
        for one in state.parties
        if one.office not in state.complained_of
    )


def _participation(source: _Source, party: Party) -> Participation:
    office, lead = party.office, party.office == source.state.lead
    asked = source.last_of(i.JointPartyInvited, office)
    joined = source.last_of(i.JointPartyJoined, office)
    proposed = source.only(i.JointInspectionProposed)
    took_part = party.part in (Part.JOINED, Part.WITHDREW)
    since = proposed.at if lead else joined.at if joined is not None else None
    left: _Told[i.JointPartyDeclined] | _Told[i.JointPartyWithdrew] | None = None
    if party.part is Part.DECLINED:
        left = source.last_of(i.JointPartyDeclined, office)
    elif party.part is Part.WITHDREW:
        left = source.last_of(i.JointPartyWithdrew, office)
    return Participation(
        office=office,
        lead=lead,
        mandatory=office in source.state.required,
        part=party.part,
        asked=asked.at if asked is not None else None,
        joined=since if took_part else None,
        left=left.at if left is not None else None,
        reason=left.fact.reason if left is not None else None,
    )


def _tasks(source: _Source) -> tuple[Work, ...]:
    done = {one.fact.task: one.at for one in source.all(i.JointTaskCompleted)}
    return tuple(
        Work(
            number=one.number,
            office=one.office,
            kind=one.kind,
            due=one.due,
            done=done.get(one.number),
        )
        for one in source.state.tasks
    )


def _found(source: _Source, finding: Finding) -> Found:
    """The finding with the votes of those who take part; whoever left has none."""
    drafted = source.all(i.JointFindingsDrafted)[finding.number - 1].fact
    dissents = {
        one.fact.office: one.fact.content
        for one in source.all(i.DissentRecorded)
        if one.fact.finding == finding.number
    }
    votes = []
    for office in source.state.joined:
        agrees = finding.vote(office)
        if agrees is not None:
            dissent = None if agrees else source.said(dissents[office])
            votes.append(Vote(office=office, agrees=agrees, dissent=dissent))
    return Found(
        number=finding.number,
        office=finding.office,
        finding=source.said(drafted.content),
        votes=tuple(votes),
    )


def _conclusions(source: _Source, named: ContentRef) -> Conclusions:
    written = source.content(named)
    return Conclusions(
        content=named.id,
        digest=named.digest,
        method=written.get("method", ""),
        summary=written["text"],
        recommendations=tuple(
            Recommendation.model_validate(one) for one in written.get("recommendations", ())
        ),
    )
