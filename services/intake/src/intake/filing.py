"""What people say, checked at the edge: filings, which are never refused, and later words."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from ombudslink.commands import FileComplaint
from ombudslink.offices import Language, Policy
from ombudslink.values import Channel, ContentRef, ParticipantId
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.inputs import Body, Line, Word, Words, Written
from ombudslink.web.problems import Fault, Problem

LONGEST_AGO: Final = timedelta(days=3653)
"""How long a complaint may have lain at an office before it is entered here."""

EXAMPLE: Final[dict[str, Any]] = {
    "language": "kk",
    "complainant": "parent",
    "who": {"name": "Айгүл Серікқызы", "telephone": "+7 700 000 00 00"},
    "for_whom": {"name": "Дамир", "birth_date": "2018-09-01"},
    "safe_contact": {"by": "portal"},
    "affected": ["child"],
    "subject": "education",
    "body": "school",
    "body_name": "№ 12 мектеп",
    "text": "Мектеп балама орын жоқ деп, бірінші сыныпқа қабылдаудан бас тартты.",
}
"""A child who is refused schooling."""


class Person(Body):
    """Somebody named in a complaint. Only the name is asked; everything else is optional."""

    name: Line
    identity_number: Line | None = None
    birth_date: Line | None = None
    address: Line | None = None
    telephone: Line | None = None
    email: Line | None = None


class SafeContact(Body):
    """Whether and how the person may be answered without danger to them.

    Who files on the portal is answered there, unless they say otherwise; of what an office enters,
    nothing is known that it does not say.
    """

    may_contact: bool = True
    by: Literal["portal", "post", "email", "telephone"] | None = None
    note: Words | None = None

    @property
    def on_portal(self) -> bool:
        """Whether the person wants to see on the portal what becomes of the complaint."""
        return self.may_contact and self.by == "portal"


class Filing(Written):
    """Everything a person tells when filing. Codes are words of the configured vocabulary."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    channel: Channel = Channel.WEB
    language: Language
    complainant: Word = "self"
    who: Person
    for_whom: Person | None = None
    ground: Line | None = None
    safe_contact: SafeContact = SafeContact()
    affected: Annotated[tuple[Word, ...], Field(max_length=12)] = ()
    subject: Word = "other"
    body: Word = "other"
    body_name: Line | None = None
    region: Word | None = None
    place: Word | None = None
    addressed: ParticipantId | None = None
    received_at: AwareDatetime | None = None
    text: Words


class Answer(Written):
    """The answer to the question that is open."""

    text: Words


class Withdrawal(Written):
    """Why the complaint shall not be examined any more: a word of `withdrawal_grounds`, and, for
    the offices, the person's own words."""

    ground: Word
    text: Words | None = None


class Consent(Body):
    """What the complainant consents to, or does not any more: that the offices of a joint
    inspection see the complaint."""

    purpose: Literal["joint_inspection"]


def check(
    filing: Filing,
    *,
    policy: Policy,
    vocabulary: Vocabulary,
    received_by: ParticipantId | None,
    now: datetime,
) -> None:
    """See that what a filing says can be said.

    Raises:
        Problem: a code is unknown, an office does not exist, a date cannot be, or a person says
            what only an office may say.
    """
    faults = [*_unknown_words(filing, vocabulary), *_wrong_circumstances(filing, policy, now)]
    if received_by is None:
        faults += _said_for_an_office(filing)
    if faults:
        raise Problem("invalid_request", errors=faults)


def of_person(filing: Filing) -> Filing:
    """What a person files, with what they mean where they leave it out."""
    if filing.safe_contact.by is not None:
        return filing
    contact = filing.safe_contact.model_copy(update={"by": "portal"})
    return filing.model_copy(update={"safe_contact": contact})


def as_command(
    filing: Filing,
    content: ContentRef,
    *,
    vocabulary: Vocabulary,
    received_by: ParticipantId | None,
    now: datetime,
) -> FileComplaint:
    """What of a checked filing may stand on the log: codes and the content's digest."""
    region = vocabulary.region_of(filing.place) if filing.place else filing.region
    return FileComplaint(
        channel=filing.channel,
        received_by=received_by,
        addressed=filing.addressed,
        complainant=filing.complainant,
        affected=tuple(sorted(set(filing.affected))),
        subject=filing.subject,
        body=filing.body,
        complained_office=vocabulary.office_complained_of(filing.body),
        region=region or "unknown",
        language=filing.language,
        filed_at=filing.received_at or now,
        content=content,
    )


def _unknown_words(filing: Filing, vocabulary: Vocabulary) -> list[Fault]:
    said = [
        ("/complainant", "complainants", filing.complainant),
        ("/subject", "subjects", filing.subject),
        ("/body", "bodies", filing.body),
        *((f"/affected/{n}", "affected", word) for n, word in enumerate(filing.affected)),
    ]
    if filing.region is not None:
        said.append(("/region", "regions", filing.region))
    faults = [
        Fault(at, "unknown_code") for at, kind, word in said if not vocabulary.knows(kind, word)
    ]
    faults += wrong_places(filing.place, filing.region, vocabulary)
    return faults


def wrong_places(place: str | None, region: str | None, vocabulary: Vocabulary) -> list[Fault]:
    """What is wrong with a place and a region that are said together: both are optional."""
    if place is None:
        return []
    found = vocabulary.region_of(place)
    if found is None:
        return [Fault("/place", "unknown_place")]
    return [Fault("/region", "contradiction")] if region not in (None, "unknown", found) else []


def _wrong_circumstances(filing: Filing, policy: Policy, now: datetime) -> list[Fault]:
    faults = []
    if filing.addressed is not None and policy.office(filing.addressed) is None:
        faults.append(Fault("/addressed", "unknown_office"))
    if filing.received_at is not None:
        if filing.received_at > now:
            faults.append(Fault("/received_at", "date_ahead"))
        if filing.received_at < now - LONGEST_AGO:
            faults.append(Fault("/received_at", "date_too_early"))
    return faults


def _said_for_an_office(filing: Filing) -> list[Fault]:
    faults = []
    if filing.channel is not Channel.WEB:
        faults.append(Fault("/channel", "channel_needs_office"))
    if filing.received_at is not None:
        faults.append(Fault("/received_at", "date_needs_office"))
    return faults
