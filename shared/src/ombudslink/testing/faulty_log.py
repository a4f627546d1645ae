"""A log that fails when it is told to, and copies of a log in memory as a restored backup gives."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ombudslink.log import Log, LogUnavailable, Outgoing, Place, Record
from ombudslink.log.memory import Content


class FaultyLog:
    """Any log, with the faults of reality put in front of it.

    `available` switches the whole log off and on. `log` may be replaced at any time, as when an
    operator restores a backup under a running reader.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.available = True
        self._appended_before_failure: int | None = None

    def fail_next_send_after(self, appended: int) -> None:
        """The next send appends this many records at most and then raises `LogUnavailable`; with
        as many as it was given, only the acknowledgement is lost."""
        self._appended_before_failure = appended

    async def start(self) -> None:
        """Open the log behind it."""
        await self._reach().start()

    async def close(self) -> None:
        """Close the log behind it."""
        await self.log.close()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Append the records, or a prefix of them."""
        log, appended = self._reach(), self._appended_before_failure
        if appended is None:
            return await log.send(records)
        self._appended_before_failure = None
        await log.send(records[:appended])
        raise LogUnavailable(f"the log failed after {appended} records")

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Records from that offset on."""
        return await self._reach().read(topic, partition, offset, limit)

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The next offset of each partition."""
        return await self._reach().ends(places)

    async def incarnation(self, topic: str) -> str:
        """The topic's name for its own lifetime."""
        return await self._reach().incarnation(topic)

    async def wait(self, topics: Mapping[Place, int], timeout: float) -> None:
        """Return when one of the partitions may hold a record at or beyond its offset."""
        await self._reach().wait(topics, timeout)

    def now(self) -> datetime:
        """The time of the log behind it."""
        return self.log.now()

    def _reach(self) -> Log:
        if not self.available:
            raise LogUnavailable("the log is switched off")
        return self.log


def backup(content: Content) -> Content:
    """A copy as it stands now; a `MemoryLog` on it is the log restored from that copy."""
    records = {place: list(stand) for place, stand in content.records.items()}
    return Content(records, dict(content.incarnations), content.last)


def truncated(content: Content, ends: Mapping[Place, int]) -> Content:
    """A copy whose named partitions end at these offsets, under the same incarnations."""
    copy = backup(content)
    for (topic, partition), end in ends.items():
        del copy.at(topic, partition)[end:]
    return copy


def made_anew(content: Content) -> Content:
    """A copy with the same records whose topics have other incarnations, as after moving them."""
    copy = backup(content)
    copy.incarnations = {topic: str(uuid.uuid4()) for topic in content.incarnations}
    return copy
