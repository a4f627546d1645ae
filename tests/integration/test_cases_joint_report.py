"""A joint report over HTTP: composed by the lead, composed again by each party that signs it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import Connection, delete

from case_tracking.copies import want
from jointly import REPORT, TERMS, Party, may, opened
from machine import Machine, View, running
from ombudslink.proof.signed_reports import verify_report
from ombudslink.proof.signing import KeyRing, load_ring, ring_of
from ombudslink.store.vault import Vault, content
from ombudslink.web.contents import ContentItem

pytestmark = pytest.mark.asyncio(loop_scope="module")

FINDINGS = ("Мектеп баладан бас тартты.\n\nСебебі айтылмаған.", "Пандус салынбаған.")
DISSENT = "Салу мерзімі әлі келген жоқ: «2027 жылғы 1 қаңтар».\n\nСондықтан бұл бұзушылық емес."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("joint-report") / "data") as machine:
        yield machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parties(machine: Machine) -> tuple[Party, Party, Party]:
    """The lead, who must take part, and who dissents."""
    children, vulnerable, general = (
        Party(machine, office) for office in ("children", "vulnerable", "human-rights")
    )
    return children, vulnerable, general


@pytest.fixture
def ring(machine: Machine) -> KeyRing:
    return load_ring(machine.platform.installation.folder.public)


async def voted(parties: tuple[Party, Party, Party]) -> str:
    """An inspection in which everybody voted, and one dissented."""
    children, vulnerable, general = parties
    inspection, _ = await opened(*parties)
    task = {"office": "vulnerable", "kind": "visit", "due": "2026-03-20"}
    await children.does(inspection, "tasks", task)
    await vulnerable.until(inspection, may_complete)
    await vulnerable.does(inspection, "tasks/1/completion", {"text": "Пандус жоқ."})
    await vulnerable.does(inspection, "evidence", {"kind": "visit_record", "text": "Хаттама."})
    for text in FINDINGS:
        await children.does(inspection, "findings", {"text": text})
    for party in parties:
        await party.until(inspection, lambda view: len(view["findings"]) == len(FINDINGS))
        await party.does(inspection, "findings/1/agreement")
    for party in (children, vulnerable):
        await party.does(inspection, "findings/2/agreement")
    await general.does(inspection, "findings/2/dissent", {"text": DISSENT})
    await children.until(inspection, may("report"))
    return inspection


async def issued(parties: tuple[Party, Party, Party]) -> tuple[str, str]:
    """An inspection whose report is issued, and the report's digest."""
    inspection = await voted(parties)
    view = await parties[0].does(inspection, "report", REPORT)
    return inspection, str(view["report"]["digest"])


async def signs(party: Party, inspection: str, digest: str) -> httpx.Response:
    """Sign the report once it is known here."""
    await party.until(inspection, may("signature"))
    return await party.act(inspection, "signature", {"digest": digest})


def may_complete(view: View) -> bool:
    return any("completion" in task["acts"] for task in view["tasks"])


async def pdf(party: Party, inspection: str, language: str) -> bytes:
    answer = await party.desk.get(
        f"/inspections/{inspection}/report.pdf", params={"lang": language}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-language"] == language
    return answer.content


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(parties: tuple[Party, Party, Party]) -> tuple[str, str]:
    """A report that every party has signed."""
    inspection, digest = await issued(parties)
    for party in parties:
        answer = await signs(party, inspection, digest)
        assert answer.status_code == 200, answer.text
    for party in parties:
        await party.until(inspection, lambda view: len(view["report"]["signed"]) == len(parties))
    return inspection, digest


async def test_every_party_has_the_same_report_and_its_signatures_hold(
    machine: Machine, parties: tuple[Party, Party, Party], whole: tuple[str, str], ring: KeyRing
) -> None:
    inspection, digest = whole
    answers = [await party.desk.get(f"/inspections/{inspection}/report") for party in parties]
    assert len({answer.content for answer in answers}) == 1
    found = verify_report(answers[0].content, ring)
    assert (found.verdict, found.digest) == ("whole", digest)
    # and with the keys that the platform itself tells
    keys = (await machine.client.get("/routing/v1/keys")).json()
    told = ring_of((one["participant"], one["public"]) for one in keys)
    assert told == ring
    assert {one["key"] for one in keys} == set(ring.keys)
    # and it says what was written, with the dissent and to whom something is recommended
    report = answers[0].json()["report"]
    assert report["terms"]["terms"]["text"] == TERMS["text"]
    assert [one["finding"]["text"] for one in report["findings"]] == list(FINDINGS)
    (dissent,) = (v["dissent"] for v in report["findings"][1]["votes"] if not v["agrees"])
    assert dissent["text"] == DISSENT
    assert report["conclusions"]["recommendations"] == REPORT["recommendations"]
    assert "Хаттама." not in answers[0].text
    view = (await parties[0].desk.get(f"/inspections/{inspection}")).json()
    assert view["report"]["addressees"] == ["ministry-education", "vulnerable"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Бірлескен тексеру туралы есеп", "Ерекше пікір", "Барып тексеру хаттамасы")),
        ("ru", ("Доклад о совместной проверке", "Особое мнение", "Протокол выезда")),
        ("en", ("Report on a joint inspection", "Dissent", "The record of a visit")),
    ],
)
async def test_it_is_printed_in_every_language_with_the_words_of_the_country(
    parties: tuple[Party, Party, Party],
    whole: tuple[str, str],
    ring: KeyRing,
    language: str,
    words: tuple[str, ...],
) -> None:
    inspection, _ = whole
    made = await pdf(parties[0], inspection, language)
    reader = PdfReader(BytesIO(made))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for word in (*words, *" ".join((*FINDINGS, DISSENT)).split()):
        assert word in said
    assert verify_report(made, ring).verdict == "whole"
    # and in the same bytes for another party, who need not read them twice
    other = parties[1].desk
    where = f"/inspections/{inspection}/report.pdf?lang={language}"
    answer = await other.get(where)
    assert answer.content == made
    again = await other.get(where, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    spoken = await other.get(where.partition("?")[0], headers={"Accept-Language": language})
    assert spoken.content == made


async def test_many_can_have_it_printed_at_once(
    parties: tuple[Party, Party, Party], whole: tuple[str, str]
) -> None:
    where = f"/inspections/{whole[0]}/report.pdf"
    answers = await asyncio.gather(*(parties[0].desk.get(where) for _ in range(20)))
    codes = {answer.status_code for answer in answers}
    assert codes <= {200, 503}
    assert 200 in codes
    assert all(a.json()["code"] == "too_busy" for a in answers if a.status_code == 503)


async def test_the_report_waits_until_it_is_issued_and_is_for_who_takes_part(
    machine: Machine, parties: tuple[Party, Party, Party]
) -> None:
    # given an inspection without a report, to which one office is asked and that one left
    children, vulnerable, general = parties
    inspection, _ = await opened(children, vulnerable, general)
    other = Party(machine, "entrepreneurs")
    asked = {"office": "entrepreneurs", "ground": "expertise"}
    await children.does(inspection, "invitations", asked)
    await other.until(inspection, may("joining"))
    await general.does(inspection, "leaving", {"reason": "conflict_of_interest"})
    for where in ("report", "report.pdf"):
        path = f"/inspections/{inspection}/{where}"
        answer = await children.desk.get(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "no_report")
        for party in (other, general):
            answer = await party.desk.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_content")
    # when it is issued, then that is so still
    await children.does(inspection, "findings", {"text": "…"})
    for party in (children, vulnerable):
        await party.until(inspection, lambda view: view["findings"])
        await party.does(inspection, "findings/1/agreement")
    await children.until(inspection, may("report"))
    await children.does(inspection, "report", REPORT)
    await other.until(inspection, lambda view: view["stage"] == "reported")
    for party in (other, general):
        answer = await party.desk.get(f"/inspections/{inspection}/report")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_content")


async def test_what_the_lead_said_after_it_looked_makes_its_report_outdated(
    parties: tuple[Party, Party, Party],
) -> None:
    children = parties[0]
    inspection = await voted(parties)
    old = (await children.desk.get(f"/inspections/{inspection}")).headers["etag"]
    await children.does(inspection, "evidence", {"kind": "document", "text": "…"})
    answer = await children.act(inspection, "report", REPORT, seen=old)
    assert (answer.status_code, answer.json()["code"]) == (409, "report_outdated")
    assert (await children.does(inspection, "report", REPORT))["stage"] == "reported"


async def test_recommendations_are_for_who_there_is(parties: tuple[Party, Party, Party]) -> None:
    children = parties[0]
    inspection = await voted(parties)
    nobody = {"addressee": "nobody", "text": "…"}
    said = {**REPORT, "recommendations": [*REPORT["recommendations"], nobody]}
    answer = await children.act(inspection, "report", said)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (
        "/recommendations/2/addressee",
        "unknown_addressee",
    )
    for missing in ("text", "method"):
        less = {name: value for name, value in REPORT.items() if name != missing}
        answer = await children.act(inspection, "report", less)
        assert answer.json()["errors"][0]["pointer"] == f"/{missing}"
    # and one without any is a report, too
    await children.does(inspection, "report", {**REPORT, "recommendations": []})


async def test_a_report_that_is_only_tried_or_repeated_is_issued_once(
    parties: tuple[Party, Party, Party],
) -> None:
    children = parties[0]
    inspection = await voted(parties)
    path = f"/inspections/{inspection}"
    tag = {"If-Match": (await children.desk.get(path)).headers["etag"]}
    tried = await children.post(f"{path}/report?dry_run=true", REPORT, headers=tag)
    (event,) = tried.json()["events"]
    assert event["data"]["document"] is None
    assert event["data"]["content"] is None
    assert event["data"]["addressees"] == ["ministry-education", "vulnerable"]
    first, second = [
        await children.post(f"{path}/report", REPORT, key="once", headers=tag) for _ in "ab"
    ]
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.json()["report"]["digest"] == second.json()["report"]["digest"]
    # and a signature that is only tried shows none
    tag = {"If-Match": first.headers["etag"]}
    digest = {"digest": first.json()["report"]["digest"]}
    tried = await children.post(f"{path}/signature?dry_run=true", digest, headers=tag)
    (event,) = tried.json()["events"]
    assert (event["data"]["key"], event["data"]["signature"]) == (None, None)


def replaced(machine: Machine, office: str, inspection: str, kind: str, text: str | None) -> object:
    """Another text in an office's own copies, or none."""
    vault: Vault = machine.platform.services[office].state.files._vault

    def unit(connection: Connection) -> None:
        for item in vault.items(connection, inspection):
            said = ContentItem.model_validate_json(item.plaintext)
            if item.kind != kind:
                continue
            connection.execute(delete(content).where(content.c.id == item.id))
            if text is not None:
                other = said.model_copy(update={"content": {**said.content, "text": text}})
                vault.put(
                    connection,
                    inspection,
                    item.id,
                    kind=item.kind,
                    author=item.author,
                    at=item.at,
                    plaintext=other.model_dump_json().encode(),
                )

    return machine.service(office).database.write(unit)


@pytest.mark.parametrize("kind", ["finding", "dissent", "terms", "joint_report"])
async def test_an_office_that_has_another_text_does_not_sign(
    machine: Machine, parties: tuple[Party, Party, Party], kind: str
) -> None:
    # given a report, and an office that has read something else
    vulnerable = parties[1]
    inspection, digest = await issued(parties)
    await vulnerable.until(inspection, may("signature"))
    await vulnerable.reads(inspection)
    await replaced(machine, "vulnerable", inspection, kind, "Басқа мәтін.")
    # when it would sign, then it is told, and nothing is signed
    answer = await signs(vulnerable, inspection, digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "report_differs")
    for where in ("report", "report.pdf"):
        shown = await vulnerable.desk.get(f"/inspections/{inspection}/{where}")
        assert (shown.status_code, shown.json()["code"]) == (409, "report_differs")
    assert (
        "vulnerable"
        not in (await vulnerable.until(inspection, may("signature")))["report"]["signed"]
    )


async def test_an_office_that_lacks_a_text_signs_when_it_has_come(
    machine: Machine, parties: tuple[Party, Party, Party]
) -> None:
    vulnerable = parties[1]
    inspection, digest = await issued(parties)
    await vulnerable.until(inspection, may("signature"))
    await vulnerable.reads(inspection)
    await replaced(machine, "vulnerable", inspection, "dissent", None)
    answer = await signs(vulnerable, inspection, digest)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_yet")
    assert answer.headers["retry-after"] == "1"
    # when it is copied after all, then it signs
    version = (await vulnerable.desk.get(f"/inspections/{inspection}")).json()["version"]
    await machine.service("vulnerable").database.write(lambda c: want(c, inspection, version))
    await vulnerable.reads(inspection)
    assert (await signs(vulnerable, inspection, digest)).status_code == 200


async def test_what_is_signed_is_the_report_that_was_issued(
    parties: tuple[Party, Party, Party],
) -> None:
    inspection, digest = await issued(parties)
    answer = await signs(parties[1], inspection, "f" * 64)
    assert (answer.status_code, answer.json()["code"]) == (409, "another_report")
    assert (await signs(parties[1], inspection, digest)).status_code == 200
    answer = await parties[1].act(inspection, "signature", {"digest": digest})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_signed")
