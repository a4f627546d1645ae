"""A complaint about a child as the children's commissioner has it: from receipt to the answer."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from sqlalchemy import Connection, func, select

from case_tracking.tables import wanted
from machine import Desk, Machine, View, running
from ombudslink.store.vault import content
from person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "Айгерім Нұрланқызы 900101400123"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("story") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


@pytest.fixture
def general(machine: Machine) -> Desk:
    return machine.desk("human-rights")


async def kept(machine: Machine, office: str, complaint: str) -> int:
    """How many pieces of content an office's own store holds or is about to fetch."""

    def count(connection: Connection) -> int:
        held = select(func.count()).where(content.c.stream == complaint)
        due = select(func.count()).where(wanted.c.complaint == complaint)
        return (connection.scalar(held) or 0) + (connection.scalar(due) or 0)

    return await machine.service(office).database.query(count)


async def test_before_acceptance_receipt_is_confirmed_and_only_codes_are_shown(
    machine: Machine, children: Desk, general: Desk
) -> None:
    # given a complaint that the competence rules send to the children's commissioner
    complaint = await children.received(who={"name": SECRET}, text=SECRET)
    # then its own store has it, under a number of its register
    view = await children.view(complaint)
    (registration,) = view["registrations"]
    assert registration["office"] == "children"
    assert registration["number"].startswith("CH-2026/0000")
    assert (view["role"], view["custodian"]) == ("asked", "human-rights")
    (referral,) = view["referrals"]
    assert referral["acts"] == ["acceptance", "rejection", "redirection"]
    assert view["acts"] == []
    # and neither it nor the office that keeps it meanwhile has anything that the person said
    for desk in (children, general):
        assert (await desk.view(complaint))["content"] == "preview"
        preview = (await desk.get(f"/complaints/{complaint}/content")).json()
        assert preview["filed"]["subject"] == "education"
        assert preview["items"] == []
        assert await kept(machine, desk.office, complaint) == 0


async def test_acceptance_moves_custody_and_content_registration_and_clock_follow(
    machine: Machine, children: Desk, general: Desk
) -> None:
    complaint = await children.received(who={"name": SECRET})
    number = (await children.view(complaint))["registrations"][0]["number"]
    # when
    view = await children.done(complaint, "acceptance", referral=1)
    # then custody is here at once
    assert (view["custodian"], view["role"], view["content"]) == ("children", "custodian", "whole")
    # and by itself the complaint is registered under the same number, and its clock runs
    view = await children.until(complaint, lambda view: view["todo"] == "assess")
    assert [(r["office"], r["number"]) for r in view["registrations"]] == [("children", number)]
    (clock,) = view["clocks"]
    assert (clock["clock"], clock["due"], clock["urgency"]) == (
        "examination",
        "2026-03-27T18:59:59.000Z",
        "in_time",
    )
    # and the content is in the office's own store, and in nobody else's
    (item,) = (await children.content(complaint))["items"]
    assert (item["kind"], item["content"]["who"]["name"]) == ("filing", SECRET)
    assert await kept(machine, "human-rights", complaint) == 0
    assert await general.until(complaint, lambda view: view["custodian"] == "children")
    assert (await general.get(f"/complaints/{complaint}/content")).json()["items"] == []


async def test_the_copy_is_encrypted_where_it_lies(machine: Machine, children: Desk) -> None:
    await children.accepted(who={"name": SECRET}, text=SECRET)
    folder = machine.platform.installation.folder
    files = [*folder.path.rglob("*.sqlite"), *folder.path.rglob("*.sqlite-wal")]
    assert len(files) > 6
    for file in files:
        assert SECRET.encode() not in file.read_bytes(), file.name


async def test_examined_asked_answered_and_closed(machine: Machine, children: Desk) -> None:
    complaint = await children.accepted()
    # admitted and examined
    admission = {"admissible": True, "ground": "admissible"}
    view = await children.done(complaint, "admissibility", admission)
    assert view["admissible"] is True
    view = await children.done(complaint, "examination")
    assert (view["phase"], view["todo"]) == ("examination", "examine")
    # the complainant is asked; the question is kept by the holder and copied back like all content
    view = await children.done(complaint, "questions", {"text": "Қай мектеп?"})
    assert (view["question_open"], view["todo"]) == (True, "await_complainant")
    await children.until(complaint, lambda view: view["version"] > 0)
    items = (await children.content(complaint))["items"]
    assert [(i["kind"], i["author"]) for i in items][-1] == ("question", "children")
    assert items[-1]["content"]["text"] == "Қай мектеп?"
    # more time, once
    ground = {"working_days": 5, "ground": "facts_to_establish"}
    view = await children.done(complaint, "extension", ground)
    (clock,) = view["clocks"]
    assert (clock["extended"], clock["due"]) == (True, "2026-04-03T18:59:59.000Z")
    again = await children.act(complaint, "extension", ground)
    assert (again.status_code, again.json()["code"]) == (409, "already_extended")
    # answered, with a letter
    answer = {"outcome": "well_founded", "remedy": "none_needed", "text": "Шағымыңыз негізді."}
    view = await children.done(complaint, "decision", answer)
    assert (view["phase"], view["outcome"], view["todo"]) == ("answered", "well_founded", "close")
    assert view["referrals"][0]["state"] == "completed"
    assert view["clocks"] == []
    items = (await children.content(complaint))["items"]
    assert items[-1]["content"]["text"] == "Шағымыңыз негізді."
    # told by post too, closed, and opened again on new facts
    await children.done(complaint, "notices", {"about": view["version"], "channel": "post"})
    view = await children.done(complaint, "closing")
    assert (view["phase"], view["todo"], view["acts"]) == (
        "closed",
        "nothing",
        ["reopening", "notices"],
    )
    view = await children.done(complaint, "reopening", {"ground": "new_facts"})
    assert (view["phase"], view["outcome"], view["todo"]) == ("examination", None, "examine")
    view = await children.done(complaint, "withdrawal", {"ground": "settled"})
    assert (view["phase"], view["outcome"]) == ("closed", "withdrawn")


async def test_the_complainants_answer_arrives_in_the_office(
    machine: Machine, children: Desk
) -> None:
    person = await Person.files(machine)
    complaint = await person.complaint()
    await children.asked(complaint, 1)
    await children.done(complaint, "acceptance", referral=1)
    await children.until(complaint, lambda view: view["todo"] == "assess")
    await children.done(complaint, "questions", {"text": "Қай мектеп?"})
    # when the complainant answers with reference and code
    answered = await person.says("answers", {"text": "№ 12 мектеп"})
    assert answered.status_code == 200, answered.text
    # then
    await children.until(complaint, lambda view: not view["question_open"])
    items = (await children.content(complaint))["items"]
    assert [item["kind"] for item in items] == ["filing", "question", "answer"]
    assert items[-1]["content"]["text"] == "№ 12 мектеп"


async def test_inadmissible_needs_a_remedy_and_is_then_closed(children: Desk) -> None:
    complaint = await children.accepted()
    refusal = {"admissible": False, "ground": "before_court"}
    answer = await children.act(complaint, "admissibility", refusal)
    assert answer.json()["code"] == "remedy_required"
    view = await children.done(complaint, "admissibility", {**refusal, "remedy": "court"})
    assert (view["admissible"], view["remedy"], view["todo"]) == (False, "court", "close")
    view = await children.done(complaint, "closing")
    assert (view["phase"], view["outcome"]) == ("closed", "inadmissible")


async def test_the_history_is_told_event_by_event_in_the_readers_language(children: Desk) -> None:
    complaint = await children.accepted()
    events: list[View] = []
    cursor = None
    while cursor is not None or not events:
        page = await children.get(
            f"/complaints/{complaint}/history",
            params={"limit": 4, **({"cursor": cursor} if cursor else {})},
            headers={"Accept-Language": "kk"},
        )
        assert page.headers["content-language"] == "kk"
        events += page.json()["events"]
        cursor = page.json()["next"]
    assert [event["version"] for event in events] == list(range(1, page.json()["version"] + 1))
    first, routed, referred = events[:3]
    assert first["words"]["body"] == "Мектеп, лицей, гимназия"
    assert routed["words"]["office"] == "Бала құқықтары жөніндегі уәкіл"
    assert referred["type"] == "ReferredTo"
    assert referred["words"]["kind"] and referred["words"]["reason"]
    assert len({event["hash"] for event in events}) == len(events)
    assert all(datetime.fromisoformat(event["time"]) for event in events)


async def test_numbers_follow_each_other_and_a_complaint_keeps_its_own(children: Desk) -> None:
    first, second = await children.accepted(), await children.accepted()
    numbers = [(await children.view(one))["registrations"][-1]["number"] for one in (first, second)]
    serials = [int(number.removeprefix("CH-2026/")) for number in numbers]
    assert serials[1] == serials[0] + 1
    view = await children.view(first)
    assert len({r["number"] for r in view["registrations"] if r["office"] == "children"}) == 1
