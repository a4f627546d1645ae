"""The stores: each holds of every history just what it should, in the order of the journal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from consistency.prove.chain import FIRST, after, parsed
from consistency.prove.course import Course
from consistency.prove.findings import Findings
from consistency.prove.journal import Journal, Key
from consistency.prove.reading import REGISTRAR, SERVICES, Source

_EVENTS = "SELECT stream, id, version, root, type, time, body, hash FROM event ORDER BY 1, 3, 2"
_HEADS = "SELECT stream, version, hash FROM stream"


@dataclass
class Told:
    """What the registrar's store tells: who may read how far, and which events a command made."""

    reach: dict[str, dict[str, int]] = field(default_factory=dict)
    made: dict[Key, list[tuple[str, int]]] = field(default_factory=dict)
    filed: dict[str, str] = field(default_factory=dict)
    """The filing command of every complaint."""
    digests: dict[Key, str] = field(default_factory=dict)


def check_registrar(source: Source, journal: Journal, found: Findings) -> Told:
    """The registrar's store is what the journal says, and every history went as it may."""
    told = Told()
    held = set()
    for stream, events in _histories(source, REGISTRAR, journal, found):
        held.add(stream)
        course = Course()
        for event in events:
            version, key = event["version"], (event["author"], event["command_id"])
            for invariant, what in course.goes_on(event):
                found.add(invariant, what, REGISTRAR, stream, version)
            told.made.setdefault(key, []).append((stream, version))
            told.digests[key] = event["command_digest"]
            if event["type"] == "ComplaintFiled":
                told.filed[stream] = event["command_id"]
        told.reach[stream] = course.reach
        _check_length(REGISTRAR, stream, course.version, len(journal.hashes[stream]), found)
        for version, times in Counter(
            dict.fromkeys(course.moves, 0) | Counter(course.notices)
        ).items():
            if times != 1 and (version in course.moves or times > 1):
                what = f"the complainant was told {times} times"
                found.add("invariant 5", what, REGISTRAR, stream, version)
    for stream in journal.hashes.keys() - held:
        found.add("I5", "a history is lost", REGISTRAR, stream, 1)
    return told


def check_copies(source: Source, journal: Journal, told: Told, found: Findings) -> None:
    """Every other store has the same, as far as its participant may read."""
    for participant in source.participants():
        if participant == REGISTRAR:
            continue
        due = {
            stream: len(hashes) if participant in SERVICES else told.reach[stream][participant]
            for stream, hashes in journal.hashes.items()
            if participant in SERVICES or participant in told.reach.get(stream, {})
        }
        for stream, events in _histories(source, participant, journal, found):
            version = sum(1 for _ in events)
            expected = due.pop(stream, 0)
            if version > expected and participant not in SERVICES:
                what = f"{participant} is not party, and holds it"
                found.add("invariant 12", what, participant, stream, expected + 1)
            else:
                _check_length(participant, stream, version, expected, found)
        for stream in due:
            found.add("I5", "a history is lost", participant, stream, 1)


def _check_length(who: str, stream: str, version: int, expected: int, found: Findings) -> None:
    if version < expected:
        found.add("I5", "the end is lost", who, stream, version + 1)
    elif version > expected:
        found.add("I2", "events that the journal does not have", who, stream, expected + 1)


def _histories(
    source: Source, participant: str, journal: Journal, found: Findings
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every history in a store, as far as it is sound."""
    heads = {
        stream: (version, hash_) for stream, version, hash_ in source.rows(participant, _HEADS)
    }
    for stream, rows in groupby(source.rows(participant, _EVENTS), key=lambda row: row[0]):
        events, hash_, place = [], FIRST, 0
        for _, id_, version, *row, body, kept in rows:
            fault = _fault(events, version, stream, row, body)
            hash_ = after(hash_, body)
            if fault is None and kept != hash_:
                fault = "I4", "the hash does not follow from the body"
            elif fault is None and not journal.has(stream, version, hash_):
                fault = "invariant 9", "differs from the journal"
            if fault is None and id_ < place:
                found.add(
                    "I3", "stored before the event that it follows", participant, stream, version
                )
            if fault is not None:
                found.add(*fault, participant, stream, version)
                break
            place = id_
            events.append(parsed(body) or {})
            found.count("events checked")
        if heads.pop(stream, None) != (len(events), hash_):
            found.add("I4", "the head is not the last event", participant, stream, len(events))
        yield stream, events
    for stream, (version, _) in heads.items():
        found.add("I5", "a head without its events", participant, stream, version)


def _fault(
    before: list[dict[str, Any]], version: int, stream: str, row: list[Any], body: bytes
) -> tuple[str, str] | None:
    """What is wrong with an event as it lies in its row."""
    if version != len(before) + 1:
        return "I3", f"version {len(before) + 1} is missing or doubled"
    event = parsed(body)
    if event is None:
        return "I4", "the body is not canonical JSON"
    if (event["stream"], event["version"]) != (stream, version):
        return "I4", "the body is another event's"
    if [event["root"], event["type"], event["time"]] != row:
        return "I4", "the row says something else than its body"
    return None
