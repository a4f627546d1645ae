"""When what is done with the complaints of the demonstration: a pure function of a seed and a day.

A step says what is sent to the public interface, so that whoever carries it out need not know the
rules. Everything else happens by itself: routing, receipt, registration, notices, clocks.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import accumulate
from random import Random
from typing import Final

from ombudslink.calendar import Calendar
from ombudslink.values import ParticipantId
from onebox.demonstration.stories import Demonstration, Fate, Fields, Letter, Move, Routed

BACK: Final = timedelta(days=90)
"""How long ago the demonstration begins."""

_SEND: Final = Move(
    by="keeper",
    act="referrals",
    days=(1, 2),
    said={"kind": "transfer", "reason": "competence"},
    offices={"receiver": "competent"},
)
"""What precedes a fate of being passed on where the rules only propose the other office."""


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


What = File | Act | Say | Silence


@dataclass(frozen=True, slots=True)
class Step:
    """The `number`-th thing that happens to a story; a silence belongs to none.

    `key` is the idempotency key: a UUID that depends on seed, story and number only.
    """

    when: datetime
    what: What
    story: str = ""
    number: int = 0
    key: str = ""


def plan(demonstration: Demonstration, seed: int, now: datetime) -> list[Step]:
    """Everything that happens from ninety days before `now` until then, in order."""
    days = _Days.until(now, demonstration.calendar)
    steps: list[Step] = []
    expired: dict[datetime, list[Expiry]] = {
        midnight: [] for midnight in days.midnights(demonstration.calendar)
    }
    for routed in demonstration.stories:
        for step in _Telling(demonstration, routed, days, seed).steps():
            if isinstance(step.what, Silence):
                expired[step.when] += step.what.expired
            else:
                steps.append(step)
    silences = [Step(midnight, Silence(tuple(found))) for midnight, found in expired.items()]
    return sorted([*steps, *silences], key=lambda step: (step.when, step.story, step.number))


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of the demonstration; `working` are those on which offices act."""

    first: date
    last: date
    working: tuple[date, ...]
    zone: timezone

    @classmethod
    def until(cls, now: datetime, calendar: Calendar) -> "_Days":
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


class _Telling:
    """One story, told with chances of its own, so that no other story changes it."""

    def __init__(
        self, demonstration: Demonstration, routed: Routed, days: _Days, seed: int
    ) -> None:
        self._demonstration = demonstration
        self._routed = routed
        self._days = days
        self._chance = Random(f"{seed}/{routed.story.id}")
        self._pair = self._chance.randrange(1_000)

    def steps(self) -> Iterator[Step]:
        """The filing and what follows."""
        fate = self._fate()
        moves = (*((_SEND,) if self._routed.by_hand else ()), *fate.step)
        indexes = self._indexes(fate, moves)
        story = self._routed.story
        when = self._filed_at(indexes[0])
        filing = File(story.filing(), story.entered_by, self._routed.keeper)
        yield self._step(when, filing, 0)
        for number, (move, before, index) in enumerate(
            zip(moves, indexes, indexes[1:], strict=False), 1
        ):
            when = self._moment(move, index, when if index == before else None)
            yield self._step(when, self._what(move), number)

    def _fate(self) -> Fate:
        story, fates = self._routed.story, self._demonstration.fates
        if story.fate is not None:
            return next(fate for fate in fates if fate.id == story.fate)
        fitting = [fate for fate in fates if fate.way == self._routed.way]
        return self._chance.choices(fitting, [fate.weight for fate in fitting])[0]

    def _indexes(self, fate: Fate, moves: tuple[Move, ...]) -> list[int]:
        """The working days of the filing and of every move, all within the demonstration."""
        took = list(accumulate(map(self._took, moves), initial=0))
        latest = len(self._days.working) - 1
        if fate.standing is None:
            first = self._chance.randint(0, latest - took[-1])
        else:
            first = latest - self._chance.randint(*fate.standing) - took[-1]
        return [first + days for days in took]

    def _took(self, move: Move) -> int:
        if move.by == "nobody":
            return self._demonstration.answer_days
        return self._chance.randint(*move.days)

    def _filed_at(self, index: int) -> datetime:
        """Offices enter in working hours; people write on days off and in the evening too."""
        day, seconds = self._days.working[index], self._chance.randrange(60)
        if self._routed.story.entered_by is not None:
            return self._days.at(day, self._chance.randint(9 * 60, 17 * 60), seconds)
        off = self._days.free_after(index)
        if off and self._chance.random() < 0.4:
            day = self._chance.choice(off)
        return self._days.at(day, self._chance.randint(8 * 60, 22 * 60), seconds)

    def _moment(self, move: Move, index: int, after: datetime | None) -> datetime:
        """When a move happens on its day, `after` what the same office did on it before."""
        day, seconds = self._days.working[index], self._chance.randrange(60)
        if move.by == "nobody":
            return self._days.at(day, 24 * 60)
        if after is not None:
            return after + timedelta(minutes=self._chance.randint(10, 45), seconds=seconds)
        latest = 21 * 60 if move.by == "complainant" else 14 * 60
        return self._days.at(day, self._chance.randint(9 * 60, latest), seconds)

    def _what(self, move: Move) -> What:
        routed = self._routed
        match move.by:
            case "nobody":
                return Silence((Expiry(routed.story.id, routed.keeper, move.referral),))
            case "complainant":
                return Say(move.act, self._said(move))
            case role:
                return Act(routed.office(role), move.act, self._said(move))

    def _said(self, move: Move) -> Fields:
        offices = {field: self._routed.office(role) for field, role in move.offices.items()}
        letter = self._letter(move)
        words = letter.model_dump(exclude_none=True) if letter else {}
        return {**move.said, **offices, **words}

    def _letter(self, move: Move) -> Letter | None:
        if move.letter is None:
            return None
        story = self._routed.story
        own = story.letters.get(move.letter)
        if own is not None:
            return own
        standard = self._demonstration.letters[move.letter]
        if move.letter in ("question", "reply"):
            chosen = standard[self._pair % len(standard)]
        else:
            chosen = self._chance.choices(standard, [one.weight for one in standard])[0]
        return chosen.letter(story.language)

    def _step(self, when: datetime, what: What, number: int) -> Step:
        key = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        return Step(when, what, self._routed.story.id, number, str(key))
