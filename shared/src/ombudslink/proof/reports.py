"""The joint report as a document: what it says, its digest, and its signatures.

Each text stands beside the digest that the history has of it, and the whole beside the hash of the
history, so that neither can be exchanged without the other. How it is made is in `composing`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict

from ombudslink.inspection import Part
from ombudslink.proof.chain import canonical, digest
from ombudslink.values import (
    Code,
    Hash,
    Id,
    KeyId,
    Moment,
    ParticipantId,
    Signature,
    Value,
)


class Piece(Value):
    """A part of the document; what it does not know is no document of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Piece):
    """A text, and how the history names it: the id, and the digest of its ciphertext."""

    text: str
    content: Id
    digest: Hash


class Past(Piece):
    """The history that the report was composed from: how many events, the hash and the time of the
    last of them."""

    version: int
    hash: Hash
    at: Moment


class Terms(Piece):
    """What was to be examined, from when to when, and over how many complaints: those that were
    named, and those that took part to the end."""

    proposed: Moment
    starts: date
    ends: date
    complaints_named: int
    complaints_examined: int
    terms: Said


class Opened(Piece):
    """When it was opened; where an office that had to take part was silent, on which ground."""

    at: Moment
    silent: tuple[ParticipantId, ...]
    ground: Code | None


class Participation(Piece):
    """An office that was asked, whether it had to take part, and from when to when it did; the
    reason is that of an office that did not, or not to the end."""

    office: ParticipantId
    lead: bool
    mandatory: bool
    part: Part
    asked: Moment | None
    joined: Moment | None
    left: Moment | None
    reason: Code | None


class Work(Piece):
    """A task of an office, and when it was done."""

    number: int
    office: ParticipantId
    kind: Code
    due: date
    done: Moment | None


class Evidence(Piece):
    """That an office laid something before the others; what it was is not told."""

    number: int
    office: ParticipantId
    kind: Code
    at: Moment


class Vote(Piece):
    """The last word of a party on a finding; whoever does not agree says why."""

    office: ParticipantId
    agrees: bool
    dissent: Said | None


class Found(Piece):
    """What an office holds to be established, and the vote of every party on it."""

    number: int
    office: ParticipantId
    finding: Said
    votes: tuple[Vote, ...]


class Recommendation(Piece):
    """What a government body or an office should do."""

    addressee: ParticipantId
    text: str


class Conclusions(Piece):
    """What the lead wrote for the report: how it was examined, what came of it, and what should be
    done; one content under one digest."""

    content: Id
    digest: Hash
    method: str
    summary: str
    recommendations: tuple[Recommendation, ...]


class JointReport(Piece):
    """The whole document. `form` names what this is and its version."""

    form: Literal["ombudslink-joint-report-1"] = "ombudslink-joint-report-1"
    inspection: Id
    lead: ParticipantId
    history: Past
    terms: Terms
    opened: Opened
    parties: tuple[Participation, ...]
    tasks: tuple[Work, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Found, ...]
    conclusions: Conclusions

    @property
    def digest(self) -> Hash:
        """What is signed: SHA-256 of the document's canonical JSON."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def signers(self) -> tuple[ParticipantId, ...]:
        """Who takes part, and so signs it."""
        return tuple(one.office for one in self.parties if one.part is Part.JOINED)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that was written in it, dissents included."""
        votes = (vote for found in self.findings for vote in found.votes)
        return (
            self.terms.terms.text,
            self.conclusions.method,
            *(found.finding.text for found in self.findings),
            *(vote.dissent.text for vote in votes if vote.dissent is not None),
            self.conclusions.summary,
            *(one.text for one in self.conclusions.recommendations),
        )

    @property
    def addressees(self) -> tuple[ParticipantId, ...]:
        """Who is given recommendations, each once."""
        return addressees(self.conclusions.recommendations)


class ReportSignature(Piece):
    """An office's signature over the digest, with the key of its service."""

    office: ParticipantId
    digest: Hash
    key: KeyId
    signature: Signature


class SignedReport(Piece):
    """The report with the signatures that it has so far: what is handed on."""

    report: JointReport
    signatures: tuple[ReportSignature, ...]


def digest_of(document: Mapping[str, Any]) -> Hash:
    """SHA-256 of the canonical JSON of a document as it was read."""
    return digest(canonical(document))


def addressees(recommendations: Iterable[Any]) -> tuple[ParticipantId, ...]:
    """The addressees of recommendations, each once."""
    return tuple(dict.fromkeys(one.addressee for one in recommendations))
