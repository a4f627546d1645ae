"""Giving a log that lost its end back what this database has: nothing decided is forgotten."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from ombudslink.ids import partition_of
from ombudslink.log import Record
from ombudslink.proof.chain import GENESIS
from ombudslink.rights import addressee
from ombudslink.runtime.replica import arrival_of, is_outcome
from ombudslink.store import history, tables
from routing import feeds, outcomes
from routing.histories import reach


class Survey:
    """How far each history goes in a journal that was restored from a backup, or cut off."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def note(self, records: Sequence[Record]) -> None:
        """Look at more of its records."""
        for arrival in (arrival_of(record) for record in records if not is_outcome(record)):
            highest = max(arrival.version, self._versions.get(arrival.stream, 0))
            self._versions[arrival.stream] = highest

    def missing(self, connection: Connection, partition: int) -> Iterator[tuple[str, int]]:
        """The streams that the journal does not have whole, each with how far it goes."""
        row = tables.stream.c
        for stream, version in connection.execute(select(row.stream, row.version)).all():
            there = self._versions.get(stream, 0)
            if there < version and partition_of(stream) == partition:
                yield stream, there


def send_again(connection: Connection, partition: int, survey: Survey) -> None:
    """Have what the journal lost sent to it once more, and those histories to whom they concern."""
    for stream, there in survey.missing(connection, partition):
        whole = history.load(connection, stream)
        before = [GENESIS, *(stored.hash for stored in whole)]
        for stored, previous in list(zip(whole, before, strict=False))[there:]:
            envelope = stored.envelope()
            key = (envelope.author, envelope.command_id)
            outcome = outcomes.find(connection, [key]).get(key)
            if outcome is not None and envelope.version in (outcome.first_version, there + 1):
                feeds.journal_outcome(connection, outcome)
                feeds.publish_outcome(connection, outcome)
            feeds.journal_event(connection, envelope, stored, previous)
        for office, version in sorted(reach(whole).items()):
            feeds.publish_whole(connection, office, whole[:version])
        bodies = {addressee(stored.envelope().event) for stored in whole}
        for body in sorted(filter(None, bodies)):
            feeds.publish_part(connection, body, whole)
