"""What all commands share: their common options, and how they print."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from ombudslink.client import Unanswered
from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import Installation, configuration_of
from ombudslink.log import LogError
from ombudslink.offices import LANGUAGES, ConfigurationError
from ombudslink.proof.signing import KeyFileError
from ombudslink.settings import Settings
from ombudslink.store.engine import StoreError
from ombudslink.web.server import AddressError

KNOWN: Final = (
    AddressError,
    ConfigurationError,
    FolderError,
    KeyFileError,
    LogError,
    StoreError,
    Unanswered,
)
"""What can go wrong without a fault of the program; each says in one sentence what to do."""

_WIDE: Final = 200
"""The width of tables that are not printed for a screen."""
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")

Data = Annotated[
    Path | None, typer.Option("--data", help="The data folder, else OMBUDSLINK_DATA, else .data.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Language = Annotated[
    str | None,
    typer.Option(help=f"One of {', '.join(LANGUAGES)}; by default that of the environment."),
]


def settings(**given: Any) -> Settings:
    """The settings of this process; options that were given go before the environment.

    Raises:
        ConfigurationError: one of them is wrong.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"setting {name}: {first['msg']}") from None


def data_folder(data: Path | None) -> DataFolder:
    """The folder of an installation that is there.

    Raises:
        FolderError: there is none.
    """
    folder = DataFolder(settings(data=data).data)
    if folder.country() is None:
        raise FolderError(
            f"there is no installation in {folder.path}. Name its folder with --data or "
            "OMBUDSLINK_DATA; 'ombudslink run' makes a new one"
        )
    return folder


def installation(data: Path | None) -> Installation:
    """The installation in a folder, whether or not all its keys are there.

    Raises:
        FolderError: there is none.
        ConfigurationError: the configuration is wrong.
    """
    found = settings(data=data)
    return Installation.described(data_folder(data), configuration_of(found), found.country)


def language_or_default(chosen: str | None) -> str:
    """The chosen language, else that of the environment if it is one of ours, else English.

    Raises:
        ConfigurationError: the chosen one is none of ours.
    """
    if chosen is not None:
        if chosen not in LANGUAGES:
            raise ConfigurationError(f"--language is one of {', '.join(LANGUAGES)}")
        return chosen
    wanted = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return wanted[:2] if wanted[:2] in LANGUAGES else "en"


def day(at: date) -> str:
    """A day as people write it."""
    return f"{at:%d.%m.%Y}"


def clock(at: datetime) -> str:
    """A moment as people write it; in whose time is said by who asks."""
    return f"{at:%d.%m.%Y %H:%M:%S}"


def out() -> Console:
    """Standard output; what is printed is never read as markup."""
    width = None if sys.stdout.isatty() else _WIDE
    return Console(markup=False, highlight=False, emoji=False, width=width)


def say(text: str = "") -> None:
    """One line of text, however long."""
    out().print(text, soft_wrap=True)


def say_why(error: Exception) -> None:
    """What went wrong, in one line beside the output."""
    print(f"ombudslink: {error}", file=sys.stderr)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table without a frame."""
    shown = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    out().print(shown)


def say_json(value: object) -> None:
    """For programs: one JSON value."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
