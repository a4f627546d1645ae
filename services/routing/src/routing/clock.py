"""The legal clocks: sends each standing timer's command once the log's time has reached it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection, select, update

from ombudslink.commands import COMMANDS
from ombudslink.ids import PARTITIONS, derived_id
from ombudslink.log import Log
from ombudslink.observe import logger
from ombudslink.runtime.commands import Intent, Sender, pause_after
from ombudslink.store.engine import Database
from ombudslink.values import format_moment
from routing.partitions import Partitions
from routing.projections.timers import Timers

EVERY: Final = 1.0
MOST_APART: Final = timedelta(minutes=5)
"""An instance whose clock is further from the log's fires nothing."""
MOST_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come."""

    stream: str
    name: str
    at: str
    attempt: int
    type: str
    data: str


class LegalClock:
    """Fires timers. Firing one twice, or one that no longer stands, changes nothing.

    `now` is this machine's time; only the log's is written into anything.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        sender: Sender,
        partitions: Partitions,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._sender = sender
        self._partitions = partitions
        self._now = now

    async def run(self) -> None:
        """Look every second."""
        while True:
            await self.fire_once()
            await asyncio.sleep(EVERY)

    async def fire_once(self) -> int:
        """Send what is due; returns how many commands that were."""
        now = self._log.now()
        if abs(self._now() - now) > MOST_APART:
            logger().error("clock_apart")
            return 0
        read = [number for number in range(PARTITIONS) if self._partitions.at_end(number)]
        due = await self._database.query(partial(_due, until=now, partitions=read))
        if due:
            await self._database.write(partial(self._fire, due=due, now=now))
        return len(due)

    def _fire(self, connection: Connection, due: Sequence[Due], now: datetime) -> None:
        row = Timers.timer.c
        for timer in due:
            intent = Intent(
                id=derived_id(timer.stream, timer.name, timer.at, timer.attempt),
                stream=timer.stream,
                command=COMMANDS[timer.type].model_validate_json(timer.data),
                issued=now,
            )
            self._sender.send(connection, intent)
            # If it still stands then, its command is sent again, under a new id.
            times = timer.attempt + 1
            again = {"attempt": times, "next": format_moment(now + pause_after(times))}
            connection.execute(
                update(Timers.timer).where(row.stream == timer.stream, row.name == timer.name),
                again,
            )


def _due(connection: Connection, until: datetime, partitions: Sequence[int]) -> list[Due]:
    row = Timers.timer.c
    query = select(row.stream, row.name, row.at, row.attempt, row.type, row.data).where(
        row.next <= format_moment(until), row.partition.in_(partitions)
    )
    return [
        Due(*found) for found in connection.execute(query.order_by(row.next).limit(MOST_AT_ONCE))
    ]
