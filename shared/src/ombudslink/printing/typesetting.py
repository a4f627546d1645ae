"""A template and data become a PDF for archives (PDF/A-3a) that everybody can read (PDF/UA-1).

What people wrote reaches the template as data and is never read as markup. Nothing of the machine
gets into the file: the fonts come with the program, the time is given, so the same data makes the
same bytes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import typst

from ombudslink.printing.letters import printable

_TEMPLATES: Final = Path(__file__).parent / "templates"


def typeset(template: str, data: Mapping[str, Any], attached: bytes, at: datetime) -> bytes:
    """The PDF of a template and what is said in it, with a file inside, made at that time.

    A letter that no font has is printed as its number in Unicode.
    """
    try:
        return _typeset(template, data, attached, at)
    except typst.TypstError:
        return _typeset(template, _printable(data), attached, at)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _typeset(template: str, data: Mapping[str, Any], attached: bytes, at: datetime) -> bytes:
    compiler = typst.Compiler(
        _TEMPLATES / f"{template}.typ",
        root=_TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={
            "data": json.dumps(data, ensure_ascii=False),
            "attached": attached.decode("utf-8"),
        },
    )
    made = compiler.compile(
        format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=int(at.timestamp())
    )
    return cast(bytes, made)


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {name: _printable(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_printable(inner) for inner in value]
        case _:
            return value
