"""Create the inbox."""

import sqlalchemy as sa
from alembic import op

revision = "b3e94a7715cd"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("queue", sa.String(100), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", "message_id"),
        sa.Index(None, "handled_at"),
    )


def downgrade() -> None:
    op.drop_table("inbox")
