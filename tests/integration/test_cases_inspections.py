"""Offices examine together, over HTTP: a child with a disability who was refused schooling."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from case_tracking.projections.inspections import Inspections
from jointly import REPORT, TERMS, Party, may, opened
from machine import Machine, View, running
from ombudslink.runtime.projections import rebuild
from person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("inspections") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Party:
    return Party(machine, "children")


@pytest.fixture
def vulnerable(machine: Machine) -> Party:
    return Party(machine, "vulnerable")


@pytest.fixture
def general(machine: Machine) -> Party:
    return Party(machine, "human-rights")


async def test_a_child_with_a_disability_is_examined_by_three_offices_and_one_dissents(
    machine: Machine, children: Party, vulnerable: Party, general: Party
) -> None:
    # given a complaint of the children's office, to which the complainant's consent was recorded
    complaint = await children.complaint()
    # when it proposes to examine it together with the general Commissioner
    inspection = await children.proposes(complaint, invited=("human-rights",))
    # then the commissioner for vulnerable groups is asked, too, because it must take part
    view = await children.until(inspection, lambda v: len(v["parties"]) == 3)
    assert {p["office"]: p["mandatory"] for p in view["parties"]} == {
        "children": True,
        "human-rights": False,
        "vulnerable": True,
    }
    assert view["todo"] == "await_parties"
    assert "opening" not in view["acts"]
    assert await children.refused(inspection, "opening", {}) == "mandatory_party_missing"
    # and whoever is asked reads the terms, and nothing of the complaint
    await vulnerable.until(inspection, lambda v: v["todo"] == "answer_invitation")
    assert await vulnerable.reads(inspection) == {"terms": [TERMS["text"]]}
    # when both join and it opens
    await vulnerable.does(inspection, "joining")
    await general.until(inspection, may("joining"))
    await general.does(inspection, "joining")
    await children.until(inspection, may("opening"))
    assert (await children.does(inspection, "opening", {}))["stage"] == "open"
    # then each of them has the whole complaint
    for party in (vulnerable, general):
        await party.desk.until(complaint, lambda v: v["content"] == "whole")
        assert (await party.desk.content(complaint))["items"]
    # when they work
    task = {"office": "vulnerable", "kind": "visit", "due": "2026-03-20"}
    await children.does(inspection, "tasks", task)
    done = await vulnerable.until(inspection, lambda v: v["todo"] == "do_task")
    assert done["tasks"][0]["acts"] == ["completion"]
    assert await general.refused(inspection, "tasks/1/completion", {}) == "not_your_task"
    await vulnerable.does(inspection, "tasks/1/completion", {"text": "Пандус жоқ."})
    await vulnerable.does(inspection, "evidence", {"kind": "visit_record", "text": "Хаттама."})
    await children.until(inspection, lambda v: v["evidence"])
    await children.does(inspection, "findings", {"text": "Мектеп бас тартты."})
    await children.does(inspection, "findings", {"text": "Пандус салынбаған."})
    for finding in (1, 2):
        for party in (children, vulnerable):
            await party.until(inspection, lambda v: len(v["findings"]) == 2)
            await party.does(inspection, f"findings/{finding}/agreement")
    # then the report waits for the vote of everybody
    assert await children.refused(inspection, "report", REPORT) == "vote_missing"
    await general.does(inspection, "findings/1/agreement")
    await general.does(inspection, "findings/2/dissent", {"text": "Мерзімі келген жоқ."})
    ready = await children.until(inspection, may("report"))
    assert ready["todo"] == "report"
    assert [v["agrees"] for v in ready["findings"][1]["votes"]] == [True, True, False]
    # when it is issued and everybody signs it
    issued = await children.does(inspection, "report", REPORT)
    assert (issued["report"]["findings"], issued["report"]["dissents"]) == (2, 1)
    assert await children.refused(inspection, "separation", {"reason": "other"}) == "report_issued"
    for party in (children, vulnerable, general):
        await party.until(inspection, may("signature"))
        await party.does(inspection, "signature", {"digest": issued["report"]["digest"]})
    closed = await children.does(inspection, "closing", {"outcome": "breaches_found"})
    # then it is closed with all three signatures, and the texts are in every office
    assert closed["stage"] == "closed"
    assert closed["end"] == "breaches_found"
    assert {*closed["report"]["signed"]} == {"children", "vulnerable", "human-rights"}
    for party in (children, vulnerable, general):
        await party.until(inspection, lambda v: v["stage"] == "closed")
        assert await party.reads(inspection) == {
            "terms": [TERMS["text"]],
            "task_result": ["Пандус жоқ."],
            "evidence": ["Хаттама."],
            "finding": ["Мектеп бас тартты.", "Пандус салынбаған."],
            "dissent": ["Мерзімі келген жоқ."],
            "joint_report": [REPORT["text"]],
        }
    # and its history is told in words
    for language, visit, breaches in (
        ("kk", "Сол жерге бару", "Бұзушылықтар анықталды"),
        ("ru", "Выезд на место", "Нарушения выявлены"),
        ("en", "A visit on site", "Breaches were found"),
    ):
        spoken = {"Accept-Language": language}
        where = f"/inspections/{inspection}/history?limit=100"
        told = (await general.desk.get(where, headers=spoken)).json()["events"]
        by_type = {one["type"]: one["words"] for one in told}
        assert by_type["JointTaskAssigned"]["kind"] == visit
        assert by_type["JointInspectionClosed"]["outcome"] == breaches
    # and the complaint's custodian goes on alone
    alone = await children.desk.until(complaint, lambda v: "decision" in v["acts"])
    assert alone["custodian"] == "children"
    assert (await vulnerable.desk.view(complaint))["content"] == "former"


async def test_of_two_offices_that_propose_over_one_complaint_at_once_one_has_it(
    children: Party, vulnerable: Party, general: Party
) -> None:
    # given a complaint that two offices are party to
    complaint = await children.complaint(affected=["child"])
    help_ = {"kind": "referral", "receiver": "vulnerable", "reason": "expertise"}
    await children.desk.done(complaint, "referrals", help_)
    await vulnerable.desk.asked(complaint, 2)
    await vulnerable.desk.done(complaint, "acceptance", referral=2)
    # when both propose
    mine = await children.proposes(complaint, invited=("human-rights",))
    theirs = await vulnerable.proposes(complaint, invited=("human-rights",))
    # then the first has it, and the other one ends, and says why
    await children.until(mine, lambda v: v["complaints"][0]["answer"] == "entered")
    ended = await vulnerable.until(theirs, lambda v: v["stage"] == "separated")
    assert ended["complaints"][0]["reason"] == "already_in_inspection"
    assert ended["end"] == "no_complaint_entered"
    assert ended["todo"] == "nothing"


async def test_nobody_proposes_over_a_complaint_that_is_none_of_its_own(
    children: Party, vulnerable: Party
) -> None:
    complaint = await children.complaint(affected=["child"])
    for one in (complaint, str(uuid.uuid4())):
        answer = await vulnerable.post("/inspections", {"complaints": [one], **TERMS})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_complaint")


async def test_without_the_complainants_consent_a_complaint_does_not_enter(
    children: Party,
) -> None:
    complaint = await children.complaint(consent=False)
    inspection = await children.proposes(complaint, invited=("human-rights",))
    ended = await children.until(inspection, lambda v: v["stage"] == "separated")
    assert ended["complaints"][0]["reason"] == "consent_missing"


async def test_an_office_that_was_invited_later_joins_what_is_open_already(
    children: Party, vulnerable: Party, general: Party
) -> None:
    # given an inspection that is open
    inspection, _ = await opened(children, vulnerable)
    path = f"/inspections/{inspection}"
    # then an office that was not asked learns of nothing
    assert (await general.desk.get(path)).status_code == 404
    # when it is asked, and joins
    asked = {"office": "human-rights", "ground": "expertise"}
    await children.does(inspection, "invitations", asked)
    await general.until(inspection, may("joining"))
    joined = await general.does(inspection, "joining")
    # then it takes part at once, and has all that was written before
    assert joined["stage"] == "open"
    assert joined["role"] == "party"
    assert "terms" in await general.reads(inspection)


async def test_an_office_declines_with_a_reason_and_reads_nothing_any_more(
    children: Party, vulnerable: Party, general: Party
) -> None:
    complaint = await children.complaint()
    inspection = await children.proposes(complaint, invited=("human-rights",))
    await general.until(inspection, may("declining"))
    await general.does(inspection, "declining", {"reason": "no_capacity"})
    answer = await general.desk.get(f"/inspections/{inspection}/content")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_content")
    view = await children.until(inspection, lambda v: v["parties"][1]["part"] == "declined")
    assert view["parties"][1]["reason"] == "no_capacity"


async def test_who_left_lays_no_evidence_before_the_others_and_votes_no_more(
    children: Party, vulnerable: Party, general: Party
) -> None:
    # given an inspection that an office left that need not take part
    inspection, _ = await opened(children, vulnerable, general)
    await children.does(inspection, "findings", {"text": "…"})
    await general.until(inspection, lambda v: v["findings"])
    await general.does(inspection, "leaving", {"reason": "conflict_of_interest"})
    # when it goes on nevertheless
    evidence = {"kind": "document", "text": "…"}
    assert await general.refused(inspection, "evidence", evidence) == "party_left"
    assert await general.refused(inspection, "findings/1/agreement") == "party_left"
    # then the others finish without its vote
    for party in (children, vulnerable):
        await party.until(inspection, lambda v: v["parties"][2]["part"] == "withdrew")
        await party.does(inspection, "findings/1/agreement")
    await children.until(inspection, may("report"))
    reported = await children.does(inspection, "report", REPORT)
    assert {*reported["report"]["offices"]} == {"children", "vulnerable"}


async def test_with_consent_withdrawn_it_is_separated_and_no_content_leaves_any_more(
    children: Party, vulnerable: Party
) -> None:
    # given an open inspection of one complaint
    inspection, complaint = await opened(children, vulnerable)
    await vulnerable.desk.until(complaint, lambda v: v["content"] == "whole")
    # when the complainant takes the consent back
    await children.desk.done(complaint, "consent-withdrawal", {"purpose": "joint_inspection"})
    # then the inspection ends for everybody, and the other office has nothing newer
    for party in (children, vulnerable):
        ended = await party.until(inspection, lambda v: v["stage"] == "separated")
        assert ended["end"] == "no_complaint_left"
        assert ended["complaints"][0]["reason"] == "consent_withdrawn"
    await vulnerable.desk.until(complaint, lambda v: v["content"] == "former")
    assert await children.refused(inspection, "evidence", {"kind": "other", "text": "…"}) == (
        "inspection_ended"
    )


async def test_the_lead_closes_nothing_while_there_is_no_report(
    children: Party, vulnerable: Party
) -> None:
    inspection, _ = await opened(children, vulnerable)
    await children.does(inspection, "findings", {"text": "…"})
    await vulnerable.until(inspection, lambda v: v["findings"])
    await vulnerable.does(inspection, "findings/1/dissent", {"text": "…"})
    closing = {"outcome": "no_breach"}
    await children.until(inspection, lambda v: v["findings"][0]["votes"])
    assert await children.refused(inspection, "closing", closing) == "no_report"
    assert await vulnerable.refused(inspection, "report", REPORT) == "not_lead"


async def test_the_list_shows_what_is_to_be_done_page_by_page(
    children: Party, vulnerable: Party
) -> None:
    complaint = await children.complaint()
    inspection = await children.proposes(complaint, invited=("vulnerable",))
    await vulnerable.until(inspection, may("joining"))
    wanted = {"todo": "answer_invitation", "limit": 1}
    found: list[View] = []
    answer = (await vulnerable.desk.get("/inspections", params=wanted)).json()
    found += answer["inspections"]
    while answer["next"]:
        params = {**wanted, "cursor": answer["next"]}
        answer = (await vulnerable.desk.get("/inspections", params=params)).json()
        found += answer["inspections"]
    (mine,) = [one for one in found if one["inspection"] == inspection]
    assert mine["lead"] == "children"
    assert mine["urgency"] == "in_time"
    assert mine["due"] is not None
    history = (await vulnerable.desk.get(f"/inspections/{inspection}/history")).json()
    assert history["events"][0]["type"] == "JointInspectionProposed"
    assert len(history["events"]) == history["version"]


async def test_the_list_equals_its_rebuild(
    machine: Machine, children: Party, vulnerable: Party, general: Party
) -> None:
    # given an inspection that is open, one that has ended, and one that waits for an answer
    await opened(children, vulnerable)
    ended = await children.proposes(await children.complaint(consent=False))
    await children.until(ended, lambda view: view["stage"] == "separated")
    waiting = await children.proposes(await children.complaint(), invited=("human-rights",))
    await general.until(waiting, may("joining"))
    await children.until(waiting, lambda view: len(view["parties"]) > 2)

    def rows(connection: Connection) -> list[Any]:
        order = Inspections.table.c.inspection
        return [tuple(r) for r in connection.execute(select(Inspections.table).order_by(order))]

    service = machine.service("children")
    before = await service.database.query(rows)
    await service.database.write(
        lambda c: rebuild(c, service.parts.following.named(["inspections"]))
    )
    assert len(before) >= 3
    assert await service.database.query(rows) == before


async def test_a_complainant_consents_follows_the_joint_examination_and_takes_it_back(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given a complaint that the children's office took over
    person = await Person.files(machine, affected=["child", "disability"])
    complaint = await person.complaint()
    await children.desk.asked(complaint, 1)
    await children.desk.done(complaint, "acceptance", referral=1)
    await children.desk.until(complaint, lambda view: view["todo"] == "assess")
    purpose = {"purpose": "joint_inspection"}
    none = await person.says("consent-withdrawal", purpose)
    assert (none.status_code, none.json()["code"]) == (409, "no_consent")
    # when the complainant consents, and it is examined jointly
    given = await person.says("consent", purpose)
    assert given.status_code == 200, given.text
    again = await person.says("consent", purpose)
    assert (again.status_code, again.json()["code"]) == (409, "consent_given")
    await opened(children, vulnerable, complaint=complaint)
    # then the status says so, in every language, the lead first
    seen = await person.until(lambda view: view["status"] == "jointly_examined")
    assert [office["id"] for office in seen["offices"]] == ["children", "vulnerable"]
    assert seen["status_text"].startswith("Jointly examined by: ")
    for language, begin in (("kk", "Бірлесіп қарауда: "), ("ru", "Рассматривают совместно: ")):
        assert (await person.status(language))["status_text"].startswith(begin)
    # when the consent is taken back
    back = await person.says("consent-withdrawal", purpose)
    assert back.status_code == 200, back.text
    # then the office that has the complaint goes on alone, and the other one gets nothing newer
    assert back.json()["status"] == "being_examined"
    told = [turn["turn"] for turn in back.json()["turns"]]
    assert told[-4:] == ["consented", "jointly_examined", "consent_withdrawn", "alone_again"]
    await vulnerable.desk.until(complaint, lambda view: view["content"] == "former")
