"""The relay: sends what the outbox holds, in order, and deletes it once it is acknowledged."""

import asyncio
from typing import Final

from ombudslink.log import COMMANDS, HISTORY, Log
from ombudslink.store import outbox
from ombudslink.store.engine import Database
from ombudslink.store.outbox import Waiting

BATCH: Final = 500


class Relay:
    """One database's relay. Losing power between any two lines only repeats records."""

    def __init__(self, database: Database, log: Log) -> None:
        self._database = database
        self._log = log
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something was put into the outbox."""
        self._wake.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            self._wake.clear()
            if not await self.send_once():
                await self._wake.wait()

    async def send_once(self) -> int:
        """Send the first records that wait; returns how many were."""
        batch = await self._database.query(lambda c: outbox.waiting(c, BATCH))
        # Feeds may only carry what `history` has: it is the registrar's journal.
        for part in (
            [w for w in batch if w.record.topic in (COMMANDS, HISTORY)],
            [w for w in batch if w.record.topic not in (COMMANDS, HISTORY)],
        ):
            await self._send(part)
        return len(batch)

    async def _send(self, part: list[Waiting]) -> None:
        if not part:
            return
        await self._log.send([w.record for w in part])
        ids = [w.id for w in part]
        await self._database.write(lambda c: outbox.acknowledged(c, ids))
