"""Bringing a database's tables to the program's version: one Alembic history for both engines."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from ombudslink.store.engine import Database, StoreError

_HERE: Final = Path(__file__).parent / "migrations"


def migrate(database: Database, *services: Path) -> None:
    """Upgrade to the newest tables; `services` are folders with a service's own versions.

    Raises:
        StoreError: the database does not take it, or a newer program made it.
    """
    with database.maintain() as connection:
        config = configuration(services)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "heads")
        except CommandError:
            sentence = f"a newer version of this program made the database: {database.name}"
            raise StoreError(f"{sentence}. Nothing was changed") from None


def configuration(services: Sequence[Path]) -> Config:
    """Alembic's settings for the shared versions and those of the services."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "newline")
    locations = [_HERE / "versions", *services]
    config.set_main_option("version_locations", "\n".join(str(path) for path in locations))
    return config
