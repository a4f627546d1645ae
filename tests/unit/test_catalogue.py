"""Every code that the program raises has its sentences, and every sentence can be filled in."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from ombudslink.offices import LANGUAGES, Text
from ombudslink.web import app, inputs
from ombudslink.web.problems import UNKNOWN, catalogue

REPOSITORY = Path(__file__).parents[2]
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)

READ_FROM_TABLES = {
    ("app.py", "Problem"): "_BY_STATUS",
    ("inputs.py", "Fault"): "_CODES",
    ("acts.py", "Problem"): "the outcome of a command, which a Refused was",
    ("openapi.py", "Problem"): "every code that an operation names, as an example",
}
"""The only places where a code is not written out."""


@dataclass(frozen=True, slots=True)
class Site:
    """One place that raises a code. `args` is None where they are not written out."""

    file: str
    line: int
    raises: str
    code: str | None
    args: frozenset[str] | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.raises}({self.code})"


@cache
def sites() -> tuple[Site, ...]:
    """Every place in the sources that raises a code."""
    sources = [
        *(REPOSITORY / "shared" / "src").rglob("*.py"),
        *(REPOSITORY / "services").glob("*/src/**/*.py"),
    ]
    return tuple(
        site
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("Refused", "Problem", "Fault")
        for site in _sites_of(path, node, node.func.id)
    )


def _sites_of(path: Path, call: ast.Call, raises: str) -> Iterator[Site]:
    place = 1 if raises == "Fault" else 0
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    said = call.args[place] if len(call.args) > place else named.get("code")
    args = _args_of_refusal(named) if raises == "Refused" else _args_in(call, named, place + 1)
    for code in _codes_in(said):
        yield Site(path.name, call.lineno, raises, code, args)


def _codes_in(said: ast.expr | None) -> Iterator[str | None]:
    """The codes that may stand there, and None for one that is read from somewhere else."""
    match said:
        case ast.Constant(value=str(code)):
            yield code
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _codes_in(part)
        case ast.IfExp(body=yes, orelse=no):
            yield from _codes_in(yes)
            yield from _codes_in(no)
        case _:
            yield None


def _args_of_refusal(named: dict[str | None, ast.expr]) -> frozenset[str] | None:
    return None if None in named else frozenset(str(name) for name in named) - {"code"}


def _args_in(
    call: ast.Call, named: dict[str | None, ast.expr], place: int
) -> frozenset[str] | None:
    said = call.args[place] if len(call.args) > place else named.get("args", ast.Dict([], []))
    if not isinstance(said, ast.Dict) or None in named:
        return None
    return frozenset(str(key.value) for key in said.keys if isinstance(key, ast.Constant))


def placeholders(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def raised_problems() -> frozenset[str]:
    written = {s.code for s in sites() if s.raises != "Fault" and s.code}
    return frozenset(written | set(app._BY_STATUS.values()) | {"malformed", UNKNOWN})


def raised_faults() -> frozenset[str]:
    written = {s.code for s in sites() if s.raises == "Fault" and s.code}
    return frozenset(written | set(inputs._CODES.values()) | {"wrong_type"})


def texts() -> dict[str, Text]:
    """Every text of the catalogue, by a name for it."""
    told = {f"faults.{code}": text for code, text in catalogue().faults.items()}
    for code, entry in catalogue().problems.items():
        told[f"problems.{code}.title"] = entry.title
        if entry.detail is not None:
            told[f"problems.{code}.detail"] = entry.detail
    return told


def test_codes_are_written_out_where_they_are_raised() -> None:
    unwritten = [
        str(s) for s in sites() if s.code is None and (s.file, s.raises) not in READ_FROM_TABLES
    ]
    assert len(sites()) > 60
    assert unwritten == []


def test_every_problem_that_is_raised_is_explained() -> None:
    unexplained = raised_problems() - set(catalogue().problems)
    assert sorted(unexplained) == []


def test_every_fault_that_is_found_is_explained() -> None:
    assert sorted(raised_faults() - set(catalogue().faults)) == []


def test_nothing_is_explained_that_is_never_raised() -> None:
    assert sorted(set(catalogue().problems) - raised_problems()) == []
    assert sorted(set(catalogue().faults) - raised_faults()) == []


def test_every_place_that_raises_a_problem_gives_what_its_detail_names() -> None:
    details = {code: e.detail or e.title for code, e in catalogue().problems.items()}
    lacking = [
        str(site)
        for site in sites()
        if site.raises != "Fault" and site.code in details and site.args is not None
        for language in LANGUAGES
        if not placeholders(details[site.code].in_(language)) <= site.args
    ]
    assert lacking == []


def test_the_problems_of_http_itself_need_no_arguments() -> None:
    for code in {*app._BY_STATUS.values(), "malformed"}:
        entry = catalogue().problems[code]
        assert not placeholders((entry.detail or entry.title).en), code


def test_a_detail_that_names_an_argument_has_a_place_that_gives_it() -> None:
    given = {s.code for s in sites() if s.raises != "Fault" and s.args}
    for code, entry in catalogue().problems.items():
        assert not placeholders((entry.detail or entry.title).en) or code in given, code


def test_faults_name_a_limit_where_there_is_one_and_nothing_else() -> None:
    limited = {*inputs._ARGS, *inputs._BOUNDS, "period_too_long"}
    for code, text in catalogue().faults.items():
        assert placeholders(text.en) == ({"limit"} if code in limited else set()), code
    for site in sites():
        if site.raises == "Fault" and site.args is not None:
            expected = {"limit"} if site.code in limited else set()
            assert site.args == expected, f"{site} gives other arguments than are read"


def test_titles_are_always_the_same() -> None:
    for code, entry in catalogue().problems.items():
        for language in LANGUAGES:
            assert not placeholders(entry.title.in_(language)), code
            assert not entry.title.in_(language).endswith("."), code


@pytest.mark.parametrize("name", sorted(texts()))
def test_the_three_languages_say_the_same(name: str) -> None:
    text = texts()[name]
    assert placeholders(text.kk) == placeholders(text.ru) == placeholders(text.en)
    assert len({text.kk, text.ru, text.en}) == 3


@pytest.mark.parametrize("name", sorted(texts()))
def test_every_text_is_in_its_language(name: str) -> None:
    text = texts()[name]
    assert KAZAKH.search(text.kk) or len(text.kk) <= 20
    assert not KAZAKH.search(text.ru)
    assert re.search("[а-яё]", text.ru)
    assert text.en.isascii()


def test_the_status_tells_the_client_what_kind_of_refusal_it_is() -> None:
    statuses = {code: entry.status for code, entry in catalogue().problems.items()}
    assert {code: statuses[code] for code in app._BY_STATUS.values()} == {
        code: status for status, code in app._BY_STATUS.items()
    }
    assert statuses["stale"] == statuses["if_match_unknown"] == 412
    assert statuses["no_such_complaint"] == statuses["no_such_referral"] == 404
    assert {statuses[c] for c in ("not_custodian", "not_your_referral", "not_arbiter")} == {403}
    assert {statuses[c] for c in ("unknown_office", "remedy_required", "redirect_to_self")} == {422}
    assert {statuses[c] for c in ("transfer_pending", "already_filed", "hop_limit")} == {409}
