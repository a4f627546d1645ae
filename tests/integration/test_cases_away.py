"""An office goes on when others are away: the registrar, or the holder of the content."""

import uuid
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from machine import Clock, Desk, Machine, View, running
from ombudslink.installation import Installation
from ombudslink.log.memory import MemoryLog
from ombudslink.store.tables import command
from ombudslink.testing.faulty_log import FaultyLog
from onebox.platform import Platform

AT_ONCE = {"Prefer": "wait=0"}


class Line(httpx.AsyncBaseTransport):
    """A line to another service that can be cut."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.cut = False
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, while the line holds."""
        if self.cut:
            raise httpx.ConnectError("the line is cut", request=request)
        return await self._transport.handle_async_request(request)


class Wired(Platform):
    """A platform whose services reach each other over lines of their own."""

    def __init__(self, installation: Installation, **given: Any) -> None:
        self.lines: dict[tuple[str, str], Line] = {}
        super().__init__(installation, **given)

    def client(self, caller: str, at: str) -> httpx.AsyncClient:
        """A client on a line."""
        line = self.lines[caller, at] = Line(httpx.ASGITransport(app=self.app))
        plain = super().client(caller, at)
        return httpx.AsyncClient(transport=line, base_url=plain.base_url, auth=plain.auth)


def line(machine: Machine, caller: str) -> Line:
    """The line from an office to intake."""
    assert isinstance(machine.platform, Wired)
    return machine.platform.lines[caller, "intake"]


async def sent(machine: Machine, office: str) -> int:
    """How many commands the office has ever stored."""
    question = select(func.count()).select_from(command)
    found = await machine.service(office).database.query(lambda c: c.scalar(question))
    return found or 0


async def test_with_the_registrar_away_acts_are_kept_and_decided_later(tmp_path: Path) -> None:
    clock = Clock()
    log = FaultyLog(MemoryLog(clock))
    async with running(tmp_path / "data", clock=clock, log=log) as machine:
        children, general = machine.desk("children"), machine.desk("human-rights")
        complaint = await children.received()
        await general.until(complaint, lambda v: "revocation" in v["referrals"][0]["acts"])
        # given that nothing reaches the registrar
        log.available = False
        # when both offices act on what they see
        key = str(uuid.uuid4())
        accepted = await act(children, complaint, "acceptance", {}, key)
        revoked = await act(general, complaint, "revocation", {"reason": "kept"}, "r")
        # then both acts are kept, nothing is said to be done, and repeating one tells the same
        for answer in (accepted, revoked, await act(children, complaint, "acceptance", {}, key)):
            assert (answer.status_code, answer.json()["result"]) == (202, "pending")
        commands = accepted.json()["command"], revoked.json()["command"]
        assert (await children.get(f"/commands/{commands[0]}")).json()["result"] == "pending"
        assert (await children.view(complaint))["referrals"][0]["state"] == "received"
        # when it is back
        log.available = True
        # then exactly one of them was first; the other's office reads why its own was refused
        told = [await d.told(c) for d, c in zip((children, general), commands, strict=True)]
        assert sorted(one["result"] for one in told) == ["accepted", "refused"]
        (refused,) = (one for one in told if one["result"] == "refused")
        assert refused["problem"]["code"] in ("stale", "referral_not_in_state")
        custodian = "children" if told[0]["result"] == "accepted" else "human-rights"
        for desk in (children, general):
            await desk.until(complaint, answered)
            assert (await desk.view(complaint))["custodian"] == custodian


def answered(view: View) -> bool:
    return view["referrals"][0]["state"] in ("accepted", "revoked")


async def act(desk: Desk, complaint: str, name: str, said: View, key: str) -> httpx.Response:
    """Do something on the first referral without waiting for the registrar."""
    return await desk.act(complaint, name, said, referral=1, key=key, **AT_ONCE)


async def test_content_is_copied_once_the_holder_is_back_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data", platform_of=Wired) as machine:
        children = machine.desk("children")
        complaint = await children.received()
        line(machine, "children").cut = True
        # when the complaint is taken over while the holder cannot be reached
        view = await children.done(complaint, "acceptance", referral=1)
        # then everything but the content is there, and the office is told when to ask again
        assert view["content"] == "whole"
        answer = await children.get(f"/complaints/{complaint}/content")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_yet")
        assert int(answer.headers["retry-after"]) >= 1
    async with running(tmp_path / "data", platform_of=Wired) as machine:
        children = machine.desk("children")
        assert len((await children.content(complaint))["items"]) == 1
        # and from then on the office needs the holder no more
        line(machine, "children").cut = True
        assert len((await children.content(complaint))["items"]) == 1


async def test_a_letter_that_cannot_be_left_with_the_holder_stores_nothing(tmp_path: Path) -> None:
    async with running(tmp_path / "data", platform_of=Wired) as machine:
        children = machine.desk("children")
        complaint = await children.accepted()
        before = await sent(machine, "children")
        line(machine, "children").cut = True
        question = {"text": "Қай мектеп?"}
        answer = await children.act(complaint, "questions", question, key="q")
        assert (answer.status_code, answer.json()["code"]) == (503, "holder_unavailable")
        assert answer.headers["retry-after"]
        assert await sent(machine, "children") == before
        assert not (await children.view(complaint))["question_open"]
        # what needs no letter is not held up
        await children.done(complaint, "examination")
        # and the same request succeeds later
        line(machine, "children").cut = False
        view = await children.done(complaint, "questions", question, key="q")
        assert view["question_open"]
        assert len((await children.content(complaint))["items"]) == 2


async def test_a_letter_of_an_act_that_is_not_allowed_never_leaves_the_office(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data", platform_of=Wired) as machine:
        children = machine.desk("children")
        complaint = await children.accepted()
        line(machine, "children").cut = True
        answer = {"outcome": "settled", "remedy": "none_needed", "text": "…"}
        refused = await children.act(complaint, "decision", answer)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_under_examination")
