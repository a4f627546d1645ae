"""Receipts that are made anew."""

from alembic import op

from intake import tables

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    tables.receipt.create(op.get_bind())
