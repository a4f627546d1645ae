"""An office's pages about joint inspections: the list, one of them whole, and where it is named."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from jointly import TERMS, Party, may, opened
from machine import Machine, running
from ombudslink.installation import OFFICE_KEY
from ombudslink.web.access import AccessKeys
from visitor import Visitor, text_of

REPORT: dict[str, Any] = {
    "text": "Мектеп баланың құқығын бұзды.",
    "method": "Мектепке бардық.",
    "recommendations": [{"addressee": "vulnerable", "text": "Пандусты тексеру."}],
}
CHILDREN, VULNERABLE, BUSINESS = "children", "vulnerable", "entrepreneurs"


class Officer(Visitor):
    """Somebody at an office, with a browser."""

    def __init__(self, machine: Machine, office: str, language: str) -> None:
        super().__init__(machine, language)
        self.place = f"/offices/{office}"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """All services."""
    async with running(tmp_path / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Party:
    return Party(machine, CHILDREN)


@pytest.fixture
def vulnerable(machine: Machine) -> Party:
    return Party(machine, VULNERABLE)


async def inside(machine: Machine, office: str = CHILDREN, language: str = "en") -> Officer:
    """Somebody who was let in."""
    keys = AccessKeys(machine.platform.installation.folder.access)
    now = machine.clock()
    key = keys.issue(office, OFFICE_KEY, now, now + timedelta(days=90))
    officer = Officer(machine, office, language)
    page = await officer.sends("/entrance", {"key": key})
    assert page.status_code == 200, text_of(page)
    return officer


async def proposed(children: Party, vulnerable: Party) -> tuple[str, str]:
    """An inspection that the commissioner for vulnerable groups is asked to take part in."""
    complaint = await children.complaint()
    inspection = await children.proposes(complaint)
    await vulnerable.until(inspection, lambda view: view["todo"] == "answer_invitation")
    await children.until(inspection, lambda view: view["todo"] == "await_parties")
    return inspection, complaint


@pytest.mark.parametrize(
    ("language", "todo", "lead"),
    [
        ("kk", "Шақыруға жауап беру", "Жетекші уәкіл Бала құқықтары жөніндегі уәкіл"),
        ("ru", "Ответить на приглашение", "Ведущий уполномоченный Уполномоченный по правам"),
        ("en", "Answer the invitation", "Lead office Commissioner for the Rights of the Child"),
    ],
)
async def test_the_list_shows_what_is_to_be_done_until_when_and_who_leads(
    machine: Machine,
    children: Party,
    vulnerable: Party,
    language: str,
    todo: str,
    lead: str,
) -> None:
    inspection, _ = await proposed(children, vulnerable)
    officer = await inside(machine, VULNERABLE, language)
    page = await officer.sees("/inspections")
    shown = text_of(page)
    assert f'href="/offices/vulnerable/{language}/inspections/{inspection}"' in page.text
    assert shown.count(todo) == 2
    assert lead in shown
    assert "10.03.2026" in shown
    assert "09.03.2026 – 30.04.2026" in shown


async def test_the_list_is_filtered_and_says_when_there_is_none(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    inspection, _ = await proposed(children, vulnerable)
    officer = await inside(machine)
    for query in ("todo=await_parties", "role=lead", "stage=proposed", "todo=&role=&stage="):
        assert inspection in (await officer.sees(f"/inspections?{query}")).text
    for query in ("todo=sign", "role=asked", "stage=closed"):
        page = await officer.sees(f"/inspections?{query}")
        assert inspection not in page.text
        assert "There is no such joint inspection." in page.text
    assert (await officer.sees("/inspections?stage=lost")).status_code == 422


async def test_the_list_goes_on_page_by_page(machine: Machine, children: Party) -> None:
    for _ in range(26):
        await children.proposes(await children.complaint(consent=False))
    officer = await inside(machine)
    first = await officer.sees("/inspections?role=lead&todo=&stage=")
    assert first.text.count('class="card"') == 25
    following = first.text.split('href="?')[1].split('"')[0].replace("&amp;", "&")
    assert (await officer.sees(f"/inspections?{following}")).text.count('class="card"') == 1


async def test_who_is_asked_reads_the_terms_and_is_told_that_the_rest_is_for_parties(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given an inspection that an office is asked to take part in after a finding was drafted
    inspection, complaint = await opened(children, vulnerable)
    await children.does(inspection, "findings", {"text": "Мектеп бас тартты."})
    asked = {"office": BUSINESS, "ground": "expertise"}
    await children.does(inspection, "invitations", asked)
    business = Party(machine, BUSINESS)
    await business.until(inspection, lambda view: view["findings"])
    await business.reads(inspection)
    # when it looks
    page = await (await inside(machine, BUSINESS)).sees(f"/inspections/{inspection}")
    # then it sees what it would be about, and neither what was written nor the complaint
    shown = text_of(page)
    assert TERMS["text"] in shown
    assert "Finding 1" in shown
    assert "Мектеп бас тартты." not in shown
    assert "Only offices that have joined see the text." in shown
    assert f"/complaints/{complaint}" not in page.text


async def test_an_inspection_is_shown_whole_with_every_vote_and_its_timeline(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given work with a dissent
    inspection, complaint = await opened(children, vulnerable)
    task = {"office": VULNERABLE, "kind": "visit", "due": "2026-03-20"}
    await children.does(inspection, "tasks", task)
    await vulnerable.until(inspection, lambda view: view["tasks"])
    await vulnerable.does(inspection, "tasks/1/completion", {"text": "Пандус жоқ."})
    record = {"kind": "visit_record", "text": "Барып тексеру хаттамасы."}
    await vulnerable.does(inspection, "evidence", record)
    await children.until(inspection, lambda view: view["evidence"])
    await children.does(inspection, "findings", {"text": "Мектеп бас тартты."})
    await children.does(inspection, "findings/1/agreement")
    await vulnerable.until(inspection, lambda view: view["findings"])
    await vulnerable.does(inspection, "findings/1/dissent", {"text": "Мерзімі келген жоқ."})
    await children.until(inspection, lambda view: view["todo"] == "report")
    await children.reads(inspection)
    # when it is looked at
    page = await (await inside(machine)).sees(f"/inspections/{inspection}")
    shown = text_of(page)
    # then all of it is there
    for said in (
        *(TERMS["text"], "1. A visit on site", "20.03.2026", "Пандус жоқ."),
        *("1. The record of a visit", "Барып тексеру хаттамасы.", "Мектеп бас тартты."),
        *("Rights of the Child: Agrees", "Dissents Мерзімі келген жоқ."),
        *("The report has not been issued yet.", "events were recomputed and all agree"),
        *("Finding drafted", "Finding: 1", "Dissent recorded", "Task: 1"),
    ):
        assert said in shown
    # and the complaint is linked, which links back, as the inbox does
    assert f'href="/offices/children/en/complaints/{complaint}"' in page.text
    officer = await inside(machine)
    back = await officer.sees(f"/complaints/{complaint}")
    assert back.text.count(f'href="/offices/children/en/inspections/{inspection}"') >= 3
    assert "Lead office: Commissioner for the Rights of the Child" in text_of(back)
    assert f'href="/offices/children/en/inspections/{inspection}"' in (await officer.sees("/")).text


async def test_a_report_is_shown_with_who_signed_it_and_handed_on_in_three_languages(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given a report that one of two offices has signed
    inspection, _ = await opened(children, vulnerable)
    early = await (await inside(machine)).sees(f"/inspections/{inspection}/report.pdf")
    assert early.status_code == 409
    assert early.headers["content-type"].startswith("text/html")
    await children.does(inspection, "findings", {"text": "Мектеп бас тартты."})
    for party in (children, vulnerable):
        await party.until(inspection, lambda view: view["findings"])
        await party.does(inspection, "findings/1/agreement")
    await children.until(inspection, may("report"))
    issued = await children.does(inspection, "report", REPORT)
    digest = issued["report"]["digest"]
    await children.does(inspection, "signature", {"digest": digest})
    await children.reads(inspection)
    # when its page is looked at
    officer = await inside(machine)
    page = await officer.sees(f"/inspections/{inspection}")
    # then it says what the report says, whose it is, and who has not signed
    shown = text_of(page)
    for said in (
        *(REPORT["text"], REPORT["method"], REPORT["recommendations"][0]["text"], digest),
        "Signed by Commissioner for the Rights of the Child",
        "Not signed yet Commissioner for the Rights of Socially Vulnerable Categories",
    ):
        assert said in shown
    # and leads to it on paper in each language, and as it was signed
    for language in ("kk", "ru", "en"):
        path = f"/offices/children/{language}/inspections/{inspection}/report.pdf"
        assert f'href="{path}"' in page.text
        paper = await officer.client.get(path)
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.content.startswith(b"%PDF-")
        assert paper.headers["content-disposition"].endswith(f'-{language}.pdf"')
    path = f"/offices/children/en/inspections/{inspection}/report.json"
    assert f'href="{path}"' in page.text
    handed_on = (await officer.client.get(path)).json()
    assert handed_on == (await children.desk.get(f"/inspections/{inspection}/report")).json()
    assert [one["office"] for one in handed_on["signatures"]] == [CHILDREN]
    # and nobody has it who was not let in
    assert (await Officer(machine, CHILDREN, "en").client.get(path)).status_code == 401


async def test_what_became_of_a_complaint_that_did_not_enter_is_said_in_words(
    machine: Machine, children: Party
) -> None:
    complaint = await children.complaint(consent=False)
    inspection = await children.proposes(complaint)
    await children.until(inspection, lambda view: view["stage"] == "separated")
    for language, refused, ended in (
        ("kk", "бірлескен тексеруге келісімі жоқ", "Бірде-бір шағым енгізілмеді"),
        ("ru", "Нет согласия заявителя на совместную проверку", "Ни одна жалоба не вошла"),
        ("en", "The complainant has not consented to a joint inspection", "No complaint entered"),
    ):
        officer = await inside(machine, CHILDREN, language)
        shown = text_of(await officer.sees(f"/inspections/{inspection}"))
        assert shown.count(refused) == 2
        assert shown.count(ended) == 2


async def test_a_complaint_that_left_says_so_and_is_in_none_any_more(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    inspection, complaint = await opened(children, vulnerable)
    seen = await vulnerable.desk.until(complaint, lambda view: view["content"] == "whole")
    await children.desk.until(complaint, lambda view: view["version"] >= seen["version"])
    purpose = {"purpose": "joint_inspection"}
    await children.desk.done(complaint, "consent-withdrawal", purpose)
    await children.until(inspection, lambda view: view["stage"] == "separated")
    officer = await inside(machine)
    shown = text_of(await officer.sees(f"/complaints/{complaint}"))
    assert f"Joint inspection {inspection[:8]} · The complainant withdrew the consent" in shown
    assert inspection not in (await officer.sees("/")).text


async def test_an_inspection_that_was_tampered_with_is_named_with_its_first_wrong_event(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    inspection, _ = await proposed(children, vulnerable)

    def tamper(connection: Connection) -> None:
        for trigger in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'")
        ).scalars():
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(
            text("UPDATE event SET body = :body WHERE stream = :stream AND version = :version"),
            {"body": b"not even JSON", "stream": inspection, "version": version},
        )

    officer = await inside(machine)
    for version in (2, 1):
        await machine.service(CHILDREN).database.write(tamper)
        page = await officer.sees(f"/inspections/{inspection}")
        assert page.status_code == 200
        assert f"from event {version} on the hashes do not agree" in page.text
        assert "seal--broken" in page.text


async def test_an_inspection_of_others_is_not_there(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    inspection, complaint = await proposed(children, vulnerable)
    officer = await inside(machine, BUSINESS)
    assert (await officer.sees(f"/inspections/{inspection}")).status_code == 404
    assert (await officer.sees("/inspections")).text.count(inspection) == 0
    own = await inside(machine, CHILDREN)
    assert (await own.sees(f"/inspections/{complaint}")).status_code == 404
    assert (await own.sees(f"/complaints/{inspection}")).status_code == 404


async def test_nobody_sees_them_without_being_let_in(machine: Machine) -> None:
    stranger = Officer(machine, CHILDREN, "en")
    for path in ("/inspections", "/inspections/00000000-0000-4000-8000-000000000000"):
        assert (await stranger.sees(path)).status_code == 401
