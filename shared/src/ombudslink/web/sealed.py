"""What a browser is given to keep: it shows nothing, cannot be changed, and is good for a time."""

import base64
import hashlib
import hmac
import os
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12
_SECONDS: Final = 8


class Sealed:
    """Seals with AES-256-GCM, under a key for one purpose that is derived from a secret."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(hmac.new(secret, purpose.encode(), hashlib.sha256).digest())

    def seal(self, said: bytes, until: datetime) -> str:
        """That, good until then, as text that fits into a header, a form and a URL."""
        claim = int(until.timestamp()).to_bytes(_SECONDS, "big") + said
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, claim, None)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, sealed: str, now: datetime) -> bytes | None:
        """What was sealed, or None when it is none of ours or its time is over."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            claim = self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None)
        except (ValueError, InvalidTag):
            return None
        until = int.from_bytes(claim[:_SECONDS], "big")
        return claim[_SECONDS:] if now.timestamp() < until else None
