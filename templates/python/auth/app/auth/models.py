"""Tables of accounts, sessions, mailed tokens, revocations and failed logins."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, false, func, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import Base


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str] = mapped_column(String(255))
    roles: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    verified: Mapped[bool] = mapped_column(server_default=true())
    """Whether the owner of the address has the account, if that is checked."""
    locked: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=now)


class RefreshToken(Base):
    """An issued token, spent or not. All tokens that descend from one login are a family."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.id", ondelete="cascade"), index=True
    )
    family: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hexadecimal, so that the table's content is of no use to a thief."""
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When its family's login was."""
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class MailedToken(Base):
    """The latest token of a kind that was sent to an account's address."""

    __tablename__ = "mailed_tokens"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.id", ondelete="cascade"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Revocation(Base):
    """The end of all access tokens that an account had, which may be deleted."""

    __tablename__ = "revocations"

    account_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the account's id in hexadecimal, since the list is public."""
    revoked_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """Failed logins for an e-mail address, which may have no account, from one client."""

    __tablename__ = "login_failures"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
