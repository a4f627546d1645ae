"""Making a data folder: whatever stops it, the next start completes it or begins anew."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from machine import Clock
from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import Installation
from onebox.platform import CONFIGURATION


class Killed(BaseException):
    """The process is gone: nothing after this line is done."""


class Counting:
    """Counts the calls that change the disk, and kills the process before one of them."""

    CHANGES = ((os, "fsync"), (os, "rename"), (os, "replace"), (os, "mkdir"), (os, "rmdir"))

    def __init__(self, patch: pytest.MonkeyPatch, before: int | None = None) -> None:
        self.count = 0
        self._before = before
        for module, name in self.CHANGES:
            patch.setattr(module, name, self._counting(getattr(module, name)))

    def _counting(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if self.count == self._before:
                raise Killed
            self.count += 1
            return change(*arguments, **options)

        return counted


def made(path: Path) -> Installation:
    return Installation.of(DataFolder(path), CONFIGURATION, "es", Clock())


def changes(path: Path) -> int:
    """How many steps it takes to make a folder."""
    with pytest.MonkeyPatch.context() as patch:
        counting = Counting(patch)
        made(path)
    return counting.count


def names(path: Path) -> set[str]:
    return {
        str(found.relative_to(path)) for found in path.rglob("*") if "access/" not in str(found)
    }


def test_killed_before_any_of_its_steps_the_next_start_has_a_whole_folder(tmp_path: Path) -> None:
    whole = names(made(tmp_path / "whole").folder.path)
    steps = changes(tmp_path / "counted")
    assert steps > 20
    for step in range(steps):
        path = tmp_path / "data"
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            Counting(patch, before=step)
            made(path)
        installation = made(path)
        assert names(path) == whole
        assert len(list(installation.folder.access.iterdir())) == len(installation.participants())
        shutil.rmtree(path)


def test_nothing_that_stands_is_ever_made_again(tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in made(tmp_path).folder.path.rglob("*") if p.is_file()}
    after = {p: p.read_bytes() for p in made(tmp_path).folder.path.rglob("*") if p.is_file()}
    assert after == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    with pytest.raises(FolderError, match="not empty"):
        made(tmp_path)
