"""Keys of machines: shown once, kept as a digest, good for one participant until they expire."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient

from ombudslink.testing.country import CHILDREN, GENERAL, MONDAY
from ombudslink.web.access import AccessKeys, Principal, Right, RightOrNobody, Scope, bearer
from ombudslink.web.problems import Problem, rendered

YEAR = timedelta(days=365)
ACT = frozenset({Scope.ACT})


@pytest.fixture
def keys(tmp_path: Path) -> AccessKeys:
    return AccessKeys(tmp_path / "access")


@pytest.fixture
def key(keys: AccessKeys) -> str:
    return keys.issue(CHILDREN, ACT, MONDAY, MONDAY + YEAR)


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_a_key_that_was_issued_says_whose_it_is_and_what_it_may_do(
    keys: AccessKeys, key: str
) -> None:
    access = keys.find(key, MONDAY)
    assert access is not None
    assert access.participant == CHILDREN
    assert access.scopes == ACT
    assert [known.digest for known in keys.all()] == [access.digest]
    assert key.startswith("omb_children_")


def test_two_keys_are_never_the_same(keys: AccessKeys, key: str) -> None:
    assert keys.issue(CHILDREN, ACT, MONDAY, MONDAY + YEAR) != key
    assert len(list(keys.all())) == 2


def test_a_key_cannot_be_read_out_of_the_folder(keys: AccessKeys, key: str, tmp_path: Path) -> None:
    secret = key.removeprefix("omb_children_")
    written = [path.name + path.read_text(encoding="utf-8") for path in files(tmp_path)]
    assert len(written) == 1
    assert secret not in written[0]


def test_a_key_with_another_participants_name_opens_nothing(keys: AccessKeys, key: str) -> None:
    assert keys.find(key.replace(CHILDREN, GENERAL), MONDAY) is None


def test_a_key_whose_file_was_given_to_another_participant_opens_nothing(
    keys: AccessKeys, key: str, tmp_path: Path
) -> None:
    (file,) = files(tmp_path)
    forged = json.loads(file.read_text(encoding="ascii")) | {"participant": GENERAL}
    file.write_text(json.dumps(forged), encoding="ascii")
    assert keys.find(key, MONDAY) is None


def test_a_key_is_good_until_it_expires(keys: AccessKeys, key: str) -> None:
    assert keys.find(key, MONDAY + YEAR - timedelta(milliseconds=1)) is not None
    assert keys.find(key, MONDAY + YEAR) is None


def test_a_revoked_key_is_let_in_no_more_by_anybody(
    keys: AccessKeys, key: str, tmp_path: Path
) -> None:
    access = keys.find(key, MONDAY)
    assert access is not None
    assert keys.revoke(access.digest)
    assert AccessKeys(tmp_path / "access").find(key, MONDAY) is None
    assert not keys.revoke(access.digest)


@pytest.mark.parametrize("wrong", ["", "omb_", "omb_children_", "omb_children_short", "../../x"])
def test_what_is_no_key_opens_nothing(keys: AccessKeys, key: str, wrong: str) -> None:
    assert keys.find(wrong, MONDAY) is None
    assert keys.find(key + "x", MONDAY) is None
    assert keys.find(key[:-1], MONDAY) is None


@pytest.mark.parametrize("digest", ["../access", "", "0" * 64, "G" * 64])
def test_only_a_known_digest_is_revoked(keys: AccessKeys, key: str, digest: str) -> None:
    assert not keys.revoke(digest)
    assert len(list(keys.all())) == 1


def application(keys: AccessKeys) -> FastAPI:
    app = FastAPI()
    app.state.access = keys
    app.state.now = lambda: MONDAY

    @app.get("/act")
    async def act(by: Annotated[Principal, Depends(Right(Scope.ACT))]) -> list[str | None]:
        return [by.participant, by.actor]

    @app.get("/operate")
    async def operate(_: Annotated[Principal, Depends(Right(Scope.OPERATE))]) -> None:
        return None

    @app.get("/file")
    async def file(
        by: Annotated[Principal | None, Depends(RightOrNobody(Scope.ACT))],
    ) -> str | None:
        return by.participant if by else None

    async def explain(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return rendered(error, "en")

    app.add_exception_handler(Problem, explain)
    return app


async def asked(keys: AccessKeys, path: str, **headers: str) -> tuple[int, Any]:
    transport = ASGITransport(application(keys))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path, headers=named)
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    return answer.status_code, answer.json()


async def test_a_key_with_the_scope_acts_for_its_participant_and_the_officer_it_names(
    keys: AccessKeys, key: str
) -> None:
    said = {"Authorization": f"bearer {key}", "Ombudslink_Actor": "officer-1"}
    assert await asked(keys, "/act", **said) == (200, [CHILDREN, "officer-1"])
    assert await asked(keys, "/act", Authorization=f"Bearer {key}") == (200, [CHILDREN, None])


async def test_a_key_without_the_scope_is_told_which_one_is_needed(
    keys: AccessKeys, key: str
) -> None:
    status, body = await asked(keys, "/operate", Authorization=f"Bearer {key}")
    assert (status, body["code"]) == (403, "scope_missing")
    assert body["detail"].endswith(": service:operate.")


@pytest.mark.parametrize("said", ["", "Basic abc", "Bearer", "Bearer omb_children_x"])
async def test_nobody_acts_without_a_key(keys: AccessKeys, key: str, said: str) -> None:
    headers = {"Authorization": said} if said else {}
    status, body = await asked(keys, "/act", **headers)
    assert (status, body["code"]) == (401, "not_authenticated")


async def test_where_everybody_may_file_a_wrong_key_is_still_refused(
    keys: AccessKeys, key: str
) -> None:
    assert await asked(keys, "/file") == (200, None)
    assert await asked(keys, "/file", Authorization=f"Bearer {key}") == (200, CHILDREN)
    assert (await asked(keys, "/file", Authorization=f"Bearer {key}x"))[0] == 401


def test_a_bearer_token_is_read_whatever_the_case_of_its_scheme() -> None:
    assert bearer("BEARER  abc ") == "abc"
    assert bearer("Basic abc") == ""
    assert bearer(None) == ""
