"""Countries are configuration: each is complete, and the code knows none of them."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ombudslink.calendar import Calendar
from ombudslink.offices import LANGUAGES, load_policy, read_toml
from ombudslink.vocabulary import KINDS, load_vocabulary

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COUNTRIES = sorted(folder.name for folder in (DEPLOY / "rules").iterdir())
SOURCES = [
    file
    for folder in ("shared/src", "services", "deploy/onebox/src")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "testing" not in file.parts
]


def calendar(country: str) -> Calendar:
    """The country's calendar."""
    return Calendar.model_validate(read_toml(DEPLOY / "calendar" / f"{country}.toml"))


def test_there_is_a_default_country_and_another_one() -> None:
    assert COUNTRIES == ["es", "kz"]
    assert len(load_policy(DEPLOY, "kz").offices) == 4
    assert len(load_policy(DEPLOY, "es").offices) == 2


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_office_of_a_country_can_be_asked_complained_of_and_told_apart(country: str) -> None:
    policy, vocabulary = load_policy(DEPLOY, country), load_vocabulary(DEPLOY, country)
    ids = {office.id for office in policy.offices}
    # given the order in which offices step in for one another, then it names each of them
    assert set(policy.fallback) == set(policy.arbiter) == ids
    assert {vocabulary.office_complained_of(body) for body in vocabulary.codes("bodies")} == {
        None,
        *ids,
    }
    assert len({office.prefix for office in policy.offices}) == len(ids)
    for language in LANGUAGES:
        assert len({office.name.in_(language) for office in policy.offices}) == len(ids)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_code_of_a_country_has_a_word_of_its_own_in_three_languages(country: str) -> None:
    vocabulary = load_vocabulary(DEPLOY, country)
    for kind in KINDS:
        codes = vocabulary.codes(kind)
        for language in LANGUAGES:
            labels = {vocabulary.label(kind, code, language) for code in codes}
            assert len(labels) == len(codes), (kind, language)
            assert all(label == label.strip() for label in labels)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_government_body_answers_for_bodies_that_one_can_complain_of(country: str) -> None:
    policy, vocabulary = load_policy(DEPLOY, country), load_vocabulary(DEPLOY, country)
    assert policy.bodies
    for body in policy.bodies:
        assert {*body.bodies} <= {*vocabulary.codes("bodies")}
        assert {*body.regions} <= {*vocabulary.codes("regions")}
        assert body.bodies and not any(map(vocabulary.office_complained_of, body.bodies))
    for language in LANGUAGES:
        names = {body.short_name.in_(language) for body in policy.bodies}
        assert len(names) == len(policy.bodies)


def test_a_body_of_one_region_answers_for_nothing_elsewhere() -> None:
    (regional,) = load_policy(DEPLOY, "es").bodies
    assert regional.answers_for("school", "andalusia")
    assert not regional.answers_for("school", "catalonia")
    assert not regional.answers_for("hospital", "andalusia")
    ministry = load_policy(DEPLOY, "kz").body("ministry-education")
    assert ministry is not None
    assert ministry.answers_for("school", "710000000")


@pytest.mark.parametrize("country", COUNTRIES)
def test_only_what_a_statute_says_is_called_law(country: str) -> None:
    policy = load_policy(DEPLOY, country)
    assert policy.leg.status == policy.information.status == "policy"
    assert (policy.recommendation.status == "law") == (country == "kz")
    in_law = [office.id for office in policy.offices if office.examination.status == "law"]
    assert in_law == (["human-rights"] if country == "kz" else [])


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-08-30", False),  # a Sunday; Constitution Day was moved to March
        ("2026-08-31", True),
        ("2025-08-30", False),  # Constitution Day, a Saturday
        ("2025-09-01", False),  # and the Monday for it
        ("2027-03-15", False),  # Constitution Day now
        ("2026-03-20", True),
        ("2026-03-23", False),  # Nauryz, a Monday
        ("2026-03-24", False),  # for the Saturday and the Sunday of Nauryz
        ("2026-03-25", False),
        ("2026-03-26", True),
        ("2026-12-31", True),
        ("2027-01-01", False),
        ("2027-01-02", False),
        ("2027-01-04", False),  # for the Saturday, 2 January
        ("2027-01-05", True),
        ("2025-01-03", False),  # moved from Sunday, 5 January
        ("2025-01-05", True),
        ("2024-05-04", True),  # a worked Saturday
        ("2024-05-08", False),  # for it
        ("2026-12-01", True),  # no holiday since 2022
        ("2026-10-26", False),  # the Monday for Republic Day
    ],
)
def test_the_default_calendar_knows_this_day(day: str, working: bool) -> None:
    assert calendar("kz").is_working(date.fromisoformat(day)) is working


def test_a_complaint_of_the_last_evening_of_the_year_is_registered_in_the_new_one() -> None:
    kz = calendar("kz")
    # given the register closes at 18:30 local time
    assert kz.registration_date(datetime(2026, 12, 31, 13, 29, tzinfo=UTC)) == date(2026, 12, 31)
    assert kz.registration_date(datetime(2026, 12, 31, 13, 30, tzinfo=UTC)) == date(2027, 1, 5)


def test_the_clock_of_a_referral_stands_still_over_nauryz() -> None:
    kz, leg = calendar("kz"), load_policy(DEPLOY, "kz").leg
    friday = date(2026, 3, 20)
    assert kz.working_day_after(friday, leg.working_days) == date(2026, 3, 30)


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_worked_day_is_a_weekend_day_and_no_holiday(country: str) -> None:
    days = calendar(country)
    assert not days.worked & days.holidays
    assert all(day.weekday() >= 5 for day in days.worked)


def test_each_country_has_its_own_clock() -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert calendar("kz").local(noon).hour == 17
    assert calendar("es").local(noon).hour == 13


def words_of(file: Path) -> Iterator[str]:
    """Every name and every string that a program file acts on; not what its docstrings say."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)


def codes_of(country: str) -> set[str]:
    """What only this country's configuration may name."""
    policy, vocabulary = load_policy(DEPLOY, country), load_vocabulary(DEPLOY, country)
    offices = {one.id for one in (*policy.offices, *policy.bodies)}
    return {country, *offices, *vocabulary.codes("legal_bases"), *vocabulary.places}


def test_no_program_file_knows_a_country() -> None:
    assert len(SOURCES) > 50
    codes = set().union(*(codes_of(country) for country in COUNTRIES))
    telling = re.compile(r"kato|kazakh|astana|almaty|nauryz|akimat|^(kz|es)[._-]", re.IGNORECASE)
    found = {
        (file.name, word)
        for file in SOURCES
        for word in words_of(file)
        if word in codes or telling.search(word)
    }
    # then the one place that says which country it is unless told otherwise is the settings
    assert found <= {("settings.py", "kz")}
