"""The keys with which services call each other: renewed in time, revoked for good."""

import os
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from machine import Clock, Machine, running
from ombudslink.folder import KEY_LIFETIME, DataFolder, FolderError
from ombudslink.identity import LEAST_LEFT, TRIED_AGAIN_AFTER, ServiceKey
from ombudslink.installation import Installation
from ombudslink.testing.country import CHILDREN
from ombudslink.web.access import AccessKeys
from onebox.platform import CONFIGURATION

ALMOST: timedelta = KEY_LIFETIME - LEAST_LEFT


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def installation(tmp_path: Path, clock: Clock) -> Installation:
    return Installation.of(DataFolder(tmp_path / "data"), CONFIGURATION, "kz", clock)


class Other(httpx.AsyncBaseTransport):
    """Another service: lets in whose key is good, and remembers the keys that it saw."""

    def __init__(self, installation: Installation, clock: Clock) -> None:
        self.keys = AccessKeys(installation.folder.access)
        self.seen: list[str] = []
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """200 or 401."""
        self.seen.append(request.headers["authorization"].removeprefix("Bearer "))
        known = self.keys.find(self.seen[-1], self._clock())
        return httpx.Response(200 if known else 401)


def client(identity: ServiceKey, other: Other) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=other, base_url="http://other", auth=identity)


def days(clock: Clock, gone_by: timedelta) -> None:
    clock.at += gone_by


async def test_a_key_is_used_until_it_does_not_last_much_longer_and_then_renewed(
    installation: Installation, clock: Clock
) -> None:
    other = Other(installation, clock)
    before = len(list(other.keys.all()))
    async with client(installation.identity(CHILDREN, clock), other) as http:
        await http.get("/")
        days(clock, ALMOST - timedelta(seconds=1))
        await http.get("/")
        assert len(set(other.seen)) == 1
        days(clock, timedelta(seconds=1))
        assert (await http.get("/")).status_code == 200
    old, new = other.seen[0], other.seen[-1]
    assert new != old
    assert installation.folder.api_key(CHILDREN) == new
    assert other.keys.known(old) is None
    renewed = other.keys.find(new, clock())
    assert renewed is not None
    assert renewed.expires == clock() + KEY_LIFETIME
    assert len(list(other.keys.all())) == before


async def test_a_process_that_was_idle_for_years_is_let_in(
    installation: Installation, clock: Clock
) -> None:
    identity = installation.identity(CHILDREN, clock)
    days(clock, 3 * KEY_LIFETIME)
    assert identity.good()
    async with client(identity, Other(installation, clock)) as http:
        assert (await http.get("/")).status_code == 200


async def test_a_key_that_was_renewed_elsewhere_is_taken_up_at_once(
    installation: Installation, clock: Clock
) -> None:
    other = Other(installation, clock)
    async with client(installation.identity(CHILDREN, clock), other) as http:
        await http.get("/")
        installation.renew(CHILDREN, clock())
        assert (await http.get("/")).status_code == 200
    assert len(set(other.seen)) == 2


async def test_a_request_that_a_renewal_overtook_is_sent_again(
    installation: Installation, clock: Clock
) -> None:
    class Overtaken(Other):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not self.seen:
                installation.renew(CHILDREN, clock())
            return await super().handle_async_request(request)

    other = Overtaken(installation, clock)
    async with client(installation.identity(CHILDREN, clock), other) as http:
        assert (await http.post("/", json={"said": "once"})).status_code == 200
    assert len(other.seen) == 2


async def test_a_key_that_was_revoked_is_not_renewed_by_itself(
    installation: Installation, clock: Clock
) -> None:
    other = Other(installation, clock)
    identity = installation.identity(CHILDREN, clock)
    access = other.keys.known(installation.folder.api_key(CHILDREN))
    assert access is not None
    other.keys.revoke(access.digest)
    days(clock, 2 * KEY_LIFETIME)
    async with client(identity, other) as http:
        assert (await http.get("/")).status_code == 401
    assert len(other.seen) == 1
    assert not identity.good()
    # until somebody wants it
    installation.renew(CHILDREN, clock())
    assert identity.good()


async def test_a_renewal_that_fails_leaves_the_old_key_and_is_tried_again_later(
    installation: Installation, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def full(_: int) -> None:
        tries.append(1)
        raise OSError(28, "No space left on device")

    other = Other(installation, clock)
    identity = installation.identity(CHILDREN, clock)
    days(clock, ALMOST)
    async with client(identity, other) as http:
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", full)
            for _ in range(3):
                assert (await http.get("/")).status_code == 200
        assert (len(tries), len(set(other.seen))) == (1, 1)
        days(clock, TRIED_AGAIN_AFTER)
        assert (await http.get("/")).status_code == 200
    assert len(set(other.seen)) == 2


def test_a_start_renews_every_key_that_does_not_last_much_longer(
    installation: Installation, clock: Clock
) -> None:
    folder = installation.folder
    old = {who: folder.api_key(who) for who in installation.participants()}
    days(clock, ALMOST)
    Installation.of(folder, CONFIGURATION, "kz", clock)
    assert all(folder.api_key(who) != key for who, key in old.items())
    left = {access.participant: access.expires for access in AccessKeys(folder.access).all()}
    assert left == dict.fromkeys(old, clock() + KEY_LIFETIME)


def test_a_start_without_the_key_file_makes_no_new_key(
    installation: Installation, clock: Clock
) -> None:
    (installation.folder.keys(CHILDREN) / "api.key").unlink()
    with pytest.raises(FolderError, match="key file cannot be read"):
        Installation.of(installation.folder, CONFIGURATION, "kz", clock)


async def test_offices_still_get_content_in_the_years_after_the_first(tmp_path: Path) -> None:
    clock = Clock()
    async with running(tmp_path / "data", clock=clock) as machine:
        desk = machine.desk(CHILDREN)
        await desk.accepted()
        days(clock, KEY_LIFETIME + timedelta(days=1))
        later = await desk.accepted()
        assert (await desk.content(later))["items"]
        assert await ready(machine)


async def test_a_service_that_is_not_let_in_is_not_ready(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as machine:
        installation = machine.platform.installation
        keys = AccessKeys(installation.folder.access)
        access = keys.known(installation.folder.api_key(CHILDREN))
        assert access is not None
        keys.revoke(access.digest)
        assert not await ready(machine)


async def ready(machine: Machine) -> bool:
    return (await machine.service(CHILDREN).ready())["key"]
