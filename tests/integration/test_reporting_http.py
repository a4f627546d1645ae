"""Statistics over HTTP: what the public sees, what offices see, and in which form."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from machine import eventually
from ombudslink.commands import Order
from ombudslink.ids import derived_id
from ombudslink.log import HISTORY
from ombudslink.log.memory import MemoryLog
from ombudslink.offices import Text
from ombudslink.proof.signing import KeyRing, Signer
from ombudslink.runtime.service import Service, Setting
from ombudslink.testing import inspections as joint
from ombudslink.testing.builders import accepted, answered, expired, filed, inadmissible
from ombudslink.testing.country import CHILDREN, GENERAL, MONDAY, POLICY, TRANSFER
from ombudslink.testing.histories import told
from ombudslink.testing.words import VOCABULARY
from ombudslink.web.access import AccessKeys, Scope
from ombudslink.web.phrases import phrase
from reporting import statistics
from reporting.app import create
from reporting.statistics import Rows

COMPLAINTS = "/v1/statistics/complaints"
LEGS = "/v1/statistics/legs"
INSPECTIONS = "/v1/statistics/inspections"
MARCH = {"from": "2026-03", "to": "2026-03"}
MANY: Sequence[Sequence[Order]] = (
    *[answered()] * 6,
    *[accepted(TRANSFER)] * 5,
    *[inadmissible()] * 2,
    expired(TRANSFER),
    filed(region="750000000"),
    filed(subject="housing", region="750000000"),
    *[joint.closed()] * 3,
    *[joint.separated()] * 2,
    joint.opened(),
)
FORMULA = Text(kk="=1+1 (kk)", ru="=1+1 (ru)", en="=1+1 (en)")
"""What an office must not be called in a table that a spreadsheet program opens."""


def now() -> Any:
    return MONDAY + timedelta(days=2)


async def written(log: MemoryLog, histories: Iterable[Sequence[Order]]) -> None:
    """The registrar published these histories."""
    await log.start()
    for number, orders in enumerate(histories):
        events = told(orders, derived_id("complaint", number))
        await log.send([one.outgoing(HISTORY) for one in events])


@pytest.fixture
async def log() -> MemoryLog:
    log = MemoryLog(now)
    await written(log, MANY)
    return log


@pytest.fixture
def setting(tmp_path: Path, log: MemoryLog) -> Setting:
    nobody = httpx.AsyncClient(base_url="http://nobody.invalid")
    signer = Signer("reporting", b"\1" * 32)
    general, *others = POLICY.offices
    renamed = general.model_copy(update={"short_name": FORMULA})
    return Setting(
        participant="reporting",
        policy=POLICY.model_copy(update={"offices": (renamed, *others)}),
        vocabulary=VOCABULARY,
        configuration=tmp_path,
        database=f"sqlite:///{tmp_path / 'reporting.sqlite'}",
        keys=tmp_path,
        access=tmp_path / "access",
        signer=signer,
        ring=KeyRing({signer.key_id: signer.public}),
        log=log,
        registrar=nobody,
        intake=nobody,
        now=now,
    )


@asynccontextmanager
async def running(setting: Setting) -> AsyncIterator[httpx.AsyncClient]:
    """The service, once it has read the log to its end."""
    app = create(setting)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        service: Service = app.state.service

        async def read() -> bool:
            return all((await service.ready()).values())

        await eventually(read)
        yield client


@pytest.fixture
async def client(setting: Setting) -> AsyncIterator[httpx.AsyncClient]:
    async with running(setting) as client:
        yield client


@pytest.fixture
def key(setting: Setting) -> Callable[..., dict[str, str]]:
    """An office's key with these scopes, as a header."""

    def issue(*scopes: Scope) -> dict[str, str]:
        keys = AccessKeys(setting.access)
        issued = keys.issue(CHILDREN, frozenset(scopes), now(), now() + timedelta(days=1))
        return {"Authorization": f"Bearer {issued}"}

    return issue


async def table(client: httpx.AsyncClient, path: str, by: str, **headers: str) -> dict[str, Any]:
    answer = await client.get(path, params={**MARCH, "by": by}, headers=headers)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_the_public_sees_rounded_numbers_and_no_row_of_noughts(
    client: httpx.AsyncClient,
) -> None:
    shown = await table(client, COMPLAINTS, "subject,region")
    assert (shown["from"], shown["to"], shown["exact"]) == ("2026-03", "2026-03", False)
    assert shown["by"] == ["subject", "region"]
    # fourteen complaints in one cell, and one in each of two others
    (many,) = shown["rows"]
    assert many["of"] == {"subject": "education", "region": "710000000"}
    assert many["counts"] == {
        "filed": 15,
        "registered": 15,
        "inadmissible": 0,
        "answered": 5,
        "closed": 0,
        "withdrawn": 0,
        "reopened": 0,
        "disputed": 0,
        "overdue": 0,
        "recommended": 0,
        "recommendation_answered": 0,
        "recommendation_overdue": 0,
    }
    # of six durations no mean is told
    assert many["working_days"] == {"measured": 5, "mean": None, "median": None}


async def test_an_office_sees_every_number(
    client: httpx.AsyncClient, key: Callable[..., dict[str, str]]
) -> None:
    shown = await table(client, COMPLAINTS, "subject,region", **key(Scope.READ))
    assert shown["exact"]
    assert [row["counts"]["filed"] for row in shown["rows"]] == [14, 1, 1]
    assert shown["rows"][0]["counts"]["inadmissible"] == 2
    assert shown["rows"][0]["working_days"] == {"measured": 6, "mean": 0.0, "median": 0.0}


async def test_a_wrong_key_or_one_without_the_right_is_refused_not_shown_less(
    client: httpx.AsyncClient, key: Callable[..., dict[str, str]]
) -> None:
    for headers, status in (
        ({"Authorization": "Bearer omb_children_wrong"}, 401),
        (key(Scope.FILE), 403),
    ):
        answer = await client.get(COMPLAINTS, params=MARCH, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_codes_come_with_words_in_the_readers_language(client: httpx.AsyncClient) -> None:
    for language in ("kk", "ru", "en"):
        params = {**MARCH, "by": "sender,receiver,kind"}
        answer = await client.get(LEGS, params=params, headers={"Accept-Language": language})
        assert answer.headers["content-language"] == language
        assert {"accept-language", "authorization", "accept"} <= {
            name.strip().lower() for name in answer.headers["vary"].split(",")
        }
        (row,) = answer.json()["rows"]
        assert row["of"] == {"sender": GENERAL, "receiver": CHILDREN, "kind": "transfer"}
        assert row["words"]["receiver"] == f"{CHILDREN} ({language})"
        assert row["words"]["kind"] == phrase("referral_kind", "transfer", language)
        assert row["counts"]["sent"] == 5
        assert row["counts"]["accepted"] == 5
        assert row["counts"]["expired"] == 0


async def test_a_table_is_sent_once_and_again_only_when_it_changed(
    client: httpx.AsyncClient, log: MemoryLog, key: Callable[..., dict[str, str]]
) -> None:
    first = await client.get(COMPLAINTS, params=MARCH)
    known = {"If-None-Match": first.headers["etag"]}
    again = await client.get(COMPLAINTS, params=MARCH, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    for headers in (key(Scope.READ), {"Accept": "text/csv"}, {"Accept-Language": "kk"}):
        other = await client.get(COMPLAINTS, params=MARCH, headers=known | headers)
        assert other.status_code == 200
    await written(log, [*MANY, *[filed()] * 5])

    async def changed() -> bool:
        answer = await client.get(COMPLAINTS, params=MARCH, headers=known)
        return answer.status_code == 200

    await eventually(changed)


async def test_a_spreadsheet_gets_codes_words_and_figures_and_no_formula(
    client: httpx.AsyncClient,
) -> None:
    params = {**MARCH, "by": "office,outcome"}
    answer = await client.get(COMPLAINTS, params=params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0])[:6] == [
        "office",
        "outcome",
        "office_name",
        "outcome_name",
        "filed",
        "registered",
    ]
    answered_there = next(row for row in rows if row["outcome"] == "well-founded")
    assert answered_there["office_name"] == "'=1+1 (en)"
    assert answered_there["answered"] == "5"
    assert answered_there["working_days_measured"] == "5"
    assert answered_there["working_days_mean"] == ""


async def test_a_form_that_is_not_offered_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(COMPLAINTS, params=MARCH, headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize(
    ("path", "params", "pointer", "code"),
    [
        (COMPLAINTS, {"from": "2026-13"}, "/query/from", "wrong_form"),
        (COMPLAINTS, {"to": "2026-3"}, "/query/to", "wrong_form"),
        (COMPLAINTS, {"from": "2026-04"}, "/query/to", "period_reversed"),
        (COMPLAINTS, {"by": "name"}, "/query/by", "not_one_of"),
        (COMPLAINTS, {"by": ""}, "/query/by", "not_one_of"),
        (COMPLAINTS, {"by": "month,office,subject,region"}, "/query/by", "too_many"),
        (LEGS, {"by": "office"}, "/query/by", "not_one_of"),
        (INSPECTIONS, {"by": "office"}, "/query/by", "not_one_of"),
        (INSPECTIONS, {"by": "lead,party,stage,month"}, "/query/by", "too_many"),
    ],
)
async def test_a_question_that_makes_no_sense_is_explained(
    client: httpx.AsyncClient, path: str, params: dict[str, str], pointer: str, code: str
) -> None:
    answer = await client.get(path, params={**MARCH, **params})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert "2026-13" not in answer.text


async def test_both_ends_of_the_period_must_be_said(client: httpx.AsyncClient) -> None:
    answer = await client.get(COMPLAINTS)
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/query/from", "/query/to"}


async def test_an_answer_is_kept_until_there_is_another_event(
    setting: Setting, client: httpx.AsyncClient, log: MemoryLog, key: Callable[..., dict[str, str]]
) -> None:
    office = key(Scope.READ)

    async def filed_so_far() -> int:
        shown = await table(client, COMPLAINTS, "month", **office)
        return int(shown["rows"][0]["counts"]["filed"])

    with questions() as asked:
        before = [await filed_so_far() for _ in range(3)]
        assert (len(set(before)), len(asked)) == (1, 1)
        await written(log, [*MANY, filed()])
        await eventually(partial(more_than, before[0], filed_so_far))
        assert await filed_so_far() == before[0] + 1


async def more_than(number: int, count: Callable[[], Awaitable[int]]) -> bool:
    return await count() > number


@contextmanager
def questions() -> Iterator[list[str]]:
    """The tables that are counted and not answered from memory."""
    asked: list[str] = []
    original = statistics._sorted

    def counted(rows: Rows, most: int) -> Rows:
        asked.append("table")
        return original(rows, most)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "_sorted", counted)
        yield asked


async def test_figures_are_the_same_after_the_log_is_read_again_from_its_start(
    setting: Setting, log: MemoryLog
) -> None:
    async def everything(client: httpx.AsyncClient) -> list[Any]:
        asked = [
            (COMPLAINTS, "office,month,outcome"),
            (LEGS, "sender,receiver,state"),
            (INSPECTIONS, "lead,stage,separated_for"),
        ]
        return [await table(client, path, by) for path, by in asked]

    async with running(setting) as client:
        before = await everything(client)
    log.content.incarnations.clear()
    async with running(setting) as client:
        assert await everything(client) == before
    other = Setting(**{**vars(setting), "database": f"{setting.database}.new"})
    async with running(other) as client:
        assert await everything(client) == before
