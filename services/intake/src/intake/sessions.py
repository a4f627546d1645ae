"""Short-lived tokens that let a person read one complaint after showing reference and code."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ombudslink.web.sealed import Sealed

LIFETIME: Final = timedelta(minutes=15)
_ISSUE: Final = 4
AT_A_PAGE: Final = timedelta(hours=1)
"""How long a page may stand open until an answer that is written there is sent."""


@dataclass(frozen=True, slots=True)
class StatusSession:
    """A token, and until when it is good."""

    token: str
    expires: datetime


class StatusSessions:
    """Makes tokens and reads them again; nothing is stored, and a token shows nothing.

    A token names the receipt whose code was shown: it ends when there is a later one.
    """

    def __init__(self, code_key: bytes) -> None:
        self._sealed = Sealed(code_key, "status session")

    def open(
        self, complaint: str, issue: int, now: datetime, lifetime: timedelta = LIFETIME
    ) -> StatusSession:
        """A token for that complaint, by its so manieth receipt."""
        until = datetime.fromtimestamp(int((now + lifetime).timestamp()), UTC)
        claim = issue.to_bytes(_ISSUE, "big") + uuid.UUID(complaint).bytes
        return StatusSession(self._sealed.seal(claim, until), until)

    def read(self, token: str, now: datetime) -> tuple[str, int] | None:
        """The complaint that a token is good for, and by which receipt; or None."""
        claim = self._sealed.open(token, now)
        if claim is None:
            return None
        return str(uuid.UUID(bytes=claim[_ISSUE:])), int.from_bytes(claim[:_ISSUE], "big")
