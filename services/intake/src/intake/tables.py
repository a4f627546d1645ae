"""What intake keeps besides histories and content: which filing became which complaint."""

from sqlalchemy import Column, Integer, MetaData, String, Table

from ombudslink.store.tables import Instant, Uuid

metadata = MetaData()
filing = Table(
    "filing",
    metadata,
    Column("complaint", Uuid, primary_key=True),
    Column("command", Uuid, nullable=False, unique=True),
    Column("reference", String(20), nullable=False, unique=True),
    Column("request", String(64), nullable=False),
    Column("issue", Integer, nullable=False),
    Column("filed", Instant, nullable=False),
)
