"""JSON Schemas of all that travels, made from the classes: one file for each version of a type.

The schema of a version that has gone stays as it was written, like its golden payload.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from ombudslink.commands import COMMANDS
from ombudslink.contracts.compatibility import breaking
from ombudslink.envelope import CommandBody, Envelope, Outcome
from ombudslink.events import EVENTS

Schema = dict[str, Any]

BODIES: Final[Mapping[str, type]] = {
    "Command": CommandBody,
    "CommandDecided": Outcome,
    "Event": Envelope,
}
"""What the `data` of commands and events travels in, and the outcome of a command."""
FOLDERS: Final[Mapping[str, Mapping[str, type]]] = {
    "bodies": BODIES,
    "commands": COMMANDS,
    "events": EVENTS,
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_IDENTITY: Final = ("$id", "$schema")


class ContractBroken(Exception):
    """A type was changed so that programs of others would fail; says which and how."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def version_of(cls: type) -> int:
    """The present version of a type; that of the bodies has never changed."""
    version: int = getattr(cls, "version", 1) if cls not in BODIES.values() else 1
    return version


def schema_of(cls: type) -> Schema:
    """The schema of a type as it is now, complete in itself."""
    made = TypeAdapter(cls).json_schema()
    whole: Schema = _whole(made, made.pop("$defs", {}))
    return whole


def read(contracts: Path, folder: str, name: str, version: int) -> Schema:
    """The schema that was written for that version, without its own address."""
    schema = json.loads(_file(contracts, folder, name, version).read_text(encoding="utf-8"))
    return {keyword: value for keyword, value in schema.items() if keyword not in _IDENTITY}


def write(contracts: Path) -> None:
    """Write the schema of every present version.

    Raises:
        ContractBroken: one that is there would be broken; nothing was written.
    """
    made = {_file(contracts, *key): schema for key, schema in present()}
    faults = [
        f"{path.parent.name}/{path.name}: {fault}"
        for path, schema in made.items()
        if path.exists()
        for fault in breaking(json.loads(path.read_text(encoding="utf-8")), schema)
    ]
    if faults:
        raise ContractBroken(faults)
    for path, schema in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(schema), encoding="utf-8")


def present() -> Iterator[tuple[tuple[str, str, int], Schema]]:
    """(folder, name, version) and schema of every type as it is now."""
    for folder, types in FOLDERS.items():
        for name, cls in types.items():
            version = version_of(cls)
            yield (
                (folder, name, version),
                {
                    **schema_of(cls),
                    "$id": f"urn:ombudslink:{folder}:{name}:v{version}",
                    "$schema": _DIALECT,
                    "title": name,
                },
            )


def as_text(value: Schema) -> str:
    """JSON as it is committed: a change of one field is a change of a few lines."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _file(contracts: Path, folder: str, name: str, version: int) -> Path:
    return contracts / folder / f"{name}.v{version}.schema.json"


def _whole(schema: Any, definitions: Schema) -> Any:
    """The schema with every definition put where it is referred to, and no invented titles."""
    if isinstance(schema, list):
        return [_whole(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = definitions[schema["$ref"].rpartition("/")[2]]
        beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        return _whole({**named, **beside}, definitions)
    return {
        keyword: _fields(value, definitions)
        if keyword == "properties"
        else _whole(value, definitions)
        for keyword, value in schema.items()
        if keyword != "title"
    }


def _fields(properties: Schema, definitions: Schema) -> Schema:
    """The same for the fields of an object, one of which may be called `title` itself."""
    return {name: _whole(schema, definitions) for name, schema in properties.items()}
