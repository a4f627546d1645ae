"""What stands on paper: which letters, with its number in Unicode for every other one; the mark."""

from typing import Final

MARK: Final = 16
"""So many characters of its digest stand on every page of a document."""
_LAYOUT: Final = "\n\r\t"
_SHOWN: Final = (
    *((0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x17F)),
    *((0x386, 0x386), (0x388, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3CE)),
    *((0x400, 0x481), (0x48A, 0x4FF)),
    *((0x2010, 0x2015), (0x2018, 0x201E), (0x2020, 0x2022), (0x2026, 0x2026), (0x2030, 0x2030)),
    *((0x2032, 0x2033), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x20B8, 0x20B8), (0x2116, 0x2116)),
    *((0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x2264, 0x2265)),
)
"""What the fonts have a letter for, Kazakh ones included; a test prints them all."""


def printable(text: str) -> str:
    """The text with the number in place of every letter that the fonts may not have."""
    return "".join(one if _is_shown(one) else f"[U+{ord(one):04X}]" for one in text)


def _is_shown(letter: str) -> bool:
    return letter in _LAYOUT or any(first <= ord(letter) <= last for first, last in _SHOWN)
