"""An office and a holder of content that behaves as the test says: copies, and letters."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from case_tracking import copies
from case_tracking.letters import leave
from machine import MONDAY, Clock, View, eventually
from ombudslink.folder import DataFolder
from ombudslink.ids import derived_id
from ombudslink.installation import OFFICE_KEY, Installation
from ombudslink.log import feed
from ombudslink.log.memory import MemoryLog
from ombudslink.rights import ContentRight
from ombudslink.testing.builders import accepted, content, order
from ombudslink.testing.builders import rejection as rejecting
from ombudslink.testing.country import CHILDREN, TRANSFER
from ombudslink.testing.histories import STREAM, Told, told
from ombudslink.values import ContentRef, format_moment
from ombudslink.web.access import AccessKeys
from ombudslink.web.contents import Letter
from ombudslink.web.problems import Problem
from onebox.platform import CONFIGURATION

NAMED = content()
"""The content that the filing names."""
OTHER = content(9)


class Holder(httpx.AsyncBaseTransport):
    """Answers as it is told, the last answer for ever, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.asked.append(request.url.raw_path.decode())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return httpx.Response(answer.status_code, content=answer.content)


def item(ref: ContentRef, text: str = "…", digest: str | None = None) -> View:
    return {
        "id": ref.id,
        "kind": "filing",
        "author": "intake",
        "at": format_moment(MONDAY),
        "digest": digest or ref.digest,
        "content": {"text": text},
    }


def gives(*items: View) -> httpx.Response:
    body = {"complaint": STREAM, "version": 5, "right": ContentRight.WHOLE, "items": list(items)}
    return httpx.Response(200, json=body)


class Office:
    """The children's office, whose feed holds these histories."""

    def __init__(self, client: httpx.AsyncClient, wanted: Callable[[], Any]) -> None:
        self._client = client
        self._wanted = wanted

    async def content(self, complaint: str = STREAM) -> httpx.Response:
        """What it answers when asked for the content."""
        return await self._client.get(f"/v1/complaints/{complaint}/content")

    async def texts(self) -> list[str]:
        """What it has once nothing is wanted any more."""

        async def copied() -> bool:
            known = (await self._client.get(f"/v1/complaints/{STREAM}")).status_code == 200
            return known and not await self._wanted()

        await eventually(copied)
        return [one["content"]["text"] for one in (await self.content()).json()["items"]]


@asynccontextmanager
async def office(folder: Path, holder: Holder, *pasts: Sequence[Told]) -> AsyncIterator[Office]:
    clock = Clock()
    installation = Installation.of(DataFolder(folder / "data"), CONFIGURATION, "kz")
    log = MemoryLog(clock)
    away = httpx.AsyncClient(transport=holder, base_url="http://holder")
    app = installation.service(CHILDREN, log=log, registrar=away, intake=away, now=clock)
    access = AccessKeys(installation.folder.access)
    key = access.issue(CHILDREN, OFFICE_KEY, MONDAY, MONDAY + timedelta(days=1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://test",
            headers={"Authorization": f"Bearer {key}"},
        ) as client,
    ):
        await log.send([one.outgoing(feed(CHILDREN)) for past in pasts for one in past])
        database = app.state.service.database
        yield Office(client, lambda: database.query(lambda c: copies.is_wanted(c, STREAM)))


async def test_the_holder_is_asked_as_of_the_version_that_gave_the_right(tmp_path: Path) -> None:
    holder = Holder(gives(item(NAMED, "Баламды мектепке қабылдамады.")))
    past = accepted(TRANSFER)
    async with office(tmp_path, holder, told(past)) as children:
        assert await children.texts() == ["Баламды мектепке қабылдамады."]
    assert holder.asked == [f"/v1/contents/{STREAM}?have={len(told(past))}"]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(503),
        httpx.Response(500),
        httpx.Response(200, text="{}"),
        httpx.Response(401, json={"code": "not_authenticated"}),
        httpx.Response(404),
        httpx.Response(404, json={"code": "not_found"}),
        httpx.Response(404, text="<html>no such host here</html>"),
    ],
    ids=["behind", "broken", "unreadable", "keyless", "silent", "elsewhere", "in-between"],
)
async def test_a_holder_in_trouble_is_asked_again(tmp_path: Path, trouble: httpx.Response) -> None:
    holder = Holder(trouble, trouble, gives(item(NAMED)))
    async with office(tmp_path, holder, told(accepted(TRANSFER))) as children:
        await eventually(lambda: asked(holder))
        answer = await children.content()
        assert answer.status_code == 503 or answer.json()["complete"]
        assert await children.texts() == ["…"]
    assert len(holder.asked) == 3


async def asked(holder: Holder) -> bool:
    return bool(holder.asked)


async def test_what_no_event_names_is_not_a_part_of_the_case(tmp_path: Path) -> None:
    holder = Holder(gives(item(OTHER, "never said"), item(NAMED, "said")))
    async with office(tmp_path, holder, told(accepted(TRANSFER))) as children:
        assert await children.texts() == ["said"]


async def test_content_other_than_the_event_names_is_not_taken_for_it(tmp_path: Path) -> None:
    holder = Holder(gives(item(NAMED, "exchanged", digest="0" * 64)))
    async with office(tmp_path, holder, told(accepted(TRANSFER))) as children:
        assert await children.texts() == []


async def test_a_holder_that_knows_of_no_right_is_not_asked_again(tmp_path: Path) -> None:
    holder = Holder(httpx.Response(404, json={"code": "no_such_complaint"}))
    async with office(tmp_path, holder, told(accepted(TRANSFER))) as children:
        assert await children.texts() == []
    assert len(holder.asked) == 1


class TroubleWithOne(Holder):
    """Cannot be asked about that one complaint, ever."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if BROKEN in request.url.path:
            raise httpx.ConnectError("not this one", request=request)
        return await super().handle_async_request(request)


BROKEN = derived_id("a complaint that nobody gives")


async def test_trouble_with_one_complaint_holds_up_no_other(tmp_path: Path) -> None:
    holder = TroubleWithOne(gives(item(NAMED, "the other one")))
    past = accepted(TRANSFER)
    async with office(tmp_path, holder, told(past, BROKEN), told(past)) as children:
        assert await children.texts() == ["the other one"]
        answer = await children.content(BROKEN)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_yet")


async def test_nothing_is_fetched_for_an_office_that_did_not_take_it(tmp_path: Path) -> None:
    holder = Holder(gives(item(NAMED)))
    past = (*accepted(TRANSFER)[:-1], order(rejecting(), CHILDREN))
    async with office(tmp_path, holder, told(past)) as children:
        await eventually(lambda: rejected(children))
        assert (await children.content()).json()["code"] == "no_such_content"
    assert holder.asked == []


async def rejected(children: Office) -> bool:
    return bool((await children.content()).json().get("code") == "no_such_content")


async def test_a_letter_waits_for_a_holder_that_is_a_moment_behind() -> None:
    left = httpx.Response(201, json=OTHER.model_dump())
    holder = Holder(httpx.Response(503), httpx.Response(503), left)
    client = httpx.AsyncClient(transport=holder, base_url="http://holder")
    letter = Letter(letter=derived_id("letter"), kind="question", text="Қай мектеп?")
    assert await leave(client, STREAM, 7, letter) == OTHER
    assert holder.asked == [f"/v1/contents/{STREAM}/letters?have=7"] * 3


@pytest.mark.parametrize("status", [404, 422, 500])
async def test_a_letter_that_the_holder_does_not_take_is_told_at_once(status: int) -> None:
    holder = Holder(httpx.Response(status))
    client = httpx.AsyncClient(transport=holder, base_url="http://holder")
    letter = Letter(letter=derived_id("letter"), kind="question", text="?")
    with pytest.raises(Problem, match="holder_unavailable"):
        await leave(client, STREAM, 7, letter)
    assert len(holder.asked) == 1
