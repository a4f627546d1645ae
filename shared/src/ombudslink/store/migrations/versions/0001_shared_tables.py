"""The tables that every service has."""

from alembic import op

from ombudslink.store import guards, tables

revision = "shared_0001"
down_revision = None
branch_labels = ("shared",)
depends_on = None


def upgrade() -> None:
    """Make them, with the event table append-only."""
    connection = op.get_bind()
    tables.metadata.create_all(connection)
    guards.make_append_only(connection, tables.event)
