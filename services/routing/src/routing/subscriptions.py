"""A participant's feed for programs outside the platform: from a cursor on, as CloudEvents.

Nothing is kept here: the reader keeps its cursor, and the log keeps the feed for ever.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ombudslink.log import Log, LogUnavailable, OffsetGone, Record, feed
from ombudslink.runtime.consumer import verified
from ombudslink.store.positions import Position
from ombudslink.values import ParticipantId
from ombudslink.web.cursors import Cursors
from ombudslink.web.problems import Problem

MOST_OPEN: Final = 8
"""Answers that may be kept open for one participant at a time: streams, and waits for news."""
AT_ONCE: Final = 100
HEARTBEAT: Final = 15.0
"""Seconds without news after which a stream shows that it is alive."""
LONGEST_STREAM: Final = 900.0
"""Seconds after which a stream ends, and its reader comes again with its cursor and key."""
RETRY: Final = {"Retry-After": "5"}

Told = tuple[str, dict[str, Any]]
"""An event as CloudEvents' JSON format has it, and the cursor after it."""


class Subscriptions:
    """Reads feeds for others. `cursors` makes sure that a cursor is one of ours."""

    def __init__(self, log: Log, cursors: Cursors) -> None:
        self._log = log
        self._cursors = cursors
        self._open: Counter[ParticipantId] = Counter()

    def opened(self, participant: ParticipantId, cursor: str | None) -> "Subscription":
        """A reader of that participant's feed, after the cursor or from the beginning.

        Raises:
            Problem: it is no cursor of this feed.
        """
        position = self._cursors.open(feed(participant), cursor) if cursor else None
        return Subscription(self._log, self._cursors, participant, position)

    @contextmanager
    def kept_open(self, participant: ParticipantId) -> Iterator[None]:
        """Count an answer that is kept open.

        Raises:
            Problem: that participant has too many of them.
        """
        if self._open[participant] >= MOST_OPEN:
            raise Problem("too_many_connections", args={"limit": MOST_OPEN}, headers=RETRY)
        self._open[participant] += 1
        try:
            yield
        finally:
            self._open[participant] -= 1


class Subscription:
    """One reader's place in its feed."""

    def __init__(
        self,
        log: Log,
        cursors: Cursors,
        participant: ParticipantId,
        position: Sequence[str | int] | None,
    ) -> None:
        self._log = log
        self._cursors = cursors
        self._topic = feed(participant)
        self._asked = position
        self._at = Position("")

    async def find(self) -> None:
        """Go to the place in the log, if that is still the log in which it was one.

        Raises:
            Problem: it is not, or the log is away.
        """
        try:
            asked = _position(self._asked) if self._asked is not None else None
            self._at = await verified(self._log, (self._topic, 0), asked)
        except LogUnavailable:
            raise _away() from None
        if asked is not None and self._at != asked:
            raise Problem("cursor_gone")

    async def next(self, limit: int = AT_ONCE) -> list[Told]:
        """The events after that place, which is then after them.

        Raises:
            Problem: the log was restored meanwhile, or is away.
        """
        try:
            records = await self._log.read(self._topic, 0, self._at.next, limit)
        except OffsetGone:
            raise Problem("cursor_gone") from None
        except LogUnavailable:
            raise _away() from None
        return [self._told(record) for record in records]

    async def wait(self, seconds: float, stopping: asyncio.Event) -> None:
        """Return when there may be news, when the process is to stop, or after that time."""
        news = self._log.wait({(self._topic, 0): self._at.next}, seconds)
        first = [asyncio.ensure_future(one) for one in (news, stopping.wait())]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in first:
                one.cancel()
            await asyncio.gather(*first, return_exceptions=True)

    async def stream(
        self, stopping: asyncio.Event, admitted: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[Told | None]:
        """Every event as it comes, and None for a heartbeat, as long as the reader is admitted."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_STREAM
        while loop.time() < end and not stopping.is_set() and await admitted():
            told = await self.next()
            if not told:
                await self.wait(HEARTBEAT, stopping)
                told = await self.next()
            for one in told:
                yield one
            if not told:
                yield None

    def _told(self, record: Record) -> Told:
        self._at = self._at.after(record)
        at = self._at
        cursor = self._cursors.seal(self._topic, at.incarnation, at.next, at.record)
        return cursor, cloud_event(record)


def cloud_event(record: Record) -> dict[str, Any]:
    """A record in the JSON format of CloudEvents 1.0; its body is the data, field by field."""
    attributes = {
        name.removeprefix("ce_"): value
        for name, value in record.headers.items()
        if name.startswith("ce_")
    }
    kind = {"datacontenttype": record.headers["content-type"]}
    return {**attributes, **kind, "data": json.loads(record.value)}


def _position(sealed: Sequence[str | int]) -> Position:
    incarnation, following, record = sealed
    return Position(str(incarnation), int(following), str(record))


def _away() -> Problem:
    return Problem("registrar_unavailable", headers=RETRY)
