"""Reading the demonstration from `demo/<country>`, each complaint as the rules would route it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from intake.filing import as_command
from ombudslink.calendar import Calendar
from ombudslink.commands import Order
from ombudslink.complaint import Complaint
from ombudslink.decisions import decide
from ombudslink.events import ComplaintFiled
from ombudslink.offices import ConfigurationError, Policy, read_toml
from ombudslink.values import ContentRef, ParticipantId
from ombudslink.vocabulary import Vocabulary
from onebox.demonstration.stories import (
    Fate,
    Fates,
    Fields,
    Inspections,
    Jointly,
    LetterKind,
    OfficeRole,
    Standard,
    Story,
    Way,
)
from routing.competence import Competence, evaluate

_NO_CONTENT: Final = ContentRef(
    holder="intake", id="00000000-0000-0000-0000-000000000000", digest="0" * 64
)
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a complaint goes depends neither on its text nor on the time."""
_LETTERS: Final = TypeAdapter(dict[LetterKind, tuple[Standard, ...]])


@dataclass(frozen=True, slots=True)
class Routed:
    """A story with who has it first, whom the rules name, and who else may be asked."""

    story: Story
    keeper: ParticipantId
    competent: ParticipantId
    certain: bool
    others: tuple[ParticipantId, ...]

    @property
    def way(self) -> Way:
        """Whether it stays where it is."""
        return "kept" if self.competent == self.keeper else "passed"

    @property
    def by_hand(self) -> bool:
        """Whether the rules only propose the other office, so that an officer must ask it."""
        return self.way == "passed" and not self.certain

    def office(self, role: OfficeRole) -> ParticipantId:
        """The office in that role."""
        story, free = self.story, self.others
        return {
            "keeper": self.keeper,
            "competent": self.competent,
            "helper": story.helper or free[0],
            "third": story.third or free[1],
        }[role]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Everything that the plan is made of."""

    stories: tuple[Routed, ...]
    inspections: tuple[Jointly, ...]
    fates: tuple[Fate, ...]
    letters: dict[LetterKind, tuple[Standard, ...]]
    calendar: Calendar
    answer_days: int
    """In how many working days a referral must be answered."""


def has_demonstration(configuration: Path, country: str) -> bool:
    """Whether there is a demonstration of that country."""
    return _folder(configuration, country).is_dir()


def load_demonstration(
    configuration: Path, policy: Policy, vocabulary: Vocabulary, competence: Competence
) -> Demonstration:
    """Read `demo/<country>`.

    Raises:
        ConfigurationError: a file is missing or wrong; the message names it.
    """
    folder = _folder(configuration, policy.country)
    try:
        fates = Fates.model_validate(read_toml(folder / "fates.toml"))
        letters = _LETTERS.validate_python(read_toml(folder / "letters.toml"))
        stories = [Story.model_validate(said) for said in _told(folder)]
        joint = Inspections.model_validate(read_toml(folder / "inspections.toml"))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{folder}: {where}: {first['msg']}") from None
    known = {story.id for story in stories}
    for one in joint.inspection:
        if not known.issuperset(one.complaints):
            raise ConfigurationError(f"{folder}: {one.id}: a complaint is not one of the cases")
    return Demonstration(
        stories=tuple(_routed(s, policy, vocabulary, competence, fates.others) for s in stories),
        inspections=joint.inspection,
        fates=fates.fate,
        letters=letters,
        calendar=policy.calendar,
        answer_days=policy.leg.working_days,
    )


def _folder(configuration: Path, country: str) -> Path:
    return configuration / "demo" / country


def _told(folder: Path) -> Iterator[Fields]:
    """The written cases, then the plain complaints with the answers that belong to them."""
    cases = read_toml(folder / "cases.toml")["case"]
    if not isinstance(cases, list):
        raise ConfigurationError(f"{folder / 'cases.toml'}: no cases")
    yield from cases
    places = {row["region"]: row["place"] for row in _rows(folder / "regions.csv")}
    texts = {row["id"]: row for row in _rows(folder / "plain.csv")}
    for answers in _rows(folder / "answers.csv"):
        row = texts[answers["id"]]
        yield {
            "id": f"plain-{answers['id']}",
            "language": answers["language"],
            "complainant": answers["complainant"],
            "who": {"name": answers["name"]},
            "affected": answers["affected"].split(),
            "subject": answers["subject"],
            "body": answers["body"],
            "place": places[row["region"]],
            "text": row["text_kz" if answers["language"] == "kk" else "text_ru"],
        }


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    except FileNotFoundError:
        raise ConfigurationError(f"demonstration file is missing: {file}") from None


def _routed(
    story: Story,
    policy: Policy,
    vocabulary: Vocabulary,
    competence: Competence,
    others: tuple[ParticipantId, ...],
) -> Routed:
    """The story as the platform's own rules would route it."""
    command = as_command(
        story,
        _NO_CONTENT,
        vocabulary=vocabulary,
        received_by=story.entered_by,
        now=_ANY_TIME,
    )
    filed = decide(Complaint(), Order(command, policy.intake, _ANY_TIME), policy)[0]
    if not isinstance(filed, ComplaintFiled):
        raise TypeError("filing begins with something else than a filing")
    routed = evaluate(competence, filed)
    engaged = {filed.custodian, routed.office, filed.complained_office}
    free = tuple(office for office in others if office not in engaged)
    return Routed(story, filed.custodian, routed.office, routed.certain, free)
