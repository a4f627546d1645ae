"""Pages for engineers: every operation of a service, and what each problem means."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from ombudslink.web.problems import Entry

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
    """Every operation and every shape that an OpenAPI description names, in its order."""
    parts = [f'<p><a href="{escape(root)}/openapi.json">openapi.json</a></p>']
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            parts.append(f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>")
            parts.extend(_operation(operation))
    parts.append("<h2>Shapes</h2>")
    for name, schema in openapi.get("components", {}).get("schemas", {}).items():
        parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3>{_code(schema)}')
    return page(openapi["info"]["title"], "\n".join(parts))


def _operation(operation: Mapping[str, Any]) -> Iterator[str]:
    name = escape(operation["operationId"])
    yield f"<p><b>{escape(operation.get('summary', ''))}</b> (<code>{name}</code>)</p>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    yield f"<p>For: {_callers(operation.get('security', ()))}</p>"
    yield from _list(
        f"<code>{escape(p['name'])}</code> ({escape(p['in'])})"
        f"{' · required' if p.get('required') else ''} {escape(p.get('description', ''))}"
        for p in operation.get("parameters", ())
    )
    yield from _contents("Asked", operation.get("requestBody", {}))
    for status, answer in operation["responses"].items():
        said = "<br>".join(escape(line) for line in answer["description"].splitlines())
        headers = ", ".join(answer.get("headers", ()))
        yield f"<p><b>{escape(status)}</b> {said}</p>"
        if headers:
            yield f"<p>Headers: {escape(headers)}</p>"
        if status[0] == "2":
            yield from _contents("Answered", answer)
            yield from _next(answer.get("links", {}))


def _callers(security: Iterable[Mapping[str, Sequence[str]]]) -> str:
    ways = [
        ", ".join(" ".join([name, *scopes]) for name, scopes in way.items()) or "everybody"
        for way in security
    ]
    return escape(" · ".join(ways) or "everybody")


def _contents(title: str, message: Mapping[str, Any]) -> Iterator[str]:
    """The shapes of a request or an answer, and what it looks like."""
    for media_type, content in message.get("content", {}).items():
        name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        shape = f'<a href="#{escape(name)}">{escape(name)}</a>' if name else ""
        yield f"<p>{title}: {escape(media_type)} {shape}</p>"
        for example in content.get("examples", {}).values():
            summary = escape(example["summary"])
            yield f"<details><summary>{summary}</summary>{_code(example['value'])}</details>"


def _next(links: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What can be asked for after an answer."""
    if links:
        yield "<p>Leads to:</p>"
    yield from _list(
        f"<code>{escape(link['operationId'])}</code>: {escape(link['description'])}"
        for link in links.values()
    )


def _code(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return f"<pre>{escape(text)}</pre>"


def _list(rows: Iterable[str]) -> list[str]:
    items = [f"<li>{row}</li>" for row in rows]
    return ["<ul>", *items, "</ul>"] if items else []
