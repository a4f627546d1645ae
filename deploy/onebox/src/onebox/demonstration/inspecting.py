"""When what is done in a joint inspection of the demonstration."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from random import Random

from onebox.demonstration.steps import ActJointly, Days, Propose, Say, Sign, Span, Step, What
from onebox.demonstration.stories import Doing, Fields, Jointly


@dataclass(frozen=True, slots=True)
class Member:
    """A complaint of an inspection: the working days it needs at most before and after that, and
    the number of what it says meanwhile."""

    before: int
    after: int
    turn: int


class Inspecting:
    """One inspection, told with chances of its own. It leaves its complaints the days they need."""

    def __init__(self, joint: Jointly, members: Sequence[Member], days: Days, seed: int) -> None:
        self._joint = joint
        self._turns = dict(zip(joint.complaints, (m.turn for m in members), strict=True))
        self._days = days
        self._chance = Random(f"{seed}/{joint.id}")
        took = [self._chance.randint(*doing.days) for doing in joint.step]
        before, after = max(m.before for m in members), max(m.after for m in members)
        latest = len(days.working) - 1 - after - sum(took)
        first = self._chance.randint(before + 1, latest)
        self._indexes = list(accumulate(took, initial=first))
        self.span = Span(self._indexes[0], self._indexes[-1])

    @property
    def complaints(self) -> Sequence[str]:
        """The stories of its complaints."""
        return self._joint.complaints

    def steps(self) -> Iterator[Step]:
        """The proposal and what follows."""
        joint = self._joint
        when = self._moment(self._indexes[0])
        starts = self._days.working[self._indexes[0]]
        said: Fields = {
            "invited": list(joint.invited),
            "starts": starts.isoformat(),
            "ends": (starts + timedelta(days=joint.planned)).isoformat(),
            "text": joint.text,
        }
        yield self._step(when, Propose(joint.lead, joint.complaints, said), joint.id, 0)
        for number, (doing, (before, index)) in enumerate(
            zip(joint.step, pairwise(self._indexes), strict=True), 1
        ):
            when = self._moment(index, when if index == before else None)
            if doing.complaint is None:
                yield self._step(when, self._what(doing, index), joint.id, number)
            else:
                what = Say(doing.act, doing.said)
                yield self._step(when, what, doing.complaint, self._turns[doing.complaint])

    def _moment(self, index: int, after: datetime | None = None) -> datetime:
        """When something happens on its day, `after` what happened on it before."""
        seconds = self._chance.randrange(60)
        if after is not None:
            return after + timedelta(minutes=self._chance.randint(5, 25), seconds=seconds)
        return self._days.at(
            self._days.working[index], self._chance.randint(9 * 60, 12 * 60), seconds
        )

    def _what(self, doing: Doing, index: int) -> What:
        if doing.act == "signature":
            return Sign(doing.by)
        said = dict(doing.said)
        if doing.text is not None:
            said["text"] = doing.text
        if doing.due is not None:
            due = self._days.working[index] + timedelta(days=doing.due)
            said["due"] = due.isoformat()
        return ActJointly(doing.by, doing.act, said)

    def _step(self, when: datetime, what: What, story: str, number: int) -> Step:
        key = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        return Step(when, what, story, number, str(key))
