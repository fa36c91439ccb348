"""Make a registered account an admin: `python -m app.auth.grant_admin ann@example.com`."""

import asyncio
import sys

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import revocations
from app.auth.accounts import ADMIN
from app.auth.models import Account
from chassis.database import create_engine
from chassis.logs import configure_logs
from chassis.settings import get_settings

log = structlog.get_logger()


async def grant(email: str) -> bool:
    """Return whether there is an account with this address."""
    engine = create_engine()
    try:
        async with AsyncSession(engine) as session, session.begin():
            has_address = Account.email == email.lower()
            account = await session.scalar(select(Account).where(has_address).with_for_update())
            if account is None:
                return False
            if ADMIN not in account.roles:
                old, account.roles = account.roles, sorted([*account.roles, ADMIN])
                await revocations.revoke(session, account.id)
                by = {"account": str(account.id), "by": "command"}
                log.info("roles changed", **by, old=old, new=account.roles)
            return True
    finally:
        await engine.dispose()


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python -m app.auth.grant_admin EMAIL")
    [email] = arguments
    configure_logs(get_settings().log_level)
    if not asyncio.run(grant(email)):
        sys.exit(f"no account has the address {email}: register it first")
    sys.stdout.write(f"{email} is an admin\n")


if __name__ == "__main__":
    main(sys.argv[1:])
