"""What intake keeps besides histories and content: filings, receipts, drafts of filings."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

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
    Column("on_portal", Boolean, nullable=False),
)
"""Which filing became which complaint. `on_portal`: the complainant has a code and uses it."""

receipt = Table(
    "receipt",
    metadata,
    Column("command", Uuid, primary_key=True),
    Column("complaint", Uuid, nullable=False),
    Column("issue", Integer, nullable=False),
)
"""Receipts after the first, each by the request that it was made for."""

draft = Table(
    "draft",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("expires", Instant, nullable=False, index=True),
)
"""What is being typed: ciphertext whose key is in the browser that it came from."""
