"""Record when sessions started."""

import sqlalchemy as sa
from alembic import op

revision = "3c85ae1f74d0"
down_revision = "d94b6e2f0c17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timestamp = sa.DateTime(timezone=True)
    started_at = sa.Column("started_at", timestamp, server_default=sa.func.now(), nullable=False)
    op.add_column("refresh_tokens", started_at)


def downgrade() -> None:
    op.drop_column("refresh_tokens", "started_at")
