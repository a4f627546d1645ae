"""Whether this office's copy of a history is what it was: every hash computed again."""

from collections.abc import Sequence
from dataclasses import dataclass

from ombudslink.proof.chain import GENESIS, link
from ombudslink.store.history import Head, Stored


@dataclass(frozen=True, slots=True)
class Integrity:
    """How far a copy is sound. `hash` is the recomputed one of the last event that is."""

    sound: int
    hash: bytes
    intact: bool


def recomputed(stored: Sequence[Stored], head: Head) -> Integrity:
    """The chain from its first event on, compared with what is stored of it and with its head."""
    reached, sound = GENESIS, 0
    for one in stored:
        following = link(reached, one.body)
        if following != one.hash:
            break
        reached, sound = following, sound + 1
    return Integrity(sound, reached, Head(sound, reached) == head)
