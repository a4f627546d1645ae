"""The state tables and drawings that people read: Markdown with Mermaid, from what was found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from ombudslink.commands import ComplaintCommand
from ombudslink.complaint import Phase
from ombudslink.contracts.states import COMPLAINT, START, Found, Move, Names, explore
from ombudslink.values import ReferralKind, ReferralState

_HEAD: Final = """\
# What can become of a complaint and of a referral

Made by `make contracts` from the rules themselves: every command was tried in every situation from
everybody who could send it. A code is what refuses the command wherever that is the only answer;
its sentences in three languages are in `shared/src/ombudslink/web/catalogue.toml`.
"""
_KINDS: Final = {
    ReferralKind.TRANSFER: "A transfer: custody moves to the receiver when it accepts",
    ReferralKind.REFERRAL: "A referral: the receiver is asked for help, custody stays",
}
COMMANDS: Final = tuple(cls.__name__ for cls in get_args(ComplaintCommand))
_ORDER: Final = (START, *(phase for phase in Phase if phase is not Phase.NONE), *ReferralState)


def page() -> str:
    """The whole page."""
    found = explore()
    parts = [_HEAD, *_of_complaints(found)]
    for kind, title in _KINDS.items():
        parts += [f"## {title}\n", *_of_referrals(found, kind)]
    return "\n".join(parts)


def _of_complaints(found: Found) -> Iterator[str]:
    yield "## The complaint\n"
    yield from _moves(found, COMPLAINT)
    yield "\nWhat every command does wherever the complaint stands (`[*]`: it is not filed yet):\n"
    phases = _ORDER[: len(Phase)]
    yield f"| Command | {' | '.join(_told(phase) for phase in phases)} |"
    yield f"|{' --- |' * (len(phases) + 1)}"
    refused = found.refused()
    for name in COMMANDS:
        cells = []
        for phase in phases:
            start = (COMPLAINT, phase)
            ends = [m.end[1] for m in found.moves if (m.start, m.command) == (start, name)]
            cells.append(_cell(phase, ends, refused.get((start, name), ())))
        yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""


def _cell(phase: str, ends: list[str], refused_with: Names) -> str:
    if not ends:
        return _listed(refused_with)
    return " or ".join("stays" if end == phase else f"→ {end}" for end in sorted(ends, key=_rank))


def _of_referrals(found: Found, kind: str) -> Iterator[str]:
    yield from _moves(found, kind)
    yield "\nWhat is refused while the complaint is open:\n"
    yield "| In | Commands | Refused with |\n| --- | --- | --- |"
    for (names, codes), states in _refused(found, kind).items():
        yield f"| {', '.join(states)} | {_listed(names)} | {_listed(codes)} |"
    yield ""


def _refused(found: Found, kind: str) -> dict[tuple[Names, Names], list[str]]:
    """The commands that are refused with the same codes, and the states where they are."""
    refused = found.refused()
    rows: dict[tuple[Names, Names], list[str]] = defaultdict(list)
    for state in ReferralState:
        by_codes: dict[Names, list[str]] = defaultdict(list)
        for name in COMMANDS:
            if ((kind, state), name) in refused:
                by_codes[refused[(kind, state), name]].append(name)
        for codes, names in by_codes.items():
            rows[tuple(names), codes].append(state)
    return rows


def _moves(found: Found, what: str) -> Iterator[str]:
    """The drawing and the table of all that changes where it stands."""
    moves = sorted((m for m in found.moves if m.start[0] == what and m.start != m.end), key=_place)
    yield from _drawing(moves, found)
    yield "| From | Command | Events | To |\n| --- | --- | --- | --- |"
    for move in moves:
        events = _events(found.moves[move])
        yield f"| {_told(move.start[1])} | `{move.command}` | {events} | {move.end[1]} |"


def _drawing(moves: Iterable[Move], found: Found) -> Iterator[str]:
    """The states and the event of each way between them; one arrow for all that lead the same."""
    labels: dict[tuple[str, str], set[str]] = defaultdict(set)
    for move in moves:
        labels[move.start[1], move.end[1]].add(_always(found.moves[move])[-1])
    yield "```mermaid\nstateDiagram-v2"
    for (start, end), told in labels.items():
        yield f"    {start} --> {end}: {' or '.join(sorted(told))}"
    left = {start for start, _ in labels}
    yield from (
        f"    {end} --> [*]" for end in dict.fromkeys(e for _, e in labels) if end not in left
    )
    yield "```\n"


def _place(move: Move) -> tuple[int, int, int]:
    return _rank(move.start[1]), _rank(move.end[1]), COMMANDS.index(move.command)


def _rank(where: str) -> int:
    return _ORDER.index(where)


def _told(where: str) -> str:
    return f"`{where}`" if where == START else where


def _events(outcomes: set[Names]) -> str:
    """What always follows, and in brackets what may come with it."""
    always = _always(outcomes)
    also = sorted({name for names in outcomes for name in names} - {*always})
    return _listed(always) + (f" ({_listed(also)})" if also else "")


def _always(outcomes: set[Names]) -> list[str]:
    return [name for name in min(outcomes) if all(name in names for names in outcomes)]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
