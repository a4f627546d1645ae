"""What breaks programs of others when a type changes without getting a new version.

Readers and writers of one version may be older or newer than each other in both directions, so a
narrower field is as bad as a wider one. Only an optional field may be added.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

Schema = dict[str, Any]

_TEXTS: Final = frozenset({"$comment", "$id", "$schema", "description", "examples", "title"})
_UPPER: Final = ("exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum")
_LOWER: Final = ("exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum")
_TOLD_APART: Final = _TEXTS.union(
    {"anyOf", "const", "default", "enum", "items", "properties", "required", "type"},
    _UPPER,
    _LOWER,
)


def breaking(old: Schema, new: Schema) -> list[str]:
    """A sentence for every change by which the new schema of a version breaks the old one."""
    return list(_kinds_changed("the whole", old, new))


def _kinds_changed(where: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = _kinds(old), _kinds(new)
    gone, come = sorted({*before} - {*after}), sorted({*after} - {*before})
    if gone == ["null"] and not come:
        yield f"{where} is narrower: it may not be null any more"
    elif come == ["null"] and not gone:
        yield f"{where} is wider: it may be null now"
    elif gone or come:
        yield f"{where} has another type: {' or '.join(after)}, it was {' or '.join(before)}"
    for kind in sorted(before.keys() & after.keys()):
        yield from _kind_changed(where, before[kind], after[kind])


def _kinds(schema: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by their types; a second one of a type by all it says."""
    kinds: dict[str, Schema] = {}
    for one in schema.get("anyOf", [schema]):
        kind = one.get("type", "anything")
        kinds[kind if kind not in kinds else json.dumps(one, sort_keys=True)] = one
    return kinds


def _kind_changed(where: str, old: Schema, new: Schema) -> Iterator[str]:
    yield from _values_changed(where, _values(old), _values(new))
    for keyword in (*_UPPER, *_LOWER):
        yield from _limit_changed(where, keyword, old.get(keyword), new.get(keyword))
    if "properties" in old or "properties" in new:
        yield from _fields_changed(where, old, new)
    if "items" in old and "items" in new:
        yield from _kinds_changed(f"every item of {where}", old["items"], new["items"])
    elif "items" in old or "items" in new:
        yield f"{where} has another `items`"
    for keyword in sorted({*old, *new} - _TOLD_APART):
        if old.get(keyword) != new.get(keyword):
            yield f"{where} has another `{keyword}`"


def _values(schema: Schema) -> list[Any] | None:
    """The only values that are allowed, or None when they are not listed."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _values_changed(where: str, old: list[Any] | None, new: list[Any] | None) -> Iterator[str]:
    if old is None and new is None:
        return
    if old is None:
        yield f"{where} is narrower: only listed values are allowed now"
    elif new is None:
        yield f"{where} is wider: its values are not listed any more"
    else:
        for value in (v for v in old if v not in new):
            yield f"{where} is narrower: the value `{value}` was removed"
        for value in (v for v in new if v not in old):
            yield f"{where} is wider: the value `{value}` was added, which older readers refuse"


def _limit_changed(where: str, keyword: str, old: int | None, new: int | None) -> Iterator[str]:
    if old == new:
        return
    if old is None or new is None:
        narrower = old is None
    else:
        narrower = new < old if keyword in _UPPER else new > old
    change = "narrower" if narrower else "wider"
    yield f"{where} is {change}: {keyword} is {_or_none(new)}, it was {_or_none(old)}"


def _or_none(limit: int | None) -> str:
    return "none" if limit is None else str(limit)


def _fields_changed(where: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = old.get("required", []), new.get("required", [])
    renamed = _renamed(before, after)
    for name in sorted(before.keys() - after.keys()):
        if name in renamed:
            yield f"{_field(where, name)} was renamed to `{renamed[name]}`"
        else:
            yield f"{_field(where, name)} was removed"
    for name in sorted(after.keys() - before.keys() - {*renamed.values()}):
        if name in needed_after:
            yield f"{_field(where, name)} is new and required"
    for name in sorted(before.keys() & after.keys()):
        field = _field(where, name)
        if (name in needed_before) != (name in needed_after):
            yield f"{field} is {'required now' if name in needed_after else 'optional now'}"
        elif before[name].get("default") != after[name].get("default"):
            yield f"{field} means something else when it is left out: its default changed"
        yield from _kinds_changed(field, before[name], after[name])


def _renamed(before: Schema, after: Schema) -> dict[str, str]:
    """The fields that are there under another name: only one can be meant, and it is the same."""
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    found = {}
    for name in gone:
        same = [other for other in come if _bare(after[other]) == _bare(before[name])]
        if len(same) == 1:
            come.remove(same[0])
            found[name] = same[0]
    return found


def _bare(schema: Schema) -> Schema:
    return {keyword: value for keyword, value in schema.items() if keyword not in _TEXTS}


def _field(where: str, name: str) -> str:
    return f"`{name}`" if where == "the whole" else f"`{name}` of {where}"
