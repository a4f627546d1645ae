"""The competence tables: every row does what its examples say, and nobody is judged by himself."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombudslink.commands import RouteComplaint
from ombudslink.events import ComplaintFiled
from ombudslink.offices import ConfigurationError, Policy, load_policy
from ombudslink.testing.builders import content
from ombudslink.values import Channel
from ombudslink.vocabulary import Vocabulary, load_vocabulary
from routing.competence import Competence, Rule, evaluate, load_competence

DEPLOY = Path(__file__).parents[2] / "deploy"
COUNTRIES = sorted(folder.name for folder in (DEPLOY / "rules").iterdir())


def country(name: str) -> tuple[Policy, Vocabulary, Competence]:
    """Everything that a country configures."""
    policy, vocabulary = load_policy(DEPLOY, name), load_vocabulary(DEPLOY, name)
    return policy, vocabulary, load_competence(DEPLOY, name, policy, vocabulary)


LOADED = {name: country(name) for name in COUNTRIES}
ROWS = [(name, rule) for name in COUNTRIES for rule in LOADED[name][2].rule]


def filed(name: str, **said: Any) -> ComplaintFiled:
    """A filing in that country; what is not said is unknown."""
    policy, vocabulary, _ = LOADED[name]
    about = vocabulary.office_complained_of(said.get("body", "other"))
    unsaid = {"complainant": "self", "subject": "other", "body": "other", "region": "unknown"}
    return ComplaintFiled(
        channel=Channel.WEB,
        custodian=policy.first(policy.fallback, excluded=about),
        complained_office=about,
        language="kk",
        filed_at=datetime(2026, 3, 2, tzinfo=UTC),
        content=content(),
        **(unsaid | said),
    )


def routed(name: str, **said: Any) -> RouteComplaint:
    """What the country's table says of a filing."""
    return evaluate(LOADED[name][2], filed(name, **said))


def alternatives(decided: RouteComplaint) -> list[str]:
    """The other offices it names."""
    return [other.office for other in decided.alternatives]


@pytest.mark.parametrize(("name", "rule"), ROWS, ids=[f"{name}-{rule.id}" for name, rule in ROWS])
def test_every_row_has_examples_and_each_of_them_leads_to_it(name: str, rule: Rule) -> None:
    # given the examples that stand with a row
    assert rule.example
    for example in rule.example:
        # when somebody files like that
        decided = routed(name, **example.model_dump())
        # then that row decides, with the office, the legal basis and the version of the table
        assert decided.rule == rule.id
        assert (decided.office, decided.legal_basis) == (rule.office, rule.legal_basis)
        assert decided.certain is rule.certain
        assert decided.rule_version == LOADED[name][2].version


def test_a_child_refused_schooling_is_certainly_the_childrens_commissioners() -> None:
    decided = routed(
        "kz", complainant="parent", affected=("child",), subject="education", body="school"
    )
    assert (decided.office, decided.certain) == ("children", True)
    assert alternatives(decided) == []


def test_a_child_with_a_disability_goes_to_one_office_and_names_the_other() -> None:
    decided = routed("kz", affected=("child", "disability"), subject="disability_services")
    assert (decided.office, decided.certain) == ("children", True)
    # then the other office stands there once, although three rows name it
    assert [(other.office, other.rule) for other in decided.alternatives] == [
        ("vulnerable", "disability")
    ]


def test_an_entrepreneur_with_a_general_matter_is_only_proposed() -> None:
    decided = routed("kz", affected=("entrepreneur",), subject="police", body="police")
    assert (decided.office, decided.certain) == ("entrepreneurs", False)
    assert alternatives(decided) == ["human-rights"]


def test_what_nobody_can_tell_is_proposed_to_the_general_commissioner() -> None:
    decided = routed("kz")
    assert (decided.office, decided.certain, alternatives(decided)) == ("human-rights", False, [])


def test_a_complaint_about_an_office_goes_to_the_next_one_that_a_row_names() -> None:
    # given a child with a disability, when the children's commissioner is complained of
    decided = routed("kz", affected=("child", "disability"), body="commissioner_children")
    # then the office for vulnerable categories is next, and the children's is no alternative
    assert (decided.office, decided.rule) == ("vulnerable", "disability")
    assert "children" not in alternatives(decided)


def test_a_complaint_about_the_only_office_that_fits_goes_to_another_one() -> None:
    decided = routed("kz", subject="freedoms", body="commissioner_human_rights")
    assert (decided.office, decided.certain) == ("children", False)
    assert decided.rule == "about-the-general-commissioner"


def test_a_region_decides_where_offices_are_regional() -> None:
    assert routed("es", region="catalonia", affected=("child",)).office == "catalonia"
    assert routed("es", region="andalusia", affected=("child",)).office == "andalusia"
    # and a complaint about the office of one's own region is the other's
    about = routed("es", region="andalusia", body="office_andalusia")
    assert (about.office, alternatives(about)) == ("catalonia", [])


@pytest.mark.parametrize("name", COUNTRIES)
def test_without_any_rule_a_complaint_is_proposed_to_whoever_keeps_it(name: str) -> None:
    # given nothing but the body complained of, an office or not
    policy, vocabulary, competence = LOADED[name]
    for body in ["other", *vocabulary.codes("bodies")]:
        one = filed(name, body=body)
        decided = evaluate(competence, one)
        # then no complaint is sent around for want of a rule
        if one.complained_office is not None or body == "other":
            assert (decided.office, decided.certain) == (one.custodian, False)
        assert policy.office(decided.office) is not None


@st.composite
def filings(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A country, and anything that can be filed there."""
    name = draw(st.sampled_from(COUNTRIES))
    vocabulary = LOADED[name][1]

    def word(kind: str) -> st.SearchStrategy[str]:
        return st.sampled_from(vocabulary.codes(kind))

    said = {
        "complainant": draw(word("complainants")),
        "affected": tuple(draw(st.sets(word("affected"), max_size=4))),
        "subject": draw(word("subjects")),
        "body": draw(word("bodies")),
        "region": draw(word("regions")),
    }
    return name, said


@given(filings())
def test_no_rule_ever_names_the_office_complained_of(filing: tuple[str, dict[str, Any]]) -> None:
    name, said = filing
    about = LOADED[name][1].office_complained_of(said["body"])
    decided = routed(name, **said)
    named = [decided.office, *alternatives(decided)]
    assert about not in named
    assert len(set(named)) == len(named)


def changed(folder: Path, pattern: str, by: str) -> Path:
    """A configuration folder whose table of `es` differs in one place."""
    text = (DEPLOY / "rules/es/competence.toml").read_text(encoding="utf-8")
    new, times = re.subn(pattern, by, text, count=1, flags=re.DOTALL)
    assert times == 1
    target = folder / "rules/es/competence.toml"
    target.parent.mkdir(parents=True)
    target.write_text(new, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("pattern", "by", "told"),
    [
        ('office = "andalusia"', 'office = "murcia"', "unknown office: murcia"),
        ('"es.law-36-1985"', '"es.law-1"', "unknown legal basis: es.law-1"),
        ('bodies = ."gov[^]]*', 'bodies = ["nato"', r"unknown bodies: \['nato'\]"),
        ('region = "catalonia"', 'region = "galicia"', r"unknown regions: \['galicia'\]"),
        ('body = "government_andalusia"', 'body = "school"', "leads to rule 'in-catalonia'"),
        (r"\[\[rule.example\]\][^[]*", "", "rule.0.example: Field required"),
        (r"\[\[rule.example\]\][^[]*", "example = []\n\n", "at least 1 item"),
        ("bodies = .", 'wrong = ["x"]\nbodies = [', "rule.0.wrong: Extra inputs"),
        ('id = "in-andalusia"', 'id = "government-of-andalusia"', "two rules have one id"),
        (r'\[\[rule\]\]\nid = "about.*', "", "must be without conditions"),
        (
            '"catalonia"(.legal_basis = "es.joint-rule".certain = f)',
            r'"andalusia"\1',
            "name two offices",
        ),
        ("version = 1", "version = 0", "version: Input should be greater"),
        ("version = 1", "version =", "is not TOML"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(
    tmp_path: Path, pattern: str, by: str, told: str
) -> None:
    policy, vocabulary, _ = LOADED["es"]
    folder = changed(tmp_path, pattern, by)
    with pytest.raises(ConfigurationError, match=told) as refused:
        load_competence(folder, "es", policy, vocabulary)
    assert "competence.toml" in str(refused.value)


def test_a_body_that_is_an_office_of_no_configuration_is_refused() -> None:
    policy, vocabulary, _ = LOADED["es"]
    words = {**vocabulary.words["bodies"]}
    words["office_andalusia"] = words["office_andalusia"].model_copy(update={"office": "murcia"})
    wrong = vocabulary.model_copy(update={"words": {**vocabulary.words, "bodies": words}})
    with pytest.raises(ConfigurationError, match="'office_andalusia' is an unknown office"):
        load_competence(DEPLOY, "es", policy, wrong)
