"""The partitions that this instance owns: taken over, read in order, decided batch by batch."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection

from ombudslink.ids import PARTITIONS
from ombudslink.log import COMMANDS, HISTORY, Log, LogError, Record
from ombudslink.observe import logger
from ombudslink.runtime import lease
from ombudslink.runtime.consumer import reason_of
from ombudslink.runtime.lease import Lease, LeaseLost
from ombudslink.store import positions
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.history import HistoryDiverged
from ombudslink.store.positions import Position
from routing.journal import READER, JournalUnreadable, take_over
from routing.registrar import Decided, Registrar

BATCH: Final = 200
RENEW_EVERY: Final = lease.SECONDS / 3
"""Seconds after which the leases are renewed though nothing was to be decided."""


@dataclass
class Owned:
    """A partition of this instance: the lease, the next command, whether all was read, and how
    far the journal is known."""

    lease: Lease
    at: Position
    journal: Position
    at_end: bool = False


class Partitions:
    """Runs the registrar over every partition that it can get the lease of.

    One whose journal differs from the database, or in which something breaks that is not the
    store's or the log's condition, is in `stopped`, with the reason, and stays there until the
    process is started again; the others go on.
    """

    def __init__(self, name: str, database: Database, log: Log, registrar: Registrar) -> None:
        self._name = name
        self._database = database
        self._log = log
        self._registrar = registrar
        self.owned: dict[int, Owned] = {}
        self.stopped: dict[int, str] = {}
        self.counts: dict[str, int] = {}

    async def run(self) -> None:
        """Decide for ever."""
        self.let_go()
        loop = asyncio.get_running_loop()
        renew_at = loop.time()
        while True:
            await self.take_leases()
            if loop.time() >= renew_at:
                await self.renew_leases()
                await self.note_journal()
                renew_at = loop.time() + RENEW_EVERY
            if not await self.decide_once():
                ends = {(COMMANDS, n): o.at.next for n, o in self.owned.items()}
                await self._log.wait(ends, 1.0)

    def let_go(self) -> None:
        """Forget what is owned, after a failure: it is taken over anew."""
        self.owned.clear()

    def at_end(self, partition: int) -> bool:
        """Whether all commands of that partition were read and decided, here."""
        owned = self.owned.get(partition)
        return owned is not None and owned.at_end

    async def take_leases(self) -> None:
        """Take over partitions that nobody else holds; one that was stopped stays so."""
        for number in range(PARTITIONS):
            if number not in self.owned and number not in self.stopped:
                await self._take_lease(number)

    async def renew_leases(self) -> None:
        """Keep what is owned although nothing happens there; let go what somebody else has."""
        held = {number: owned.lease for number, owned in self.owned.items()}
        for number in await self._database.write(partial(_lost, held=held)):
            del self.owned[number]

    async def note_journal(self) -> None:
        """Where all is decided, take note of what the journal has, so that nobody who takes over
        reads it again."""
        ends = await self._log.ends([(HISTORY, number) for number in self.owned])
        for number, owned in list(self.owned.items()):
            if owned.at_end and ends[HISTORY, number] > owned.journal.next:
                await self._take_over(number, owned.lease)

    async def decide_once(self) -> int:
        """Decide the next commands of every owned partition; returns how many there were."""
        count = 0
        ends = await self._log.ends([(COMMANDS, number) for number in self.owned])
        for number, owned in list(self.owned.items()):
            owned.at_end = ends[COMMANDS, number] == owned.at.next
            if not owned.at_end:
                records = await self._log.read(COMMANDS, number, owned.at.next, BATCH)
                await self._decide(number, owned, records)
                count += len(records)
        return count

    async def _take_lease(self, number: int) -> None:
        name, alone = f"registrar/{number}", self._database.sqlite
        taken = await self._database.write(
            partial(lease.take, name=name, owner=self._name, alone=alone)
        )
        if taken is not None:
            await self._take_over(number, taken)

    async def _take_over(self, number: int, held: Lease) -> None:
        try:
            reached = await take_over(held, number, self._database, self._log, self._registrar)
        except LeaseLost:
            self.owned.pop(number, None)
        except (StoreError, LogError):
            raise
        except Exception as error:  # noqa: BLE001 - it must not keep others from being taken over
            self._stop(number, error)
        else:
            self.owned[number] = Owned(held, reached.commands, reached.journal)

    def _stop(self, number: int, error: Exception) -> None:
        self.owned.pop(number, None)
        unreadable = isinstance(error, JournalUnreadable)
        reason = f"journal_unreadable: {error}" if unreadable else reason_of(error)
        self.stopped[number] = reason
        if isinstance(error, HistoryDiverged):
            logger().critical("history_diverged", stream=error.stream, version=error.version)
        else:
            logger().critical("partition_stopped", partition=number, reason=reason)

    async def _decide(self, number: int, owned: Owned, records: Sequence[Record]) -> None:
        """All together; when that breaks something, one by one up to the command that does."""
        try:
            await self._commit(number, owned, records)
        except LeaseLost:
            del self.owned[number]
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - which command it was is found out one by one
            for record in records:
                if self.owned.get(number) is owned:
                    await self._decide_one(number, owned, record)

    async def _decide_one(self, number: int, owned: Owned, record: Record) -> None:
        try:
            await self._commit(number, owned, [record])
        except LeaseLost:
            del self.owned[number]
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - it must not hold the other partitions
            self._stop(number, error)

    async def _commit(self, number: int, owned: Owned, records: Sequence[Record]) -> None:
        after = owned.at.after(records[-1])

        def unit(connection: Connection) -> Decided:
            lease.hold(connection, owned.lease)
            decided = self._registrar.decide_batch(connection, records)
            positions.remember(connection, READER, COMMANDS, number, after)
            return decided

        decided = await self._database.write(unit)
        self._registrar.states.merge(decided.session)
        owned.at = after
        for what, count in decided.counts.items():
            self.counts[what] = self.counts.get(what, 0) + count


def _lost(connection: Connection, held: Mapping[int, Lease]) -> list[int]:
    """Renew those leases; returns the partitions whose lease somebody else took."""
    lost = []
    for number, mine in held.items():
        try:
            lease.hold(connection, mine)
        except LeaseLost:
            lost.append(number)
    return lost
