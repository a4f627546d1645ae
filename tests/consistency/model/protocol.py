"""The protocol as a small model: every step that its parts can take, from any state.

Two registrars share a database under a lease; decisions go through the outbox into the journal and
then into feeds. A feed is the set of what was ever sent to it, which an office reads at any later
time: what came doubled or in another order is the same set. A journal keeps its first copy of a
record, as its readers do. The database's unique key of stream and version is left
out, so that the fence alone is tried; the registrars run different editions of the rules, so that
nobody is saved by deciding the same again. Nothing that an earlier process sent arrives after a
restored database was taken over: before that, the earlier process has ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from consistency.model.referrals import (
    FIRST,
    OFFICES,
    WHOLE,
    Command,
    Event,
    History,
    decide,
    fold,
    reaction,
    wishes,
)

T = TypeVar("T")


class Outcome(NamedTuple):
    """What became of a command: the events that it made after `before` others; none if refused."""

    command: str
    stream: int
    before: int
    events: History


class Told(NamedTuple):
    """An event at its place."""

    stream: int
    version: int
    event: Event


class Row(NamedTuple):
    """What waits in the outbox: for `journal`, `commands`, or the feed of an office."""

    to: str
    record: Outcome | Told | Command


class Database(NamedTuple):
    """The registrar's."""

    fence: int = 0
    position: int = 0
    histories: tuple[History, ...] = ((Event("filed", FIRST, "", 0),), ())
    outcomes: frozenset[Outcome] = frozenset()
    outbox: tuple[Row, ...] = ()


class Registrar(NamedTuple):
    """A process: its fence, and what it remembers of the database."""

    fence: int = 0
    memory: Database = Database()


class State(NamedTuple):
    """Everything at one moment. The `left` are what may still go wrong."""

    database: Database = Database()
    registrars: tuple[Registrar, ...] = (Registrar(), Registrar())
    backup: Database | None = None
    log: tuple[Command, ...] = ()
    journal: tuple[Outcome | Told, ...] = (Told(WHOLE, 1, Event("filed", FIRST, "", 0)),)
    feeds: tuple[frozenset[Outcome | Told], ...] = (frozenset(),) * 3
    copies: tuple[tuple[History, ...], ...] = (Database().histories, ((), ()), ((), ()))
    stopped: bool = False
    repeats_left: int = 0
    takes_left: int = 0
    restores_left: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """How far the search goes, and what is left out of the protocol to see that it is found."""

    commands: int = 3
    repeats: int = 1
    takes: int = 3
    restores: int = 1
    fence: bool = True
    journal_first: bool = True
    reads_journal: bool = True
    remembers: bool = True
    """Whether a repeated command is known by its id."""

    def start(self) -> State:
        """Before anything happened."""
        left = {"repeats_left": self.repeats, "takes_left": self.takes}
        return State(**left, restores_left=self.restores)


def steps(state: State, rules: Rules) -> Iterator[State]:
    """Every state that can follow."""
    yield from _ask(state, rules)
    yield from _send(state, rules)
    yield from _read(state)
    for number in range(len(state.registrars)):
        if state.takes_left and not state.stopped:
            yield _take(state, number, rules)
        if state.registrars[number].fence and not state.stopped:
            yield from _decide(state, number, rules)
    if state.restores_left:
        if state.backup is None:
            yield state._replace(backup=state.database)
        elif state.backup != state.database:
            ended = (Registrar(), Registrar())
            yield state._replace(
                database=state.backup, registrars=ended, restores_left=state.restores_left - 1
            )


def _ask(state: State, rules: Rules) -> Iterator[State]:
    """An office asks for something, or once more for what it asked."""
    own = sum(command.by != "registrar" for command in set(state.log))
    for office, seen in zip(OFFICES, state.copies, strict=True):
        for command in wishes(office, seen):
            if command not in state.log and own < rules.commands:
                yield state._replace(log=(*state.log, command))
    if state.repeats_left:
        for command in dict.fromkeys(state.log):
            log = (*state.log, command)
            yield state._replace(log=log, repeats_left=state.repeats_left - 1)


def _send(state: State, rules: Rules) -> Iterator[State]:
    """The relay sends a row: the journal's and commands in order, then the feeds' before them."""
    outbox = state.database.outbox
    feeds = [place for place, row in enumerate(outbox) if row.to in OFFICES]
    others = [place for place, row in enumerate(outbox) if row.to not in OFFICES]
    if others:
        yield _sent(state, others[0])
    if rules.journal_first and others:
        feeds = [place for place in feeds if place < others[0]]
    if feeds:
        yield _fed(state, feeds)


def _sent(state: State, place: int) -> State:
    outbox = state.database.outbox
    record = outbox[place].record
    rest = state.database._replace(outbox=outbox[:place] + outbox[place + 1 :])
    state = state._replace(database=rest)
    if isinstance(record, Command):
        return state._replace(log=(*state.log, record))
    return state if record in state.journal else state._replace(journal=(*state.journal, record))


def _fed(state: State, places: list[int]) -> State:
    outbox = state.database.outbox
    rows = [outbox[place] for place in places]
    rest = tuple(row for place, row in enumerate(outbox) if place not in places)
    feeds = tuple(
        feed | {row.record for row in rows if row.to == office}
        for office, feed in zip(OFFICES, state.feeds, strict=True)
    )
    return state._replace(database=state.database._replace(outbox=rest), feeds=feeds)


def _read(state: State) -> Iterator[State]:
    """An office reads what it was sent, as far as it goes; or later, after anything else."""
    for number, feed in enumerate(state.feeds):
        told = {(one.stream, one.version): one.event for one in feed if isinstance(one, Told)}
        grown = []
        for stream, history in enumerate(state.copies[number]):
            while (stream, len(history) + 1) in told:
                history = (*history, told[stream, len(history) + 1])
            grown.append(history)
        if tuple(grown) != state.copies[number]:
            yield state._replace(copies=_put(state.copies, number, tuple(grown)))


def _take(state: State, number: int, rules: Rules) -> State:
    """A registrar takes the lease, and imports from the journal what the database lacks."""
    database = state.database._replace(fence=state.database.fence + 1)
    state = state._replace(takes_left=state.takes_left - 1)
    imported = _imported(state, database, number + 1) if rules.reads_journal else database
    if imported is None:
        return state._replace(stopped=True)
    process = Registrar(imported.fence, imported._replace(fence=0, outbox=()))
    registrars = state.registrars
    if rules.fence:
        # Whoever held it before will not come to use what it remembers.
        registrars = tuple(Registrar(min(one.fence, 1)) for one in registrars)
    return state._replace(database=imported, registrars=_put(registrars, number, process))


def _imported(state: State, database: Database, edition: int) -> Database | None:
    """The database with all of the journal; None when they differ, so that all must stop."""
    torn: dict[int, Outcome] = {}
    for record in state.journal:
        if isinstance(record, Outcome):
            known = [one for one in database.outcomes if one.command == record.command]
            if known and known != [record]:
                return None
            database = database._replace(outcomes=database.outcomes | {record})
            if record.before + len(record.events) > len(database.histories[record.stream]):
                torn[record.stream] = record
        else:
            history = database.histories[record.stream]
            if record.version <= len(history):
                if history[record.version - 1] != record.event:
                    return None
            else:
                database = _append(database, record, journal=False)
                outcome = torn.get(record.stream)
                if outcome and record.version == outcome.before + len(outcome.events):
                    del torn[record.stream]
    for stream, outcome in torn.items():
        command = next(one for one in state.log if one.id == outcome.command)
        history = database.histories[stream]
        if decide(history[: outcome.before], command, edition) != outcome.events:
            return None
        for place in range(len(history) - outcome.before, len(outcome.events)):
            told = Told(stream, outcome.before + place + 1, outcome.events[place])
            database = _append(database, told, journal=True)
    return database


def _decide(state: State, number: int, rules: Rules) -> Iterator[State]:
    """A registrar decides the next command by what it remembers, and commits under its fence."""
    process, database = state.registrars[number], state.database
    if rules.fence and process.fence != database.fence:
        yield state._replace(registrars=_put(state.registrars, number, Registrar()))
        return
    memory = process.memory
    if memory.position >= len(state.log):
        return
    command = state.log[memory.position]
    known = next((one for one in memory.outcomes if one.command == command.id), None)
    after = database._replace(position=memory.position + 1)
    if known is not None and rules.remembers:
        after = after._replace(outbox=(*after.outbox, *_answer(command, known)))
    else:
        history = memory.histories[command.stream]
        events = decide(history, command, number + 1)
        outcome = Outcome(command.id, command.stream, len(history), events)
        after = after._replace(
            histories=_put(after.histories, command.stream, history),
            outcomes=after.outcomes | {outcome},
            outbox=(*after.outbox, Row("journal", outcome)),
        )
        for place, event in enumerate(events, len(history) + 1):
            after = _append(after, Told(command.stream, place, event), journal=True)
        after = after._replace(outbox=(*after.outbox, *_answer(command, outcome)))
    decided = Registrar(process.fence, after._replace(fence=0, outbox=()))
    yield state._replace(database=after, registrars=_put(state.registrars, number, decided))


def _append(database: Database, told: Told, *, journal: bool) -> Database:
    """One event more, and who is sent it: who was party this event, who becomes it everything."""
    before = database.histories[told.stream]
    now = (*before, told.event)
    rows = [Row("journal", told)] if journal else []
    already = fold(before).parties
    for office in fold(now).parties:
        first = len(now) if office in already else 1
        for version in range(first, len(now) + 1):
            rows.append(Row(office, Told(told.stream, version, now[version - 1])))
    follow = reaction(told.event)
    if follow is not None:
        rows.append(Row("commands", follow))
    histories = _put(database.histories, told.stream, now)
    return database._replace(histories=histories, outbox=(*database.outbox, *rows))


def _answer(command: Command, outcome: Outcome) -> list[Row]:
    return [Row(command.by, outcome)] if command.by in OFFICES else []


def _put(parts: tuple[T, ...], place: int, part: T) -> tuple[T, ...]:
    return (*parts[:place], part, *parts[place + 1 :])
