"""Proving that all stores hold one history: every chain recomputed, every copy compared.

Works on the files alone, also while the services run: each store is read as one snapshot, the
registrar's last, so that no other store can rightly have what the registrar's lacks.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from ombudslink.envelope import Envelope, Undecodable
from ombudslink.proof.copies import Copy, Damage, copies, open_store
from ombudslink.store import tables
from ombudslink.store.engine import StoreError

What = Literal[Damage, "forked", "not_entitled"]
"""What is wrong with a copy: damage in itself, another content than the others' copies, or that
this participant has it at all."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """From which version on the copies of these stores are wrong, and how."""

    stream: str
    version: int
    stores: tuple[str, ...]
    what: What


@dataclass(frozen=True, slots=True)
class Lag:
    """A store that must hold a history and has not come to its end yet."""

    participant: str
    stream: str
    has: int
    needs: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `events` counts every event that was recomputed, in all stores."""

    streams: int
    events: int
    diverged: tuple[Divergence, ...]
    behind: tuple[Lag, ...]

    @property
    def verdict(self) -> Literal["equal", "behind", "diverged"]:
        """In one word."""
        if self.diverged:
            return "diverged"
        return "behind" if self.behind else "equal"


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a complaint's way, and in which stores it stands with the same hash."""

    version: int
    time: datetime
    author: str
    type: str
    facts: dict[str, Any]
    held_by: dict[str, bool]


def verify(stores: Mapping[str, Path], registrar: str, hold_all: Collection[str]) -> Report:
    """Recompute every chain in every store and compare the copies of each history.

    `hold_all` are those who read every history, besides the registrar.

    Raises:
        StoreError: a store is missing or cannot be read, or the registrar's is not among them.
    """
    diverged: list[Divergence] = []
    behind: list[Lag] = []
    streams = events = 0
    with ExitStack() as stack:
        opened = _opened(stack, stores, registrar)
        everything = [copies(p, c, fold=p == registrar) for p, c in opened.items()]
        for stream, group in groupby(merge(*everything, key=_stream), key=_stream):
            held = {copy.participant: copy for copy in group}
            streams += 1
            events += sum(copy.version for copy in held.values())
            comparison = _Comparison(stream, held, registrar, hold_all)
            diverged += comparison.diverged
            behind += comparison.behind(opened)
    return Report(streams, events, tuple(diverged), tuple(behind))


def story(stores: Mapping[str, Path], registrar: str, stream: str) -> list[Line]:
    """One complaint's way, event by event, as the registrar's store tells it.

    Raises:
        StoreError: a store is missing or cannot be read, or the registrar's is not among them.
    """
    with ExitStack() as stack:
        opened = _opened(stack, stores, registrar)
        held = {p: next(copies(p, c, only=stream), Copy(p, stream)) for p, c in opened.items()}
        row = tables.event.c
        told = opened[registrar].execute(
            select(row.version, row.time, row.type, row.body, row.hash)
            .where(row.stream == stream)
            .order_by(row.version)
        )
        return [_line(r, {p: held[p].holds(r.version, r.hash) for p in stores}) for r in told]


def _opened(stack: ExitStack, stores: Mapping[str, Path], registrar: str) -> dict[str, Connection]:
    if registrar not in stores:
        raise StoreError(f"the store of the registrar '{registrar}' is not among them")
    others = (p for p in stores if p != registrar)
    return {p: stack.enter_context(open_store(p, stores[p])) for p in (*others, registrar)}


def _stream(copy: Copy) -> str:
    return copy.stream


class _Comparison:
    """The copies of one history compared; `_standing` are those that were not found wrong."""

    def __init__(
        self, stream: str, held: Mapping[str, Copy], registrar: str, hold_all: Collection[str]
    ) -> None:
        self._stream = stream
        self._registrar = registrar
        self._copies = held
        self._standing = {p: copy for p, copy in held.items() if copy.damage is None}
        known = held.get(registrar) or Copy(registrar, stream)
        self._reach, self._end = known.readers, known.version
        self._hold_all = {registrar, *hold_all}
        self.diverged = [
            *self._damaged(),
            *self._forked(),
            *self._inserted(),
            *self._not_entitled(),
        ]

    def behind(self, participants: Collection[str]) -> list[Lag]:
        """Who must hold the history and has not come to its end; a wrong copy is not only late."""
        needs = max((copy.version for copy in self._standing.values()), default=0)
        found = []
        for participant in participants:
            wrong = participant in self._copies and participant not in self._standing
            has, due = self._version(participant), min(needs, self._entitled(participant, needs))
            if not wrong and has < due:
                found.append(Lag(participant, self._stream, has, due))
        return found

    def _damaged(self) -> Iterator[Divergence]:
        for participant, copy in self._copies.items():
            if copy.damage is not None:
                version, damage = copy.damage
                yield Divergence(self._stream, version, (participant,), damage)

    def _forked(self) -> Iterator[Divergence]:
        """The first version at which stores go ways of their own; most of them are right."""
        longest = max(copy.version for copy in self._copies.values())
        together = dict(self._copies)
        for version in range(1, longest + 1):
            ways: dict[bytes, list[str]] = defaultdict(list)
            for participant, copy in together.items():
                if version <= copy.version:
                    ways[copy.hashes[version - 1]].append(participant)
            if len(ways) > 1:
                right = max(ways.values(), key=lambda way: (len(way), self._registrar in way))
                wrong = sorted(p for way in ways.values() if way is not right for p in way)
                yield Divergence(self._stream, version, tuple(wrong), "forked")
                for participant in wrong:
                    del together[participant]
                    self._standing.pop(participant, None)

    def _inserted(self) -> Iterator[Divergence]:
        """What one store alone has beyond the registrar's end was never decided.

        When several have it, the registrar's store was put back from a backup and is behind.
        """
        if self._registrar in self._copies and self._registrar not in self._standing:
            return
        end = self._version(self._registrar)
        beyond = [p for p, copy in self._standing.items() if copy.version > end]
        if len(beyond) == 1:
            yield Divergence(self._stream, end + 1, (beyond[0],), "inserted")
            del self._standing[beyond[0]]

    def _not_entitled(self) -> Iterator[Divergence]:
        """Who has a history, or more of it, without being party to it (invariant 12)."""
        end = self._version(self._registrar)
        if self._reach is None:
            return
        strangers: dict[int, list[str]] = defaultdict(list)
        for participant, copy in sorted(self._standing.items()):
            entitled = self._entitled(participant, end)
            if entitled < copy.version <= end:
                strangers[entitled + 1].append(participant)
        for version, participants in sorted(strangers.items()):
            yield Divergence(self._stream, version, tuple(participants), "not_entitled")

    def _entitled(self, participant: str, end: int) -> int:
        """How far it may and must read the history, if that goes to `end`."""
        if participant in self._hold_all:
            return end
        reach = (self._reach or {}).get(participant, 0)
        return end if reach and reach == self._end else reach

    def _version(self, participant: str) -> int:
        copy = self._standing.get(participant)
        return copy.version if copy else 0


def _line(row: Row[*tuple[Any, ...]], held_by: dict[str, bool]) -> Line:
    """What a row says; of a body that is damaged, only what stands beside it."""
    try:
        envelope = Envelope.from_body(row.body)
        author, facts = envelope.author, _facts(envelope.data)
    except Undecodable:
        author, facts = "", {}
    time = datetime.fromisoformat(row.time)
    return Line(row.version, time, author, row.type, facts, held_by)


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The codes, ids and dates of an event, without what it refers to and what is empty."""
    return {name: value for name, value in data.items() if _tells(value)}


def _tells(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and not any(isinstance(item, dict) for item in value)
    return value is not None and not isinstance(value, dict)
