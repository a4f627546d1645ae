"""How often something may be asked for: told with each answer, refused with the time to wait."""

import re
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from machine import Machine, filing, running
from ombudslink.settings import Rates
from person import Person
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEW = Rates(filings_per_minute=3, requests_per_minute=5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("rates") / "data", rates=FEW) as machine:
        yield machine


async def files(machine: Machine, network: str, **headers: str) -> httpx.Response:
    """File a complaint from that network."""
    transport = httpx.ASGITransport(app=machine.platform.app, client=(network, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(
            "/intake/v1/complaints",
            json=filing(),
            headers={"Idempotency-Key": str(uuid.uuid4()), **headers},
        )


async def test_every_answer_tells_how_many_filings_are_left(machine: Machine) -> None:
    first, second = [await files(machine, "192.0.2.1") for _ in range(2)]
    assert first.headers["ratelimit-policy"] == '"filing";q=3;w=60'
    assert re.fullmatch(r'"filing";r=2;t=[0-9]{1,2}', first.headers["ratelimit"])
    assert re.fullmatch(r'"filing";r=1;t=[0-9]{1,2}', second.headers["ratelimit"])


async def test_from_one_network_no_more_is_taken_than_allowed_and_others_go_on(
    machine: Machine,
) -> None:
    answers = [await files(machine, "192.0.2.2") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"filing";r=0;')
    assert (await files(machine, "192.0.2.3")).status_code == 201


async def test_an_office_that_enters_what_came_on_paper_is_not_counted_with_its_network(
    machine: Machine,
) -> None:
    office = machine.desk("children").headers
    answers = [await files(machine, "192.0.2.4", **office) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 5
    assert "ratelimit" not in answers[0].headers


async def test_each_key_of_an_office_has_its_own_bound(machine: Machine) -> None:
    busy, other = machine.desk("children"), machine.desk("children")
    answers = [await busy.get("/complaints") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=5;w=60'
    assert answers[-1].json()["code"] == "too_many_requests"
    assert (await other.get("/complaints")).status_code == 200


async def test_an_act_counts_once(machine: Machine) -> None:
    desk = machine.desk("children")
    url = f"/offices/children/v1/complaints/{uuid.uuid4()}/rejection"
    answer = await machine.client.post(url, headers=desk.headers, json={"reason": "x"})
    assert answer.headers.get("ratelimit", "") == ""
    url = f"/offices/children/v1/complaints/{uuid.uuid4()}/withdrawal"
    answer = await machine.client.post(url, headers=desk.headers, json={"ground": "own_wish"})
    assert answer.headers["ratelimit"].startswith('"key";r=4;')


async def test_filing_at_the_pages_counts_with_filing_over_http(machine: Machine) -> None:
    visitor = Visitor(machine)
    await visitor.answers()
    for _ in range(3):
        assert (await files(machine, "127.0.0.1")).status_code == 201
    refused = await visitor.sends("/file/check")
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert (await visitor.sees("/file/check")).status_code == 200


async def test_one_complaint_is_asked_for_no_more_often_than_allowed(machine: Machine) -> None:
    receipts = [(await files(machine, "192.0.2.9")).json() for _ in range(2)]
    person, other = (Person(machine, receipt) for receipt in receipts)
    answers = [await person.looks() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["ratelimit"].startswith('"complaint";r=4;')
    assert answers[-1].json()["code"] == "too_many_requests"
    assert (await other.looks()).status_code == 200
