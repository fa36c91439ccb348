"""Add roles, locks and revocations; record when refresh tokens were issued."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7f1e09b6a2d4"
down_revision = "3c85ae1f74d0"
branch_labels = None
depends_on = None

timestamp = sa.DateTime(timezone=True)


def upgrade() -> None:
    roles = sa.Column("roles", postgresql.JSONB(), server_default="[]", nullable=False)
    op.add_column("accounts", roles)
    locked = sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("accounts", locked)
    issued_at = sa.Column("issued_at", timestamp, server_default=sa.func.now(), nullable=False)
    op.add_column("refresh_tokens", issued_at)
    op.create_table(
        "revocations",
        sa.Column("account_hash", sa.String(64), nullable=False),
        sa.Column("revoked_at", timestamp, nullable=False),
        sa.PrimaryKeyConstraint("account_hash"),
        sa.Index(None, "revoked_at"),
    )


def downgrade() -> None:
    op.drop_table("revocations")
    op.drop_column("refresh_tokens", "issued_at")
    op.drop_column("accounts", "locked")
    op.drop_column("accounts", "roles")
