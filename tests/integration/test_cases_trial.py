"""An act that is only tried: everything is checked, what would follow is told, nothing happens."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from machine import Desk, Machine, View, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

REJECTION = {"reason": "out_of_time", "remedy": "court"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("trial") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


async def tries(
    machine: Machine, desk: Desk, complaint: str, act: str, said: Any = None, **headers: str
) -> httpx.Response:
    """Try an act without an idempotency key."""
    sent = {"If-Match": await desk.etag(complaint)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await machine.client.post(
        f"/offices/{desk.office}/v1/complaints/{complaint}/{act}",
        params={"dry_run": "true"},
        headers={**desk.headers, **sent},
        json=said,
    )


async def commands(machine: Machine, office: str) -> int:
    """How many commands an office has stored."""
    counted = text("SELECT count(*) FROM command")
    found = await machine.service(office).database.query(lambda c: c.scalar(counted))
    return int(found)


def told(view: View) -> list[tuple[str, Any]]:
    """What would follow, and for whom."""
    return [(event["type"], event["recipients"]) for event in view["events"]]


async def test_what_would_follow_is_what_follows_then(machine: Machine, children: Desk) -> None:
    complaint = await children.received()
    tried = (await tries(machine, children, complaint, "referrals/1/rejection", REJECTION)).json()
    await children.done(complaint, "rejection", REJECTION, referral=1)
    history = (await children.get(f"/complaints/{complaint}/history?limit=100")).json()["events"]
    happened = [event for event in history if event["version"] > tried["version"]]
    assert [(e["version"], e["type"], e["data"]) for e in tried["events"]] == [
        (e["version"], e["type"], e["data"]) for e in happened[: len(tried["events"])]
    ]
    assert tried["events"]


async def test_it_says_who_would_receive_what(machine: Machine, children: Desk) -> None:
    complaint = await children.accepted()
    asked = {"kind": "referral", "receiver": "vulnerable", "reason": "other"}
    answer = await tries(machine, children, complaint, "referrals", asked)
    assert answer.status_code == 200
    assert told(answer.json()) == [("ReferredTo", ["children", "human-rights", "vulnerable"])]


async def test_nothing_is_stored_sent_or_given_away(machine: Machine, children: Desk) -> None:
    complaint = await children.accepted()
    for act, said in (
        ("admissibility", {"admissible": True, "ground": "admissible"}),
        ("withdrawal", {"ground": "own_wish"}),
    ):
        before = await children.view(complaint), await commands(machine, "children")
        answer = await tries(machine, children, complaint, act, said)
        assert answer.status_code == 200, answer.text
        after = await children.view(complaint), await commands(machine, "children")
        assert after == before


async def test_a_letter_is_not_left_and_a_number_not_drawn(
    machine: Machine, children: Desk
) -> None:
    complaint = await children.accepted()
    await children.done(complaint, "admissibility", {"admissible": True, "ground": "admissible"})
    await children.done(complaint, "examination")
    before = await children.content(complaint)
    answer = await tries(machine, children, complaint, "questions", {"text": "Secret?"})
    (event,) = answer.json()["events"]
    assert (event["type"], event["data"]["content"]) == ("ClarificationRequested", None)
    assert "Secret" not in answer.text
    letter = {"addressee": "ministry-education", "text": "?"}
    answer = await tries(machine, children, complaint, "information-requests", letter)
    parties = ["children", "human-rights", "ministry-education"]
    assert told(answer.json()) == [("InformationRequested", parties)]
    assert await children.content(complaint) == before


@pytest.mark.parametrize(
    ("act", "said", "status", "code"),
    [
        ("referrals/1/rejection", {"reason": "out_of_time"}, 422, "remedy_required"),
        ("referrals/1/rejection", {"reason": "x"}, 422, "invalid_request"),
        ("referrals/1/pause", {"reason": "nonsense"}, 422, "invalid_request"),
        ("closing", None, 403, "not_custodian"),
    ],
)
async def test_what_would_be_refused_is_refused_alike(
    machine: Machine, children: Desk, act: str, said: Any, status: int, code: str
) -> None:
    complaint = await children.received()
    answer = await tries(machine, children, complaint, act, said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_it_is_based_on_what_was_seen_like_the_act_itself(
    machine: Machine, children: Desk
) -> None:
    complaint = await children.received()
    old = '"1-0000000000000000"'
    answer = await tries(machine, children, complaint, "referrals/1/acceptance", If_Match=old)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    url = f"/offices/children/v1/complaints/{complaint}/referrals/1/acceptance?dry_run=true"
    answer = await children.post(url, children.headers)
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")


async def test_an_act_that_is_meant_still_needs_its_key(machine: Machine, children: Desk) -> None:
    complaint = await children.received()
    headers = {**children.headers, "If-Match": await children.etag(complaint)}
    url = f"/offices/children/v1/complaints/{complaint}/referrals/1/acceptance?dry_run=false"
    answer = await children.post(url, headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
