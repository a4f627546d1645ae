"""Letting people in to their own complaint: by reference and code, then by a short-lived token."""

import uuid
from datetime import timedelta
from typing import Final

from fastapi import Request
from sqlalchemy import Connection

from intake import filings
from intake.codes import code_for, same_code
from intake.contents import read_history, said
from intake.filings import Filed
from intake.reader import Reader
from intake.sessions import LIFETIME, StatusSession, StatusSessions
from intake.status import StatusView, tell
from ombudslink.references import read_reference
from ombudslink.runtime.service import Service
from ombudslink.store.vault import Vault
from ombudslink.web.access import Credential, Stated, bearer
from ombudslink.web.limits import ON_REFERENCE, PER_NETWORK, PER_REFERENCE, Bound, Limiter
from ombudslink.web.problems import Problem

COOKIE: Final = "ombudslink_status"
_NOBODY: Final = str(uuid.UUID(int=0))
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class Citizens:
    """Knows people by what they were given when they filed."""

    def __init__(self, service: Service, vault: Vault, code_key: bytes, limiter: Limiter) -> None:
        self._service = service
        self._vault = vault
        self._code_key = code_key
        self._limiter = limiter
        self._sessions = StatusSessions(code_key)

    async def open(
        self, reference: str, code: str, network: str, lifetime: timedelta = LIFETIME
    ) -> StatusSession:
        """A token for who shows, from that network, a reference and its code.

        Raises:
            Problem: one of them is wrong; which one takes and looks the same. Or it was wrong too
                often.
        """
        meant = read_reference(reference) or ""
        bounds: list[Bound] = [(PER_NETWORK, "network", network)]
        if meant:
            bounds += [
                (PER_REFERENCE, "reference", meant, network),
                (ON_REFERENCE, "reference", meant),
            ]
        with self._limiter.failures(*bounds):
            return await self._opened(meant, code, lifetime)

    async def _opened(self, meant: str, code: str, lifetime: timedelta) -> StatusSession:
        filed = await self._service.database.query(lambda c: filings.by_reference(c, meant))
        complaint, issue = (filed.complaint, filed.issue) if filed else (_NOBODY, 1)
        right = same_code(code_for(self._code_key, complaint, issue), code)
        if not right or filed is None:
            raise Problem("wrong_reference_or_code", headers=_CHALLENGE)
        return self.prolonged(filed, lifetime)

    def prolonged(self, filed: Filed, lifetime: timedelta) -> StatusSession:
        """Another token for who was let in before."""
        now = self._service.setting.now()
        return self._sessions.open(filed.complaint, filed.issue, now, lifetime)

    def read(self, token: str) -> tuple[str, int]:
        """The complaint that a token was made for, and by which of its receipts.

        Raises:
            Problem: it is no token of ours, or its time is over.
        """
        claim = self._sessions.read(token, self._service.setting.now())
        if claim is None:
            raise Problem("session_expired", headers=_CHALLENGE)
        return claim

    async def known(self, token: str) -> Filed:
        """The complaint that a token is good for.

        Raises:
            Problem: it is no token of ours, its time is over, or its code is void.
        """
        complaint, issue = self.read(token)
        filed = await self._service.database.query(lambda c: filings.by_complaint(c, complaint))
        if filed is None or filed.issue != issue:
            raise Problem("session_expired", headers=_CHALLENGE)
        return filed

    async def status(self, filed: Filed, language: str) -> StatusView:
        """Where the complaint stands, from the filing and from what is known of its history."""
        setting = self._service.setting
        reader = Reader(setting.policy, setting.vocabulary, language)

        def question(connection: Connection) -> StatusView:
            told = read_history(connection, filed.complaint)
            state = self._service.states.session(connection).complaint(filed.complaint)
            kept = self._vault.items(connection, filed.complaint)
            letters = said(told, kept, self._service.participant)
            return tell(filed.reference, filed.filed, told, state, letters, reader)

        return await self._service.database.query(question)


class Citizen(Stated):
    """A route's right: the token of one complaint's status session."""

    shown: Credential | None = Credential(
        "session",
        {"type": "http", "scheme": "bearer", "description": "The token of a status session."},
    )
    of_complainant = True
    refuses: tuple[str, ...] = ("not_authenticated", "session_expired", "too_many_requests")
    stated = "the token of a status session"

    async def admit(self, request: Request) -> None:
        """Send away who shows no token.

        Raises:
            Problem: the caller shows none.
        """
        citizens: Citizens = request.app.state.citizens
        citizens.read(self.token(request))

    def token(self, request: Request) -> str:
        """What the caller shows.

        Raises:
            Problem: nothing.
        """
        shown = bearer(request.headers.get("authorization"))
        if not shown:
            raise Problem("not_authenticated", headers=_CHALLENGE)
        return shown

    async def __call__(self, request: Request) -> Filed:
        """The complaint that the token is good for.

        Raises:
            Problem: it is good for none, or that complaint is asked for too often.
        """
        citizens: Citizens = request.app.state.citizens
        filed = await citizens.known(self.token(request))
        service: Service = request.app.state.service
        limiter: Limiter = request.app.state.limiter
        often = service.setting.rates.requests_per_minute
        limiter.take(request, "complaint", often, filed.complaint)
        return filed


class Visitor(Citizen):
    """A page's right: the same token, kept by the browser as a cookie."""

    shown = Credential("visit", {"type": "apiKey", "in": "cookie", "name": COOKIE})
    stated = "the cookie of a status session"

    def token(self, request: Request) -> str:
        """What the browser keeps; nothing when the page was open too long."""
        return request.cookies.get(COOKIE, "")


class CitizenOf(Citizen):
    """A route's right: the token of a status session of the complaint in the path."""

    stated = "the token of a status session of this complaint"
    refuses = (*Citizen.refuses, "no_such_complaint")

    async def __call__(  # type: ignore[override]
        self,
        reference: str,
        request: Request,
    ) -> Filed:
        """The complaint.

        Raises:
            Problem: the token is good for none or for another one; whether the reference of the
                path exists is not even looked up.
        """
        filed = await super().__call__(request)
        if read_reference(reference) != filed.reference:
            raise Problem("no_such_complaint")
        return filed
