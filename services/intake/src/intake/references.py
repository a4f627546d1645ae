"""What a person gets to follow a complaint: a public reference and a secret code."""

import hashlib
import hmac
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. <https://www.crockford.com/base32.html>"""
_CHECKED: Final = ALPHABET + "*~$=U"
_FORGIVEN: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_SYMBOLS: Final = 11
CODE_DIGITS: Final = 20


def new_reference() -> str:
    """A random reference, 55 bits and a check character, in groups of four.

    References whose check character is one of Crockford's five signs are drawn again, so that
    all characters can be read out on the telephone.
    """
    while True:
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(_SYMBOLS))
        check = _check(symbols)
        if check in ALPHABET:
            return _grouped(symbols + check)


def read_reference(typed: str) -> str | None:
    """The reference that was meant, forgiving case, spacing, hyphens, and O, I, L for 0 and 1.

    None when it cannot be one; a wrong character is noticed by the check character.
    """
    symbols = typed.upper().translate(_FORGIVEN)
    if len(symbols) != _SYMBOLS + 1 or any(s not in ALPHABET for s in symbols):
        return None
    return _grouped(symbols) if _check(symbols[:-1]) == symbols[-1] else None


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


def _check(symbols: str) -> str:
    value = 0
    for symbol in symbols:
        value = value * 32 + ALPHABET.index(symbol)
    return _CHECKED[value % 37]


def _grouped(symbols: str) -> str:
    return "-".join(symbols[n : n + 4] for n in range(0, len(symbols), 4))
