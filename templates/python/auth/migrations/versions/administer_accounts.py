"""Add roles, locks, verification, mailed tokens and revocations."""

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
    verified = sa.Column("verified", sa.Boolean(), server_default=sa.true(), nullable=False)
    op.add_column("accounts", verified)
    locked = sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("accounts", locked)
    issued_at = sa.Column("issued_at", timestamp, server_default=sa.func.now(), nullable=False)
    op.add_column("refresh_tokens", issued_at)
    op.create_table(
        "mailed_tokens",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("sent_at", timestamp, nullable=False),
        sa.Column("expires_at", timestamp, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="cascade"),
        sa.UniqueConstraint("token_hash"),
        sa.Index(None, "expires_at"),
    )
    op.create_table(
        "revocations",
        sa.Column("account_hash", sa.String(64), nullable=False),
        sa.Column("revoked_at", timestamp, nullable=False),
        sa.PrimaryKeyConstraint("account_hash"),
        sa.Index(None, "revoked_at"),
    )


def downgrade() -> None:
    op.drop_table("revocations")
    op.drop_table("mailed_tokens")
    op.drop_column("refresh_tokens", "issued_at")
    op.drop_column("accounts", "locked")
    op.drop_column("accounts", "verified")
    op.drop_column("accounts", "roles")
