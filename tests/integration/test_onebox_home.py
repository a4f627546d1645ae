"""The page behind the one address, and what is answered where no service is."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from ombudslink.folder import DataFolder
from ombudslink.installation import Installation
from onebox.platform import CONFIGURATION, Platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Not started."""
    folder = DataFolder(tmp_path_factory.mktemp("home") / "data")
    return Platform(Installation.of(folder, CONFIGURATION, "es"))


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=platform.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test:81") as client:
        yield client


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "Шағым беру"), ("ru", "Как подать жалобу"), ("en", "Filing")]
)
async def test_the_page_is_in_the_readers_language_and_names_every_service(
    client: httpx.AsyncClient, language: str, word: str
) -> None:
    answer = await client.get("/", headers={"Accept-Language": f"{language};q=0.9, de"})
    assert answer.headers["content-language"] == language
    assert word in answer.text
    assert f'<html lang="{language}">' in answer.text
    places = ("/intake", "/routing", "/reporting", "/offices/andalusia", "/offices/catalonia")
    for place in places:
        assert f'href="{place}/docs"' in answer.text
        assert (await client.get(f"{place}/docs")).status_code == httpx.codes.OK
    chosen = await client.get("/", params={"language": language})
    assert chosen.text == answer.text


async def test_the_page_needs_no_script_and_no_other_host(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert "<script" not in answer.text
    assert set(re.findall(r"https?://[^/<\s\"]+", answer.text)) == {"http://test:81"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nothing", "not_found"),
        ("GET", "/offices/nobody/v1/complaints", "not_found"),
        ("POST", "/", "method_not_allowed"),
        ("GET", "/?language=tlh", "invalid_request"),
    ],
)
async def test_what_no_service_answers_is_a_problem_with_a_page(
    client: httpx.AsyncClient, method: str, path: str, code: str
) -> None:
    answer = await client.request(method, path, headers={"Accept-Language": "kk"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "kk"
    problem = answer.json()
    assert problem["code"] == code
    assert (await client.get(problem["type"])).status_code == httpx.codes.OK


async def test_the_platform_is_ready_when_every_participant_is(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    before = await client.get("/health/ready")
    assert before.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert before.json().keys() == platform.services.keys()
    async with platform.running():
        for app in platform.services.values():
            await app.state.service.consumer.caught_up.wait()
        ready = await client.get("/health/ready")
        assert ready.status_code == httpx.codes.OK, ready.text
