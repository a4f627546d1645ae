"""How a service identifies itself at the others: an API key in a file, renewed before it ends."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Final

import httpx

from ombudslink.folder import DataFolder, FolderError
from ombudslink.observe import logger
from ombudslink.web.access import AccessKeys, Scope

LEAST_LEFT: Final = timedelta(days=30)
"""A key that is good for less than this is renewed."""
TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
"""When a key that could not be renewed is renewed once more."""


class ServiceKey(httpx.Auth):
    """One participant's key. It is read again for every request and renewed in good time, so that
    a service may run for years; a key that somebody revoked stays revoked.
    """

    def __init__(
        self,
        folder: DataFolder,
        participant: str,
        scopes: frozenset[Scope],
        now: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._participant = participant
        self._scopes = scopes
        self._now = now
        self._keys = AccessKeys(folder.access)
        self._key = folder.api_key(participant)
        self._due = self._due_from()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the key along; if it was renewed while the request was under way, send it again."""
        key = self._present()
        request.headers["Authorization"] = f"Bearer {key}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._present() != key:
            request.headers["Authorization"] = f"Bearer {self._key}"
            yield request

    def good(self) -> bool:
        """Whether the others let this service in."""
        return self._keys.find(self._present(), self._now()) is not None

    def renew(self) -> None:
        """Make another key, and let the old one in no more once the new one stands.

        Raises:
            OSError: a folder cannot be written; the old key is as it was.
        """
        old = self._keys.known(self._key)
        self._key = self._folder.give_key(self._participant, self._scopes, self._now())
        if old is not None:
            self._keys.revoke(old.digest)
        self._due = self._due_from()

    def renew_in_time(self) -> None:
        """Renew a key that does not last much longer.

        Raises:
            OSError: a folder cannot be written; the old key is as it was.
        """
        if self._due is None or self._now() < self._due:
            return
        if self._keys.known(self._key) is None:
            self._due = None
        else:
            self.renew()

    def _present(self) -> str:
        """The key as it stands in the file, after a renewal when that is due."""
        try:
            key = self._folder.api_key(self._participant)
        except FolderError:
            # A file that was lost since the start is missed at the next one; the key is still good.
            key = self._key
        if key != self._key:
            self._key = key
            self._due = self._due_from()
        try:
            self.renew_in_time()
        except OSError as error:
            logger().error("service_key_not_renewed", reason=error.strerror)
            self._due = self._now() + TRIED_AGAIN_AFTER
        return self._key

    def _due_from(self) -> datetime | None:
        access = self._keys.known(self._key)
        return access.expires - LEAST_LEFT if access else None
