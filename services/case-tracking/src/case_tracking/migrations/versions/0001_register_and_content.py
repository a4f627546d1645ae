"""The register, the copies that are due, and the encrypted content."""

from alembic import op

from case_tracking import tables
from ombudslink.store import vault

revision = "case_tracking_0001"
down_revision = None
branch_labels = ("case_tracking",)
depends_on = "shared_0001"


def upgrade() -> None:
    """Make them."""
    tables.metadata.create_all(op.get_bind())
    vault.metadata.create_all(op.get_bind())
