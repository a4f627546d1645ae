"""The hash chain of every history, computed anew from bytes."""

import hashlib
import json
import uuid
from typing import Any

FIRST = bytes(32)
"""What the first event of every stream follows."""
_NAMES = uuid.UUID("5a0c3a4e-6f0b-5d59-9a6f-6f6d62756473")


def canonical(value: Any) -> bytes:
    """RFC 8785, for what an event may hold.

    Raises:
        ValueError: the value holds something else.
    """
    return _text(value).encode()


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return f"{{{','.join(f'{_text(name)}:{_text(value[name])}' for name in names)}}}"
    raise ValueError("neither text, whole number, list nor object")


def parsed(body: bytes) -> dict[str, Any] | None:
    """What a body says; None when it is not a JSON object in canonical form."""
    try:
        value = json.loads(body)
        return value if isinstance(value, dict) and canonical(value) == body else None
    except ValueError:
        return None


def after(previous: bytes, body: bytes) -> bytes:
    """The hash of a history that goes on with that body."""
    return hashlib.sha256(previous + hashlib.sha256(body).digest()).digest()


def command_of(participant: str, route: str, key: str) -> str:
    """The id of the command that a request with that key is, however often it is sent."""
    return str(uuid.uuid5(_NAMES, f"{participant}\x1f{route}\x1f{key}"))


def partition_of(key: str) -> int:
    """Where in commands and journal everything about that key stands."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % 12
