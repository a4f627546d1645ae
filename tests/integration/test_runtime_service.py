"""A running service: it starts, stops, mends itself, and says when it is not well."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from integration.office import Broken, Seen
from ombudslink.commands import RegisterComplaint
from ombudslink.ids import derived_id, partition_of
from ombudslink.log import COMMANDS, LogUnavailable, feed, system_clock
from ombudslink.log.memory import MemoryLog
from ombudslink.proof.signing import KeyRing, Signer
from ombudslink.runtime.commands import Intent
from ombudslink.runtime.histories import described, fetch_from
from ombudslink.runtime.projections import Following
from ombudslink.runtime.service import CALM, Parts, Service, Setting, next_pause
from ombudslink.store import history
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.history import Head, append
from ombudslink.testing.builders import accepted
from ombudslink.testing.country import CHILDREN, POLICY, TRANSFER
from ombudslink.testing.faulty_log import FaultyLog
from ombudslink.testing.histories import STREAM, told
from ombudslink.vocabulary import Vocabulary

PAST = told(accepted(TRANSFER))
FEED = feed(CHILDREN)


@pytest.fixture
def log() -> FaultyLog:
    return FaultyLog(MemoryLog())


def nobody(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.fixture
def setting(url: str, log: FaultyLog, tmp_path: Path) -> Setting:
    client = httpx.AsyncClient(transport=httpx.MockTransport(nobody), base_url="http://registrar")
    signer = Signer(CHILDREN, b"\1" * 32)
    return Setting(
        participant=CHILDREN,
        policy=POLICY,
        vocabulary=Vocabulary(words={}),
        configuration=tmp_path,
        database=url,
        keys=tmp_path,
        access=tmp_path / "access.toml",
        signer=signer,
        ring=KeyRing({signer.key_id: signer.public}),
        log=log,
        registrar=client,
        intake=client,
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds; a test that waits too long fails."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what a thread or another task did
            await asyncio.sleep(0.005)


def caught_up(service: Service) -> Callable[[], bool]:
    consumer = service.consumer
    assert consumer is not None
    return lambda: consumer.caught_up


def version(service: Service) -> int:
    return service.database.ask(lambda c: history.head(c, STREAM)).version


async def test_a_service_reads_its_feed_and_sends_its_commands(
    setting: Setting, log: FaultyLog
) -> None:
    async with Service("case-tracking", setting).running() as service:
        await log.send([one.outgoing(FEED) for one in PAST])
        await until(lambda: version(service) == len(PAST))
        command = RegisterComplaint(number="CHI-1")
        intent = Intent(derived_id("command"), STREAM, command, system_clock())
        await service.database.write(lambda c: service.sender.send(c, intent))
        async with asyncio.timeout(30):
            await log.wait({(COMMANDS, partition_of(STREAM)): 0}, 60)
        await until(caught_up(service))
        assert await service.ready() == {
            "database": True,
            "log": True,
            "tasks": True,
            "key": True,
        }


async def test_stopping_and_starting_keeps_everything_and_goes_on(
    setting: Setting, log: FaultyLog
) -> None:
    for count in range(1, len(PAST) + 1):
        async with Service("case-tracking", setting).running() as service:
            await log.send([PAST[count - 1].outgoing(FEED)])
            await until(lambda s=service, n=count: version(s) == n)


async def test_read_models_are_built_at_the_start(setting: Setting, log: FaultyLog) -> None:
    async with Service("case-tracking", setting).running() as service:
        await log.send([one.outgoing(FEED) for one in PAST])
        await until(lambda: version(service) == len(PAST))
    later = Service("case-tracking", setting)
    later.parts = Parts(following=Following([Seen()]))
    with capture_logs() as logged:
        async with later.running():
            rows = later.database.ask(lambda c: c.execute(Seen.table.select()).all())
    assert len(rows) == len(PAST)
    assert [line["projection"] for line in logged if line["event"] == "projection_built"] == [
        "seen"
    ]


async def test_a_log_that_is_away_is_waited_for(setting: Setting, log: FaultyLog) -> None:
    async with Service("case-tracking", setting).running() as service:
        await until(caught_up(service))
        log.available = False
        intent = Intent(
            derived_id("command"), STREAM, RegisterComplaint(number="X-1"), system_clock()
        )
        await service.database.write(lambda c: service.sender.send(c, intent))
        await asyncio.sleep(0.05)
        log.available = True
        await log.send([one.outgoing(FEED) for one in PAST])
        await until(lambda: version(service) == len(PAST))
        async with asyncio.timeout(30):
            await log.wait({(COMMANDS, partition_of(STREAM)): 0}, 60)
        assert (await service.ready())["tasks"]


async def test_a_log_that_does_not_open_ends_the_start_and_frees_the_database(
    setting: Setting, log: FaultyLog
) -> None:
    log.available = False
    with pytest.raises(LogUnavailable):
        async with Service("case-tracking", setting).running():
            pass
    log.available = True
    async with Service("case-tracking", setting).running():
        pass


async def test_a_database_in_use_ends_the_start(setting: Setting) -> None:
    async with Service("case-tracking", setting).running():
        with pytest.raises(StoreError, match="another process"):
            async with Service("case-tracking", setting).running():
                pass


async def test_a_task_that_fails_is_begun_again_and_the_error_is_not_quoted(
    setting: Setting,
) -> None:
    runs: list[int] = []

    async def fragile() -> None:
        runs.append(1)
        if len(runs) < 4:
            raise Broken

    service = Service("case-tracking", setting)
    service.parts = Parts(tasks={"fragile": fragile})
    with capture_logs() as logged:
        async with service.running():
            await until(lambda: len(runs) == 4)
            assert (await service.ready())["tasks"]
    failures = [line for line in logged if line["event"] == "task_failed"]
    assert [line["task"] for line in failures] == ["fragile"] * 3
    assert failures[0]["reason"].startswith("Broken at test_runtime_service.py:")
    assert "Aigerim" not in repr(logged)


def test_the_pause_grows_from_failure_to_failure_and_is_short_again_after_calm() -> None:
    pauses = [0.0]
    for ran in (0, 0, 0, 0, 0, 0, 0, 0, CALM + 1, 0):
        pauses.append(next_pause(pauses[-1], ran))
    assert pauses[1:] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 0.1, 0.2]


async def test_not_ready_before_the_log_was_read_to_its_end(
    setting: Setting, log: FaultyLog
) -> None:
    service = Service("case-tracking", setting)
    ready: list[bool] = []

    async def ask() -> None:
        log.available = False
        ready.append((await service.ready())["log"])

    service.parts = Parts(prepare=ask)
    async with service.running():
        assert ready == [False]
        assert not (await service.ready())["log"]
        log.available = True
        await until(caught_up(service))
        assert (await service.ready())["log"]


# --- the registrar as a source --------------------------------------------------------------


async def asked(database: Database, after: int) -> list[bytes]:
    """What a consumer gets from a registrar that holds the history in that database."""
    requests: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request.url)
        known = int(request.url.params["after"])
        stored = database.ask(lambda c: history.load(c, STREAM, after=known))
        previous = PAST[known - 1].hash if known else PAST[0].previous
        found = described(STREAM, known, previous, stored)
        return httpx.Response(200, content=found.model_dump_json())

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://registrar")
    fetched = await fetch_from(client, system_clock)(STREAM, after)
    assert [url.path for url in requests] == [f"/v1/histories/{STREAM}"]
    expected = PAST[after:]
    assert [one.version for one in fetched] == [one.envelope.version for one in expected]
    assert [one.previous for one in fetched] == [one.previous for one in expected]
    return [one.body for one in fetched]


async def test_a_fetched_history_has_the_same_bytes_and_hashes(database: Database) -> None:
    await database.write(lambda c: append(c, Head(), [one.envelope for one in PAST]))
    assert await asked(database, 0) == [one.body for one in PAST]
    assert await asked(database, 2) == [one.body for one in PAST[2:]]


async def test_a_registrar_that_refuses_gives_nothing_and_that_is_said() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    client = httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://registrar")
    with capture_logs() as logged:
        assert await fetch_from(client, system_clock)(STREAM, 0) == []
    assert [(line["event"], line["status"]) for line in logged] == [("gap_not_filled", 404)]


async def test_a_registrar_that_is_away_does_not_hinder_the_reading(
    setting: Setting, log: FaultyLog
) -> None:
    """What fills gaps fails again and again beside it; another complaint goes on."""
    long_ago = system_clock() - timedelta(hours=1)
    log.log = MemoryLog(lambda: long_ago)
    other = told(accepted(TRANSFER), derived_id("another complaint"))
    with capture_logs() as logged:
        async with Service("case-tracking", setting).running() as service:
            await log.send([PAST[0].outgoing(FEED), PAST[2].outgoing(FEED)])
            log.log = MemoryLog(content=log.log.content)
            await log.start()
            await until(lambda: any(line.get("task") == "repair" for line in logged))
            await log.send([one.outgoing(FEED) for one in other])
            stream = other[0].envelope.stream
            await until(lambda: service.database.ask(lambda c: history.head(c, stream)).version > 3)
            assert version(service) == 1
