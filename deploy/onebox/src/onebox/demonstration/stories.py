"""The complaints of the demonstration and what may become of them, read from `demo/<country>`."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from intake.filing import Filing, as_command
from ombudslink.calendar import Calendar
from ombudslink.commands import Order
from ombudslink.complaint import Complaint
from ombudslink.decisions import decide
from ombudslink.events import ComplaintFiled
from ombudslink.offices import ConfigurationError, Policy, Text, read_toml
from ombudslink.values import Code, ContentRef, ParticipantId, Value
from ombudslink.vocabulary import Vocabulary
from routing.competence import Competence, evaluate

Way = Literal["kept", "passed"]
OfficeRole = Literal["keeper", "competent", "helper", "third"]
Role = Literal[OfficeRole, "complainant", "nobody"]
LetterKind = Literal[
    "question",
    "reply",
    "result",
    "decision",
    "second_decision",
    "withdrawal",
    "request",
    "information",
    "recommendation",
    "recommendation_answer",
]
Fields = dict[str, Any]

_NO_CONTENT: Final = ContentRef(
    holder="intake", id="00000000-0000-0000-0000-000000000000", digest="0" * 64
)
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a complaint goes depends neither on its text nor on the time."""


class Entry(Value):
    """Base of what stands in the files; a misspelt field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(Entry):
    """One step of a fate: who does what, so many working days after the step before."""

    by: Role
    act: str = ""
    referral: int = 0
    days: tuple[int, int] = (1, 1)
    said: Fields = Field(default_factory=dict)
    offices: dict[str, OfficeRole] = Field(default_factory=dict)
    letter: LetterKind | None = None

    @property
    def asks(self) -> bool:
        """Whether another office is asked by it."""
        return "receiver" in self.offices

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.by == "nobody") != (self.referral > 0) or (self.by == "nobody") == bool(self.act):
            raise ValueError("either somebody does an act or nobody answers a referral")
        return self


class Fate(Entry):
    """What becomes of a complaint; `standing` bounds how long ago its last step is."""

    id: Code
    way: Way
    weight: int = Field(default=0, ge=0)
    standing: tuple[int, int] | None = None
    step: tuple[Move, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """An office acts at the earliest on the day after something came in from outside."""
        outside, asked = True, self.way == "passed"
        for move in self.step:
            if move.by == "nobody" and not asked:
                raise ValueError(f"fate '{self.id}': silence must follow what was asked")
            if outside and move.days[0] < 1:
                raise ValueError(f"fate '{self.id}': '{move.act}' must be a day later")
            outside, asked = move.by in ("complainant", "nobody"), move.asks
        return self


class Fates(Entry):
    """All fates, and which offices help where a story names none."""

    others: tuple[ParticipantId, ...]
    fate: tuple[Fate, ...]


class Letter(Entry):
    """A text of a written story's own; a decision says with which outcome."""

    text: str
    outcome: Code | None = None
    remedy: Code | None = None


class Standard(Text):
    """A letter for stories that have none of their own, drawn by weight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Code | None = None
    remedy: Code | None = None
    weight: int = Field(default=1, ge=1)

    def letter(self, language: str) -> Letter:
        """The letter in that language."""
        return Letter(text=self.in_(language), outcome=self.outcome, remedy=self.remedy)


_LETTERS: Final = TypeAdapter(dict[LetterKind, tuple[Standard, ...]])


class Story(Filing):
    """What a person files, and which fate is planned for it; a plain one gets some fate."""

    id: Code
    theme: Code = "plain"
    fate: Code | None = None
    entered_by: ParticipantId | None = None
    helper: ParticipantId | None = None
    third: ParticipantId | None = None
    letters: dict[LetterKind, Letter] = Field(default_factory=dict)

    def filing(self) -> Fields:
        """What is said when filing, as it is sent."""
        said = set(Filing.model_fields)
        return self.model_dump(mode="json", include=said, exclude_unset=True)


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
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{folder}: {where}: {first['msg']}") from None
    return Demonstration(
        stories=tuple(_routed(s, policy, vocabulary, competence, fates.others) for s in stories),
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
