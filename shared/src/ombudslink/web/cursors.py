"""Where a list goes on: an opaque text that only the service that gave it can have made."""

import base64
import hashlib
import hmac
import json
from typing import Final

from ombudslink.web.problems import Problem

_MAC: Final = 16


class Cursors:
    """Signs cursors under a key that is derived from a secret of the participant."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.new(secret, b"cursor", hashlib.sha256).digest()

    def seal(self, listed: str, *position: str | int) -> str:
        """The cursor that goes on after that position; `listed` names the list and its filters."""
        raw = json.dumps(position, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(listed, raw) + raw).rstrip(b"=").decode()

    def open(self, listed: str, cursor: str) -> list[str | int]:
        """The position after which the list goes on.

        Raises:
            Problem: it is no cursor of this list with these filters.
        """
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise Problem("cursor_invalid") from None
        mac, raw = sealed[:_MAC], sealed[_MAC:]
        if not hmac.compare_digest(mac, self._mac(listed, raw)):
            raise Problem("cursor_invalid")
        position: list[str | int] = json.loads(raw)
        return position

    def _mac(self, listed: str, raw: bytes) -> bytes:
        return hmac.new(self._key, listed.encode() + b"\0" + raw, hashlib.sha256).digest()[:_MAC]
