"""Identifiers that follow from what they name, so that repeating anything is harmless for ever."""

import hashlib
import uuid
from typing import Final

PARTITIONS: Final = 12
"""Partitions of the command and history topics; fixed for ever, because keys must not move."""

_NAMESPACE: Final = uuid.UUID("5a0c3a4e-6f0b-5d59-9a6f-6f6d62756473")


def derived_id(*parts: str | int) -> str:
    """A UUIDv5 (RFC 9562) of the parts, which may not run into each other."""
    name = "\x1f".join(str(part) for part in parts)
    return str(uuid.uuid5(_NAMESPACE, name))


def partition_of(key: str, partitions: int = PARTITIONS) -> int:
    """The partition of a key, the same for every adapter and every program."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % partitions
