"""What an office keeps besides histories and content: its register, officers, what is due."""

from sqlalchemy import Column, Integer, MetaData, String, Table

from ombudslink.store.tables import Serial, Uuid

metadata = MetaData()
registration = Table(
    "registration",
    metadata,
    Column("complaint", Uuid, primary_key=True),
    Column("number", String(32), nullable=False, index=True),
)
"""The office's register: one number for each complaint."""

last_number = Table(
    "last_number",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("serial", Integer, nullable=False),
)
"""The highest serial of each year that was ever given, here or as the history says."""

due = Table(
    "due",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("complaint", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(20), nullable=False),
)
"""What the office has to tell the registrar under a number of its own, and the event that causes
it; in the order in which the events came."""

officer = Table(
    "officer",
    metadata,
    Column("pseudonym", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
)
"""Whose pseudonyms stand in the histories."""

wanted = Table(
    "wanted",
    metadata,
    Column("complaint", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
)
"""Complaints whose content is to be copied from its holder, as of that version or later."""
