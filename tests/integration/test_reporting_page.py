"""The public's figures as a page: tables, pictures, periods, and what is not told."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import cycle
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from integration.figures import worked
from integration.test_reporting_http import COMPLAINTS, key, running, setting, written
from machine import eventually
from ombudslink.log.memory import MemoryLog
from ombudslink.runtime.service import Setting
from ombudslink.testing import inspections as joint
from ombudslink.testing.builders import accepted, answered, filed, inadmissible
from ombudslink.testing.country import MONDAY, TRANSFER
from ombudslink.web.access import Scope
from reporting import drawing, statistics
from reporting.drawing import drawn
from reporting.periods import said_period
from reporting.statistics import Period
from reporting.topics import TOPICS, Bar, Picture
from visitor import text_of

__all__ = ["key", "setting"]

MARCH = {"from": "2026-03", "to": "2026-03"}
LIVES = [*[answered()] * 12, *[accepted(TRANSFER)] * 8, *[inadmissible()] * 6, filed(), filed()]
REPORTED = worked("2026-03-03 10:00", "2026-03-04 09:00")
JOINT = [*[REPORTED] * 12, *[joint.separated()] * 6, joint.proposed()]
NAMES = [topic.name for topic in TOPICS]
PATHS = {
    statistics.complaints: "complaints",
    statistics.legs: "legs",
    statistics.inspections: "inspections",
}
SVG = "{http://www.w3.org/2000/svg}"
LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


def now() -> Any:
    return MONDAY + timedelta(days=2)


@pytest.fixture
async def log() -> MemoryLog:
    log = MemoryLog(now)
    await written(log, [*LIVES, *JOINT])
    return log


@pytest.fixture
async def client(setting: Setting) -> AsyncIterator[httpx.AsyncClient]:
    async with running(setting) as client:
        yield client


@pytest.fixture
async def empty(setting: Setting) -> AsyncIterator[httpx.AsyncClient]:
    """The service of an installation in which nothing has happened."""
    nothing = MemoryLog(now)
    await nothing.start()
    async with running(Setting(**{**vars(setting), "log": nothing})) as client:
        yield client


async def get(client: httpx.AsyncClient, path: str, **params: str) -> httpx.Response:
    answer = await client.get(path, params=params or None)
    assert answer.status_code == 200, answer.text
    return answer


def parsed(svg: str | bytes) -> ElementTree.Element:
    """A picture that is well formed."""
    return ElementTree.fromstring(svg)  # noqa: S314 - drawn here


def tables(page: httpx.Response) -> dict[str, list[list[str]]]:
    """What stands in the cells of each table, by its section."""
    found = {}
    for name, section in re.findall(r'<section .*? id="(\w+)".*?>(.*?)</section>', page.text, re.S):
        rows = re.findall(r"<tr.*?>(.*?)</tr>", section, re.S)
        cells = [re.findall(r"<t[hd] .*?>\s*(.*?)\s*</t[hd]>", row, re.S) for row in rows]
        found[name] = cells[1:]
    return found


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_the_tables_of_the_page_are_the_answers_of_the_api(
    client: httpx.AsyncClient, topic: Any
) -> None:
    page = await get(client, "/en/statistics", **MARCH)
    path = f"/v1/statistics/{PATHS[topic.question]}"
    rows = (await get(client, path, **MARCH, by=topic.by)).json()["rows"]
    expected = set()
    for row in rows:
        days = row["working_days_to_opening" if topic.opening else "working_days"]
        numbers = [row["counts"][one] for one in topic.columns] or [
            "not shown" if days[one] is None else days[one] for one in ("mean", "median")
        ] + [days["measured"]]
        code = row["of"][topic.by]
        named = row["words"].get(topic.by) or {None: "No outcome yet", "2026-03": "03.2026"}[code]
        if any(number not in (0, "not shown") for number in numbers):
            shown = (f"{one:g}" if one != "not shown" else one for one in numbers)
            expected.add((named, *shown))
    assert expected
    assert {tuple(row) for row in tables(page)[topic.name]} == expected


async def test_numbers_are_rounded_and_the_page_says_so(client: httpx.AsyncClient) -> None:
    page = await get(client, "/en/statistics", **MARCH)
    assert "rounded to the nearest multiple of five" in text_of(page)
    counted = [topic.name for topic in TOPICS if topic.columns]
    numbers = [cell for name in counted for row in tables(page)[name] for cell in row]
    assert {int(one) % 5 for one in numbers if one.isdecimal()} == {0}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_every_picture_is_described_in_words_of_the_readers_language(
    client: httpx.AsyncClient, language: str
) -> None:
    page = await get(client, f"/{language}/statistics", **MARCH)
    pictures = dict(re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page.text))
    pictures = {address: told for address, told in pictures.items() if ".svg?" in address}
    assert len(pictures) >= len(NAMES) - 1
    labels = {row[0] for rows in tables(page).values() for row in rows}
    seen = set()
    for address, told in pictures.items():
        answer = await get(client, address.replace("&amp;", "&"))
        assert answer.headers["content-type"] == "image/svg+xml"
        svg = parsed(answer.text)
        assert svg.attrib["role"] == "img"
        assert svg.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == language
        ids = svg.attrib["aria-labelledby"].split()
        texts = {one.attrib["id"]: one.text for one in svg if "id" in one.attrib}
        assert [texts[one] for one in ids][1] == told
        assert str(texts[ids[0]]) in told
        assert "viewBox" in svg.attrib
        seen |= {" ".join(one.itertext()) for one in svg.iter(f"{SVG}text")}
    assert labels - {"03.2026"} <= seen
    assert f"children ({language})" in seen


def test_letters_of_kazakh_and_signs_of_markup_are_drawn_as_they_are() -> None:
    title = f'{LETTERS} <b> & "'
    svg = drawn(Picture("bars", "kk", title, title, (), (Bar(f"{LETTERS} <i> &", 5),))).decode()
    root = parsed(svg)
    assert root[0].text == title
    assert f"{LETTERS} <i> &" in [one.text for one in root.iter(f"{SVG}text")]


def test_a_picture_holds_nothing_that_the_pages_policy_forbids_or_that_is_elsewhere() -> None:
    parts = (Bar("a", 20, (5, 10)), Bar("b", 10, (0, 5)))
    months = tuple(Bar(f"{number:02}.2026", 5) for number in range(1, 13))
    for one in (
        Picture("parts", "en", "t", "d", ("one", "two"), parts),
        Picture("months", "en", "t", "d", (), months),
        Picture("bars", "en", "t", "d", (), (Bar("a", 12.5),)),
    ):
        svg = drawn(one).decode()
        assert not re.search(r"<script|<style|style=|\son\w+=|href=|url\(|<foreignObject", svg)


def test_what_draws_may_fetch_nothing() -> None:
    elsewhere = {"data": {"url": "http://127.0.0.1:9/data.json"}, "mark": "bar"}
    with pytest.raises(ValueError, match="not allowed"):
        drawing.svg_of(elsewhere)


def test_parts_are_known_by_letter_and_number_and_not_by_colour_alone() -> None:
    bars = (Bar("a", 40, (25, 15)),)
    root = parsed(drawn(Picture("parts", "en", "t", "d", ("one", "two"), bars)))
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert {"A 25", "B 15", "40"} <= set(texts)
    assert {"A one", "B two"} <= {" ".join(one.split()) for one in texts}


async def test_a_small_number_is_nowhere_on_the_page_or_in_a_picture(
    setting: Setting,
) -> None:
    few = MemoryLog(now)
    lives = cycle([filed(region="750000000"), filed(subject="housing")])
    await written(few, [*[filed()] * 6, *(next(lives) for _ in range(4))])
    async with running(Setting(**{**vars(setting), "log": few})) as client:
        page = await get(client, "/en/statistics", **MARCH)
        regions = tables(page)["region"]
        assert [row[1] for row in regions] == ["10"]
        svg = (await get(client, "/en/statistics/region.svg", **MARCH)).text
        assert "750000000" not in page.text + svg
        texts = [one.text or "" for one in parsed(svg).iter(f"{SVG}text")]
        assert [one for one in texts if one.isdecimal()] == ["10"]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-13", "", "from"),
        ("", "März", "to"),
        ("2026-04", "2026-03", "to"),
        ("1900-01", "2026-03", "to"),
    ],
)
async def test_a_period_that_is_none_is_explained_at_its_field(
    client: httpx.AsyncClient, first: str, last: str, field: str
) -> None:
    for language in ("kk", "ru", "en"):
        params = {"from": first, "to": last}
        page = await client.get(f"/{language}/statistics", params=params)
        assert page.status_code == 422
        assert page.headers["content-type"].startswith("text/html")
        assert f'<a href="#{field}">' in page.text
        assert "govuk-error-summary" in page.text
        assert "<section" not in page.text
        picture = await client.get(f"/{language}/statistics/month.svg", params=params)
        assert picture.status_code == 422


async def test_without_a_period_the_last_twelve_months_are_shown(
    client: httpx.AsyncClient,
) -> None:
    page = await get(client, "/en/statistics")
    assert "04.2025 – 03.2026" in text_of(page)
    svg = parsed(
        (await get(client, "/en/statistics/month.svg", **{"from": "2025-04", "to": "2026-03"})).text
    )
    numbers = ["".join(one.itertext()) for one in svg.iter(f"{SVG}text")]
    assert numbers.count("0") == 11
    assert "30" in numbers


def test_months_are_understood_as_people_write_them() -> None:
    march = Period("2026-03", "2026-03")
    for one in ("2026-03", "2026-3", "03.2026", "3.2026", "03/2026", " 03.2026 "):
        assert said_period(one, one, MONDAY) == march
    assert said_period("", "02.2026", MONDAY) == Period("2025-03", "2026-02")
    assert said_period("12.2025", "", MONDAY) == Period("2025-12", "2026-03")


async def test_the_other_languages_show_the_same_period(client: httpx.AsyncClient) -> None:
    page = await get(client, "/en/statistics", **{"from": "02.2026", "to": "03.2026"})
    assert 'href="/kk/statistics?from=2026-02&amp;to=2026-03"' in page.text


@pytest.mark.parametrize("path", ["/kk/statistics", "/kk/statistics/office.svg"])
async def test_a_page_and_a_picture_are_sent_again_only_when_the_figures_changed(
    client: httpx.AsyncClient, log: MemoryLog, path: str
) -> None:
    first = await get(client, path, **MARCH)
    assert first.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = await client.get(path, params=MARCH, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await written(log, [*LIVES, *JOINT, *[answered()] * 20])

    async def changed() -> bool:
        return (await client.get(path, params=MARCH, headers=known)).status_code == 200

    await eventually(changed)


async def test_the_same_figures_are_drawn_once(
    client: httpx.AsyncClient, log: MemoryLog, key: Callable[..., dict[str, str]]
) -> None:
    office = key(Scope.READ)

    async def filed_so_far() -> int:
        answer = await client.get(COMPLAINTS, params={**MARCH, "by": "month"}, headers=office)
        return int(answer.json()["rows"][0]["counts"]["filed"])

    async def taken_in() -> bool:
        return await filed_so_far() == len(LIVES) + 1

    await get(client, "/ru/statistics/region.svg", **MARCH)
    before = drawn.cache_info().misses
    # when an event changes no rounded number
    await written(log, [*LIVES, *JOINT, filed()])
    await eventually(taken_in)
    await get(client, "/ru/statistics/region.svg", **MARCH)
    assert drawn.cache_info().misses == before


async def test_an_empty_installation_says_that_there_is_nothing_yet(
    empty: httpx.AsyncClient,
) -> None:
    page = await get(empty, "/en/statistics")
    assert "There is nothing to show for this period" in text_of(page)
    assert "<table" not in page.text
    assert ".svg?" not in page.text
    picture = await empty.get("/en/statistics/month.svg", params=MARCH)
    assert picture.status_code == 404


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_each_table_is_there_for_programs_as_the_api_gives_it(
    client: httpx.AsyncClient, topic: Any
) -> None:
    path = f"/v1/statistics/{PATHS[topic.question]}"
    for form, media_type in (("json", "application/json"), ("csv", "text/csv")):
        here = await get(client, f"/ru/statistics/{topic.name}.{form}", **MARCH)
        headers = {"Accept": media_type, "Accept-Language": "ru"}
        there = await client.get(path, params={**MARCH, "by": topic.by}, headers=headers)
        assert here.content == there.content
        assert here.headers["content-type"] == there.headers["content-type"]
        assert f"{topic.name}-2026-03-2026-03.{form}" in here.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(here.text)))
    assert all(topic.by in row for row in rows)


@pytest.mark.parametrize("path", ["nothing.svg", "nothing.csv", "month.pdf", "month"])
async def test_what_there_is_not_is_a_page_that_says_so(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(f"/kk/statistics/{path}", params=MARCH)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_the_page_is_found_in_the_language_of_the_browser(client: httpx.AsyncClient) -> None:
    answer = await client.get("/statistics", headers={"Accept-Language": "kk"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/kk/statistics")
