"""Personal data and text at rest: each complaint under a key of its own, wrapped by the service's.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; complaint and item are authenticated
along, so that a ciphertext cannot be moved to another place. Deleting a complaint's key makes all
of its content unreadable for ever.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
)

from ombudslink.proof.chain import digest
from ombudslink.store.tables import Instant, Uuid
from ombudslink.values import format_moment

NONCE: Final = 12

metadata = MetaData()
content_key = Table(
    "content_key",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
content = Table(
    "content",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("stream", Uuid, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("author", String(31), nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)


class VaultError(Exception):
    """Content that the service's key does not open: the key or the data is not the right one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of content, in the clear, with the digest of its ciphertext."""

    id: str
    kind: str
    author: str
    at: datetime
    digest: str
    plaintext: bytes


class Vault:
    """Content of one service under one wrapping key (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._wrapping = AESGCM(key)

    def put(
        self,
        connection: Connection,
        stream: str,
        item: str,
        *,
        kind: str,
        author: str,
        at: datetime,
        plaintext: bytes,
    ) -> str:
        """Keep content and return the digest of its ciphertext. A known item stays as it is."""
        known = connection.execute(select(content.c.digest).where(content.c.id == item)).scalar()
        if known is not None:
            return str(known)
        key = self._key_of(connection, stream) or self._new_key(connection, stream)
        ciphertext = _seal(AESGCM(key), plaintext, f"{stream}/{item}/{kind}")
        row = {
            "id": item,
            "stream": stream,
            "kind": kind,
            "author": author,
            "at": format_moment(at),
            "digest": digest(ciphertext),
            "ciphertext": ciphertext,
        }
        connection.execute(insert(content), row)
        return str(row["digest"])

    def items(self, connection: Connection, stream: str) -> list[Item]:
        """All content of a complaint, oldest first.

        Raises:
            VaultError: the service's key does not open it.
        """
        key = self._key_of(connection, stream)
        if key is None:
            return []
        rows = connection.execute(
            select(content).where(content.c.stream == stream).order_by(content.c.at, content.c.id)
        )
        opener = AESGCM(key)
        return [_item(opener, row) for row in rows]

    def item(self, connection: Connection, stream: str, item: str) -> Item | None:
        """One piece of a complaint's content, or None.

        Raises:
            VaultError: the service's key does not open it.
        """
        row = connection.execute(
            select(content).where(content.c.id == item, content.c.stream == stream)
        ).one_or_none()
        key = self._key_of(connection, stream) if row is not None else None
        return _item(AESGCM(key), row) if row is not None and key is not None else None

    def _key_of(self, connection: Connection, stream: str) -> bytes | None:
        wrapped = connection.execute(
            select(content_key.c.wrapped).where(content_key.c.stream == stream)
        ).scalar()
        return None if wrapped is None else _open(self._wrapping, wrapped, stream)

    def _new_key(self, connection: Connection, stream: str) -> bytes:
        key = AESGCM.generate_key(256)
        wrapped = _seal(self._wrapping, key, stream)
        connection.execute(insert(content_key), {"stream": stream, "wrapped": wrapped})
        return key


def _item(opener: AESGCM, row: Row[Any]) -> Item:
    return Item(
        row.id,
        row.kind,
        row.author,
        datetime.fromisoformat(row.at),
        row.digest,
        _open(opener, row.ciphertext, f"{row.stream}/{row.id}/{row.kind}"),
    )


def _seal(cipher: AESGCM, plaintext: bytes, place: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, plaintext, place.encode())


def _open(cipher: AESGCM, sealed: bytes, place: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except InvalidTag:
        raise VaultError("content does not open with this service's key") from None
