"""Canonical bytes and the hash chain of one stream.

`hash_n = SHA-256(hash_{n-1} ‖ SHA-256(body_n))`, `hash_0` is 32 zero bytes. A body is canonical
JSON (RFC 8785) and is hashed as it was written, never as it would be written today.
"""

import hashlib
import json
from typing import Any, Final

GENESIS: Final = bytes(32)
"""`hash_0`: what the first event of every stream links to."""


class NotCanonical(ValueError):
    """A value that has no canonical form here: a float, or text that is not valid Unicode."""


def canonical(value: Any) -> bytes:
    """The canonical JSON (RFC 8785) of integers, text, booleans, null, lists and objects.

    On such data, with ASCII member names and integers below 2**53, it equals sorted compact JSON.

    Raises:
        NotCanonical: a float, a name that is not ASCII, a larger integer, or a lone surrogate.
    """
    _check(value)
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("text holds a lone surrogate") from None


def _check(value: Any) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise NotCanonical("an integer is too large for JSON")
    elif isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise NotCanonical("a member name is not ASCII text")
            _check(member)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    else:
        raise NotCanonical(f"{type(value).__name__} has no canonical form")


def digest(body: bytes) -> str:
    """SHA-256 of the bytes, in lower-case hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of a stream after one more body: 32 bytes."""
    return hashlib.sha256(previous + hashlib.sha256(body).digest()).digest()


def salt(nonce: str, index: int) -> str:
    """The salt of the `index`-th event of a command, so that guessing a body needs its nonce."""
    return hashlib.sha256(f"{nonce}\x1f{index}".encode()).hexdigest()[:32]
