"""Drafts of complaints that are being typed."""

from alembic import op

from intake import tables

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    tables.draft.create(op.get_bind())
