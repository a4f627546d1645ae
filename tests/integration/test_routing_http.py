"""Routing over HTTP: who may read a history, the competence rules, what an operator sees."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from machine import Machine, eventually, running
from ombudslink.folder import DataFolder
from ombudslink.installation import OPERATOR
from ombudslink.log import HISTORY, Outgoing
from ombudslink.proof.chain import GENESIS, link
from ombudslink.web.access import AccessKeys, Scope

UNKNOWN = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """All services, and nothing filed yet."""
    async with running(tmp_path / "data") as machine:
        yield machine


def key(machine: Machine, participant: str, scope: Scope = Scope.HISTORY) -> dict[str, str]:
    """The header with a new key of that participant."""
    folder: DataFolder = machine.platform.installation.folder
    now = machine.clock()
    issued = AccessKeys(folder.access).issue(
        participant, frozenset({scope}), now, now + timedelta(days=1)
    )
    return {"Authorization": f"Bearer {issued}"}


async def history(machine: Machine, stream: str, reader: str, after: int = 0) -> Any:
    """What that participant is answered."""
    return await machine.client.get(
        f"/routing/v1/histories/{stream}", params={"after": after}, headers=key(machine, reader)
    )


async def test_a_party_reads_a_history_whose_chain_it_can_check(machine: Machine) -> None:
    stream = await machine.desk("children").received()
    answer = await history(machine, stream, "children")
    assert answer.status_code == 200
    previous = GENESIS
    for version, event in enumerate(answer.json()["events"], 1):
        assert event["version"] == version
        assert event["previous"] == previous.hex()
        previous = link(previous, event["body"].encode())
    rest = (await history(machine, stream, "children", after=2)).json()["events"]
    assert rest == answer.json()["events"][2:]
    assert (await history(machine, stream, "children", after=10**6)).json()["events"] == []


async def test_intake_and_reporting_read_every_history(machine: Machine) -> None:
    stream = await machine.desk("children").received()
    for reader in ("intake", "reporting"):
        assert (await history(machine, stream, reader)).status_code == 200


async def test_who_is_not_party_cannot_tell_a_history_from_none(machine: Machine) -> None:
    stream = await machine.desk("children").received()
    there = await history(machine, stream, "entrepreneurs")
    nowhere = await history(machine, UNKNOWN, "entrepreneurs")
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


async def test_an_office_complained_of_cannot_read_the_history(machine: Machine) -> None:
    stream = await machine.file(body="commissioner_children", affected=[])

    async def decided() -> bool:
        return bool((await history(machine, stream, "intake")).status_code == 200)

    await eventually(decided)
    assert (await history(machine, stream, "children")).status_code == 404


async def test_a_history_needs_the_right_key(machine: Machine) -> None:
    stream = await machine.desk("children").received()
    path = f"/routing/v1/histories/{stream}"
    assert (await machine.client.get(path)).status_code == 401
    wrong = key(machine, "children", Scope.READ)
    assert (await machine.client.get(path, headers=wrong)).status_code == 403


async def test_what_is_no_stream_or_version_is_explained(machine: Machine) -> None:
    reader = key(machine, "children")
    for path in ("histories/x", f"histories/{UNKNOWN}?after=-1", f"histories/{UNKNOWN}?after=x"):
        answer = await machine.client.get(f"/routing/v1/{path}", headers=reader)
        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid_request"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_everybody_reads_the_competence_rules_in_his_language(
    machine: Machine, language: str
) -> None:
    answer = await machine.client.get(
        "/routing/v1/competence", headers={"Accept-Language": language}
    )
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    table = answer.json()
    vocabulary = machine.platform.installation.vocabulary
    assert table["rules"]
    for rule in table["rules"]:
        basis = rule["legal_basis"]
        assert basis["text"] == vocabulary.label("legal_bases", basis["code"], language)
        assert basis["text"] != basis["code"]
        assert rule["office"]["text"]
        for kind, words in rule["conditions"].items():
            for word in words:
                assert word["text"] == vocabulary.label(kind, word["code"], language)


async def test_an_operator_sees_the_partitions(machine: Machine) -> None:
    await machine.desk("children").received()
    path = "/routing/v1/partitions"
    assert (await machine.client.get(path)).status_code == 401
    assert (await machine.client.get(path, headers=key(machine, "children"))).status_code == 403
    operator = key(machine, OPERATOR, Scope.OPERATE)
    found = (await machine.client.get(path, headers=operator)).json()
    assert [one["partition"] for one in found] == list(range(12))
    assert all(one["owned"] and one["stopped"] is None for one in found)
    assert sum(one["next"] for one in found) >= 2


async def test_a_partition_that_was_stopped_is_seen(tmp_path: Path) -> None:
    # given a journal with something in it that nobody can read
    async with running(tmp_path / "data") as machine:
        stream = await machine.desk("children").received()
        await machine.service("routing").setting.log.send([Outgoing(HISTORY, stream, b"{", {})])
    async with running(tmp_path / "data") as machine:
        operator = key(machine, OPERATOR, Scope.OPERATE)
        stopped: list[dict[str, Any]] = []

        async def noticed() -> bool:
            found = await machine.client.get("/routing/v1/partitions", headers=operator)
            stopped.extend(one for one in found.json() if one["stopped"])
            return bool(stopped)

        await eventually(noticed)
        assert [one["owned"] for one in stopped] == [False]
        assert "journal_unreadable" in stopped[0]["stopped"]
        ready = await machine.client.get("/routing/health/ready")
        assert ready.status_code == 503
        assert ready.json()["tasks"] is False
        metrics = (await machine.client.get("/routing/metrics", headers=operator)).text
        assert "ombudslink_partitions_stopped 1.0" in metrics
