"""What the credentials of a service allow on the real broker and database: its arrows, and nothing else."""

import json

import pytest

from .conftest import System

BROKER = """
import asyncio, json, sys
import aio_pika
from aio_pika.exceptions import AMQPException
from chassis.settings import get_settings

URL = get_settings().broker_url.get_secret_value().unicode_string()
MESSAGE = aio_pika.Message(b"{}")


async def publish(channel, exchange, key):
    target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await target.publish(MESSAGE, key, mandatory=exchange != "events")

ACTIONS = {
    "publish its event": lambda c: publish(c, "events", "order.created"),
    "publish another's event": lambda c: publish(c, "events", "user.created"),
    "publish to any queue": lambda c: publish(c, "", "welcome-email"),
    "publish through another's exchange": lambda c: publish(c, "auth.out", "welcome-email"),
    "declare a queue": lambda c: c.declare_queue("mine", durable=True),
    "declare an exchange": lambda c: c.declare_exchange("mine"),
    "delete a queue": lambda c: c.queue_delete("welcome-email"),
    "read another's queue": lambda c: read(c, "analytics.events"),
    "purge another's queue": lambda c: purge(c, "analytics.events"),
    "bind another's queue": lambda c: bind(c, "analytics.events"),
}


async def read(channel, name):
    queue = await channel.get_queue(name, ensure=False)
    await queue.get(fail=False)


async def purge(channel, name):
    queue = await channel.get_queue(name, ensure=False)
    await queue.purge()


async def bind(channel, name):
    queue = await channel.get_queue(name, ensure=False)
    await queue.bind("events", "#")


async def main():
    outcomes = {}
    connection = await aio_pika.connect(URL)
    for action, act in ACTIONS.items():
        channel = await connection.channel(on_return_raises=True)
        try:
            async with asyncio.timeout(10):
                await act(channel)
            outcomes[action] = "allowed"
        except AMQPException as error:
            outcomes[action] = "refused" if "ACCESS_REFUSED" in str(error) else repr(error)
    await connection.close()
    print(json.dumps(outcomes))

asyncio.run(main())
"""


def test_a_service_uses_only_its_own_queues_and_events(shop: System) -> None:
    printed = shop.run("docker", "compose", "exec", "-T", "orders", "python", "-", given=BROKER)
    outcomes = json.loads(printed.splitlines()[-1])
    assert outcomes.pop("publish its event") == "allowed"
    assert set(outcomes.values()) == {"refused"}, outcomes


SERVICES = ("auth", "users", "orders", "analytics")


def sql(system: System, variable: str, role: str, database: str, statement: str) -> tuple[bool, str]:
    """Run a statement as a role; returns whether it succeeded, and the output."""
    script = (
        f'PGPASSWORD=${variable} psql -qAtX -h postgres -U "{role}" -d {database} -c "$0" 2>&1 && echo done || true'
    )
    command = ("run", "--rm", "--no-deps", "-T", "--entrypoint", "sh", "postgres-setup", "-c", script, statement)
    output = system.compose(*command)
    return output.rstrip().endswith("done"), output


def test_a_service_reads_and_writes_rows_and_nothing_else(shop: System) -> None:
    def attempt(statement: str, database: str = "orders") -> tuple[bool, str]:
        return sql(shop, "ORDERS_DATABASE_PASSWORD", "orders", database, statement)

    done, output = attempt("select count(*) from orders; delete from orders where false;")
    assert done, output
    refused = (
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "alter table orders add column mine int",
        "truncate orders",
        "drop table orders",
        "set role 'orders.owner'",
    )
    for statement in refused:
        done, output = attempt(statement)
        assert not done, statement
        assert "permission denied" in output or "must be owner" in output, output


@pytest.mark.parametrize("role", ["orders", "orders.owner"])
def test_no_role_connects_to_the_database_of_another_service(shop: System, role: str) -> None:
    variable = "ORDERS_DATABASE_OWNER_PASSWORD" if role.endswith("owner") else "ORDERS_DATABASE_PASSWORD"
    for database in ("users", "auth", "analytics", "postgres"):
        done, output = sql(shop, variable, role, database, "select 1")
        assert not done
        assert "CONNECT privilege" in output, output
