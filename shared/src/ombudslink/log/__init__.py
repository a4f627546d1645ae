"""The port to the common log, and what every adapter of it promises.

Records of one partition are read in the order of their offsets, the same for every reader and for
ever. A record that `send` acknowledged is never lost. Sending may repeat a record after a crash;
readers are ready for it. `tests/contract/test_log.py` states all of this for every adapter.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from ombudslink.ids import PARTITIONS

COMMANDS: Final = "ombudslink.commands"
HISTORY: Final = "ombudslink.history"
MAX_RECORD_BYTES: Final = 1024 * 1024
"""The largest value of one record: 1 MiB."""
LONGEST_ID: Final = 120

Clock = Callable[[], datetime]
"""Tells the present instant, with its time zone. It may be called from any thread."""

Place = tuple[str, int]
"""A topic and one of its partitions."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def system_clock() -> datetime:
    """This machine's time, in UTC."""
    return datetime.now(UTC)


def to_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 in UTC: the unit of a log's append times."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(count: int) -> datetime:
    """The instant in UTC that many milliseconds after the start of 1970."""
    return _EPOCH + count * _MILLISECOND


def feed(participant: str) -> str:
    """The topic that only this participant reads."""
    return f"ombudslink.feed.{participant}"


def partitions_of(topic: str) -> int:
    """How many partitions a topic has, for ever."""
    return PARTITIONS if topic in (COMMANDS, HISTORY) else 1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be sent. The key decides the partition (`ids.partition_of`)."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands in the log. `time` is when the log appended it, in UTC."""

    topic: str
    partition: int
    offset: int
    time: datetime
    key: str
    value: bytes
    headers: Mapping[str, str]

    @property
    def id(self) -> str:
        """The record's own name, by which a reader recognises a restored or truncated log; none
        if it has not a proper one."""
        name = self.headers.get("ce_id", "")
        return name if len(name) <= LONGEST_ID and name.isascii() and name.isprintable() else ""


class LogError(Exception):
    """The log did not do what it was asked; nothing was lost, the caller tries again."""


class LogUnavailable(LogError):
    """The log cannot be reached at present."""


class LogDamaged(LogUnavailable):
    """What the log is kept in was altered or torn; it needs a hand before anything goes on."""


class RecordTooLarge(LogError):
    """A value above `MAX_RECORD_BYTES`; it is never sent, so trying again is useless."""


class OffsetGone(LogError):
    """The asked offset lies beyond the end: the log was truncated or restored."""


def refuse_too_large(records: Sequence[Outgoing]) -> None:
    """What every adapter does before it appends the first of the records.

    Raises:
        RecordTooLarge: the value of one of them is above `MAX_RECORD_BYTES`.
    """
    largest = max((len(record.value) for record in records), default=0)
    if largest > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"a value of {largest} bytes; a record holds {MAX_RECORD_BYTES}")


class Log(Protocol):
    """What a log must do. Every method may raise `LogUnavailable`."""

    async def start(self) -> None:
        """Open it. Repeating is harmless."""

    async def close(self) -> None:
        """Release what it holds. Repeating is harmless."""

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Append the records in this order, and return when all of them are durable.

        When it raises, or is cancelled, any prefix of the records may have been appended.

        Raises:
            RecordTooLarge: one of them is too large; none was appended.
        """

    async def read(
        self, topic: str, partition: int, offset: int, limit: int = 500
    ) -> Sequence[Record]:
        """Up to `limit` records from that offset on; empty at the end of the partition.

        Fewer than `limit` does not mean the end: an adapter may hand out large records in parts.

        Raises:
            OffsetGone: the offset lies beyond the end.
        """

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The offsets that the next record of each partition will get; 0 for an unused one."""

    async def incarnation(self, topic: str) -> str:
        """The topic's name for its own lifetime: another one after it was made anew."""

    async def wait(self, topics: Mapping[Place, int], timeout: float) -> None:
        """Return when one of the (topic, partition) may hold a record at or beyond its offset,
        or after `timeout` seconds; waking early is allowed."""

    def now(self) -> datetime:
        """The log's own time, by which timers are fired; in UTC, and never before the append time
        of a record that this handle has read or sent."""
