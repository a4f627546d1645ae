"""The kinds of text that a request may carry, and how a request that is wrong is explained."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ombudslink.values import Code
from ombudslink.web.problems import Fault, Problem

LINE: Final = 200
"""The most characters in a line."""
WORDS: Final = 65_536
"""The most characters in a text."""
MOST_FAULTS: Final = 50
"""The most faults that one answer names; a small request must not get a huge answer."""

_LAYOUT: Final = frozenset("\n\r\t")


class Body(BaseModel):
    """Base of all request bodies. Unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Written(Body):
    """Base of those request bodies that carry a text, and so may be large."""


def _printable(text: str, allowed: frozenset[str]) -> str:
    if any(unicodedata.category(c) == "Cc" and c not in allowed for c in text):
        raise PydanticCustomError("control_character", "control character")
    return text


def _line(text: str) -> str:
    return _printable(text, frozenset())


def _words(text: str) -> str:
    return _printable(text, _LAYOUT)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LINE),
    AfterValidator(_line),
]
"""One line of free text."""

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=WORDS),
    AfterValidator(_words),
]
"""Free text with line breaks."""

Word = Code
"""A code of the configured vocabulary; whether it exists is checked against the vocabulary."""

Few = Annotated[int, Field(ge=1, le=100)]
"""A page size."""

_CODES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "control_character": "control_character",
    "string_unicode": "invalid_text",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "string_pattern_mismatch": "wrong_form",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "json_invalid": "not_json",
    "timezone_aware": "time_zone_missing",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
}
_ARGS: Final = {"too_short": "min_length", "too_long": "max_length", "too_many": "max_length"}
_BOUNDS: Final = {"too_small": "ge", "too_large": "le"}


def refused(errors: Sequence[Any]) -> Problem:
    """The problem for what pydantic found wrong; nothing of the input gets into it."""
    return Problem("invalid_request", errors=[_fault(error) for error in errors[:MOST_FAULTS]])


def _fault(error: Mapping[str, Any]) -> Fault:
    kind = str(error["type"])
    code = "wrong_form" if kind.startswith("date") else _CODES.get(kind, "wrong_type")
    name = _ARGS.get(code) or _BOUNDS.get(code)
    bound = error.get("ctx", {}).get(name) if name else None
    args = {"limit": int(bound)} if bound is not None else {}
    source, *path = error["loc"] or ("body",)
    if kind == "extra_forbidden":
        # The unknown name itself was chosen by the caller and may say anything.
        path = path[:-1]
    if kind == "json_invalid":
        path = []
    where = "" if source == "body" else f"/{source}"
    return Fault(where + "".join(f"/{_escaped(step)}" for step in path), code, args)


def _escaped(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
