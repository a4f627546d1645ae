"""API keys of machines, kept as SHA-256 only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ombudslink.store import tables
from ombudslink.values import format_moment


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is known of a key: whose it is, what it may do, until when."""

    participant: str
    scopes: frozenset[str]
    expires: datetime
    revoked: bool


def find(connection: Connection, digest: str) -> StoredKey | None:
    """The key with that SHA-256, or None."""
    row = connection.execute(
        select(tables.api_key).where(tables.api_key.c.digest == digest)
    ).one_or_none()
    if row is None:
        return None
    expires = datetime.fromisoformat(row.expires)
    return StoredKey(row.participant, frozenset(row.scopes.split()), expires, row.revoked)


def add(
    connection: Connection,
    digest: str,
    participant: str,
    scopes: frozenset[str],
    issued: datetime,
    expires: datetime,
) -> None:
    """Let a key in. Adding one that is known changes nothing."""
    if find(connection, digest) is not None:
        return
    row = {
        "digest": digest,
        "participant": participant,
        "scopes": " ".join(sorted(scopes)),
        "issued": format_moment(issued),
        "expires": format_moment(expires),
        "revoked": False,
    }
    connection.execute(insert(tables.api_key), row)


def revoke(connection: Connection, digest: str) -> None:
    """Let a key in no more."""
    row = tables.api_key
    connection.execute(update(row).where(row.c.digest == digest), {"revoked": True})
