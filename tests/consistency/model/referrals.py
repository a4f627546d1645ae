"""The rules of the model: two streams of one root, passed on between three offices.

Just enough of the kernel's rules that two acts can contradict each other: a transfer is asked for,
answered or taken back, and a part is split off, which a reaction files as a stream of its own.
"""

from functools import cache
from typing import NamedTuple

OFFICES = ("A", "B", "C")
FIRST = "A"
"""Who has the complaint in the beginning."""
WHOLE, PART = 0, 1
"""The complaint, and what is split off it."""


class Command(NamedTuple):
    """What an office, or the registrar by a reaction, asks for. `id` is its name for ever."""

    by: str
    stream: int
    act: str
    to: str = ""

    @property
    def id(self) -> str:
        return "/".join(map(str, self))


class Event(NamedTuple):
    """What was decided, by which command, under which edition of the rules."""

    kind: str
    office: str
    command: str
    edition: int


History = tuple[Event, ...]


class Case(NamedTuple):
    """How a stream stands. `asked` are the offices that a transfer waits for (invariant 2)."""

    custodian: str = ""
    asked: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    split: bool = False
    sound: bool = True


@cache
def fold(history: History) -> Case:
    """The case after its events; not sound when one of them could not follow there."""
    case = Case()
    for event in history:
        case = _after(case, event)
    return case


def _after(case: Case, event: Event) -> Case:
    parties = case.parties if event.office in case.parties else (*case.parties, event.office)
    match event.kind:
        case "filed":
            return Case(event.office, parties=parties, sound=not case.custodian)
        case "referred":
            return case._replace(asked=(*case.asked, event.office), parties=parties)
        case "accepted":
            sound = case.sound and case.asked == (event.office,)
            return case._replace(custodian=event.office, asked=(), sound=sound)
        case "revoked":
            return case._replace(asked=(), sound=case.sound and bool(case.asked))
        case _:
            return case._replace(split=True, sound=case.sound and not case.split)


def decide(history: History, command: Command, edition: int) -> History:
    """The events of a command; none when it is refused."""
    case = fold(history)

    def made(*events: tuple[str, str]) -> History:
        return tuple(Event(kind, office, command.id, edition) for kind, office in events)

    mine = command.by == case.custodian
    match command.act:
        case "file" if not history:
            return made(("filed", FIRST), ("referred", command.to))
        case "refer" if mine and not case.asked and command.to != command.by:
            return made(("referred", command.to))
        case "accept" if command.by in case.asked:
            return made(("accepted", command.by))
        case "revoke" if mine and case.asked:
            return made(("revoked", command.by))
        case "split" if mine and not case.split:
            return made(("split", command.by))
        case _:
            return ()


def reaction(event: Event) -> Command | None:
    """What the registrar asks for by itself: the part that was split off is filed, for C."""
    return Command("registrar", PART, "file", "C") if event.kind == "split" else None


def wishes(office: str, seen: tuple[History, ...]) -> list[Command]:
    """What an office may want by what its own copies say, however old they are."""
    found = []
    for stream, history in enumerate(seen):
        case = fold(history)
        if case.custodian == office:
            found += [Command(office, stream, "refer", to) for to in OFFICES if to != office]
            found.append(Command(office, stream, "revoke"))
            if stream == WHOLE:
                found.append(Command(office, stream, "split"))
        if office in case.asked:
            found.append(Command(office, stream, "accept"))
    return found
