"""Answering many who ask: what is known already from memory, the rest few at a time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Final

from sqlalchemy import Connection, func, select

from ombudslink.store import tables
from ombudslink.store.engine import Database
from ombudslink.web.places import Places

AT_ONCE: Final = 2
"""Questions of the public that are worked on at the same time."""
MOST_WAITING: Final = 8
"""Those that may wait for it; who comes then is asked to come again."""
MOST_KEPT: Final = 32 * 1024 * 1024
"""Bytes of answers in memory."""

Make = Callable[[Connection], bytes]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and the last event that it rests on."""

    last_event: int
    body: bytes


class Shelf:
    """The answers that were given last. One is good until there is another event."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()

    def known(self, connection: Connection, question: Hashable) -> bytes | None:
        """The answer, if it was given already and nothing has happened since."""
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None:
                self._kept.move_to_end(question)
        return kept.body if kept and kept.last_event == _last_event(connection) else None

    def answer(self, connection: Connection, question: Hashable, make: Make) -> bytes:
        """The answer, made and put here if it is not known."""
        known = self.known(connection, question)
        if known is None:
            last_event = _last_event(connection)
            known = make(connection)
            self._keep(question, Kept(last_event, known))
        return known

    def _keep(self, question: Hashable, kept: Kept) -> None:
        with self._lock:
            self._drop(question)
            self._kept[question] = kept
            self._size += len(kept.body)
            while self._size > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, question: Hashable) -> None:
        dropped = self._kept.pop(question, None)
        if dropped is not None:
            self._size -= len(dropped.body)


class Publisher:
    """Answers questions that anybody may ask, so that they hold up nobody else."""

    def __init__(self, database: Database, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._shelf = Shelf()
        self._places = Places(AT_ONCE, most_waiting)

    async def answer(self, question: Hashable, make: Make, *, public: bool) -> bytes:
        """The answer to a question. Who is known need not queue.

        Raises:
            Problem: too many wait already.
        """
        known = await self._database.query(partial(self._shelf.known, question=question))
        if known is not None:
            return known
        ask = partial(self._shelf.answer, question=question, make=make)
        if not public:
            return await self._database.query(ask)
        async with self._places.one():
            return await self._database.query(ask)


def _last_event(connection: Connection) -> int:
    return connection.scalar(select(func.max(tables.event.c.id))) or 0
