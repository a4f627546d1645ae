"""What the embedded log does besides: several processes, and a file that is not as it should be."""

import asyncio
import fcntl
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.adapters import end
from ombudslink.ids import partition_of
from ombudslink.log import HISTORY, LogDamaged, LogUnavailable, Outgoing, Record
from ombudslink.log.embedded import EmbeddedLog
from ombudslink.testing.disk import open_folder, read_only

WRITER = Path(__file__).with_name("embedded_writer.py")
Process = subprocess.Popen[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def start_writer(path: Path, name: str, count: int) -> Process:
    arguments = [sys.executable, str(WRITER), str(path), name, str(count)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def acknowledged(process: Process) -> list[int]:
    """What a writer that has ended was told by the log."""
    out, _ = process.communicate(timeout=120)
    return [int(line) for line in out.splitlines()]


async def records_of(path: Path, *names: str) -> dict[str, list[Record]]:
    log = EmbeddedLog(path)
    await log.start()
    found: dict[str, list[Record]] = {}
    for name in names:
        records = await log.read(HISTORY, partition_of(name), 0, 10_000)
        assert [r.offset for r in records] == list(range(len(records)))
        assert [r.time for r in records] == sorted(r.time for r in records)
        found[name] = [r for r in records if r.key == name]
    await log.close()
    return found


async def one_record(path: Path) -> None:
    log = EmbeddedLog(path)
    await log.start()
    await log.send([Outgoing(HISTORY, "a", b"kept", {"ce_id": "a/1"})])
    await log.close()


async def test_processes_that_write_one_file_at_once_lose_nothing_and_leave_no_gap(
    path: Path,
) -> None:
    names = ["one", "two", "three", "four"]
    for writer in [start_writer(path, name, 50) for name in names]:
        assert acknowledged(writer) == list(range(50))
        assert writer.returncode == 0
    for name, records in (await records_of(path, *names)).items():
        assert [r.id for r in records] == [f"{name}/{n}" for n in range(50)]


async def test_a_writer_that_is_killed_loses_nothing_that_was_acknowledged(path: Path) -> None:
    survivor, victim = start_writer(path, "survivor", 60), start_writer(path, "victim", 10_000)
    assert victim.stdout is not None
    read = [int(victim.stdout.readline()) for _ in range(20)]
    victim.send_signal(signal.SIGKILL)
    told = read + acknowledged(victim)
    assert acknowledged(survivor) == list(range(60))
    found = await records_of(path, "survivor", "victim")
    assert len(found["survivor"]) == 60
    kept = [r.id for r in found["victim"]]
    assert kept == [f"victim/{n}" for n in range(len(kept))]
    assert len(told) <= len(kept) <= len(told) + 1


async def test_a_log_that_another_process_holds_is_busy_for_a_while_only(path: Path) -> None:
    await one_record(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    log = EmbeddedLog(path, patience=0.05)
    with pytest.raises(LogUnavailable, match="busy") as refused:
        await log.start()
    assert str(path) in str(refused.value)
    holder.execute("ROLLBACK")
    await log.start()
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="busy"):
        await log.send([Outgoing(HISTORY, "a", b"later")])
    holder.close()
    await log.send([Outgoing(HISTORY, "a", b"later")])
    assert await end(log, HISTORY, partition_of("a")) == 2
    await log.close()


async def test_a_process_appends_only_while_no_other_one_does(path: Path) -> None:
    await one_record(path)
    log = EmbeddedLog(path, patience=0.05)
    await log.start()
    with path.with_name("log.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LogUnavailable, match="busy"):
            await log.send([Outgoing(HISTORY, "a", b"later")])
    await log.send([Outgoing(HISTORY, "a", b"later")])
    assert await end(log, HISTORY, partition_of("a")) == 2
    await log.close()


@pytest.mark.parametrize("statement", ["UPDATE record SET value = x''", "DELETE FROM record"])
async def test_the_file_itself_refuses_changes(path: Path, statement: str) -> None:
    await one_record(path)
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.Error, match="append-only"):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("offset", [0, 2])
async def test_the_file_itself_refuses_a_record_anywhere_but_at_the_end(
    path: Path, offset: int
) -> None:
    await one_record(path)
    row = (HISTORY, partition_of("a"), offset, 0, "a", b"forged", "{}")
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.Error, match="append-only"):
        connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()


async def test_nobody_but_its_owner_may_read_the_log(path: Path) -> None:
    log = EmbeddedLog(path)
    await log.start()
    await log.send([Outgoing(HISTORY, "key", b"value", {})])
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob("log.db*")}
    await log.close()
    del modes["log.db.lock"]
    assert modes == dict.fromkeys(("log.db", "log.db-wal", "log.db-shm"), 0o600)


async def test_a_damaged_file_is_named_and_not_changed(path: Path) -> None:
    await one_record(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 3 * 4096)
    before = path.read_bytes()
    with pytest.raises(LogDamaged, match="the log is damaged") as refused:
        await EmbeddedLog(path).start()
    assert str(path) in str(refused.value)
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_is_named_and_not_changed(path: Path) -> None:
    path.write_text("a letter, not a log. " * 400)
    before = path.read_bytes()
    with pytest.raises(LogDamaged, match="the log is damaged"):
        await EmbeddedLog(path).start()
    assert path.read_bytes() == before


async def test_another_programs_database_is_named_and_not_changed(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LogUnavailable, match="this file is not a log"):
        await EmbeddedLog(path).start()
    assert path.read_bytes() == before


async def test_a_newer_programs_log_is_named_and_not_changed(path: Path) -> None:
    await one_record(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LogUnavailable, match="version 99"):
        await EmbeddedLog(path).start()
    assert path.read_bytes() == before


async def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="cannot be written"):
        await EmbeddedLog(tmp_path / "missing" / "log.db").start()


@pytest.mark.parametrize("existing", [True, False])
async def test_a_folder_that_cannot_be_written_is_one_sentence(
    folder: Path, existing: bool
) -> None:
    path = folder / "log.db"
    if existing:
        await one_record(path)
    log = EmbeddedLog(path)
    with read_only(folder), pytest.raises(LogUnavailable, match="cannot be written"):
        await log.start()
    await log.start()
    await log.close()


async def test_a_file_that_cannot_be_written_is_refused_before_anything_is_sent(
    folder: Path,
) -> None:
    path = folder / "log.db"
    await one_record(path)
    folder.joinpath("log.db.lock").chmod(0o666)
    with read_only(path), pytest.raises(LogUnavailable, match="cannot be written"):
        await EmbeddedLog(path).start()


async def test_a_log_that_was_replaced_while_open_takes_nothing_more(path: Path) -> None:
    await one_record(path)
    shutil.copy(path, path.with_name("copy.db"))
    log = EmbeddedLog(path)
    await log.start()
    path.with_name("copy.db").rename(path)
    with pytest.raises(LogUnavailable, match="moved or replaced"):
        await log.send([Outgoing(HISTORY, "a", b"lost")])
    await log.close()


async def test_a_full_disk_is_one_sentence_and_the_log_goes_on_once_there_is_room(
    path: Path,
) -> None:
    await one_record(path)
    log = EmbeddedLog(path)
    await log.start()
    room = await log._appender.do(lambda a: limit_pages(a._connection, 8))
    with pytest.raises(LogUnavailable, match="the disk is full"):
        await log.send([Outgoing(HISTORY, "a", bytes(100_000))])
    await log._appender.do(lambda a: limit_pages(a._connection, room))
    await log.send([Outgoing(HISTORY, "a", bytes(100_000))])
    assert await end(log, HISTORY, partition_of("a")) == 2
    await log.close()


def limit_pages(connection: sqlite3.Connection, pages: int) -> int:
    (before,) = connection.execute("PRAGMA max_page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    return int(before)


async def test_a_reader_that_is_stopped_as_a_record_wakes_it_stops(path: Path) -> None:
    # given readers that wait, when each is stopped some steps of the loop after a record came
    log = EmbeddedLog(path)
    await log.start()
    for steps in range(40):
        reader = asyncio.create_task(log.wait({(HISTORY, 0): 1_000}, 30.0))
        await asyncio.sleep(0.01)
        await log.send([Outgoing(HISTORY, "elsewhere", b"{}")])
        for _ in range(steps):
            await asyncio.sleep(0)
        reader.cancel()
        # then none goes on waiting
        _, waiting = await asyncio.wait([reader], timeout=5)
        assert not waiting, f"stopped after {steps} steps"
    await log.close()
