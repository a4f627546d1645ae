"""The log in memory: for tests, and the shortest statement of what a log does."""

import asyncio
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ombudslink.ids import partition_of
from ombudslink.log import (
    Clock,
    LogUnavailable,
    OffsetGone,
    Outgoing,
    Place,
    Record,
    from_milliseconds,
    partitions_of,
    refuse_too_large,
    system_clock,
    to_milliseconds,
)


@dataclass
class Content:
    """What stands in a log in memory. Every `MemoryLog` on it is one more handle on that log."""

    records: dict[Place, list[Record]] = field(default_factory=dict)
    incarnations: dict[str, str] = field(default_factory=dict)
    last: int = 0
    """The last append time, in milliseconds."""
    waiting: set[asyncio.Event] = field(default_factory=set)

    def at(self, topic: str, partition: int) -> list[Record]:
        """The records of a partition, to be changed in place."""
        return self.records.setdefault((topic, partition), [])

    def incarnation(self, topic: str) -> str:
        """The topic's name for its lifetime, which begins now if it did not yet."""
        return self.incarnations.setdefault(topic, str(uuid.uuid4()))


class MemoryLog:
    """A log that lives as long as its content does, within one event loop at a time."""

    def __init__(self, clock: Clock = system_clock, content: Content | None = None) -> None:
        self.content = Content() if content is None else content
        self._clock = clock
        self._open = False

    async def start(self) -> None:
        """Open it."""
        self._open = True

    async def close(self) -> None:
        """Close this handle; the content stays."""
        self._open = False

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Append the records; see `Log.send`."""
        content = self._opened()
        refuse_too_large(records)
        places = [(r, partition_of(r.key, partitions_of(r.topic))) for r in records]
        content.last = max(to_milliseconds(self._clock()), content.last)
        time = from_milliseconds(content.last)
        for r, partition in places:
            content.incarnation(r.topic)
            stand = content.at(r.topic, partition)
            stand.append(
                Record(r.topic, partition, len(stand), time, r.key, r.value, dict(r.headers))
            )
        for woken in content.waiting:
            woken.set()
        # An acknowledgement comes later than the append, as with a log that is elsewhere.
        await asyncio.sleep(0)

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on; see `Log.read`."""
        await asyncio.sleep(0)
        records = self._opened().at(topic, partition)
        if offset > len(records):
            raise OffsetGone(f"{topic}/{partition} ends at {len(records)}, before {offset}")
        return records[offset : offset + limit]

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The next offset of each partition."""
        await asyncio.sleep(0)
        content = self._opened()
        return {place: len(content.at(*place)) for place in places}

    async def incarnation(self, topic: str) -> str:
        """The topic's name for its own lifetime."""
        return self._opened().incarnation(topic)

    async def wait(self, topics: Mapping[Place, int], timeout: float) -> None:
        """Return when one of the partitions holds a record at or beyond its offset, or in time."""
        woken = asyncio.Event()
        content = self._opened()
        content.waiting.add(woken)
        try:
            async with asyncio.timeout(timeout):
                while all(len(content.at(*at)) <= offset for at, offset in topics.items()):
                    await woken.wait()
                    woken.clear()
        except TimeoutError:
            return
        finally:
            content.waiting.discard(woken)

    def now(self) -> datetime:
        """The clock, but never before the last append time."""
        return from_milliseconds(max(to_milliseconds(self._clock()), self.content.last))

    def _opened(self) -> Content:
        if not self._open:
            raise LogUnavailable("the log in memory is not open")
        return self.content
