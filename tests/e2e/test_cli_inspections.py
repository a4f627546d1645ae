"""The commands about joint inspections, on the data folder of a platform that ran one."""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from e2e.process import ombudslink, running, told, until
from e2e.stories.telling import Commissioner, Complainant, Country

NOBODYS = "00000000-0000-4000-8000-00000000000c"


@dataclass(frozen=True)
class Inspected:
    """A folder with an inspection that is open, and whom it is about."""

    data: Path
    inspection: str
    complaint: str
    mother: Complainant
    keys: dict[str, str]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    """Three offices, a task that is done, and a finding with an agreement and a dissent."""
    data = tmp_path_factory.mktemp("inspections") / "data"
    with running(data) as platform:
        country = Country(data, platform)
        mother = country.somebody("Айгүл Серікқызы")
        children, vulnerable, general = map(
            country.commissioner, ("children", "vulnerable", "human-rights")
        )
        mother.complains("Ұлымды мектепке алмады.", affected=["child", "disability"])
        children.finds_the_complaint_in_the_inbox()
        children.accepts_the_complaint()
        consented = acted(data, "consent", mother, platform.address)
        assert consented == "Бірлесіп қарауға берген келісіміңіз қабылданды.\n"
        children.proposes_a_joint_inspection("Неге?", inviting=general)
        for invited, must in ((vulnerable, True), (general, False)):
            invited.is_asked_to_take_part(must=must)
            invited.joins()
        children.opens_it()
        children.gives_a_task("visit", to=vulnerable)
        vulnerable.does_its_task("Пандус жоқ.")
        children.drafts_finding(1, "Заңсыз бас тартты.")
        children.agrees_to_finding(1)
        general.dissents_from_finding(1, because="Дәлел жеткіліксіз.")
        country.proves_that_all_histories_are_equal()
        platform.stop()
    return Inspected(data, children.inspection, children.complaint, mother, platform.keys)


@pytest.fixture
def stopped(once: Inspected, tmp_path: Path) -> Inspected:
    copy = Path(shutil.copytree(once.data, tmp_path / "data"))
    return replace(once, data=copy)


def acted(data: Path, act: str, mother: Complainant, address: str) -> str:
    """What a command of the complainant's prints; it must succeed."""
    done = ombudslink(
        data,
        *(act, mother.reference, "--at", address, "--language", "kk"),
        OMBUDSLINK_CODE=mother.code,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(inspected: Inspected, command: str, language: str) -> list[str]:
    """The lines of a command about the inspection, each with its words one space apart."""
    done = ombudslink(inspected.data, command, inspected.inspection, "--language", language)
    assert done.returncode == 0, done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_an_inspection_is_shown_with_everything_that_is_known_of_it(stopped: Inspected) -> None:
    lines = shown(stopped, "inspection", "en")
    assert lines[:2] == [f"Joint inspection: {stopped.inspection}", "Stage: Under way"]
    assert any(line.startswith("Lead office: Commissioner for the Rights of") for line in lines)
    child, vulnerable, general = (
        "Commissioner for the Rights of the Child",
        "Commissioner for the Rights of Socially Vulnerable Categories",
        "Commissioner for Human Rights",
    )
    text = "\n".join(lines)
    assert f"\n{child} Takes part yes\n" in text
    assert re.search(rf"\n{vulnerable} Takes part yes \d\d\.\d\d\.\d{{4}}\n", text)
    assert re.search(rf"\n{general} Takes part no \d\d\.\d\d\.\d{{4}}\n", text)
    assert f"\n{stopped.complaint} Takes part {child} {child}, {vulnerable}\n" in text
    assert re.search(rf"\n1 {vulnerable} A visit on site \d\d\.\d\d\.\d{{4}} Done\n", text)
    assert f"\n1 {child} {child} {general} {vulnerable}" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", ("Кезеңі: Жүріп жатыр", "Жетекші уәкіл: Бала құқықтары жөніндегі уәкіл")),
        ("ru", ("Этап: Идёт", "Ведущий уполномоченный: Уполномоченный по правам ребёнка")),
    ],
)
def test_an_inspection_is_shown_in_the_readers_language(
    stopped: Inspected, language: str, said: tuple[str, ...]
) -> None:
    lines = shown(stopped, "inspection", language)
    assert set(said) <= set(lines), lines
    ids = (stopped.inspection, stopped.complaint)
    assert re.findall("[A-Za-z]+", " ".join(lines).replace(ids[0], "").replace(ids[1], "")) == []


def test_an_inspection_is_there_for_programs_too(stopped: Inspected) -> None:
    said = told(stopped.data, "inspection", stopped.inspection)
    assert (said["inspection"], said["stage"], said["lead"]) == (
        stopped.inspection,
        "open",
        "children",
    )
    assert {one["office"]: one["part"] for one in said["parties"]} == dict.fromkeys(
        ("children", "vulnerable", "human-rights"), "joined"
    )
    assert dict(said["findings"][0]["votes"]) == {"children": True, "human-rights": False}


def test_a_report_is_shown_with_who_has_signed_it(stopped: Inspected) -> None:
    with running(stopped.data) as platform:
        platform.keys = stopped.keys
        children, vulnerable = (
            Commissioner(platform, office, stopped.inspection)
            for office in ("children", "vulnerable")
        )
        vulnerable.agrees_to_finding(1)
        children.issues_the_report("Бұзылды.", method="Құжаттар зерделенді.", recommending={})
        vulnerable.signs_the_report()
        digest = vulnerable.sees(lambda view: view["report"]["signed"])["report"]["digest"]
        lines = shown(stopped, "inspection", "en")
    assert "Stage: Report issued" in lines
    assert f"Digest of the report: {digest}" in lines
    assert lines[-2:] == [
        "Signed by: Commissioner for the Rights of Socially Vulnerable Categories",
        "Not signed yet: Commissioner for the Rights of the Child, Commissioner for Human Rights",
    ]


def test_what_is_no_inspection_is_refused_in_a_sentence(stopped: Inspected) -> None:
    for other in (NOBODYS, stopped.complaint):
        done = ombudslink(stopped.data, "inspection", other)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            "ombudslink: the registrar's store has no joint inspection of that id\n"
        )


def test_the_story_of_an_inspection_is_told_in_words(stopped: Inspected) -> None:
    lines = shown(stopped, "story", "ru")
    text = " ".join(lines)
    for words in (
        "Предложена совместная проверка",
        "Направлено приглашение участвовать",
        "Участие обязательно: да",
        "Поручено задание",
        "Вид: Выезд на место",
        "Подготовлен проект вывода (Вывод: 1)",
        "Записано особое мнение (Вывод: 1)",
    ):
        assert words in text, text
    assert re.findall(r"[a-z_]+: ", text) == []


def test_the_story_of_a_complaint_names_its_inspection(stopped: Inspected) -> None:
    done = ombudslink(stopped.data, "story", stopped.complaint, "--language", "ru")
    named = " ".join(done.stdout.split())
    assert "Жалоба включена в совместную проверку (" in named
    assert "Совместная проверка:" in named
    events = told(stopped.data, "story", stopped.complaint)["events"]
    [entered] = [event for event in events if event["type"] == "InspectionEntered"]
    assert entered["facts"]["inspection"] == stopped.inspection


def test_the_raw_events_of_an_inspection_are_verified(stopped: Inspected) -> None:
    raw = told(stopped.data, "history", stopped.inspection, "--store", "vulnerable")
    assert raw["inspection"] == stopped.inspection
    assert raw["events"][0]["body"]["type"] == "JointInspectionProposed"
    assert all(event["verified"] for event in raw["events"])
    story = told(stopped.data, "story", stopped.inspection)
    assert story["inspection"] == stopped.inspection
    assert len(story["events"]) == len(raw["events"])


def test_an_inspection_ends_when_the_complainant_withdraws_the_consent(stopped: Inspected) -> None:
    with running(stopped.data) as platform:
        wrong = ombudslink(
            stopped.data,
            *("withdraw-consent", stopped.mother.reference, "--at", platform.address),
            OMBUDSLINK_CODE="0" * 20,
        )
        assert (wrong.returncode, wrong.stdout) == (1, "")
        withdrawn = acted(stopped.data, "withdraw-consent", stopped.mother, platform.address)
        assert withdrawn == "Бірлесіп қарауға берген келісіміңізді қайтарып алғаныңыз қабылданды.\n"

        def ended() -> bool:
            said: Any = told(stopped.data, "inspection", stopped.inspection)
            return said["stage"] == "separated"

        until(ended)
    assert "Ended without a report" in " ".join(shown(stopped, "inspection", "en"))
