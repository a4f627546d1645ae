"""The country's configuration as data: offices, the rules they adopted, and the calendar."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from ombudslink.calendar import Calendar
from ombudslink.values import Code, ParticipantId, Value

LANGUAGES = ("kk", "ru", "en")
Language = Literal["kk", "ru", "en"]


class ConfigurationError(Exception):
    """A configuration file that cannot be used; the message names the file and what is wrong."""


class Text(Value):
    """One sentence or name in the three languages."""

    kk: str = Field(min_length=1)
    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, language: str) -> str:
        """The text in that language, English when it is unknown."""
        return str(getattr(self, language, self.en))


class Limit(Value):
    """A period in working days, with the rule it comes from and when to warn before its end."""

    rule: Code
    version: int = Field(ge=1)
    working_days: int = Field(ge=1, le=250)
    warn_before: int = Field(ge=0, le=20)
    basis: Text
    status: Literal["law", "policy"]


class Office(Value):
    """One ombudsman office. `prefix` begins its registration numbers."""

    id: ParticipantId
    name: Text
    short_name: Text
    competence: Text
    general: bool = False
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")]
    examination: Limit
    site: str = ""
    telephone: str = ""


class Body(Value):
    """One government body that takes part: it is asked for information and given recommendations.

    It answers for the kinds of bodies that people complain of; everywhere, or in those regions.
    """

    id: ParticipantId
    name: Text
    short_name: Text
    bodies: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()

    def answers_for(self, body: str, region: str) -> bool:
        """Whether a complaint about such a body in that region concerns it."""
        return body in self.bodies and (not self.regions or region in self.regions)


class Mandatory(Value):
    """An office that must take part in a joint inspection when such people are affected."""

    office: ParticipantId
    affected: tuple[Code, ...] = Field(min_length=1)
    basis: Text


class JointRules(Value):
    """The offices' rules for joint inspections: the time for answering an invitation, whether the
    complainant must consent, and who must take part besides each complaint's custodian."""

    answer: Limit
    consent: bool
    mandatory: tuple[Mandatory, ...] = ()


class Policy(Value):
    """The rules all offices of a country adopted together, in one version at a time.

    An event names the version of the legal rule that it applies (a limit, the competence table).

    `fallback` is who keeps a complaint that nobody was asked for; `arbiter` is who decides when it
    was passed on more than `hop_limit` times. Both are lists, because an office complained of is
    passed over (see `first`). `leg` is the time for answering a referral; `information` and
    `recommendation` are those that a government body has to answer.
    """

    country: Code
    version: int = Field(ge=1)
    offices: tuple[Office, ...] = Field(min_length=2)
    fallback: tuple[ParticipantId, ...] = Field(min_length=1)
    arbiter: tuple[ParticipantId, ...] = Field(min_length=1)
    hop_limit: int = Field(ge=1, le=20)
    leg: Limit
    information: Limit
    recommendation: Limit
    joint: JointRules
    bodies: tuple[Body, ...] = ()
    calendar: Calendar
    intake: ParticipantId = "intake"
    registrar: ParticipantId = "routing"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [office.id for office in self.offices]
        everybody = [*ids, *(body.id for body in self.bodies), self.intake, self.registrar]
        if len(set(everybody)) != len(everybody):
            raise ValueError("two participants have one id")
        unknown = (set(self.fallback) | set(self.arbiter)) - set(ids)
        if unknown:
            raise ValueError(f"fallback or arbiter names an unknown office: {sorted(unknown)}")
        unknown = {row.office for row in self.joint.mandatory} - set(ids)
        if unknown:
            raise ValueError(f"a mandatory party is an unknown office: {sorted(unknown)}")
        return self

    def office(self, office: ParticipantId) -> Office | None:
        """The office of that id, or None."""
        return next((o for o in self.offices if o.id == office), None)

    def named(self, participant: ParticipantId) -> Office | Body | None:
        """The office or the government body of that id; None for a service of the platform."""
        return self.office(participant) or self.body(participant)

    def ends(self, limit: Limit, day: date) -> tuple[datetime, datetime]:
        """When a period that starts on that day is warned about, and when it is over."""
        warn = self.calendar.working_day_after(day, limit.working_days - limit.warn_before)
        last = self.calendar.working_day_after(day, limit.working_days)
        return self.calendar.end_of(warn), self.calendar.end_of(last)

    def body(self, body: ParticipantId) -> Body | None:
        """The government body of that id, or None."""
        return next((b for b in self.bodies if b.id == body), None)

    def first(
        self, preferred: tuple[ParticipantId | None, ...], excluded: ParticipantId | None
    ) -> ParticipantId:
        """The first known office of a list, then of all, that is not the excluded one."""
        ids = [office.id for office in self.offices]
        for candidate in (*preferred, *ids):
            if candidate in ids and candidate != excluded:
                return candidate
        raise ConfigurationError("a complaint about the only office has nobody to go to")


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file as a dictionary.

    Raises:
        ConfigurationError: it is missing or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"configuration file is missing: {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration file is not TOML: {path}: {error}") from None


def load_policy(folder: Path, country: str) -> Policy:
    """Read a country's `offices/` and `bodies/` (one file each, the latter may be missing),
    `rules/<country>/policy.toml` and `calendar/<country>.toml`.

    Raises:
        ConfigurationError: a file is missing or breaks a rule; the message names it.
    """
    files = sorted((folder / "offices" / country).glob("*.toml"))
    if not files:
        raise ConfigurationError(f"no offices are configured in {folder / 'offices' / country}")
    data = {
        **read_toml(folder / "rules" / country / "policy.toml"),
        "country": country,
        "offices": [read_toml(file) for file in files],
        "bodies": [
            read_toml(file) for file in sorted((folder / "bodies" / country).glob("*.toml"))
        ],
        "calendar": read_toml(folder / "calendar" / f"{country}.toml"),
    }
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"configuration of '{country}': {where}: {first['msg']}") from None
