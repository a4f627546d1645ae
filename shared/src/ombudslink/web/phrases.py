"""What the platform says to people, rendered in the reader's language only when it is read."""

import tomllib
from functools import cache
from importlib.resources import files

from ombudslink.offices import Text


@cache
def _phrases() -> dict[str, dict[str, Text]]:
    raw = files("ombudslink.web").joinpath("phrases.toml").read_text(encoding="utf-8")
    return {
        group: {word: Text.model_validate(text) for word, text in words.items()}
        for group, words in tomllib.loads(raw).items()
    }


def phrase(group: str, word: str, language: str, **named: str) -> str:
    """The sentence for a word of the platform, e.g. `phrase("status", "sent", "kk", offices=…)`.

    Raises:
        KeyError: there is no such phrase, which is a mistake of the program.
    """
    return _phrases()[group][word].in_(language).format(**named)


def groups() -> dict[str, frozenset[str]]:
    """All groups and their words."""
    return {group: frozenset(words) for group, words in _phrases().items()}
