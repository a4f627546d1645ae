"""What stands in the files of the demonstration: complaints, inspections, and their fates."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from intake.filing import Filing
from ombudslink.offices import Text
from ombudslink.values import Code, ParticipantId, Value

Way = Literal["kept", "passed"]
OfficeRole = Literal["keeper", "competent", "helper", "third"]
Role = Literal[OfficeRole, "complainant", "nobody", "inspection"]
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


class Entry(Value):
    """Base of what stands in the files; a misspelt field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Move(Entry):
    """One step of a fate: who does what, so many working days after the step before. By an
    inspection nothing is done: what stands before happens before it, and the rest after."""

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
        silent = self.by in ("nobody", "inspection")
        if (self.by == "nobody") != (self.referral > 0) or silent == bool(self.act):
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
            outside = move.by in ("complainant", "nobody", "inspection")
            asked = move.asks
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


class Doing(Entry):
    """One step of an inspection: who does what, so many working days after the step before.

    A complainant says something about one of its complaints. `due` is in how many days.
    """

    by: ParticipantId | Literal["complainant"]
    act: str
    days: tuple[int, int] = (0, 0)
    complaint: Code | None = None
    said: Fields = Field(default_factory=dict)
    text: str | None = None
    due: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.by == "complainant") != (self.complaint is not None):
            raise ValueError("a complainant speaks about a complaint, and nobody else does")
        return self


class Jointly(Entry):
    """A joint inspection of some of the complaints; `text` is its terms, and it is planned for so
    many days."""

    id: Code
    language: str
    lead: ParticipantId
    invited: tuple[ParticipantId, ...] = ()
    complaints: tuple[Code, ...]
    planned: int
    text: str
    step: tuple[Doing, ...]


class Inspections(Entry):
    """All joint inspections."""

    inspection: tuple[Jointly, ...]
