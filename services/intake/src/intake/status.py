"""The public status: what a complainant sees, from the filing record and the history alone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel

from intake.contents import Said
from intake.reader import OfficeView, Reader
from intake.way import HopView, TurnView, hops, turns
from ombudslink import events as e
from ombudslink.complaint import Complaint
from ombudslink.envelope import Envelope
from ombudslink.status import Status, public_status
from ombudslink.values import Moment

SHOWN_LETTERS: Final = frozenset({"question", "answer", "decision", "withdrawal"})
"""What passes between the complainant and the offices; the rest is between offices and bodies."""


class RegistrationView(BaseModel):
    """Under which number and date an office has it."""

    office: OfficeView
    number: str
    date: date


class RoutingView(BaseModel):
    """Which office the competence rules named, by which rule, and on what law that rests.

    A rule that is certain forwards by itself; otherwise it is a proposal to who has the complaint.
    """

    office: OfficeView
    rule: str
    legal_basis: str
    legal_basis_text: str
    certain: bool
    at: Moment


class LetterView(BaseModel):
    """What an office wrote to the complainant, or the complainant to the office."""

    kind: str
    office: OfficeView | None
    sent: Moment
    text: str


class StatusView(BaseModel):
    """Where a complaint stands, in the reader's language.

    `consents` are the uses of it that the complainant agrees to.
    """

    reference: str
    version: int
    filed: Moment
    status: Status
    status_text: str
    offices: list[OfficeView]
    next_date: Moment | None
    outcome: str | None
    outcome_text: str | None
    remedy: str | None
    remedy_text: str | None
    consents: list[str]
    routing: RoutingView | None
    registrations: list[RegistrationView]
    hops: list[HopView]
    turns: list[TurnView]
    letters: list[LetterView]


def tell(
    reference: str,
    filed: datetime,
    told: Sequence[Envelope],
    state: Complaint,
    said: Sequence[Said],
    reader: Reader,
) -> StatusView:
    """The whole view for one reader; an empty history is a filing that nobody decided yet."""
    now = public_status(state)
    offices = [reader.office(office) for office in now.offices]
    text = reader.phrase(
        "status",
        now.status,
        offices=", ".join(office.name for office in offices),
        date=reader.day(now.next_date) if now.next_date else "",
    )
    return StatusView(
        reference=reference,
        version=state.version,
        filed=filed,
        status=now.status,
        status_text=text,
        offices=offices,
        next_date=now.next_date,
        outcome=now.outcome,
        outcome_text=reader.word("outcomes", now.outcome) if now.outcome else None,
        remedy=now.remedy,
        remedy_text=reader.word("remedies", now.remedy) if now.remedy else None,
        consents=sorted(state.consents),
        routing=_routing(told, reader),
        registrations=_registrations(told, reader),
        hops=hops(told, state, reader),
        turns=turns(told, reader),
        letters=[_letter(one, reader) for one in said if one.kind in SHOWN_LETTERS],
    )


def _routing(told: Sequence[Envelope], reader: Reader) -> RoutingView | None:
    for one in told:
        event = one.event
        if isinstance(event, e.RoutingDecided):
            return RoutingView(
                office=reader.office(event.office),
                rule=event.rule,
                legal_basis=event.legal_basis,
                legal_basis_text=reader.word("legal_bases", event.legal_basis),
                certain=event.certain,
                at=one.time,
            )
    return None


def _registrations(told: Sequence[Envelope], reader: Reader) -> list[RegistrationView]:
    """One per office: its receipt of a referral and its registration carry the same number."""
    found: dict[tuple[str, str], RegistrationView] = {}
    for one in told:
        event = one.event
        if isinstance(event, e.ComplaintRegistered | e.ReferralReceived):
            office = reader.office(one.author)
            view = RegistrationView(office=office, number=event.number, date=event.date)
            found.setdefault((one.author, event.number), view)
    return list(found.values())


def _letter(one: Said, reader: Reader) -> LetterView:
    office = reader.author(one.item.author)
    return LetterView(kind=one.kind, office=office, sent=one.told.time, text=one.text)
