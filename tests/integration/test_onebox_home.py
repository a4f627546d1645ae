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
    ("language", "word"),
    [("kk", "Инженерлерге"), ("ru", "Для инженеров"), ("en", "For engineers")],
)
async def test_the_page_for_engineers_names_every_service_in_the_readers_language(
    client: httpx.AsyncClient, language: str, word: str
) -> None:
    answer = await client.get("/docs", headers={"Accept-Language": f"{language};q=0.9, de"})
    assert answer.headers["content-language"] == language
    assert word in answer.text
    assert f'<html lang="{language}"' in answer.text
    places = ("/intake", "/routing", "/reporting", "/offices/andalusia", "/offices/catalonia")
    for place in places:
        assert f'href="{place}/docs"' in answer.text
        assert (await client.get(f"{place}/docs")).status_code == httpx.codes.OK


@pytest.mark.parametrize("path", ["/", "/offices", "/status"])
async def test_people_are_led_to_intakes_pages_in_their_language_at_the_root_of_the_address(
    client: httpx.AsyncClient, path: str
) -> None:
    led = await client.get(path, headers={"Accept-Language": "kk, ru;q=0.5"})
    assert led.status_code == httpx.codes.SEE_OTHER
    assert led.headers["location"] == f"/kk{path}"
    assert led.headers["vary"] == "Accept-Language"
    page = await client.get(led.headers["location"])
    assert page.status_code == httpx.codes.OK
    assert page.headers["content-language"] == "kk"
    styles = re.findall(r'href="(/static/[^"]+)"', page.text)
    assert styles
    for style in styles:
        assert (await client.get(style)).headers["cache-control"].startswith("public, max-age")


async def test_the_pages_need_no_script_and_no_other_host(client: httpx.AsyncClient) -> None:
    for path in ("/docs", "/en/", "/en/status"):
        answer = await client.get(path)
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        assert re.findall(r'(?:href|src|action)="(?:https?:)?//', answer.text) == []
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nothing", "not_found"),
        ("GET", "/offices/nobody/v1/complaints", "not_found"),
        ("GET", "/intake/v1/a%0Ab", "not_found"),
        ("POST", "/", "method_not_allowed"),
        ("GET", "/tlh/offices", "not_found"),
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


async def test_somebody_with_a_browser_is_answered_with_a_page_where_nothing_is(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/nothing", "/kk/nothing", "/kk/file/nothing"):
        answer = await client.get(path, headers={"Accept": "text/html", "Accept-Language": "kk"})
        assert httpx.codes.is_client_error(answer.status_code)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["content-language"] == "kk"


async def test_the_platform_is_ready_when_every_participant_is(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    before = await client.get("/health/ready")
    assert before.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert before.json().keys() == platform.services.keys()
    async with platform.running():
        for app in platform.services.values():
            assert await app.state.service.consumer.catch_up(20)
        ready = await client.get("/health/ready")
        assert ready.status_code == httpx.codes.OK, ready.text
