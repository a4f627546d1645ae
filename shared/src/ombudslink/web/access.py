"""Who calls, and with what right: API keys of machines, and the right that every route names."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Header, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from ombudslink.files import put_in_place
from ombudslink.values import Code, Moment, ParticipantId, Value
from ombudslink.web.problems import Problem

_KEY: Final = re.compile(r"omb_([a-z][a-z0-9-]{1,30})_([0-9A-Za-z_-]{43})")


class Scope(StrEnum):
    """What a key may be used for."""

    FILE = "complaints:file"
    READ = "complaints:read"
    ACT = "complaints:act"
    CONTENT = "contents:read"
    LETTER = "letters:write"
    HISTORY = "histories:read"
    EVENTS = "events:read"
    OPERATE = "service:operate"


class Access(Value):
    """What is known of a key: whose it is, what it may do, until when. Not the key."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    participant: ParticipantId
    scopes: frozenset[Scope]
    issued: Moment
    expires: Moment


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: a participant, and the pseudonym of the officer in it, if the caller named one."""

    participant: ParticipantId
    actor: str | None = None


class AccessKeys:
    """The keys that are let in: a folder with one file a key, named by the key's SHA-256.

    A file that is gone is a key that is revoked, at once and for every service that reads the
    folder; a key that was lost cannot be read out of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def issue(
        self,
        participant: ParticipantId,
        scopes: frozenset[Scope],
        issued: datetime,
        until: datetime,
    ) -> str:
        """A new key, which is shown this once."""
        key = f"omb_{participant}_{secrets.token_urlsafe(32)}"
        digest = _digest(key)
        access = Access(
            digest=digest, participant=participant, scopes=scopes, issued=issued, expires=until
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        put_in_place(self._file(digest), access.model_dump_json(indent=1))
        return key

    def revoke(self, digest: str) -> bool:
        """Let a key in no more; whether it was known."""
        known = re.fullmatch(r"[0-9a-f]{64}", digest) is not None and self._file(digest).exists()
        if known:
            self._file(digest).unlink(missing_ok=True)
        return known

    def all(self) -> Iterator[Access]:
        """Every key that is known."""
        for path in sorted(self._folder.glob("*.json")):
            yield Access.model_validate(json.loads(path.read_text(encoding="ascii")))

    def find(self, key: str, now: datetime) -> Access | None:
        """What a key is good for, or None."""
        access = self.known(key)
        return access if access is not None and now < access.expires else None

    def known(self, key: str) -> Access | None:
        """What a key is or was good for, or None for one that was revoked or never issued."""
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        try:
            raw = self._file(_digest(key)).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        access = Access.model_validate_json(raw)
        return access if access.participant == match[1] else None

    def _file(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class Credential(NamedTuple):
    """With what a caller proves who it is: a security scheme of OpenAPI."""

    name: str
    scheme: dict[str, Any]


KEY: Final = Credential(
    "key",
    {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key `omb_<participant>_<secret>` with the scope that is named.",
    },
)


class Stated:
    """What every right says of itself: `shown` is what a caller needs for it, if anything, and
    `refuses` are the codes of those who do not have it."""

    stated: str
    shown: Credential | None = None
    optional: bool = False
    of_complainant: bool = False
    scope: Scope | None = None
    refuses: tuple[str, ...] = ()

    async def admit(self, request: Request) -> None:
        """Send away who certainly does not have it, before anything they sent is read.

        Raises:
            Problem: the caller does not have it.
        """


class Right(Stated):
    """A route's right: the caller's key must have this scope. Named in the route's signature."""

    shown = KEY
    scope: Scope
    refuses: tuple[str, ...] = ("not_authenticated", "scope_missing")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.stated = str(scope)

    async def admit(self, request: Request) -> None:
        """Send away who has no key for it.

        Raises:
            Problem: the caller has none.
        """
        await run_in_threadpool(self, request, request.headers.get("authorization"))

    def __call__(
        self,
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        actor: Annotated[Code | None, Header(alias="Ombudslink-Actor")] = None,
    ) -> Principal:
        """The caller.

        Raises:
            Problem: no key, a wrong one, or one without the scope.
        """
        access = request.app.state.access.find(bearer(authorization), request.app.state.now())
        if access is None:
            raise Problem("not_authenticated", headers={"WWW-Authenticate": "Bearer"})
        if self.scope not in access.scopes:
            raise Problem("scope_missing", args={"scope": self.scope})
        return Principal(access.participant, actor)


class RightOrNobody(Right):
    """A route's right: everybody may call it; a key, if there is one, must have this scope."""

    optional = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.stated = f"anybody, or {scope}"

    def __call__(  # type: ignore[override]
        self,
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        actor: Annotated[Code | None, Header(alias="Ombudslink-Actor")] = None,
    ) -> Principal | None:
        """The caller, or None for one without a key."""
        return super().__call__(request, authorization, actor) if authorization else None


class Anybody(Stated):
    """A route's right: everybody may call it, with or without a key."""

    stated = "anybody"

    def __call__(self) -> None:
        """Let in."""


Public = Annotated[None, Depends(Anybody())]
"""Put into a route's signature to state that everybody may call it."""


def bearer(authorization: str | None) -> str:
    """The token of an `Authorization: Bearer …` header (RFC 6750), or an empty one."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
