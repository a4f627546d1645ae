"""Who would receive a complaint, asked before it is filed: the same as what happens after."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from machine import Machine, eventually, running


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """All services, and nothing filed yet."""
    async with running(tmp_path / "data") as machine:
        yield machine


async def preview(machine: Machine, language: str = "en", **facts: Any) -> Any:
    """What anybody is answered."""
    return await machine.client.post(
        "/routing/v1/competence/preview", json=facts, headers={"Accept-Language": language}
    )


async def test_the_preview_says_what_the_registrar_then_decides(machine: Machine) -> None:
    table = (await machine.client.get("/routing/v1/competence")).json()
    facts = {"complainant": "parent", "affected": ["child"], "subject": "education"}
    foreseen = (await preview(machine, **facts, body="school", region="710000000")).json()

    complaint = await machine.file(complainant="parent")
    desk = machine.desk(foreseen["office"]["code"])
    await desk.asked(complaint, 1)

    routed = (await desk.view(complaint))["routing"]
    assert foreseen["version"] == table["version"] == routed["rule_version"]
    for name in ("rule", "certain"):
        assert foreseen[name] == routed[name]
    assert foreseen["office"]["code"] == routed["office"]
    assert foreseen["legal_basis"]["code"] == routed["legal_basis"]
    assert [one["code"] for one in foreseen["alternatives"]] == [
        one["office"] for one in routed["alternatives"]
    ]


@pytest.mark.parametrize(
    ("language", "office", "word"),
    [
        ("kk", "Бала құқықтары жөніндегі уәкіл", "Бала (18 жасқа толмаған)"),
        ("ru", "Уполномоченный по правам ребёнка", "Ребёнок (до 18 лет)"),
        ("en", "Commissioner for the Rights of the Child", "A child (under 18)"),
    ],
)
async def test_the_preview_names_the_words_that_decide_in_the_readers_language(
    machine: Machine, language: str, office: str, word: str
) -> None:
    answer = await preview(machine, language, affected=["child", "disability"])
    assert answer.headers["content-language"] == language
    said = answer.json()
    assert office in said["office"]["text"]
    assert said["because"] == {"affected": [{"code": "child", "text": word}]}
    assert said["excluded"] is None


async def test_the_office_complained_of_is_neither_named_nor_the_first_to_have_it(
    machine: Machine,
) -> None:
    said = (await preview(machine, body="commissioner_human_rights")).json()
    assert said["excluded"]["code"] == "human-rights"
    named = [said["office"], said["custodian"], *said["alternatives"]]
    assert "human-rights" not in [one["code"] for one in named]


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"complainant": "king"}, "/complainant"),
        ({"affected": ["child", "dragon"]}, "/affected"),
        ({"subject": "weather"}, "/subject"),
        ({"body": "moon"}, "/body"),
        ({"region": "atlantis"}, "/region"),
    ],
)
async def test_a_code_that_does_not_exist_is_refused(
    machine: Machine, facts: dict[str, Any], pointer: str
) -> None:
    answer = await preview(machine, **facts)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        (pointer, "unknown_code")
    ]


async def test_nothing_is_kept_of_a_preview(machine: Machine) -> None:
    await preview(machine, affected=["child"])
    unknown = await preview(machine, name="Айгүл")
    assert unknown.status_code == 422
    assert "Айгүл" not in unknown.text

    async def quiet() -> bool:
        return (await machine.client.get("/routing/health/ready")).status_code == 200

    await eventually(quiet)
    database = machine.service("routing").database
    assert (
        await database.query(lambda c: c.exec_driver_sql("SELECT count(*) FROM event").scalar())
        == 0
    )
