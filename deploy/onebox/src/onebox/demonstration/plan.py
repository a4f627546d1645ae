"""When what is done in the demonstration: a pure function of a seed and a day."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from onebox.demonstration.inspecting import Inspecting, Member
from onebox.demonstration.reading import Demonstration, Routed
from onebox.demonstration.steps import Act, Days, Expiry, File, Say, Silence, Span, Step, What
from onebox.demonstration.stories import Fate, Fields, Letter, Move

_SEND: Final = Move(
    by="keeper",
    act="referrals",
    days=(1, 2),
    said={"kind": "transfer", "reason": "competence"},
    offices={"receiver": "competent"},
)
"""What precedes a fate of being passed on where the rules only propose the other office."""


def plan(demonstration: Demonstration, seed: int, now: datetime) -> list[Step]:
    """Everything that happens from ninety days before `now` until then, in order."""
    days = Days.until(now, demonstration.calendar)
    steps: list[Step] = []
    expired: dict[datetime, list[Expiry]] = {
        midnight: [] for midnight in days.midnights(demonstration.calendar)
    }
    spans: dict[str, Span] = {}
    for inspecting in _inspections(demonstration, days, seed):
        steps += inspecting.steps()
        spans |= dict.fromkeys(inspecting.complaints, inspecting.span)
    for routed in demonstration.stories:
        span = spans.get(routed.story.id)
        for step in _Telling(demonstration, routed, days, seed, span).steps():
            if isinstance(step.what, Silence):
                expired[step.when] += step.what.expired
            else:
                steps.append(step)
    silences = [Step(midnight, Silence(tuple(found))) for midnight, found in expired.items()]
    return sorted([*steps, *silences], key=lambda step: (step.when, step.story, step.number))


def _inspections(demonstration: Demonstration, days: Days, seed: int) -> Iterator[Inspecting]:
    stories = {routed.story.id: routed for routed in demonstration.stories}
    for joint in demonstration.inspections:
        members = [_member(demonstration, stories[one]) for one in joint.complaints]
        yield Inspecting(joint, members, days, seed)


def _member(demonstration: Demonstration, routed: Routed) -> Member:
    """How much of a written story's fate lies before and after its inspection."""
    moves = _moves(routed, _planned(routed, demonstration.fates))
    longest = [demonstration.answer_days if m.by == "nobody" else m.days[1] for m in moves]
    turn = _turn(moves)
    return Member(sum(longest[: turn - 1]), sum(longest[turn:]), turn)


def _planned(routed: Routed, fates: tuple[Fate, ...]) -> Fate:
    """The fate of a written story."""
    return next(fate for fate in fates if fate.id == routed.story.fate)


def _moves(routed: Routed, fate: Fate) -> tuple[Move, ...]:
    return (*((_SEND,) if routed.by_hand else ()), *fate.step)


def _turn(moves: tuple[Move, ...]) -> int:
    """The number of the step that stands for the inspection."""
    return 1 + next(n for n, move in enumerate(moves) if move.by == "inspection")


class _Telling:
    """One story, told with chances of its own, so that no other story changes it."""

    def __init__(
        self,
        demonstration: Demonstration,
        routed: Routed,
        days: Days,
        seed: int,
        span: Span | None,
    ) -> None:
        self._demonstration = demonstration
        self._routed = routed
        self._days = days
        self._span = span
        self._chance = Random(f"{seed}/{routed.story.id}")
        self._pair = self._chance.randrange(1_000)

    def steps(self) -> Iterator[Step]:
        """The filing and what follows."""
        fate = self._fate()
        moves = _moves(self._routed, fate)
        indexes = self._indexes(fate, moves)
        story = self._routed.story
        when = self._filed_at(indexes[0])
        filing = File(story.filing(), story.entered_by, self._routed.keeper)
        yield self._step(when, filing, 0)
        for number, (move, before, index) in enumerate(
            zip(moves, indexes, indexes[1:], strict=False), 1
        ):
            if move.by != "inspection":
                when = self._moment(move, index, when if index == before else None)
                yield self._step(when, self._what(move), number)

    def _fate(self) -> Fate:
        story, fates = self._routed.story, self._demonstration.fates
        if story.fate is not None:
            return _planned(self._routed, fates)
        fitting = [fate for fate in fates if fate.way == self._routed.way]
        return self._chance.choices(fitting, [fate.weight for fate in fitting])[0]

    def _indexes(self, fate: Fate, moves: tuple[Move, ...]) -> list[int]:
        """The working days of the filing and of every move, all within the demonstration."""
        took = list(accumulate(map(self._took, moves), initial=0))
        if self._span is not None:
            return _around(self._span, took, _turn(moves))
        latest = len(self._days.working) - 1
        if fate.standing is None:
            first = self._chance.randint(0, latest - took[-1])
        else:
            first = latest - self._chance.randint(*fate.standing) - took[-1]
        return [first + days for days in took]

    def _took(self, move: Move) -> int:
        if move.by == "nobody":
            return self._demonstration.answer_days
        return 0 if move.by == "inspection" else self._chance.randint(*move.days)

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
            case "inspection":
                raise TypeError("what is done in an inspection is told by itself")
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


def _around(span: Span, took: list[int], turn: int) -> list[int]:
    """What comes before an inspection ends on the day before it, and the rest follows on it."""
    before = [span.first - 1 - took[turn] + days for days in took[:turn]]
    return [*before, *(span.last - took[turn] + days for days in took[turn:])]
