"""A store and a log to work with. PostgreSQL joins by one more entry in `ENGINES`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.office import Office
from ombudslink.store.engine import Database
from ombudslink.store.migrate import migrate


def sqlite_url(folder: Path) -> str:
    """A database of its own, in a file."""
    return f"sqlite:///{folder / 'store.db'}"


ENGINES: dict[str, Callable[[Path], str]] = {"sqlite": sqlite_url}


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    return ENGINES[request.param](tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with the shared tables, open for writing."""
    database = Database(url)
    database.open()
    migrate(database)
    yield database
    database.close()


@pytest.fixture
async def office(database: Database) -> Office:
    """The children's office, reading its feed."""
    office = Office(database)
    await office.start()
    return office
