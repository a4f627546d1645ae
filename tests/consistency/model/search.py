"""The exhaustive search: `python -m consistency.model.search` tries every order of every step."""

import sys
from dataclasses import dataclass
from itertools import pairwise

from consistency.model.protocol import Outcome, Rules, State, Told, steps
from consistency.model.referrals import History, fold

MOST = 5_000_000
"""A search that finds more states than this is not exhaustive, and says so."""


class TooMany(Exception):
    """The bounds are too wide for this machine."""


@dataclass(frozen=True, slots=True)
class Result:
    """How many states there are, and the shortest way to one that must not be."""

    states: int
    broken: str | None = None
    way: int = 0


def search(rules: Rules) -> Result:
    """Look at every state, the nearest first, until one breaks an invariant.

    Raises:
        TooMany: there are more than `MOST`.
    """
    border, seen, way = [rules.start()], {rules.start()}, 0
    while border:
        further: list[State] = []
        for state in border:
            broken = breach(state)
            if broken is not None:
                return Result(len(seen), broken, way)
            for one in steps(state, rules):
                if one not in seen:
                    seen.add(one)
                    further.append(one)
        if len(seen) > MOST:
            raise TooMany(f"{len(seen):,} states after {way} steps")
        border, way = further, way + 1
    return Result(len(seen), way=way)


def breach(state: State) -> str | None:
    """The invariant that a state breaks."""
    written = _written(state)
    if written is None:
        return "9: one version was used for two events"
    for history in (*written, *state.database.histories):
        if not fold(history).sound:
            return "1: custody was taken without having been offered"
        if any(len(fold(history[:end]).asked) > 1 for end in range(1, len(history) + 1)):
            return "2: two transfers wait for an answer"
    answers = {record for feed in state.feeds for record in feed if isinstance(record, Outcome)}
    decided = {record for record in state.journal if isinstance(record, Outcome)}
    if len({one.command for one in decided | answers}) < len(decided | answers):
        return "8: a repeated command got another answer"
    if not answers <= decided:
        return "11: a decision that the journal does not have was acknowledged"
    for copy in state.copies:
        if any(not _begins(ours, theirs) for ours, theirs in zip(copy, written, strict=True)):
            return "9: an office has what the journal does not have"
    if not _decided_once(state):
        return "11: a command was passed over"
    return None


def _written(state: State) -> tuple[History, ...] | None:
    """The histories that the journal tells; None when it contradicts itself."""
    events: tuple[dict[int, object], ...] = ({}, {})
    for record in state.journal:
        if isinstance(record, Told):
            known = events[record.stream].setdefault(record.version, record.event)
            if known != record.event or len(events[record.stream]) < record.version:
                return None
    return tuple(tuple(one.values()) for one in events)  # type: ignore[return-value]


def _begins(ours: History, theirs: History) -> bool:
    return theirs[: len(ours)] == ours


def _decided_once(state: State) -> bool:
    """Whether all commands before the position are decided, each at one place of its stream."""
    database = state.database
    known = {outcome.command for outcome in database.outcomes}
    if any(command.id not in known for command in state.log[: database.position]):
        return False
    return all(
        before.command == after.command or before.command not in _commands(history[place + 1 :])
        for history in database.histories
        for place, (before, after) in enumerate(pairwise(history))
    )


def _commands(history: History) -> set[str]:
    return {event.command for event in history}


WIDE = (
    Rules(commands=3, repeats=0, takes=2, restores=0),
    Rules(commands=1, repeats=1, takes=2, restores=1),
)
"""What is searched in full numbers; each takes minutes."""


def main() -> int:
    """Search all of it; 1 when an invariant breaks."""
    results = []
    for rules in WIDE:
        results.append(search(rules))
        found = results[-1]
        print(f"{found.states:,} states, the furthest {found.way} steps away: ", end="")
        print(found.broken or "every invariant holds in each of them", flush=True)
    return int(any(found.broken for found in results))


if __name__ == "__main__":
    sys.exit(main())
