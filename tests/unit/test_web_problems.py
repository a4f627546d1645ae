"""How a refusal looks over HTTP, and in which language."""

import json
from typing import Any

import pytest

from ombudslink.commands import Refused
from ombudslink.testing.country import CHILDREN, POLICY
from ombudslink.web.problems import MEDIA_TYPE, Fault, Problem, language_of, rendered


def name(office: str, language: str) -> str:
    known = POLICY.office(office)
    return known.short_name.in_(language) if known else office


def body(problem: Problem, language: str) -> Any:
    return json.loads(bytes(rendered(problem, language, name).body))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("kk", "kk"),
        ("KK-kz", "kk"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.5, ru;q=0.7, kk;q=0.6", "ru"),
        ("en ; q=0.5 , kk ; Q=0.9", "kk"),
        ("kk;Q=0.1, ru;q=0.2", "ru"),
        ("kk, ru", "kk"),
        ("uk, de;q=0.9, ru;q=0.1", "ru"),
        ("de, fr;q=0.5", "en"),
        ("*", "en"),
        ("kk;q=0", "en"),
        ("kk;q=0, ru;q=0.001", "ru"),
        ("kk;q=nan, ru;q=0.5", "ru"),
        ("kk;q=7, ru;q=0.5", "ru"),
        (",,;;q=,kk;;", "en"),
    ],
)
def test_the_reader_gets_the_best_of_our_languages(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_a_problem_has_a_stable_code_and_is_told_in_the_readers_language() -> None:
    response = rendered(Problem("already_registered"), "kk", root="/intake")
    assert json.loads(bytes(response.body)) == {
        "type": "/intake/problems/already_registered",
        "code": "already_registered",
        "title": "Уәкіл бұл шағымды бұрын тіркеген",
        "status": 409,
        "detail": "Уәкіл бұл шағымды бұрын тіркеген",
    }
    assert response.status_code == 409
    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.headers["content-language"] == "kk"
    assert response.headers["vary"] == "Accept-Language"


def test_a_refusal_of_the_rules_names_the_office_by_its_name_and_keeps_its_id() -> None:
    problem = Problem.of(Refused("stale", version=7, office=CHILDREN))
    told = body(problem, "ru")
    assert "children (ru) (версия 7)" in told["detail"]
    assert told["args"] == {"version": 7, "office": "children"}
    assert "children" not in told["title"]


def test_an_office_that_is_unknown_is_named_by_its_id() -> None:
    told = body(Problem("not_custodian", args={"office": "elsewhere"}), "en")
    assert told["detail"].endswith("can do this: elsewhere.")


def test_single_faults_are_told_in_the_readers_language_too() -> None:
    faults = [Fault("/who/name", "too_long", {"limit": 200}), Fault("/place", "unknown_place")]
    assert body(Problem("invalid_request", errors=faults), "ru")["errors"] == [
        {
            "pointer": "/who/name",
            "code": "too_long",
            "detail": "Текст слишком длинный. Наибольшее число символов: 200.",
        },
        {
            "pointer": "/place",
            "code": "unknown_place",
            "detail": "Такого населённого пункта нет в справочнике.",
        },
    ]


def test_a_problem_brings_its_own_headers() -> None:
    response = rendered(Problem("store_unavailable", headers={"Retry-After": "5"}), "en")
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-language"] == "en"


def test_a_refusal_that_this_program_has_no_sentence_for_keeps_its_code() -> None:
    answer = rendered(Problem("reason_of_a_newer_registrar", args={"version": 3}), "en")
    body = json.loads(answer.body)
    assert (answer.status_code, body["code"]) == (409, "reason_of_a_newer_registrar")
    assert body["title"] == "The rules do not allow this act"
