"""Conditions of a disk that are hard to come by in a test: what cannot be written."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NOBODY: Final = 65534


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ombudslink-"))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Nobody may write that file, or anything in that folder, meanwhile; not even the superuser,
    who is somebody else."""
    paths = [path, *(path.iterdir() if path.is_dir() else ())]
    modes = {path: path.stat().st_mode for path in paths}
    for one, mode in modes.items():
        one.chmod(mode & 0o7555 | 0o044)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for one, mode in modes.items():
            one.chmod(mode)
