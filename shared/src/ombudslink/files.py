"""Small files that must survive a loss of power and that only their owner may read."""

import os
from contextlib import suppress
from pathlib import Path


def write_new(path: Path, text: str) -> None:
    """Write a file durably, never over another one.

    Raises:
        OSError: there is one already, or it cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def make_private(path: Path) -> None:
    """An empty file, where there is none yet, for a program that would make one for everybody.

    Where it cannot be made, that program says why.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def put_in_place(path: Path, text: str) -> None:
    """Write a file durably instead of the one that is there; a reader finds either, whole.

    Raises:
        OSError: it cannot be written; the old one is untouched.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    write_new(fresh, text)
    fresh.replace(path)
