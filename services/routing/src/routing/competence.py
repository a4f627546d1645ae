"""Which office is competent, by a table of rules that a country adopts and publishes.

The rows are tried in order; the first that fits decides, later ones name alternatives. The table
proposes, on codes alone; it is not consulted again once an office holds the complaint.
"""

from itertools import chain
from pathlib import Path
from typing import Final, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from ombudslink.commands import RouteComplaint
from ombudslink.events import Alternative, ComplaintFiled
from ombudslink.offices import ConfigurationError, Policy, read_toml
from ombudslink.values import Code, ParticipantId, Value
from ombudslink.vocabulary import Vocabulary


class Entry(Value):
    """Base of what stands in the table. A misspelt condition would widen its row: refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Facts(Entry):
    """All that a rule may look at: codes of the filing. Also an example of one, in the table."""

    complainant: Code = "self"
    affected: tuple[Code, ...] = Field(default=(), max_length=12)
    subject: Code = "other"
    body: Code = "other"
    region: Code = "unknown"

    @classmethod
    def of(cls, filed: ComplaintFiled) -> Self:
        """The facts of a filing."""
        return cls(**{name: getattr(filed, name) for name in cls.model_fields})

    def said(self) -> dict[str, frozenset[str]]:
        """The codes by the kind of word they are."""
        return {
            "complainants": frozenset({self.complainant}),
            "affected": frozenset(self.affected),
            "subjects": frozenset({self.subject}),
            "bodies": frozenset({self.body}),
            "regions": frozenset({self.region}),
        }


CONDITIONS: Final = tuple(Facts().said())
"""The kinds of words that a row may ask for."""


class Rule(Entry):
    """One row: every condition it names must hold, and any word of the condition's list will do."""

    id: Code
    office: ParticipantId
    legal_basis: Code
    certain: bool
    complainants: frozenset[Code] = frozenset()
    affected: frozenset[Code] = frozenset()
    subjects: frozenset[Code] = frozenset()
    bodies: frozenset[Code] = frozenset()
    regions: frozenset[Code] = frozenset()
    example: tuple[Facts, ...] = Field(min_length=1)

    @property
    def conditions(self) -> dict[str, frozenset[str]]:
        """The words it asks for, by kind; empty for a row that catches what no other row does."""
        asked: dict[str, frozenset[str]] = {kind: getattr(self, kind) for kind in CONDITIONS}
        return {kind: words for kind, words in asked.items() if words}

    def fits(self, facts: Facts) -> bool:
        """Whether every condition holds."""
        said = facts.said()
        return all(words & said[kind] for kind, words in self.conditions.items())


class Competence(Entry):
    """The whole table, in one version."""

    version: int = Field(ge=1)
    rule: tuple[Rule, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len({rule.id for rule in self.rule}) != len(self.rule):
            raise ValueError("two rules have one id")
        *_, first, last = self.rule
        if first.conditions or last.conditions or first.office == last.office:
            raise ValueError(
                "the last two rules must be without conditions and name two offices, so that a "
                "complaint about either of them has somewhere to go"
            )
        return self


def evaluate(competence: Competence, filed: ComplaintFiled) -> RouteComplaint:
    """The office that the rules name for a filing, and who else they would name."""
    return competent(competence, Facts.of(filed), filed.complained_office)


def competent(
    competence: Competence, facts: Facts, complained_office: ParticipantId | None
) -> RouteComplaint:
    """The same for what may become a filing. The office complained of is never named."""
    fitting = [
        rule for rule in competence.rule if rule.office != complained_office and rule.fits(facts)
    ]
    chosen = fitting[0]
    others: dict[ParticipantId, Rule] = {}
    for rule in fitting:
        if rule.conditions and rule.office != chosen.office:
            others.setdefault(rule.office, rule)
    return RouteComplaint(
        office=chosen.office,
        rule=chosen.id,
        rule_version=competence.version,
        legal_basis=chosen.legal_basis,
        certain=chosen.certain,
        alternatives=tuple(Alternative(office=r.office, rule=r.id) for r in others.values()),
    )


def load_competence(
    folder: Path, country: str, policy: Policy, vocabulary: Vocabulary
) -> Competence:
    """Read `rules/<country>/competence.toml` and hold every row to its own examples.

    Raises:
        ConfigurationError: the file is missing, names what does not exist, or a row does not do
            what its examples say; the message names the row.
    """
    file = folder / "rules" / country / "competence.toml"
    try:
        competence = Competence.model_validate(read_toml(file))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{file}: {where}: {first['msg']}") from None
    fault = _fault(competence, policy, vocabulary)
    if fault:
        raise ConfigurationError(f"{file}: {fault}")
    return competence


def _fault(competence: Competence, policy: Policy, vocabulary: Vocabulary) -> str | None:
    """The first thing in a table that the country does not have, or that an example contradicts."""
    for body in vocabulary.codes("bodies"):
        office = vocabulary.office_complained_of(body)
        if office is not None and policy.office(office) is None:
            return f"the body '{body}' is an unknown office: {office}"
    faults = chain.from_iterable(
        _faults_of(rule, competence, policy, vocabulary) for rule in competence.rule
    )
    return next(faults, None)


def _faults_of(
    rule: Rule, competence: Competence, policy: Policy, vocabulary: Vocabulary
) -> list[str]:
    faults = []
    if policy.office(rule.office) is None:
        faults.append(f"rule '{rule.id}' names an unknown office: {rule.office}")
    if not vocabulary.knows("legal_bases", rule.legal_basis):
        faults.append(f"rule '{rule.id}' names an unknown legal basis: {rule.legal_basis}")
    for kind, words in chain(
        rule.conditions.items(), *(example.said().items() for example in rule.example)
    ):
        unknown = sorted(word for word in words if not vocabulary.knows(kind, word))
        if unknown:
            faults.append(f"rule '{rule.id}' names unknown {kind}: {unknown}")
    for number, example in enumerate(rule.example, 1):
        complained_office = vocabulary.office_complained_of(example.body)
        led_to = competent(competence, example, complained_office).rule
        if led_to != rule.id:
            faults.append(f"example {number} of rule '{rule.id}' leads to rule '{led_to}'")
    return faults
