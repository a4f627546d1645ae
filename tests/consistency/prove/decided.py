"""Commands: each decided once, its events are its outcome's, and positions moved with effects."""

import hashlib
from collections import Counter
from typing import Any

from consistency.prove.chain import parsed
from consistency.prove.copies import Told
from consistency.prove.findings import Findings
from consistency.prove.journal import Journal, Key
from consistency.prove.reading import COMMANDS, REGISTRAR, SERVICES, Source

_COMMANDS = "SELECT id, stream, digest, body, outcome FROM command"
_POSITIONS = "SELECT reader, topic, partition, next, record FROM position"


def check_decisions(source: Source, journal: Journal, told: Told, found: Findings) -> None:
    """Invariants 8 and 11, and that nothing happened which nobody asked for."""
    kept: dict[Key, dict[str, Any] | None] = {}
    for sender, command, body in source.rows(
        REGISTRAR, "SELECT sender, command, body FROM outcome"
    ):
        kept[sender, command] = parsed(body)
    for key in kept.keys() | journal.outcomes.keys():
        outcome = journal.outcomes.get(key) or kept[key] or {}
        if kept.get(key) != journal.outcomes.get(key):
            what = "registrar and journal know another outcome"
            version = outcome.get("first_version") or 0
            found.add("invariant 8", what, REGISTRAR, outcome.get("stream", ""), version)
    sent = _check_senders(source, journal, found)
    for key, outcome in journal.outcomes.items():
        _check_events(key, outcome, journal, told, found)
    for key, events in told.made.items():
        stream, version = events[0]
        if key not in journal.outcomes:
            found.add("invariant 8", "events without a decision", REGISTRAR, stream, version)
        if told.digests[key] not in journal.digests | sent:
            found.add("I2", "an event of a command nobody sent", REGISTRAR, stream, version)


def _check_events(
    key: Key, outcome: dict[str, Any], journal: Journal, told: Told, found: Findings
) -> None:
    stream, made = outcome["stream"], told.made.get(key, [])
    first, last = outcome["first_version"] or 1, outcome["last_version"] or 0
    if made != [(stream, version) for version in range(first, last + 1)]:
        found.add("invariant 8", "not the events of its decision", REGISTRAR, stream, first)
    elif last and journal.hashes[stream][last - 1 : last] != [bytes.fromhex(outcome["last_hash"])]:
        found.add("invariant 9", "not the hash of its decision", REGISTRAR, stream, last)


def _check_senders(source: Source, journal: Journal, found: Findings) -> set[str]:
    """Who asked was told what became of it; returns the digests of all that was asked."""
    digests = set()
    for participant in source.participants():
        for id_, stream, digest, body, answer in source.rows(participant, _COMMANDS):
            digests.add(digest)
            found.count("commands checked")
            decided = journal.outcomes.get((participant, id_))
            if hashlib.sha256(body).hexdigest() != digest:
                found.add("I4", "a command that was changed", participant, stream)
            if decided is None or answer is None:
                found.add("invariant 11", "a command without outcome", participant, stream)
            elif decided["digest"] == digest and parsed(answer) != decided:
                found.add("invariant 8", "another answer than was decided", participant, stream)
    return digests


def check_rest(source: Source, found: Findings) -> None:
    """I10: nothing waits; and I6: nobody passed a record that the log does not have."""
    ends = source.ends()
    names: dict[tuple[str, int, int], str] = {}
    for topic in source.topics():
        for record in source.records(topic):
            names[topic, record.partition, record.offset] = record.headers.get("ce_id", "")
    for participant in source.participants():
        for table in ("outbox", "parked"):
            ((waiting,),) = source.rows(participant, f"SELECT count(*) FROM {table}")  # noqa: S608
            if waiting:
                found.add("I10", f"{waiting} rows wait in {table}", participant)
        for reader, topic, partition, reached, record in source.rows(participant, _POSITIONS):
            where = f"{participant}: {topic}/{partition}"
            end = ends.get((topic, partition), 0)
            if reached > end:
                found.add("I3", f"the log ends at {end}, {reached} was read", where)
            elif reached and names[topic, partition, reached - 1] != record:
                found.add("I3", f"another record stands at {reached - 1}", where)
            elif reached < end and (topic == COMMANDS or reader != "registrar"):
                found.add("I10", f"{end - reached} records are unread", where)
        if participant not in SERVICES:
            numbers = Counter(
                n for (n,) in source.rows(participant, "SELECT number FROM registration")
            )
            if any(times > 1 for times in numbers.values()):
                found.add("I5", "a registration number was given twice", participant)
