"""The joint report on paper, in one language: its codes in words, what people wrote as it is.

The report itself and its signatures are inside the file, for programs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ombudslink.inspection import Part
from ombudslink.offices import Policy
from ombudslink.printing.letters import MARK
from ombudslink.printing.typesetting import typeset
from ombudslink.proof.reports import Found, JointReport, Participation, SignedReport
from ombudslink.values import ParticipantId
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase
from ombudslink.web.words import participant_name


@dataclass(frozen=True, slots=True)
class Edition:
    """In which words it is printed, and what the history says of its issue: when, and when each
    office signed."""

    policy: Policy
    vocabulary: Vocabulary
    language: str
    issued: datetime
    signed: Mapping[ParticipantId, datetime]


def printed(signed: SignedReport, edition: Edition) -> bytes:
    """The PDF."""
    data = _Paper(signed, edition).data()
    attached = signed.model_dump_json().encode()
    return typeset("joint_report", data, attached, edition.issued)


def paragraphs(text: str) -> list[str]:
    """The lines that people wrote, without the empty ones between them."""
    return [line for line in text.splitlines() if line.strip()]


class _Paper:
    def __init__(self, signed: SignedReport, edition: Edition) -> None:
        self._report: JointReport = signed.report
        self._signed = signed
        self._edition = edition
        self._digest = signed.report.digest

    def data(self) -> dict[str, Any]:
        """What the template says, and where."""
        report = self._report
        return {
            "language": self._edition.language,
            "title": self._says("title"),
            "author": self._full(report.lead),
            "mark": self._digest[:MARK],
            "pages": self._says("pages", number="{number}", all="{all}"),
            "attachment": self._says("attachment"),
            "head": [
                [self._says("lead"), self._full(report.lead)],
                [self._says("issued"), self._day(self._edition.issued)],
                [self._says("inspection"), report.inspection],
            ],
            "terms": self._terms(),
            "parties": {
                "heading": self._says("parties"),
                "columns": self._columns("office", "role", "how"),
                "rows": [self._party(one) for one in report.parties],
            },
            "method": {
                "heading": self._says("method"),
                "opened": self._opened(),
                "text": paragraphs(report.conclusions.method),
            },
            "tasks": self._tasks(),
            "evidence": self._evidence(),
            "findings": {
                "heading": self._says("findings"),
                "list": [self._found(one) for one in report.findings],
            },
            "summary": {
                "heading": self._says("summary"),
                "text": paragraphs(report.conclusions.summary),
            },
            "recommendations": self._recommendations(),
            "signatures": self._signatures(),
        }

    def _terms(self) -> dict[str, Any]:
        terms = self._report.terms
        told = self._says(
            "complaints_told", named=terms.complaints_named, examined=terms.complaints_examined
        )
        return {
            "heading": self._says("terms"),
            "facts": [
                [self._says("proposed"), self._day(terms.proposed)],
                [self._says("period"), f"{self._date(terms.starts)} – {self._date(terms.ends)}"],
                [self._says("complaints"), told],
            ],
            "text": paragraphs(terms.terms.text),
        }

    def _party(self, one: Participation) -> list[str]:
        role = "lead" if one.lead else "mandatory" if one.mandatory else "invited"
        how = self._took_part(one)
        if one.reason is not None:
            kind = "joint_decline_reasons" if one.joined is None else "joint_leaving_reasons"
            how = f"{how}: {self._word(kind, one.reason)}"
        return [self._full(one.office), self._says(f"role_{role}"), how]

    def _took_part(self, one: Participation) -> str:
        if one.joined is not None and one.left is not None:
            first, last = self._day(one.joined), self._day(one.left)
            return self._says("joined_between", first=first, last=last)
        if one.joined is not None:
            return self._says("joined_on", date=self._day(one.joined))
        if one.part is Part.DECLINED and one.left is not None:
            return self._says("declined_on", date=self._day(one.left))
        return self._says("not_answered")

    def _opened(self) -> list[str]:
        opened = self._report.opened
        told = [self._says("opened_on", date=self._day(opened.at))]
        if opened.silent and opened.ground is not None:
            offices = ", ".join(self._full(office) for office in opened.silent)
            ground = self._word("joint_opening_grounds", opened.ground)
            told.append(self._says("opened_without", offices=offices, ground=ground))
        return told

    def _tasks(self) -> dict[str, Any]:
        return {
            "heading": self._says("tasks"),
            "columns": self._columns("task", "office", "due", "done"),
            "rows": [
                [
                    self._word("joint_tasks", one.kind),
                    self._short(one.office),
                    self._date(one.due),
                    self._says("not_done") if one.done is None else self._day(one.done),
                ]
                for one in self._report.tasks
            ],
        }

    def _evidence(self) -> dict[str, Any]:
        return {
            "heading": self._says("evidence"),
            "told": [self._says("evidence_told")],
            "columns": ["№", *self._columns("kind", "office", "shared_on")],
            "rows": [
                [
                    str(one.number),
                    self._word("joint_evidence", one.kind),
                    self._short(one.office),
                    self._day(one.at),
                ]
                for one in self._report.evidence
            ],
        }

    def _found(self, one: Found) -> dict[str, Any]:
        return {
            "heading": self._says("finding", number=one.number),
            "by": self._says("drafted_by", office=self._short(one.office)),
            "text": paragraphs(one.finding.text),
            "columns": self._columns("office", "vote"),
            "rows": [
                [self._short(vote.office), self._says("agrees" if vote.agrees else "dissents")]
                for vote in one.votes
            ],
            "dissents": [
                {
                    "heading": self._says("dissent", office=self._full(vote.office)),
                    "text": paragraphs(vote.dissent.text),
                }
                for vote in one.votes
                if vote.dissent is not None
            ],
        }

    def _recommendations(self) -> dict[str, Any]:
        found = self._report.conclusions.recommendations
        return {
            "heading": self._says("recommendations"),
            "told": [] if found else [self._says("no_recommendations")],
            "list": [
                {
                    "heading": self._says(
                        "recommendation", number=number, office=self._full(one.addressee)
                    ),
                    "text": paragraphs(one.text),
                }
                for number, one in enumerate(found, 1)
            ],
        }

    def _signatures(self) -> dict[str, Any]:
        past = self._report.history
        told = self._says("history_told", number=past.version, date=self._moment(past.at))
        return {
            "heading": self._says("signatures"),
            "columns": self._columns("office", "signed_on", "key"),
            "rows": [self._signature(office) for office in self._report.signers],
            "sums": [[self._says("digest"), self._digest], [self._says("hash"), past.hash]],
            "facts": [[self._says("history"), told]],
            "proof": self._says("proof"),
        }

    def _signature(self, office: ParticipantId) -> list[str]:
        keys = {one.office: one.key for one in self._signed.signatures}
        at = self._edition.signed.get(office)
        if office not in keys or at is None:
            return [self._full(office), self._says("not_signed"), "–"]
        return [self._full(office), self._moment(at), keys[office]]

    def _columns(self, *words: str) -> list[str]:
        return [self._says(word) for word in words]

    def _says(self, word: str, **named: object) -> str:
        return phrase("report", word, self._edition.language, **named)

    def _word(self, kind: str, code: str) -> str:
        return self._edition.vocabulary.label(kind, code, self._edition.language)

    def _full(self, participant: ParticipantId) -> str:
        known = self._edition.policy.named(participant)
        return known.name.in_(self._edition.language) if known else participant

    def _short(self, participant: ParticipantId) -> str:
        return participant_name(self._edition.policy, participant, self._edition.language)

    def _day(self, at: datetime) -> str:
        return self._date(self._edition.policy.calendar.local(at).date())

    def _moment(self, at: datetime) -> str:
        return f"{self._edition.policy.calendar.local(at):%d.%m.%Y, %H:%M}"

    def _date(self, day: date) -> str:
        return f"{day:%d.%m.%Y}"
