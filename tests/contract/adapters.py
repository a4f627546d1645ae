"""Every log there is, each as an operator sees it. Another one joins by an entry in `ADAPTERS`."""

import shutil
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ombudslink.log import Clock, Log, system_clock
from ombudslink.log.embedded import EmbeddedLog
from ombudslink.log.memory import Content, MemoryLog
from ombudslink.testing.faulty_log import backup, made_anew


async def end(log: Log, topic: str, partition: int) -> int:
    """Where one partition ends."""
    place = topic, partition
    return (await log.ends([place]))[place]


class Adapter(Protocol):
    """One log under test, as an operator sees it."""

    def handle(self, clock: Clock = system_clock) -> Log:
        """One more handle on the log."""

    def copy(self) -> Callable[[], None]:
        """Copy the log as it stands; what is returned puts the copy in its place."""

    def make_anew(self) -> None:
        """Move the records to topics that have the same names."""


class Memory:
    def __init__(self, _folder: Path) -> None:
        self._content = Content()

    def handle(self, clock: Clock = system_clock) -> Log:
        return MemoryLog(clock, self._content)

    def copy(self) -> Callable[[], None]:
        kept = backup(self._content)

        def restore() -> None:
            self._content = kept

        return restore

    def make_anew(self) -> None:
        self._content = made_anew(self._content)


class Embedded:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "log.db"

    def handle(self, clock: Clock = system_clock) -> Log:
        return EmbeddedLog(self._path, clock)

    def copy(self) -> Callable[[], None]:
        kept = self._path.with_name("copy.db")
        shutil.copy(self._path, kept)
        return lambda: kept.rename(self._path)

    def make_anew(self) -> None:
        with sqlite3.connect(self._path) as connection:
            connection.execute("DROP TRIGGER topic_no_update")
            for (name,) in connection.execute("SELECT name FROM topic").fetchall():
                connection.execute(
                    "UPDATE topic SET incarnation = ? WHERE name = ?", (str(uuid.uuid4()), name)
                )
        connection.close()


ADAPTERS = {"memory": Memory, "embedded": Embedded}
