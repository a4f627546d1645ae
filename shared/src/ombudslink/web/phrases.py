"""What the platform says to people, rendered in the reader's language only when it is read."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from ombudslink.offices import Text

_FILES: Final = ("phrases.toml", "pages.toml", "printed.toml")


@cache
def _phrases() -> dict[str, dict[str, Text]]:
    folder = files("ombudslink.web")
    read = [tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in _FILES]
    return {
        group: {word: Text.model_validate(text) for word, text in words.items()}
        for raw in read
        for group, words in raw.items()
    }


def phrase(group: str, word: str, language: str, **named: object) -> str:
    """The sentence for a word of the platform, e.g. `phrase("status", "sent", "kk", offices=…)`.

    Raises:
        KeyError: there is no such phrase, which is a mistake of the program.
    """
    return _phrases()[group][word].in_(language).format(**named)


def groups() -> dict[str, frozenset[str]]:
    """All groups and their words."""
    return {group: frozenset(words) for group, words in _phrases().items()}
