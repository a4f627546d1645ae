"""Who gets the code of a complaint: the person, and an office only to hand it on."""

import uuid
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import func, select

from machine import Desk, Machine, eventually, filing, running
from ombudslink.commands import RecordNotice
from ombudslink.store.history import head
from ombudslink.store.tables import command
from person import INTAKE, Person, caught_up, send

CHILDREN, GENERAL = "children", "human-rights"
ABOUT_ITSELF = {"body": "commissioner_children", "channel": "paper"}


def code(answer: httpx.Response) -> str:
    """The code of a problem."""
    found: str = answer.json()["code"]
    return found


async def enter(desk: Desk, machine: Machine, key: str, **said: object) -> httpx.Response:
    """An office enters what came to it on paper."""
    headers = desk.headers | {"Idempotency-Key": key}
    return await send(machine, "/complaints", filing(**{"channel": "paper", **said}), headers)


async def renew(
    machine: Machine, office: str, complaint: str, key: str, have: int = 0
) -> httpx.Response:
    """An office's service asks for another receipt."""
    return await machine.client.post(
        f"{INTAKE}/contents/{complaint}/receipts",
        params={"have": have},
        headers={"Idempotency-Key": key},
        auth=machine.platform.installation.identity(office, machine.clock),
    )


async def opens(machine: Machine, reference: str, shown: str) -> bool:
    """Whether a code lets in."""
    answer = await send(machine, "/status-sessions", {"reference": reference, "code": shown})
    return answer.status_code == 201


async def test_an_office_that_enters_a_complaint_about_itself_can_neither_read_nor_withdraw_it(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        # given a letter about the children's commissioner that came to just that office
        children, general = machine.desk(CHILDREN), machine.desk(GENERAL)
        answer = await enter(children, machine, "letter-1", **ABOUT_ITSELF)
        # then it is told that it is filed, once and again, and nothing else
        assert answer.status_code == 201, answer.text
        assert answer.json().keys() == {"reference", "filed"}
        assert "location" not in answer.headers
        reference = answer.json()["reference"]
        complaint = await machine.complaint(reference)
        view = await general.until(complaint, lambda v: v["registrations"])
        await caught_up(machine)
        again = await enter(children, machine, "letter-1", **ABOUT_ITSELF)
        assert again.json() == answer.json()
        # and it gets no other receipt either
        refused = await renew(machine, CHILDREN, complaint, "r-1", view["version"])
        assert (refused.status_code, code(refused)) == (404, "no_such_complaint")

        # when the office that has it makes a receipt for the person
        made = await renew(machine, GENERAL, complaint, "r-1", view["version"])
        assert made.status_code == 201, made.text
        assert made.json().keys() == {"reference", "code", "filed"}
        # then the person follows the complaint with it, and the other office is told no more
        person = Person(machine, made.json())
        assert (await person.status())["reference"] == reference
        again = await enter(children, machine, "letter-1", **ABOUT_ITSELF)
        assert again.json() == answer.json()


async def test_another_receipt_makes_the_code_before_void_and_ends_who_was_let_in_by_it(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        # given somebody who filed, and reads
        key = str(uuid.uuid4())
        said = filing(affected=[], subject="other", body="other")
        receipt = (await send(machine, "/complaints", said, {"Idempotency-Key": key})).json()
        person, general = Person(machine, receipt), machine.desk(GENERAL)
        complaint = await person.complaint()
        await general.until(complaint, lambda v: v["registrations"])
        await person.status()
        await caught_up(machine)

        # when the office makes another receipt, twice by mistake
        made = [await renew(machine, GENERAL, complaint, "lost") for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert made[0].json() == made[1].json()
        new = made[0].json()
        assert new["code"] != receipt["code"]
        # then the code before is void, whoever was let in by it is so no more, and the new one is
        # not shown to who files the same again
        assert not await opens(machine, receipt["reference"], receipt["code"])
        late = await person.looks()
        assert (late.status_code, code(late)) == (401, "session_expired")
        again = await send(machine, "/complaints", said, {"Idempotency-Key": key})
        assert again.json().keys() == {"reference", "filed"}
        assert await opens(machine, new["reference"], new["code"])

        # when there is a third one, then the second is void too
        third = (await renew(machine, GENERAL, complaint, "lost-again")).json()
        assert not await opens(machine, new["reference"], new["code"])
        assert await opens(machine, third["reference"], third["code"])


async def test_only_the_office_that_has_the_complaint_makes_receipts(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        # given a complaint that one office has and another helps with
        children, general = machine.desk(CHILDREN), machine.desk(GENERAL)
        complaint = await children.accepted()
        view = await children.done(
            complaint, "referrals", {"kind": "referral", "receiver": GENERAL, "reason": "expertise"}
        )
        await general.asked(complaint, 2)
        view = await general.done(complaint, "acceptance", referral=2)
        # then the helper may read, and may not have the person's code changed
        refused = await renew(machine, GENERAL, complaint, "k", view["version"])
        assert (refused.status_code, code(refused)) == (403, "not_custodian")
        assert (await renew(machine, CHILDREN, complaint, "k", view["version"])).status_code == 201
        # when its people ask their own service, then it is just so
        refused = await general.act(complaint, "receipts")
        assert (refused.status_code, code(refused)) == (403, "not_custodian")
        mine = [await children.act(complaint, "receipts", key="mine") for _ in range(2)]
        assert [answer.status_code for answer in mine] == [201, 201]
        assert mine[0].json() == mine[1].json()
        assert await opens(machine, mine[0].json()["reference"], mine[0].json()["code"])
        # and neither may an office that has nothing to do with it, or who shows no service's key
        stranger = await renew(machine, "vulnerable", complaint, "k")
        assert (stranger.status_code, code(stranger)) == (404, "no_such_complaint")
        path = f"{INTAKE}/contents/{complaint}/receipts"
        people = await machine.client.post(path, headers=children.headers)
        assert (people.status_code, code(people)) == (403, "scope_missing")


async def test_an_office_is_shown_the_code_again_only_while_it_has_the_complaint(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        # given a letter that the children's commissioner entered
        children, vulnerable = machine.desk(CHILDREN), machine.desk("vulnerable")
        receipt = (await enter(children, machine, "letter-2")).json()
        complaint = receipt["complaint"]
        await children.until(complaint, lambda v: v["registrations"])
        assert (await enter(children, machine, "letter-2")).json() == receipt
        # when another office takes it over
        asked = {"kind": "transfer", "receiver": "vulnerable", "reason": "expertise"}
        await children.done(complaint, "referrals", asked)
        await vulnerable.asked(complaint, 1)
        now = (await vulnerable.done(complaint, "acceptance", referral=1))["version"]
        await Person(machine, receipt).until(lambda v: v["version"] >= now)
        # then the code is shown to the first one no more
        again = (await enter(children, machine, "letter-2")).json()
        assert again.keys() == receipt.keys() - {"code"}


async def notices(machine: Machine, desk: Desk, complaint: str) -> int:
    """How many notices intake asked for, once it has read all that the office has."""
    reached, intake = (await desk.view(complaint))["version"], machine.service("intake").database

    async def read() -> bool:
        return (await intake.query(partial(head, stream=complaint))).version >= reached

    await eventually(read)
    mine = (command.c.stream == complaint) & (command.c.type == RecordNotice.__name__)
    return await intake.query(lambda c: c.scalar(select(func.count()).where(mine)) or 0)


async def found_admissible(machine: Machine, desk: Desk, **said: object) -> str:
    """A complaint that the office entered, registered and found admissible."""
    answer = await enter(desk, machine, str(uuid.uuid4()), **said)
    assert answer.status_code == 201, answer.text
    complaint = str(answer.json()["complaint"])
    await desk.until(complaint, lambda view: view["todo"] == "assess")
    await desk.done(complaint, "admissibility", {"admissible": True, "ground": "admissible"})
    return complaint


async def test_who_has_no_code_is_not_said_to_have_been_told_on_the_portal(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        children = machine.desk(CHILDREN)
        # given letters that say nothing of the portal, or that nobody is to be contacted there
        for contact in ({}, {"by": "post"}, {"by": "portal", "may_contact": False}):
            complaint = await found_admissible(machine, children, safe_contact=contact)
            # then nothing is recorded as told there, and how to answer is not invented
            assert await notices(machine, children, complaint) == 0
            (item, *_) = (await children.content(complaint))["items"]
            assert item["content"]["safe_contact"]["by"] == contact.get("by")
            # and the office may record that it told the person itself
            told = {"about": 3, "channel": "post"}
            assert (await children.act(complaint, "notices", told)).status_code == 200

        # when the office makes a receipt for the person, then what follows is told on the portal
        version = (await children.view(complaint))["version"]
        made = await renew(machine, CHILDREN, complaint, "r-1", version)
        assert made.status_code == 201, made.text
        await children.done(complaint, "questions", {"text": "?"})
        assert await notices(machine, children, complaint) == 1

        # and who chose the portal was handed the code, and is told there from the beginning
        chosen = await found_admissible(machine, children, safe_contact={"by": "portal"})
        assert await notices(machine, children, chosen) == 1
