"""What all pages stand on: templates that notice what is missing, files, seals, no other brand."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError

from ombudslink.web import assets
from ombudslink.web.pages import Missing
from ombudslink.web.sealed import Sealed

STATIC = Path(assets.__file__).with_name("static")
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "template",
    [
        "{{ nobody_gave_this }}",
        "{% if nobody_gave_this %}x{% endif %}",
        "{{ known.nothing }}",
        "{{ known.nothing.further }}",
        "{{ nobody_gave_this.at_all }}",
    ],
)
def test_a_name_that_nobody_gave_is_a_mistake(template: str) -> None:
    made = Environment(undefined=Missing, autoescape=True).from_string(template)
    with pytest.raises(UndefinedError):
        made.render(known=NOW)


@pytest.mark.parametrize("template", ["{{ p.a }}", "{{ p.a.b }}", "{% if p.a %}x{% endif %}"])
def test_a_parameter_that_a_macro_can_do_without_is_simply_not_there(template: str) -> None:
    made = Environment(undefined=Missing, autoescape=True).from_string(template)
    assert made.render(p={}) == ""


def test_no_file_has_the_typeface_the_crest_or_the_blue_of_another_brand() -> None:
    foreign = re.compile(r"GDS|crest|crown(?!\s+copyright)|govuk-logo|govuk-header|1d70b8", re.I)
    for path in STATIC.iterdir():
        if path.suffix in (".css", ".svg"):
            assert foreign.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_style_sheets_name_only_files_that_are_there() -> None:
    named = {
        target.strip("'\"")
        for path in STATIC.glob("*.css")
        for target in re.findall(r"url\(([^)]*)\)", path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= {path.name for path in STATIC.iterdir()}


def test_every_vendored_file_has_its_licence_beside_it() -> None:
    told = (STATIC / "README.md").read_text(encoding="utf-8")
    for licence in ("LICENSE.govuk-frontend", "LICENSE.noto-sans"):
        assert licence in told
        assert "Copyright" in (STATIC / licence).read_text(encoding="utf-8")
    assert "noto-sans-*.woff2" in told
    assert "base.css" in told


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(assets.router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_a_file_is_kept_for_ever_under_its_digest_and_not_under_another(
    client: httpx.AsyncClient,
) -> None:
    now = await client.get(f"/static/{assets.DIGEST}/icon.svg")
    assert now.headers["content-type"] == "image/svg+xml"
    assert "immutable" in now.headers["cache-control"]
    old = await client.get("/static/0000000000000000/icon.svg")
    assert old.content == now.content
    assert old.headers["cache-control"] == "no-store"


async def test_style_sheets_are_sent_squeezed_to_who_takes_them_so(
    client: httpx.AsyncClient,
) -> None:
    path = f"/static/{assets.DIGEST}/base.css"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        squeezed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed) == plain.content
    assert len(squeezed) * 5 < len(plain.content)
    assert plain.headers["vary"] == answer.headers["vary"] == "Accept-Encoding"


def test_what_is_sealed_opens_until_its_time_is_over_and_only_for_its_purpose() -> None:
    seal = Sealed(b"k" * 32, "one")
    said = json.dumps({"name": "Айгүл"}).encode()
    sealed = seal.seal(said, NOW + timedelta(minutes=1))
    assert seal.open(sealed, NOW) == said
    assert seal.open(sealed, NOW + timedelta(minutes=1)) is None
    assert Sealed(b"k" * 32, "another").open(sealed, NOW) is None
    assert Sealed(b"x" * 32, "one").open(sealed, NOW) is None
    assert seal.seal(said, NOW) != seal.seal(said, NOW)


@given(st.text(max_size=200))
def test_whatever_else_is_shown_opens_nothing(sealed: str) -> None:
    assert Sealed(b"k" * 32, "one").open(sealed, NOW) is None
