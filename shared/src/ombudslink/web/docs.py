"""Pages for engineers: every operation of a service, and what each problem means."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from ombudslink.web.problems import MEDIA_TYPE, Entry

PROBLEM_RESPONSE: Final[dict[str, Any]] = {
    "description": "A problem (RFC 9457) with a stable code, in the reader's language.",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "code", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string", "format": "uri-reference"},
                    "code": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "args": {"type": "object"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["pointer", "code", "detail"],
                            "properties": {
                                "pointer": {"type": "string"},
                                "code": {"type": "string"},
                                "detail": {"type": "string"},
                            },
                        },
                    },
                },
            }
        }
    },
}

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def page(title: str, content: str, language: str = "en", head: str = "") -> str:
    """A page; `content` and `head` are HTML, `title` is text."""
    return _PAGE.format(title=escape(title), content=content, language=escape(language), head=head)


def problem_page(code: str, entry: Entry, language: str) -> str:
    """What a problem's code means."""
    title = entry.title.in_(language)
    return page(title, f"<p><code>{escape(code)}</code> · HTTP {entry.status}</p>", language)


def operations_page(openapi: Mapping[str, Any], root: str) -> str:
    """Every operation that an OpenAPI description names, in its order."""
    parts = [f'<p><a href="{escape(root)}/openapi.json">openapi.json</a></p>']
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            heading = f"<code>{escape(method.upper())} {escape(path)}</code>"
            parts.append(
                f"<h2>{heading}</h2>\n<p><b>{escape(operation.get('summary', ''))}</b></p>"
            )
            parts.append(f"<p>{escape(operation.get('description', ''))}</p>")
            parts.extend(_parameters(operation))
    return page(openapi["info"]["title"], "\n".join(parts))


def _parameters(operation: Mapping[str, Any]) -> list[str]:
    rows = [
        f"<li><code>{escape(p['name'])}</code> ({escape(p['in'])})"
        f"{' · required' if p.get('required') else ''} {escape(p.get('description', ''))}</li>"
        for p in operation.get("parameters", ())
    ]
    return ["<ul>", *rows, "</ul>"] if rows else []
