"""What may be said in a request, place by place, by the OpenAPI description of its service."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = dict[str, Any]
Path = tuple[str, ...]

ID: Final = "00000000-0000-4000-8000-000000000001"
LONGEST: Final = 100
SAMPLES: Final = {"date-time": "2026-03-01T00:00:00Z", "date": "2026-03-01"}
_UNBOUNDED: Final = re.compile(r"[*+]|,\}")


class Shapes:
    """The shapes of one service."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._known = document["components"]["schemas"]

    def resolved(self, schema: Schema) -> Schema:
        """The shape itself, without the null that stands for nothing said."""
        if "$ref" in schema:
            return self.resolved(self._known[schema["$ref"].rpartition("/")[2]])
        either = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(either) == 1:
            return self.resolved(either[0])
        return schema | {"items": self.resolved(schema["items"])} if "items" in schema else schema

    def places(self, schema: Schema, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
        """Every place in it, itself first."""
        schema = self.resolved(schema)
        yield path, schema
        for name, inner in schema.get("properties", {}).items():
            yield from self.places(inner, (*path, name))
        if "items" in schema:
            yield from self.places(schema["items"], (*path, "0"))

    def saying(self, schema: Schema, path: Path = (), value: Any = None) -> Any:
        """The least that can be said, with that value at that place."""
        schema = self.resolved(schema)
        kind = schema.get("type")
        if kind == "object":
            inner = schema.get("properties", {})
            named = dict.fromkeys((*schema.get("required", ()), *path[:1]))
            return {
                name: value if (name,) == path else self._inside(inner[name], name, path, value)
                for name in named
            }
        if kind == "array":
            items = schema["items"]
            return [value if len(path) == 1 else self.saying(items, path[1:], value)]
        return sample(schema)

    def _inside(self, schema: Schema, name: str, path: Path, value: Any) -> Any:
        return self.saying(schema, path[1:] if path[:1] == (name,) else (), value)


def sample(schema: Schema) -> Any:
    """Something that fits."""
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "string":
        return SAMPLES.get(schema.get("format", ""), fitting(schema, longest=False))
    if schema.get("type") == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", ())}
    return {"boolean": True, "array": []}.get(schema.get("type", ""), schema.get("minimum", 1))


def fitting(schema: Schema, *, longest: bool) -> str:
    """The shortest or the longest text of one letter that fits, if there is one."""
    pattern = schema.get("pattern")
    if pattern is None:
        return "a" * (schema["maxLength"] if longest else max(1, schema.get("minLength", 1)))
    fits = [text for text in _tries() if re.search(pattern, text)]
    return fits[-1] if longest else fits[0]


def _tries() -> Iterator[str]:
    yield from (ID, "2026-03")
    yield from ("a" * length for length in range(1, LONGEST))


def is_bounded(schema: Schema) -> bool:
    """Whether only so much can be said at a place."""
    match schema.get("type"):
        case "string":
            pattern = schema.get("pattern")
            anchored = pattern is not None and pattern[0] + pattern[-1] == "^$"
            tight = anchored and not _UNBOUNDED.search(re.sub(r"\[[^\]]*\]", "x", pattern))
            return tight or not {"maxLength", "enum", "const", "format"}.isdisjoint(schema)
        case "array":
            return "maxItems" in schema
        case "integer" | "number":
            return {"maximum", "minimum"} <= set(schema)
        case "object":
            return schema.get("additionalProperties") is False
        case kind:
            return kind in ("boolean", "null")


def edges(schema: Schema) -> Iterator[tuple[Any, Any, str]]:
    """The last value that fits, the first that does not, and with which code it is refused."""
    kind = schema.get("type")
    if kind == "string" and "pattern" in schema:
        last = fitting(schema, longest=True)
        yield last, last + last[-1], "wrong_form"
    elif kind == "string" and "maxLength" in schema:
        last = fitting(schema, longest=True)
        yield last, last + "a", "too_long"
    elif kind == "array":
        last = [sample(schema["items"])] * schema["maxItems"]
        yield last, [*last, *last[:1]], "too_many"
    elif kind == "integer":
        yield schema["maximum"], schema["maximum"] + 1, "too_large"
        yield schema["minimum"], schema["minimum"] - 1, "too_small"
    if kind == "string" and schema.get("minLength"):
        yield "a", "", "too_short"
