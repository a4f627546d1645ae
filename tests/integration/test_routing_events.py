"""A government body's feed over HTTP: whose it is, where a cursor goes on, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from machine import Machine, eventually, running
from ombudslink.log import Outgoing, feed
from ombudslink.log.memory import MemoryLog
from ombudslink.proof.chain import canonical, link
from ombudslink.testing.faulty_log import backup
from ombudslink.web.access import AccessKeys, Scope
from ombudslink.web.cursors import Cursors
from ombudslink.web.problems import Problem
from routing.subscriptions import MOST_OPEN, Subscriptions

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINISTRY, POLICE = "ministry-education", "ministry-internal-affairs"
LETTER = {"addressee": MINISTRY, "text": "Сізден ақпарат сұраймыз."}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("events") / "data") as machine:
        yield machine


class Reader:
    """The system of a body, with a key of its own."""

    def __init__(self, machine: Machine, participant: str, scope: Scope = Scope.EVENTS) -> None:
        self._machine = machine
        keys = AccessKeys(machine.platform.installation.folder.access)
        now = machine.clock()
        scopes = frozenset({scope})
        key = keys.issue(participant, scopes, now, now + timedelta(days=1000))
        self._headers = {"Authorization": f"Bearer {key}"}

    async def ask(self, **how: Any) -> httpx.Response:
        headers = {**self._headers, **how.pop("headers", {})}
        return await self._machine.client.get("/routing/v1/events", params=how, headers=headers)

    async def events(self, **how: Any) -> list[Any]:
        answer = await self.ask(**how)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/cloudevents-batch+json"
        found: list[Any] = answer.json()
        return found

    async def until(self, count: int) -> list[Any]:
        """All events, once there are so many."""
        found: list[Any] = []

        async def reached() -> bool:
            nonlocal found
            found = await self.events()
            return len(found) >= count

        await eventually(reached, lambda: str(found))
        return found


async def examined(machine: Machine) -> str:
    """A complaint that the children's commissioner examines."""
    children = machine.desk("children")
    complaint = await children.accepted()
    await children.done(complaint, "examination")
    return complaint


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(machine: Machine) -> list[Any]:
    """All that the ministry was told: it was asked, answered, and given a recommendation."""
    children, ministry = machine.desk("children"), Reader(machine, MINISTRY)
    complaint = await examined(machine)
    assert await ministry.events() == []
    await children.done(complaint, "information-requests", LETTER)
    await children.done(complaint, "information", {"request": 1, "text": "Орын бар."})
    answer = {"outcome": "settled", "remedy": "none_needed", "text": "Бала қабылданды."}
    await children.done(complaint, "decision", answer)
    await children.done(complaint, "recommendations", LETTER)
    return await ministry.until(3)


async def test_a_body_is_told_what_concerns_it_as_cloudevents(story: list[Any]) -> None:
    types = [event["type"] for event in story]
    assert types == [
        "org.ombudslink.InformationRequested.v1",
        "org.ombudslink.InformationProvided.v1",
        "org.ombudslink.RecommendationIssued.v1",
    ]
    assert {event["specversion"] for event in story} == {"1.0"}
    assert {event["source"] for event in story} == {"urn:ombudslink:children"}
    assert all(event["id"] == f"{event['subject']}/{int(event['sequence'])}" for event in story)


async def test_each_event_names_the_one_before_and_its_hash_follows(
    machine: Machine, story: list[Any]
) -> None:
    # given the whole history, which the ministry has not
    office = Reader(machine, "children", Scope.HISTORY)
    whole = await machine.client.get(
        f"/routing/v1/histories/{story[0]['subject']}", headers=office._headers
    )
    history = whole.json()["events"]
    before = 0
    for event in story:
        version = int(event["sequence"])
        # then what it has links to the same hashes, and a loss would be noticed
        assert int(event["prev"]) == before
        assert event["prevhash"] == history[version - 1]["previous"]
        assert canonical(event["data"]).decode() == history[version - 1]["body"]
        hash_ = link(bytes.fromhex(event["prevhash"]), canonical(event["data"])).hex()
        assert version == len(history) or history[version]["previous"] == hash_
        before = version


async def test_a_cursor_goes_on_after_its_event(machine: Machine, story: list[Any]) -> None:
    ministry = Reader(machine, MINISTRY)
    for count in range(3):
        rest = await ministry.events(after=story[count]["cursor"])
        assert rest == story[count + 1 :]
    first = await ministry.ask(limit=1)
    following = first.headers["link"].partition(">")[0].removeprefix("<")
    answer = await machine.client.get(following, headers=ministry._headers)
    assert [*first.json(), *answer.json()] == story[:2]


async def test_a_reader_who_waits_is_told_as_soon_as_there_is_something(
    machine: Machine, story: list[Any]
) -> None:
    police, children = Reader(machine, POLICE), machine.desk("children")
    complaint = await examined(machine)
    waiting = asyncio.create_task(police.events(headers={"Prefer": "wait=30"}))
    await asyncio.sleep(0)
    asked = LETTER | {"addressee": POLICE}
    await children.done(complaint, "information-requests", asked)
    (event,) = await waiting
    assert (event["subject"], event["prev"]) == (complaint, "0")
    # and nobody else is told of it, nor is that body told of what was before
    assert await Reader(machine, MINISTRY).events() == story


async def test_only_the_key_of_a_body_reads_events(machine: Machine, story: list[Any]) -> None:
    nobody = await machine.client.get("/routing/v1/events")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_authenticated")
    office = await machine.desk("children").get("/complaints")
    assert office.status_code == 200
    refused = await machine.client.get(
        "/routing/v1/events", headers=machine.desk("children").headers
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    # and a body's key opens nothing else, not even the history that its events are of
    ministry = Reader(machine, MINISTRY)
    for path in (f"/routing/v1/histories/{story[0]['subject']}", "/offices/children/v1/complaints"):
        answer = await machine.client.get(path, headers=ministry._headers)
        assert answer.status_code == 403
    history = Reader(machine, MINISTRY, Scope.HISTORY)
    answer = await machine.client.get(
        f"/routing/v1/histories/{story[0]['subject']}", headers=history._headers
    )
    assert answer.status_code == 404


async def test_a_cursor_of_another_feed_and_an_invented_one_are_refused(
    machine: Machine, story: list[Any]
) -> None:
    police = Reader(machine, POLICE)
    for cursor in (story[0]["cursor"], "nonsense", "ҚҚҚ"):
        answer = await police.ask(after=cursor)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")
    answer = await police.ask(headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


async def test_the_office_sees_what_the_body_was_asked_and_answered(
    machine: Machine, story: list[Any]
) -> None:
    children = machine.desk("children")
    view = await children.view(story[0]["subject"])
    assert [(r["addressee"], r["answered"]) for r in view["requests"]] == [(MINISTRY, True)]
    assert [(r["urgency"], r["answered"]) for r in view["recommendations"]] == [("in_time", False)]
    assert view["bodies"] == [MINISTRY]
    letters = [item["kind"] for item in (await children.content(view["complaint"]))["items"]]
    assert letters == ["filing", "information_request", "information", "decision", "recommendation"]
    done = await children.done(
        story[0]["subject"], "recommendation-answers", {"recommendation": 1, "answer": "accepted"}
    )
    assert "recommendation-answers" not in done["acts"]


async def test_a_restored_log_is_noticed_and_refused_in_so_many_words() -> None:
    # given a reader whose cursor is of a log that has since been put back from a backup
    cursors, log = Cursors(b"secret"), MemoryLog()
    await log.start()
    await log.send([_record("a")])
    copy = backup(log.content)
    await log.send([_record("b")])
    opened = Subscriptions(log, cursors).opened("body", None)
    await opened.find()
    (_, _), (cursor, _) = await opened.next()
    restored = MemoryLog(content=copy)
    await restored.start()
    await restored.send([_record("c")])
    # when it comes with it
    again = Subscriptions(restored, cursors).opened("body", cursor)
    # then it is told, and from the beginning it gets what there is now
    with pytest.raises(Problem) as gone:
        await again.find()
    assert gone.value.code == "cursor_gone"
    anew = Subscriptions(restored, cursors).opened("body", None)
    await anew.find()
    assert [event["id"] for _, event in await anew.next()] == ["a", "c"]


async def test_so_many_answers_are_kept_open_for_one_body_and_no_more() -> None:
    subscriptions = Subscriptions(MemoryLog(), Cursors(b"secret"))
    for _ in range(3):
        kept = [subscriptions.kept_open("body") for _ in range(MOST_OPEN)]
        for one in kept:
            one.__enter__()
        with pytest.raises(Problem) as full, subscriptions.kept_open("body"):
            pass
        assert full.value.code == "too_many_connections"
        with subscriptions.kept_open("another"):
            pass
        for one in kept:
            one.__exit__(None, None, None)


async def test_a_stream_ends_when_the_key_is_taken_away_or_the_process_stops() -> None:
    log, stopping = MemoryLog(), asyncio.Event()
    await log.start()
    await log.send([_record("a")])
    admissions = iter([True, False])

    async def admitted() -> bool:
        return next(admissions)

    opened = Subscriptions(log, Cursors(b"secret")).opened("body", None)
    await opened.find()
    told = opened.stream(stopping, admitted)
    assert await anext(told) is not None
    with pytest.raises(StopAsyncIteration):
        await anext(told)

    async def ever() -> bool:
        return True

    following = opened.stream(stopping, ever)
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    stopping.set()
    assert await waiting is None
    with pytest.raises(StopAsyncIteration):
        await anext(following)


def _record(name: str) -> Outgoing:
    headers = {"ce_id": name, "content-type": "application/json"}
    return Outgoing(feed("body"), "key", b"{}", headers)
