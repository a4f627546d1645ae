"""The public reference of a complaint: random, with a check character, typing errors forgiven."""

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. <https://www.crockford.com/base32.html>"""
_CHECKED: Final = ALPHABET + "*~$=U"
_FORGIVEN: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_SYMBOLS: Final = 11


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


def _check(symbols: str) -> str:
    value = 0
    for symbol in symbols:
        value = value * 32 + ALPHABET.index(symbol)
    return _CHECKED[value % 37]


def _grouped(symbols: str) -> str:
    return "-".join(symbols[n : n + 4] for n in range(0, len(symbols), 4))
