"""Content for offices: by right, as of their own version, and never before history is read."""

import asyncio
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from intake import contents
from machine import Desk, Machine, eventually, running
from ombudslink.log import HISTORY, Log, Record
from ombudslink.log.memory import Content, MemoryLog
from ombudslink.testing.faulty_log import FaultyLog
from ombudslink.web.access import AccessKeys, Scope
from person import INTAKE, Person, caught_up

CHILDREN, GENERAL, VULNERABLE = "children", "human-rights", "vulnerable"


class Sleeping(FaultyLog):
    """A log that can be opened, and answers only when it is awake."""

    async def start(self) -> None:
        """Open the log behind it."""
        await self.log.start()


class Slow(FaultyLog):
    """A log of which intake reads the history only while it is let through."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.let_through = asyncio.Event()
        self.let_through.set()

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on."""
        task = asyncio.current_task()
        if topic == HISTORY and task is not None and task.get_name() == "intake-consumer":
            await self.let_through.wait()
        return await super().read(topic, partition, offset, limit)


async def ask(machine: Machine, office: str, complaint: str, have: int = 0) -> httpx.Response:
    """What the holder says to an office's service."""
    return await machine.client.get(
        f"{INTAKE}/contents/{complaint}",
        params={"have": have},
        auth=machine.platform.installation.identity(office, machine.clock),
    )


async def leave(
    machine: Machine, office: str, complaint: str, letter: Any, have: int = 0
) -> httpx.Response:
    """Leave a letter for the complainant."""
    return await machine.client.post(
        f"{INTAKE}/contents/{complaint}/letters",
        params={"have": have},
        json=letter,
        auth=machine.platform.installation.identity(office, machine.clock),
    )


def letter(text: str, letter_id: str | None = None, kind: str = "question") -> dict[str, str]:
    """A letter as an office sends it."""
    return {"letter": letter_id or str(uuid.uuid4()), "kind": kind, "text": text}


def code(answer: httpx.Response) -> str:
    """The code of a problem."""
    found: str = answer.json()["code"]
    return found


async def received(desk: Desk, complaint: str) -> None:
    """The first referral is at its receiver."""
    await desk.until(complaint, lambda v: v["referrals"][0]["state"] == "received")


async def held(machine: Machine, office: str, complaint: str, have: int) -> tuple[str, list[str]]:
    """An office's right as of that version, and the kinds of what it may have."""
    answer: httpx.Response

    async def known() -> bool:
        nonlocal answer
        answer = await ask(machine, office, complaint, have)
        return answer.status_code != 503

    await eventually(known)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["right"], [item["kind"] for item in found["items"]]


async def test_an_office_has_content_by_its_part_in_the_complaint(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine, text="Балам мектепсіз қалды.")
        complaint = await person.complaint()
        children = machine.desk(CHILDREN)

        # given it is certainly on its way, then neither sender nor receiver may read it
        await received(children, complaint)
        now = (await children.view(complaint))["version"]
        assert await held(machine, GENERAL, complaint, now) == ("preview", [])
        assert await held(machine, CHILDREN, complaint, now) == ("preview", [])
        assert (await ask(machine, VULNERABLE, complaint)).status_code == 404
        preview = await leave(machine, CHILDREN, complaint, letter("Early"))
        assert (preview.status_code, code(preview)) == (404, "no_such_complaint")

        # when it is accepted, then the receiver has the whole; the sender never had anything
        now = (await children.done(complaint, "acceptance", referral=1))["version"]
        assert await held(machine, CHILDREN, complaint, now) == ("whole", ["filing"])
        assert await held(machine, GENERAL, complaint, now) == ("former", [])
        answer = (await ask(machine, CHILDREN, complaint)).json()
        (item,) = answer["items"]
        assert item["content"]["text"] == "Балам мектепсіз қалды."
        assert item["author"] == "intake"
        history = (await children.get(f"/complaints/{complaint}/history")).json()["events"]
        assert item["digest"] == history[0]["data"]["content"]["digest"]

        # when it is passed on while a question is open, then the office keeps what it had
        await children.done(complaint, "examination")
        await children.done(complaint, "questions", {"text": "Қай мектеп?"})
        asked = {"kind": "transfer", "receiver": VULNERABLE, "reason": "expertise"}
        await children.done(complaint, "referrals", asked)
        vulnerable = machine.desk(VULNERABLE)
        await vulnerable.until(complaint, lambda v: len(v["referrals"]) == 2)
        await vulnerable.until(complaint, lambda v: v["referrals"][1]["state"] == "received")
        await vulnerable.done(complaint, "acceptance", referral=2)
        answered = await person.says("answers", {"text": "12-мектеп."})
        assert answered.status_code == 200, answered.text
        now = answered.json()["version"]
        everything = ["filing", "question", "answer"]
        assert await held(machine, VULNERABLE, complaint, now) == ("whole", everything)
        assert await held(machine, CHILDREN, complaint, now) == ("former", everything[:2])
        assert await held(machine, GENERAL, complaint, now) == ("former", [])
        late = await leave(machine, CHILDREN, complaint, letter("Late"))
        assert (late.status_code, code(late)) == (404, "no_such_complaint")

        # and the copy that comes to the new office is the same
        async def copied() -> bool:
            answer = await vulnerable.get(f"/complaints/{complaint}/content")
            return answer.status_code == 200 and len(answer.json()["items"]) == 3

        await eventually(copied)


async def test_the_office_complained_of_is_told_nothing(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        about = {"body": "commissioner_children", "addressed": CHILDREN}
        person = await Person.files(machine, **about)
        complaint = await person.complaint()
        await person.until(lambda v: v["version"] >= 2)
        await caught_up(machine)
        # whatever version it says it has, it looks as if there were no such complaint; so it does
        # to every office that is not party to it
        unknown = "00000000-0000-4000-8000-000000000000"
        answers = [
            await ask(machine, office, one, have)
            for office in (CHILDREN, VULNERABLE)
            for one in (complaint, unknown)
            for have in (0, 1, 100)
        ]
        answers.append(await leave(machine, CHILDREN, complaint, letter("?"), 100))
        assert {(answer.status_code, answer.content) for answer in answers} == {
            (404, answers[0].content)
        }


async def test_an_office_that_has_just_become_party_is_asked_to_wait_and_not_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "PATIENCE", 0.1)
    log = Slow(MemoryLog())
    async with running(tmp_path / "data", log=log) as machine:
        # given an office that is party by an event which intake has not read yet
        await caught_up(machine)
        children = machine.desk(CHILDREN)
        complaint = await (await Person.files(machine)).complaint()
        log.let_through.clear()
        now = (await children.asked(complaint, 1))["version"]
        # when it asks for content, then it is to come again; so is who has no right at all
        for office in (CHILDREN, VULNERABLE):
            answer = await ask(machine, office, complaint, now)
            assert (answer.status_code, code(answer)) == (503, "not_yet")
        # and once the history is read, one has its right, and the other has none
        monkeypatch.setattr(contents, "PATIENCE", 30.0)
        log.let_through.set()
        assert await held(machine, CHILDREN, complaint, now) == ("preview", [])
        assert (await ask(machine, VULNERABLE, complaint, now)).status_code == 404


async def test_a_holder_that_cannot_read_the_history_any_more_serves_nothing(
    tmp_path: Path,
) -> None:
    log = Sleeping(MemoryLog())
    async with running(tmp_path / "data", log=log) as machine:
        # given an office that may have content
        complaint = await machine.desk(CHILDREN).accepted()
        assert (await ask(machine, CHILDREN, complaint)).status_code == 200
        # when intake cannot read on, then it does not serve what may not be true any more
        log.available = False

        async def refused() -> bool:
            return (await ask(machine, CHILDREN, complaint)).status_code == 503

        await eventually(refused)
        ready = await machine.client.get("/intake/health/ready")
        assert (ready.status_code, ready.json()["log"]) == (503, False)


async def test_only_a_key_for_content_is_shown_content(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        await caught_up(machine)
        complaint = await (await Person.files(machine)).complaint()
        path = f"{INTAKE}/contents/{complaint}"
        people = await machine.client.get(path, headers=machine.desk(CHILDREN).headers)
        assert (people.status_code, code(people)) == (403, "scope_missing")
        assert (await machine.client.get(path)).status_code == 401
        services = machine.platform.installation
        for service in ("routing", "reporting", "intake"):
            answer = await machine.client.get(path, auth=services.identity(service, machine.clock))
            assert answer.status_code == 403
        # and a service that is no office has no right, whatever its key says
        now = machine.clock()
        keys = AccessKeys(services.folder.access)
        key = keys.issue("reporting", frozenset({Scope.CONTENT}), now, now.replace(year=2027))
        answer = await machine.client.get(path, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 404


async def test_a_letter_is_kept_once_and_shown_only_when_an_event_names_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        # given a complaint that the children's commissioner took
        person, children = await Person.files(machine), machine.desk(CHILDREN)
        complaint = await person.complaint()
        await received(children, complaint)
        now = (await children.done(complaint, "acceptance", referral=1))["version"]
        assert await held(machine, CHILDREN, complaint, now) == ("whole", ["filing"])

        # when its service leaves a letter twice, then there is one
        said = letter("Қай мектеп?")
        first = await leave(machine, CHILDREN, complaint, said)
        assert first.status_code == 201, first.text
        assert first.json().keys() == {"holder", "id", "digest"}
        assert (await leave(machine, CHILDREN, complaint, said)).json() == first.json()
        # and its id is used for no other
        other = await leave(machine, CHILDREN, complaint, said | {"text": "Қай сынып?"})
        assert (other.status_code, code(other)) == (422, "letter_id_reused")
        wrong = await leave(machine, CHILDREN, complaint, said | {"kind": "poem"})
        assert wrong.status_code == 422
        assert "poem" not in wrong.text

        # and nobody reads it, for no event names it: neither the person nor the office
        assert (await person.status())["letters"] == []
        assert await held(machine, CHILDREN, complaint, now) == ("whole", ["filing"])


async def test_a_holder_that_is_behind_says_so_instead_of_deciding_on_old_facts(
    tmp_path: Path,
) -> None:
    content = Content()
    async with running(tmp_path / "data", log=MemoryLog(content=content)) as machine:
        # given a complaint that the children's commissioner took
        complaint = await (await Person.files(machine)).complaint()
        children = machine.desk(CHILDREN)
        await received(children, complaint)
        view = await children.done(complaint, "acceptance", referral=1)
        await held(machine, CHILDREN, complaint, view["version"])
        # when an office names a version that is not here yet
        answer = await ask(machine, CHILDREN, complaint, view["version"] + 50)
        assert answer.status_code == 503
        assert (code(answer), answer.headers["retry-after"]) == ("not_yet", "1")
        answer = await leave(machine, CHILDREN, complaint, letter("?"), view["version"] + 50)
        assert (answer.status_code, code(answer)) == (503, "not_yet")

    # when intake was started and has not read `history` to its end, then it serves nothing
    log = Sleeping(MemoryLog(content=content))
    log.available = False
    async with running(tmp_path / "data", log=log) as machine:
        for answer in (
            await ask(machine, CHILDREN, complaint),
            await leave(machine, CHILDREN, complaint, letter("?")),
        ):
            assert (answer.status_code, code(answer)) == (503, "not_yet")
            assert answer.headers["retry-after"] == "1"
        # and once it has, it does
        log.available = True

        async def served() -> bool:
            return (await ask(machine, CHILDREN, complaint)).status_code == 200

        await eventually(served)
