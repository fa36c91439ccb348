"""Park messages in the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "a94be3d07c58"
down_revision = "6f1c0d8b2a41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("last_error", sa.Text()))
    op.add_column("outbox", sa.Column("parked_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("aggregate", sa.Text()))


def downgrade() -> None:
    for column in ("aggregate", "parked_at", "last_error", "attempts"):
        op.drop_column("outbox", column)
