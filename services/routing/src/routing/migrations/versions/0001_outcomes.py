"""The outcomes of all commands."""

from alembic import op

from routing import outcomes

revision = "routing_0001"
down_revision = None
branch_labels = ("routing",)
depends_on = "shared_0001"


def upgrade() -> None:
    """Make them."""
    outcomes.metadata.create_all(op.get_bind())
