"""The log: the journal is one order of decisions and events, and feeds carry nothing else."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from consistency.prove.chain import FIRST, after, parsed, partition_of
from consistency.prove.findings import Findings
from consistency.prove.reading import COMMANDS, FEED, JOURNAL, SERVICES, Kept, Source

Key = tuple[str, str]
"""A command's sender and id."""


@dataclass
class Journal:
    """What the journal says: hashes and append times by stream, outcomes by command, and the
    digests of the commands that were sent."""

    hashes: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    times: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    outcomes: dict[Key, dict[str, Any]] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)

    def has(self, stream: str, version: int, hash_: bytes) -> bool:
        """Whether just this event stands there."""
        known = self.hashes.get(stream, ())
        return 0 < version <= len(known) and known[version - 1] == hash_


def read_journal(source: Source, found: Findings) -> Journal:
    """Read it, and name what is lost, doubled, reordered or undecided in it."""
    journal = Journal()
    for record in _in_order(source, COMMANDS, found):
        found.count("commands in the log")
        journal.digests.add(_digest(record.value))
    for record in _in_order(source, JOURNAL, found):
        if record.is_outcome:
            _take_outcome(journal, record, found)
        else:
            _take_event(journal, record, found)
    return journal


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _in_order(source: Source, topic: str, found: Findings) -> Iterator[Kept]:
    """The records of a topic, whose offsets have no gap and whose keys stand where they belong."""
    expected = (0, 0)
    for record in source.records(topic):
        if record.partition != expected[0]:
            expected = (record.partition, 0)
        where = f"{topic}/{record.partition}/{record.offset}"
        if record.offset != expected[1]:
            found.add("I3", f"offset {expected[1]} is missing", where)
        if topic == JOURNAL and record.partition != partition_of(record.key):
            found.add("I3", "a record in a partition that is not its key's", where, record.key)
        expected = (record.partition, record.offset + 1)
        yield record


def _take_outcome(journal: Journal, record: Kept, found: Findings) -> None:
    where = f"{JOURNAL}/{record.partition}/{record.offset}"
    outcome = parsed(record.value)
    if outcome is None:
        found.add("I4", "an outcome that is not canonical JSON", where, record.key)
        return
    key = outcome["by"], outcome["command_id"]
    if journal.outcomes.setdefault(key, outcome) != outcome:
        version = outcome["first_version"] or 0
        found.add("invariant 8", "a command was decided twice", where, outcome["stream"], version)
    found.count("outcomes in the journal")


def _take_event(journal: Journal, record: Kept, found: Findings) -> None:
    where = f"{JOURNAL}/{record.partition}/{record.offset}"
    event = parsed(record.value)
    if event is None:
        found.add("I4", "an event that is not canonical JSON", where, record.key)
        return
    stream, version = event["stream"], event["version"]
    known = journal.hashes[stream]
    if record.headers.get("ce_subject") != stream or _sequence(record) != version:
        found.add("I4", "a record names another event than it carries", where, stream, version)
    if version > len(known) + 1:
        found.add("I3", f"comes before version {len(known) + 1}", where, stream, version)
        return
    previous = known[version - 2] if version > 1 else FIRST
    hash_ = after(previous, record.value)
    if version <= len(known):
        if hash_ != known[version - 1]:
            found.add("invariant 9", "another body under a used version", where, stream, version)
        found.count("events repeated in the journal")
        return
    if record.headers.get("ce_prevhash") != previous.hex():
        found.add("I4", "does not follow from the event before", where, stream, version)
    decided = journal.outcomes.get((event["author"], event["command_id"]))
    if decided is None or not _covers(decided, event):
        found.add("invariant 11", "an event before its decision", where, stream, version)
    known.append(hash_)
    journal.times[stream].append(record.time)
    found.count("events in the journal")


def _sequence(record: Kept) -> int:
    text = record.headers.get("ce_sequence", "")
    return int(text) if text.isdigit() else -1


def _covers(outcome: dict[str, Any], event: dict[str, Any]) -> bool:
    first, last = outcome["first_version"] or 0, outcome["last_version"] or -1
    return outcome["stream"] == event["stream"] and first <= event["version"] <= last


def check_feeds(
    source: Source, journal: Journal, reach: dict[str, dict[str, int]], found: Findings
) -> None:
    """Feeds carry what the journal has, after it, in its order, and to parties only."""
    offices = set(source.participants()) - set(SERVICES)
    for topic in source.topics():
        if topic.startswith(FEED):
            reader = topic.removeprefix(FEED)
            heads: dict[str, int] = defaultdict(int)
            for record in _in_order(source, topic, found):
                if not record.is_outcome:
                    _check_fed(journal, record, topic, heads, found)
                    if reader in offices:
                        _check_reader(reach, record, reader, topic, found)


def _check_fed(
    journal: Journal, record: Kept, topic: str, heads: dict[str, int], found: Findings
) -> None:
    stream, version = record.headers.get("ce_subject", ""), _sequence(record)
    where = f"{topic}/{record.offset}"
    previous = bytes.fromhex(record.headers.get("ce_prevhash", ""))
    if not journal.has(stream, version, after(previous, record.value)):
        found.add("invariant 9", "not what the journal has", where, stream, version)
    elif record.time < journal.times[stream][version - 1]:
        found.add("I5", "a feed before the journal", where, stream, version)
    before = int(record.headers.get("ce_prev", "-1"))
    if before > heads[stream]:
        missing = heads[stream] + 1
        found.add("I5", f"comes though version {missing} did not", where, stream, version)
    heads[stream] = max(heads[stream], version)
    found.count("events in feeds")


def _check_reader(
    reach: dict[str, dict[str, int]], record: Kept, reader: str, topic: str, found: Findings
) -> None:
    stream, version = record.headers.get("ce_subject", ""), _sequence(record)
    if version > reach.get(stream, {}).get(reader, 0):
        where = f"{topic}/{record.offset}"
        found.add("invariant 12", f"{reader} is not party", where, stream, version)
