"""What can happen in the demonstration, and the days on which it does.

A step says what is sent to the public interface, so that whoever carries it out need not know the
rules. Everything else happens by itself: routing, receipt, registration, notices, clocks, and what
an inspection and its complaints tell each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from ombudslink.calendar import Calendar
from ombudslink.values import ParticipantId
from onebox.demonstration.stories import Fields

BACK: Final = timedelta(days=90)
"""How long ago the demonstration begins."""


@dataclass(frozen=True, slots=True)
class File:
    """A complaint is filed, with `office` if that took it in for the person; it then appears in
    the inbox of `keeper`."""

    said: Fields
    office: ParticipantId | None
    keeper: ParticipantId


@dataclass(frozen=True, slots=True)
class Act:
    """An office does something: posted to `path` below the complaint."""

    office: ParticipantId
    path: str
    said: Fields


@dataclass(frozen=True, slots=True)
class Say:
    """The complainant says something: posted to `path` below the complaint's reference."""

    path: str
    said: Fields


@dataclass(frozen=True, slots=True)
class Propose:
    """An office proposes to examine the complaints of these stories together."""

    office: ParticipantId
    complaints: tuple[str, ...]
    said: Fields


@dataclass(frozen=True, slots=True)
class ActJointly:
    """An office does something in an inspection: posted to `path` below it."""

    office: ParticipantId
    path: str
    said: Fields


@dataclass(frozen=True, slots=True)
class Sign:
    """An office signs the joint report as it is shown to it."""

    office: ParticipantId


@dataclass(frozen=True, slots=True)
class Expiry:
    """A referral that nobody answered in time, as its sender sees it."""

    story: str
    office: ParticipantId
    referral: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Midnight, when legal periods end: whatever is due runs out before the next step, and
    these referrals among it."""

    expired: tuple[Expiry, ...]


What = File | Act | Say | Propose | ActJointly | Sign | Silence


@dataclass(frozen=True, slots=True)
class Step:
    """The `number`-th thing that happens to a story or an inspection; a silence belongs to none.

    `key` is the idempotency key: a UUID that depends on seed, story and number only.
    """

    when: datetime
    what: What
    story: str = ""
    number: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The working days of an inspection, by their numbers: its proposal and its last step."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Days:
    """The days of the demonstration; `working` are those on which offices act."""

    first: date
    last: date
    working: tuple[date, ...]
    zone: timezone

    @classmethod
    def until(cls, now: datetime, calendar: Calendar) -> "Days":
        """Whole days only: neither the first, which has begun, nor today."""
        first = calendar.local(now - BACK).date() + timedelta(days=1)
        last = calendar.local(now).date() - timedelta(days=1)
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        working = tuple(day for day in every if calendar.is_working(day))
        return cls(first, last, working, timezone(timedelta(minutes=calendar.utc_offset_minutes)))

    def at(self, day: date, minutes: int, seconds: int = 0) -> datetime:
        """That many minutes after the beginning of the day."""
        start = datetime.combine(day, time(), self.zone)
        return start + timedelta(minutes=minutes, seconds=seconds)

    def midnights(self, calendar: Calendar) -> Iterator[datetime]:
        """The end of every day, which is one second after the period's last full one."""
        for n in range((self.last - self.first).days + 1):
            yield calendar.end_of(self.first + timedelta(days=n)) + timedelta(seconds=1)

    def free_after(self, index: int) -> list[date]:
        """The days off between a working day and the next one."""
        following = self.working[index + 1 :]
        until = following[0] if following else self.last + timedelta(days=1)
        count = (until - self.working[index]).days - 1
        return [self.working[index] + timedelta(days=n + 1) for n in range(count)]
