"""Opening a database: migrations, and every condition that is one clear sentence."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from ombudslink.store import migrate as migrations
from ombudslink.store import tables
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.history import Head, append, head
from ombudslink.store.migrate import migrate
from ombudslink.testing.builders import filed
from ombudslink.testing.disk import open_folder, read_only
from ombudslink.testing.histories import STREAM, told

SERVICES = sorted(Path(__file__).parents[2].glob("services/*/src/*/migrations/versions"), key=str)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def database_in(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'store.db'}")


async def with_one_event(folder: Path) -> Path:
    database = database_in(folder)
    database.open()
    migrate(database)
    await database.write(lambda c: append(c, Head(), [one.envelope for one in told(filed())]))
    database.close()
    return folder / "store.db"


def refused(database: Database, sentence: str) -> None:
    """It does not open, says why, names itself, and holds nothing afterwards."""
    with pytest.raises(StoreError, match=sentence) as why:
        database.open()
    assert database.name in str(why.value)
    assert "\n" not in str(why.value)


# --- migrations -----------------------------------------------------------------------------


@pytest.mark.parametrize("services", [[], *[[s] for s in SERVICES]], ids=str)
def test_migrating_twice_is_harmless(url: str, services: list[Path]) -> None:
    database = Database(url)
    database.open()
    for _ in range(2):
        migrate(database, *services)
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    with database.maintain() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.parents[1].name)
def test_every_branch_of_the_migrations_has_one_head(service: Path) -> None:
    script = ScriptDirectory.from_config(migrations.configuration([service]))
    heads = script.get_revisions(script.get_heads())
    branches = [label for revision in heads if revision for label in revision.branch_labels]
    assert sorted(branches) == sorted({"shared", *branches})
    assert len(branches) == 2


def test_a_newer_programs_database_is_refused_and_not_changed(database: Database) -> None:
    with database.maintain() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'shared_9999'"))
    with pytest.raises(StoreError, match="a newer version of this program"):
        migrate(database)
    with database.maintain() as connection:
        known = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert known == "shared_9999"


def test_a_migration_that_fails_leaves_nothing(url: str, tmp_path: Path) -> None:
    bad = tmp_path / "versions"
    bad.mkdir()
    bad.joinpath("0001_bad.py").write_text(
        "from alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = 'bad_1', None, ('bad',), None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (id INTEGER)')\n"
        "    raise RuntimeError\n"
    )
    database = Database(url)
    database.open()
    with pytest.raises(RuntimeError):
        migrate(database, bad)
    with database.maintain() as connection:
        assert not connection.dialect.has_table(connection, "half")
        assert not connection.dialect.has_table(connection, "event")
    database.close()


def test_postgresql_would_take_the_tables_and_indexes_too() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = [
        str(CreateTable(t).compile(dialect=dialect)) for t in tables.metadata.sorted_tables
    ]
    assert any("id BIGSERIAL" in statement for statement in statements)
    assert any("hash BYTEA" in statement for statement in statements)
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in tables.metadata.sorted_tables
        for index in table.indexes
    ]
    assert any("command_unsettled" in i and "WHERE outcome IS NULL" in i for i in indexes)


# --- conditions -----------------------------------------------------------------------------


async def test_closing_and_opening_keeps_everything(url: str) -> None:
    database = Database(url)
    for _ in range(2):
        database.open()
        migrate(database)
        database.close()
    database.open()
    await database.write(lambda c: append(c, Head(), [one.envelope for one in told(filed())]))
    database.close()
    database.open()
    assert database.ask(lambda c: head(c, STREAM)).version == 1
    database.close()


HOLDER = (
    "import sys; from ombudslink.store.engine import Database\n"
    "database = Database(sys.argv[1]); database.open(); print('open', flush=True)\n"
    "sys.stdin.read()"
)


async def test_nobody_but_its_owner_may_read_a_database(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    database.open()
    migrate(database)
    await database.write(lambda c: append(c, Head(), [one.envelope for one in told(filed())]))
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("store.db*")}
    database.close()
    del modes["store.db.lock"]
    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)


def test_a_second_process_cannot_open_the_same_database(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    url = database.url.render_as_string()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    refused(database, "another process is using the database")
    holder.communicate("")
    database.open()
    database.close()


def test_a_database_that_is_open_is_not_opened_again(database: Database) -> None:
    other = Database(database.url.render_as_string())
    refused(other, "another process is using the database")


async def test_a_refused_database_can_be_opened_once_the_cause_is_gone(tmp_path: Path) -> None:
    path = await with_one_event(tmp_path)
    good = path.read_bytes()
    path.write_bytes(b"\0" * 100 + good[100:])
    database = database_in(tmp_path)
    refused(database, "the database is damaged")
    path.write_bytes(good)
    database.open()
    assert database.ask(lambda c: head(c, STREAM)).version == 1
    database.close()


async def test_a_database_that_was_lost_is_not_made_anew_unseen(tmp_path: Path) -> None:
    path = await with_one_event(tmp_path)
    for file in (path, *tmp_path.glob("store.db-*")):
        file.unlink(missing_ok=True)
    refused(database_in(tmp_path), "is missing")
    refused(database_in(tmp_path), "is missing")
    assert not path.exists()
    (tmp_path / "store.db.lock").unlink()
    database = database_in(tmp_path)
    database.open()
    database.close()


@pytest.mark.parametrize("start", [0, 4096, 3 * 4096])
async def test_a_damaged_database_is_named_and_not_changed(tmp_path: Path, start: int) -> None:
    path = await with_one_event(tmp_path)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * 4 * 4096)
    before = path.read_bytes()
    refused(database_in(tmp_path), "the database is damaged")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("a letter, not a database. " * 400)
    before = path.read_bytes()
    refused(database_in(tmp_path), "the database is damaged")
    assert path.read_bytes() == before


def test_another_programs_database_is_named_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (id)")
    connection.close()
    before = path.read_bytes()
    refused(database_in(tmp_path), "this file is another program's")
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    refused(database_in(tmp_path / "missing"), "cannot write beside the database")


@pytest.mark.parametrize("existing", [True, False])
async def test_a_folder_that_cannot_be_written_is_one_sentence(
    folder: Path, existing: bool
) -> None:
    if existing:
        await with_one_event(folder)
    with read_only(folder):
        refused(database_in(folder), "cannot write beside the database")


async def test_a_file_that_cannot_be_written_is_one_sentence(folder: Path) -> None:
    path = await with_one_event(folder)
    folder.joinpath("store.db.lock").chmod(0o666)
    before = path.read_bytes()
    with read_only(path):
        refused(database_in(folder), "the database cannot be written")
    assert path.read_bytes() == before


def limit_pages(engine: Engine, pages: int) -> None:
    """From now on the disk is full once the file has so many pages."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(engine, "connect", limit)


async def test_a_full_disk_is_one_sentence_and_keeps_what_was_acknowledged(
    tmp_path: Path,
) -> None:
    await with_one_event(tmp_path)
    database = database_in(tmp_path)
    limit_pages(database._writes, 1)
    database.open()
    with pytest.raises(StoreError, match="the disk is full") as why:
        await database.write(lambda c: c.execute(text("CREATE TABLE x AS SELECT zeroblob(90000)")))
    assert database.name in str(why.value)
    assert database.ask(lambda c: head(c, STREAM)).version == 1
    database.close()


async def test_a_full_disk_at_the_first_start_is_one_sentence(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    limit_pages(database._writes, 5)
    database.open()
    with pytest.raises(StoreError, match="the disk is full"):
        migrate(database)
    database.close()
    later = database_in(tmp_path)
    later.open()
    migrate(later)
    later.close()
