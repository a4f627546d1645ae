"""The secret code with which a person follows a complaint, besides its public reference."""

import hashlib
import hmac
from typing import Final

CODE_DIGITS: Final = 20


def code_for(key: bytes, complaint: str, issue: int) -> str:
    """The code of a complaint's `issue`-th receipt: 20 digits, 66 bits, never stored.

    HMAC-SHA-256 under the code key, so that a repeated filing gives the same answer.
    """
    mac = hmac.new(key, f"{complaint}/{issue}".encode(), hashlib.sha256).digest()
    digits = int.from_bytes(mac[:16], "big") % 10**CODE_DIGITS
    return " ".join(f"{digits:0{CODE_DIGITS}d}"[n : n + 4] for n in range(0, CODE_DIGITS, 4))


def same_code(expected: str, typed: str) -> bool:
    """Whether the typed code is the expected one, whatever spaces or hyphens stand in it."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    return hmac.compare_digest(expected.replace(" ", ""), digits)
