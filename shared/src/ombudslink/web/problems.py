"""Every refusal that leaves over HTTP: problem+json (RFC 9457) in the reader's language.

A problem has a stable code, a title that is always the same, and a detail with this case's codes
and numbers. Neither ever repeats what the caller sent.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pydantic import Field
from starlette.responses import JSONResponse

from ombudslink.commands import Refused
from ombudslink.offices import LANGUAGES, Text
from ombudslink.values import Value

MEDIA_TYPE: Final = "application/problem+json"
UNKNOWN: Final = "refused_for_unknown_reason"
_WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
Args = Mapping[str, str | int]
Names = Callable[[str, str], str]
"""An office's name by its id and a language."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a request: where (a JSON pointer, RFC 6901) and what (a code)."""

    pointer: str
    code: str
    args: Args = field(default_factory=dict)


class Problem(Exception):
    """A request that cannot be done, by the code under which the catalogue explains it.

    `more` are members of the answer besides those that every problem has.
    """

    def __init__(
        self,
        code: str,
        *,
        args: Args | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.args_ = dict(args or {})
        self.more = dict(more or {})

    @classmethod
    def of(cls, refusal: Refused) -> "Problem":
        """A refusal of the rules as a problem."""
        return cls(refusal.code, args=refusal.args_)


class Entry(Value):
    """What the catalogue says of a code."""

    status: int = Field(ge=400, le=599)
    title: Text
    detail: Text | None = None


class Catalogue(Value):
    """All codes: of problems, and of single faults in a request."""

    problems: dict[str, Entry]
    faults: dict[str, Text]


@cache
def catalogue() -> Catalogue:
    """The catalogue, read once."""
    raw = files("ombudslink.web").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return Catalogue.model_validate(tomllib.loads(raw))


def rendered(
    problem: Problem, language: str, names: Names = lambda office, _language: office, root: str = ""
) -> JSONResponse:
    """The problem as an answer. `root` is where the pages behind the types are."""
    entry = catalogue().problems.get(problem.code)
    if entry is None:
        # A newer registrar may refuse for a reason that this program has no sentence for.
        entry = catalogue().problems[UNKNOWN]
    body: dict[str, Any] = {
        "type": f"{root}/problems/{problem.code}",
        "code": problem.code,
        "title": entry.title.in_(language),
        "status": entry.status,
        "detail": _detail(entry, problem.args_, language, names),
    }
    if problem.args_:
        body["args"] = problem.args_
    if problem.errors:
        body["errors"] = [_fault(fault, language) for fault in problem.errors]
    body |= problem.more
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return JSONResponse(body, entry.status, headers, MEDIA_TYPE)


def _detail(entry: Entry, args: Args, language: str, names: Names) -> str:
    shown = {
        name: names(str(value), language) if name == "office" else value
        for name, value in args.items()
    }
    try:
        return (entry.detail or entry.title).in_(language).format_map(shown)
    except KeyError:
        return entry.title.in_(language)


def explained(fault: Fault, language: str) -> str:
    """What is wrong in one field, as a sentence."""
    return catalogue().faults[fault.code].in_(language).format_map(fault.args)


def _fault(fault: Fault, language: str) -> dict[str, str]:
    return {
        "pointer": fault.pointer,
        "code": fault.code,
        "detail": explained(fault, language),
    }


def language_of(accept_language: str | None) -> str:
    """The best of our languages for an `Accept-Language` header (RFC 9110), English otherwise."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "").split(",")):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            wanted.append((-quality(parameter), place, language))
    refused = {language for quality, _, language in wanted if quality == 0}
    best = [language for _, _, language in sorted(wanted) if language not in refused]
    return best[0] if best else "en"


def quality(parameter: str) -> float:
    """The weight in a parameter `q=…` of what a caller accepts (RFC 9110), 1 without one."""
    if not parameter.strip():
        return 1.0
    match = _WEIGHT.fullmatch(parameter.strip())
    return float(match[1]) if match else 0.0
