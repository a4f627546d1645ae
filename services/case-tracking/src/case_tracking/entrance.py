"""Letting an office's people in to its pages: their key, sealed into a cookie for a short time."""

from datetime import timedelta
from typing import Final

from fastapi import Request

from ombudslink.runtime.service import Setting
from ombudslink.web.access import AccessKeys, Credential, Principal, Scope, Stated
from ombudslink.web.problems import Problem
from ombudslink.web.sealed import Sealed

COOKIE: Final = "ombudslink_desk"
LIFETIME: Final = timedelta(hours=1)


class Entrance:
    """Knows the people of one office. A key that is revoked lets nobody in, cookie or not."""

    def __init__(self, setting: Setting, secret: bytes) -> None:
        self._setting = setting
        self._keys = AccessKeys(setting.access)
        self._sealed = Sealed(secret, "desk")

    def open(self, key: str) -> str:
        """What the browser keeps for who shows a key of this office that may read.

        Raises:
            Problem: it is none.
        """
        self._principal(key)
        return self._sealed.seal(key.encode(), self._setting.now() + LIFETIME)

    def known(self, cookie: str) -> Principal:
        """Who is let in with that cookie.

        Raises:
            Problem: nobody is.
        """
        key = self._sealed.open(cookie, self._setting.now())
        return self._principal(key.decode() if key is not None else "")

    def _principal(self, key: str) -> Principal:
        access = self._keys.find(key, self._setting.now())
        if access is None or access.participant != self._setting.participant:
            raise Problem("not_authenticated")
        if Scope.READ not in access.scopes:
            raise Problem("not_authenticated")
        return Principal(access.participant)


class Inside(Stated):
    """A page's right: the cookie of somebody who was let in with this office's key."""

    shown = Credential("desk", {"type": "apiKey", "in": "cookie", "name": COOKIE})
    stated = "the cookie of a key of this office that may read"

    def __call__(self, request: Request) -> Principal:
        """The caller.

        Raises:
            Problem: there is no such cookie, or its key is good no more.
        """
        entrance: Entrance = request.app.state.entrance
        return entrance.known(request.cookies.get(COOKIE, ""))
