"""Short-lived tokens that let a person read one complaint after showing reference and code."""

import base64
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LIFETIME: Final = timedelta(minutes=15)
_NONCE: Final = 12
_SECONDS: Final = 8
_TOKEN_BYTES: Final = _NONCE + 16 + _SECONDS + 16


@dataclass(frozen=True, slots=True)
class StatusSession:
    """A token, and until when it is good."""

    token: str
    expires: datetime


class StatusSessions:
    """Makes tokens and reads them again; nothing is stored, and a token shows nothing.

    The complaint and the end of its time are sealed with AES-256-GCM under a key of their own.
    """

    def __init__(self, code_key: bytes) -> None:
        self._cipher = AESGCM(hmac.new(code_key, b"status session", hashlib.sha256).digest())

    def open(self, complaint: str, now: datetime) -> StatusSession:
        """A token for that complaint."""
        until = int((now + LIFETIME).timestamp())
        claim = uuid.UUID(complaint).bytes + until.to_bytes(_SECONDS, "big")
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, claim, None)
        token = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        return StatusSession(token, datetime.fromtimestamp(until, UTC))

    def read(self, token: str, now: datetime) -> str | None:
        """The complaint that a token is good for, or None."""
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            if len(sealed) != _TOKEN_BYTES:
                return None
            claim = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (ValueError, InvalidTag):
            return None
        until = int.from_bytes(claim[16:], "big")
        return str(uuid.UUID(bytes=claim[:16])) if now.timestamp() < until else None
