"""The timers that stand in every stream, so that the clock need not look at each."""

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, delete, insert

from ombudslink.ids import partition_of
from ombudslink.runtime.states import AnyStep
from ombudslink.store.tables import Instant, Uuid
from ombudslink.streams import timers
from ombudslink.values import format_moment


class Timers:
    """One row for each clock that stands; `next` is when its command is to be sent (again)."""

    name = "timers"
    version = 1
    metadata = MetaData()
    timer = Table(
        "timer",
        metadata,
        Column("stream", Uuid, primary_key=True),
        Column("name", String(40), primary_key=True),
        Column("partition", Integer, nullable=False),
        Column("at", Instant, nullable=False),
        Column("next", Instant, nullable=False, index=True),
        Column("attempt", Integer, nullable=False),
        Column("type", String(64), nullable=False),
        Column("data", Text, nullable=False),
    )

    def apply(self, connection: Connection, step: AnyStep) -> None:
        """Replace the stream's timers by those that stand now."""
        before, now = timers(step.before), timers(step.after)
        if before == now:
            return
        connection.execute(delete(self.timer).where(self.timer.c.stream == step.stream))
        for standing in now:
            row = {
                "stream": step.stream,
                "name": standing.name,
                "partition": partition_of(step.envelope.root),
                "at": format_moment(standing.at),
                "next": format_moment(standing.at),
                "attempt": 0,
                "type": type(standing.command).__name__,
                "data": standing.command.model_dump_json(),
            }
            connection.execute(insert(self.timer), row)
