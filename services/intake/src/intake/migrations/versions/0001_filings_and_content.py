"""Filings, and the encrypted content of complaints."""

from alembic import op

from intake import tables
from ombudslink.store import vault

revision = "intake_0001"
down_revision = None
branch_labels = ("intake",)
depends_on = "shared_0001"


def upgrade() -> None:
    """Make them."""
    tables.filing.create(op.get_bind())
    vault.metadata.create_all(op.get_bind())
