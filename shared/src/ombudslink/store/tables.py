"""The tables that every service has, whatever else it keeps."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ombudslink.log import LONGEST_ID

metadata = MetaData()

Serial: Final = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key that the database counts up, on both engines."""
Uuid: Final = String(36)
Instant: Final = String(24)
"""RFC 3339 in UTC to the millisecond (`values.format_moment`), so that text order is time order."""

event = Table(
    "event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("stream", Uuid, nullable=False),
    Column("root", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("time", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("stream", "version", name="event_stream_version"),
)
"""The histories this participant holds. Append-only; only this package inserts."""

stream = Table(
    "stream",
    metadata,
    Column("stream", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""The head of every history."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("topic", String(80), nullable=False),
    Column("key", Uuid, nullable=False),
    Column("version", Integer),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Index("outbox_key", "key"),
    sqlite_autoincrement=True,
)
"""What is to be sent, in id order; a row is deleted once the log has acknowledged it."""

position = Table(
    "position",
    metadata,
    Column("reader", String(40), primary_key=True),
    Column("topic", String(80), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("incarnation", String(64), nullable=False),
    Column("next", BigInteger, nullable=False),
    Column("record", String(LONGEST_ID), nullable=False),
)
"""How far a reader has come: the next offset, and the id of the record before it."""

lease = Table(
    "lease",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
"""Who alone may do something now; `expires` in seconds of the database's clock."""

command = Table(
    "command",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("stream", Uuid, nullable=False),
    Column("type", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("request", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("key_id", String(80), nullable=False),
    Column("signature", String(100), nullable=False),
    Column("times", Integer, nullable=False),
    Column("again", Instant, nullable=False),
    Column("outcome", LargeBinary),
)
"""What this participant asked of the registrar, how often it was sent and when it is to be sent
again, and what became of it."""
_UNSETTLED: Final = command.c.outcome.is_(None)
Index("command_unsettled", command.c.again, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)

parked = Table(
    "parked",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("stream", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
    Column("reason", String(200)),
    UniqueConstraint("stream", "version", name="parked_stream_version"),
)
"""Records that wait for an earlier one, or, with a reason, dead letters that hold their stream."""

projection = Table(
    "projection",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
)
"""Which version of each read model stands; another one is rebuilt at the next start."""
