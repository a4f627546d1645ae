"""What a person has typed of a complaint so far, for no longer than it takes to file it.

It is kept encrypted under a key that only the person's browser has, so that what is never sent
can be read by nobody. Once the complaint is filed, nothing of it is left here.
"""

import base64
import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from limits import RateLimitItemPerMinute
from sqlalchemy import Connection, delete, insert, select, update

from intake.tables import draft as table
from ombudslink.runtime.service import Service
from ombudslink.values import format_moment
from ombudslink.web.sealed import Sealed

LIFETIME: Final = timedelta(hours=12)
BEGUN: Final = RateLimitItemPerMinute(60)
"""Drafts that may be begun from one network."""
_KEY: Final = 32
_COOKIE: Final = 16 + _KEY


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers by page, and whether they were sent; its id is that of the filing's request."""

    id: str
    key: bytes
    answers: dict[str, Any] = field(default_factory=dict)
    sent: bool = False

    @classmethod
    def new(cls) -> "Draft":
        """One that nothing was typed into."""
        return cls(str(uuid.uuid4()), os.urandom(_KEY))

    @property
    def cookie(self) -> str:
        """What the browser keeps: without it the draft cannot be read."""
        return base64.urlsafe_b64encode(uuid.UUID(self.id).bytes + self.key).decode()


class Drafts:
    """The drafts of all who are filing now."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def read(self, cookie: str) -> Draft | None:
        """The draft that a browser holds the key to."""
        found = _opened(cookie)
        if found is None:
            return None
        id_, key = found
        sealed = await self._service.database.query(partial(_find, id_=id_))
        raw = _seal(key).open(sealed, self._service.setting.now()) if sealed else None
        return Draft(id_, key, **json.loads(raw)) if raw is not None else None

    async def keep(self, draft: Draft) -> None:
        """Remember it as it is now; drafts whose time is over go."""
        now = self._service.setting.now()
        said = json.dumps({"answers": draft.answers, "sent": draft.sent}).encode()
        sealed = _seal(draft.key).seal(said, now + LIFETIME)
        await self._service.database.write(
            partial(_keep, id_=draft.id, sealed=sealed, now=now, until=now + LIFETIME)
        )

    async def forget(self, draft: Draft) -> None:
        """Remember nothing of it."""
        await self._service.database.write(partial(_forget, id_=draft.id))


def _opened(cookie: str) -> tuple[str, bytes] | None:
    try:
        raw = base64.urlsafe_b64decode(cookie)
    except ValueError:
        return None
    return (str(uuid.UUID(bytes=raw[:16])), raw[16:]) if len(raw) == _COOKIE else None


def _seal(key: bytes) -> Sealed:
    return Sealed(key, "draft")


def _find(connection: Connection, id_: str) -> str | None:
    return connection.scalar(select(table.c.sealed).where(table.c.id == id_))


def _keep(connection: Connection, id_: str, sealed: str, now: datetime, until: datetime) -> None:
    connection.execute(delete(table).where(table.c.expires < format_moment(now)))
    row = {"sealed": sealed, "expires": format_moment(until)}
    changed = connection.execute(update(table).where(table.c.id == id_).values(row))
    if not changed.rowcount:
        connection.execute(insert(table), {"id": id_, **row})


def _forget(connection: Connection, id_: str) -> None:
    connection.execute(delete(table).where(table.c.id == id_))
