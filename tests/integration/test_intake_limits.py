"""Trying codes is limited, and nobody is shut out by somebody else who tries."""

from pathlib import Path

import httpx

from machine import running
from ombudslink.references import new_reference
from person import INTAKE, Person, send


async def test_trying_codes_is_limited_for_the_reference_whether_it_exists_or_not(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        person = await Person.files(machine)
        ends = []
        for reference in (person.receipt["reference"], new_reference()):
            shown = {"reference": reference, "code": "0" * 20}
            tries = [await send(machine, "/status-sessions", shown) for _ in range(11)]
            assert [answer.status_code for answer in tries[:10]] == [401] * 10
            ends.append(tries[-1])
        assert [answer.json()["code"] for answer in ends] == ["too_many_requests"] * 2
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in ends)
        # and for everybody who tries from one network
        statuses = [
            (await send(machine, "/status-sessions", {"reference": "x", "code": "0"})).status_code
            for _ in range(60)
        ]
        assert statuses.count(401) == 60 - 20
        assert statuses[-1] == 429


async def test_nobody_is_kept_from_their_complaint_by_others_who_try_its_reference(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as machine:
        # given somebody who knows a reference and tries codes until no more is let through
        person = await Person.files(machine)
        mine = {name: person.receipt[name] for name in ("reference", "code")}
        tried = [
            await send(machine, "/status-sessions", mine | {"code": "0" * 20}) for _ in range(11)
        ]
        assert tried[-1].status_code == 429
        # and so not even the right code, from there
        assert (await send(machine, "/status-sessions", mine)).status_code == 429
        # when the person asks from elsewhere, as often as they like, then they are let in
        elsewhere = httpx.ASGITransport(app=machine.platform.app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://test") as client:
            for _ in range(70):
                answer = await client.post(f"{INTAKE}/status-sessions", json=mine)
                assert answer.status_code == 201, answer.text
