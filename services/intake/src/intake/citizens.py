"""Letting people in to their own complaint: by reference and code, then by a short-lived token."""

import uuid
from typing import Annotated, Final

from fastapi import Header, Request
from sqlalchemy import Connection

from intake import filings
from intake.contents import read_history, said
from intake.filings import Filed
from intake.reader import Reader
from intake.references import code_for, read_reference, same_code
from intake.sessions import StatusSession, StatusSessions
from intake.status import StatusView, tell
from ombudslink.runtime.service import Service
from ombudslink.store.vault import Vault
from ombudslink.web.access import bearer
from ombudslink.web.problems import Problem

_NOBODY: Final = str(uuid.UUID(int=0))
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class Citizens:
    """Knows people by what they were given when they filed."""

    def __init__(self, service: Service, vault: Vault, code_key: bytes) -> None:
        self._service = service
        self._vault = vault
        self._code_key = code_key
        self._sessions = StatusSessions(code_key)

    async def open(self, reference: str, code: str) -> StatusSession:
        """A token for who shows a reference and its code.

        Raises:
            Problem: one of them is wrong; which one takes and looks the same.
        """
        meant = read_reference(reference) or ""
        filed = await self._service.database.query(lambda c: filings.by_reference(c, meant))
        complaint, issue = (filed.complaint, filed.issue) if filed else (_NOBODY, 1)
        right = same_code(code_for(self._code_key, complaint, issue), code)
        if not right or filed is None:
            raise Problem("wrong_reference_or_code", headers=_CHALLENGE)
        return self._sessions.open(complaint, self._service.setting.now())

    async def known(self, token: str) -> Filed:
        """The complaint that a token is good for.

        Raises:
            Problem: it is no token of ours, or its time is over.
        """
        complaint = self._sessions.read(token, self._service.setting.now())
        if complaint is not None:
            filed = await self._service.database.query(lambda c: filings.by_complaint(c, complaint))
            if filed is not None:
                return filed
        raise Problem("session_expired", headers=_CHALLENGE)

    async def status(self, filed: Filed, language: str) -> StatusView:
        """Where the complaint stands, from the filing and from what is known of its history."""
        setting = self._service.setting
        reader = Reader(setting.policy, setting.vocabulary, language)

        def question(connection: Connection) -> StatusView:
            told = read_history(connection, filed.complaint)
            state = self._service.states.session(connection).get(filed.complaint).state
            kept = self._vault.items(connection, filed.complaint)
            letters = said(told, kept, self._service.participant)
            return tell(filed.reference, filed.filed, told, state, letters, reader)

        return await self._service.database.query(question)


class Citizen:
    """A route's right: the token of one complaint's status session."""

    stated = "the token of a status session"

    async def __call__(
        self, request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> Filed:
        """The complaint that the token is good for.

        Raises:
            Problem: it is good for none.
        """
        citizens: Citizens = request.app.state.citizens
        return await citizens.known(bearer(authorization))


class CitizenOf(Citizen):
    """A route's right: the token of a status session of the complaint in the path."""

    stated = "the token of a status session of this complaint"

    async def __call__(  # type: ignore[override]
        self,
        reference: str,
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Filed:
        """The complaint.

        Raises:
            Problem: the token is good for none or for another one; whether the reference of the
                path exists is not even looked up.
        """
        filed = await super().__call__(request, authorization)
        if read_reference(reference) != filed.reference:
            raise Problem("no_such_complaint")
        return filed
