"""What an office keeps besides histories and content: its register, and copies that are due."""

from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint

from ombudslink.store.tables import Uuid

metadata = MetaData()
registration = Table(
    "registration",
    metadata,
    Column("complaint", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("number", String(32), nullable=False, unique=True),
    UniqueConstraint("year", "serial", name="registration_year_serial"),
)
"""The office's register: one number for each complaint, given once and never again."""

wanted = Table(
    "wanted",
    metadata,
    Column("complaint", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
)
"""Complaints whose content is to be copied from its holder, as of that version or later."""
