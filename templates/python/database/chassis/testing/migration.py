"""Writes a migration for changed models, with a temporary PostgreSQL: `make migration m="…"`."""

import sys

from alembic import command

from chassis.testing.database import ALEMBIC, running_server

if __name__ == "__main__":
    with running_server() as server, server.database():
        command.upgrade(ALEMBIC, "heads")
        command.revision(ALEMBIC, message=sys.argv[1], autogenerate=True, head="heads")
