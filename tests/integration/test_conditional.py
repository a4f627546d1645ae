"""Whatever is read may be asked for again, and is sent again only when it is another one."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from machine import Machine, eventually, running
from ombudslink.web.access import AccessKeys, Scope
from person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ = (
    *("/intake/v1/offices", "/intake/v1/vocabulary", "/intake/v1/places?q=аст"),
    *("/routing/v1/competence", "/routing/v1/partitions", "/routing/v1/histories/{complaint}"),
    *("/reporting/v1/statistics/complaints?from=2026-01&to=2026-12",),
    *("/reporting/v1/statistics/legs?from=2026-01&to=2026-12",),
    *("/reporting/v1/statistics/inspections?from=2026-01&to=2026-12",),
    *("/offices/children/v1/complaints", "/offices/children/v1/complaints/{complaint}"),
    *("/offices/children/v1/complaints/{complaint}/history",),
    *("/offices/children/v1/complaints/{complaint}/content",),
    *("/offices/children/v1/commands/{command}", "/intake/v1/contents/{complaint}"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("conditional") / "data") as machine:
        yield machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def known(machine: Machine) -> dict[str, str]:
    """A complaint that the children's office has, and a command of it."""
    desk = machine.desk("children")
    complaint = await desk.accepted()
    said = {"admissible": True, "ground": "admissible"}
    act = await desk.act(complaint, "admissibility", said, Prefer="wait=0")
    assert act.status_code == 202, act.text
    command = act.json()["command"]
    last = (await desk.told(command))["last_version"]
    await desk.until(complaint, lambda view: view["version"] >= last)
    return {"complaint": complaint, "command": command}


@pytest.fixture
def everything(machine: Machine) -> dict[str, str]:
    """A key with every scope, which nobody has."""
    now = machine.clock()
    keys = AccessKeys(machine.platform.installation.folder.access)
    key = keys.issue("children", frozenset(Scope), now, now.replace(year=now.year + 1))
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("path", READ)
async def test_what_did_not_change_is_not_sent_again(
    machine: Machine, known: dict[str, str], everything: dict[str, str], path: str
) -> None:
    async def asked(tag: str) -> httpx.Response:
        headers = everything | {"If-None-Match": tag}
        return await machine.client.get(path.format(**known), headers=headers)

    async def known_already() -> bool:
        # Other tasks may still be at it, so that it changes between two requests.
        first = await asked('"0-0000000000000000"')
        assert first.status_code == 200, first.text
        assert "Authorization" in first.headers["vary"]
        again = await asked(first.headers["etag"])
        if again.status_code == 200:
            assert again.headers["etag"] != first.headers["etag"]
            return False
        assert (again.status_code, again.content) == (304, b"")
        return bool(again.headers["etag"] == first.headers["etag"])

    await eventually(known_already)


async def test_what_changed_is_sent_anew(machine: Machine, everything: dict[str, str]) -> None:
    path = "/offices/children/v1/complaints"
    before = await machine.client.get(path, headers=everything)
    await machine.desk("children").received()
    tag = {"If-None-Match": before.headers["etag"]}
    after = await machine.client.get(path, headers=everything | tag)
    assert after.status_code == 200
    assert len(after.json()["complaints"]) > len(before.json()["complaints"])


async def test_another_language_is_another_answer(machine: Machine) -> None:
    path = "/routing/v1/competence"
    kazakh = await machine.client.get(path, headers={"Accept-Language": "kk"})
    tag = {"If-None-Match": kazakh.headers["etag"], "Accept-Language": "ru"}
    russian = await machine.client.get(path, headers=tag)
    assert kazakh.headers["content-language"] == "kk"
    assert (russian.status_code, russian.headers["content-language"]) == (200, "ru")
    assert "Accept-Language" in russian.headers["vary"]


async def test_an_act_is_never_answered_as_known(machine: Machine) -> None:
    person = await Person.files(machine)
    before = await person.looks()
    said: httpx.Response = await person.says(
        "withdrawal", {"ground": "own_wish"}, If_None_Match="*"
    )
    assert before.status_code == said.status_code == 200
    assert said.json()["status"] != before.json()["status"]
