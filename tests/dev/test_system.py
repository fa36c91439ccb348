"""The parts of the shop, from its files."""

import re
from pathlib import Path

import pytest
import yaml

from msgen.commands import dev
from msgen.core.errors import UserError
from msgen.dev.part import Part
from msgen.dev.system import PAGE, System
from tests.conftest import EXAMPLES, Msgen


@pytest.fixture
def shop(tmp_path: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{programs(tmp_path)}:/usr/bin:/bin")
    assert msgen("new", "shop", "--defaults", "--into", str(tmp_path), "--no-git").code == 0
    root = tmp_path / "shop"
    dev._make_secrets(root)
    (root / ".msgen/dev").mkdir()
    return root


def programs(folder: Path) -> Path:
    """Returns a directory with a message broker that does nothing."""
    (folder / "bin").mkdir()
    (folder / "bin/rabbitmq-server").write_text("#!/bin/sh\n")
    (folder / "bin/rabbitmq-server").chmod(0o755)
    return folder / "bin"


def load(root: Path) -> tuple[System, dict[str, Part]]:
    system, parts = dev._load(root)
    return system, {part.name: part for part in parts}


def test_services_have_the_environment_of_their_containers(shop: Path) -> None:
    system, parts = load(shop)
    assert system.services == ["analytics", "auth", "notifications", "orders", "users"]
    variables = dict(line.split("=", 1) for line in (shop / ".env").read_text().splitlines())
    orders, migration = parts["orders"].environment, parts["orders-migrate"].environment
    postgres, broker = system.local("postgres", 5432), system.local("rabbitmq", 5672)
    assert orders["DATABASE_URL"] == (
        f"postgresql://orders:{variables['ORDERS_DATABASE_PASSWORD']}@127.0.0.1:{postgres}/orders"
    )
    assert migration["DATABASE_URL"] == (
        f"postgresql://orders.owner:{variables['ORDERS_DATABASE_OWNER_PASSWORD']}@127.0.0.1:{postgres}/orders"
    )
    assert orders["BROKER_URL"].endswith(f"@127.0.0.1:{broker}/")
    assert orders["USERS_URL"] == f"http://127.0.0.1:{system.local('users', 8000)}"
    assert (orders["HOST"], orders["PORT"]) == ("127.0.0.1", str(system.local("orders", 8000)))
    assert parts["orders"].run == ("python", "-m", "app.main")
    assert parts["auth"].run[-1] == "src/main.ts"
    assert parts["orders-migrate"].run == ("alembic", "upgrade", "heads")
    assert parts["auth-migrate"].run == ("node", "chassis/migrate.ts")


def test_parts_start_in_the_order_of_compose(shop: Path) -> None:
    _, parts = load(shop)
    assert parts["orders"].after == ("orders-migrate", "rabbitmq-setup")
    assert {name for name, part in parts.items() if part.task} == {
        "postgres-setup", "rabbitmq-setup", "analytics-migrate", "auth-migrate", "orders-migrate", "users-migrate",
    }  # fmt: skip
    assert parts["gateway"].last


def test_ports_that_are_shown(shop: Path) -> None:
    system, parts = load(shop)
    assert parts["gateway"].address == system.local("gateway", 8080)
    assert parts["mail"].pages == {"Mails": f"http://localhost:{parts['mail'].address}"}
    assert parts["orders"].address == parts["orders"].port
    assert parts["orders-migrate"].address == 0


def test_gateway_has_the_configuration_of_its_container(shop: Path) -> None:
    system, parts = load(shop)
    [text] = parts["gateway"].files.values()
    new, old = yaml.safe_load(text), yaml.safe_load((shop / "gateway/envoy.yaml").read_text())
    found = [(c["name"], address(c["load_assignment"])) for c in new["static_resources"]["clusters"]]
    assert ("orders", ("127.0.0.1", system.local("orders", 8000))) in found
    listeners = [listener["address"]["socket_address"] for listener in new["static_resources"]["listeners"]]
    assert {"address": "127.0.0.1", "port_value": system.local("gateway", 8080)} in listeners
    assert len({entry["port_value"] for entry in listeners}) == len(listeners)
    for section in ("listeners", "clusters"):
        for before, after in zip(old["static_resources"][section], new["static_resources"][section], strict=True):
            assert before.keys() == after.keys()
    assert "port_value: 8000" not in text


def address(assignment: dict[str, list[dict[str, list[dict[str, dict[str, dict[str, dict[str, object]]]]]]]]) -> object:
    [place] = assignment["endpoints"][0]["lb_endpoints"]
    return tuple(place["endpoint"]["address"]["socket_address"].values())


def test_definitions_of_the_broker_have_passwords(shop: Path) -> None:
    _, parts = load(shop)
    definitions = next(text for path, text in parts["rabbitmq"].files.items() if path.name == "definitions.json")
    assert '"password": "${' not in definitions
    assert '"name": "shop.orders", "password": "' in definitions


def test_no_address_of_a_container_is_left(shop: Path) -> None:
    system, parts = load(shop)
    names = "|".join(stand.name for stand in system.stands)
    values = [value for part in parts.values() for value in part.environment.values()]
    assert [value for value in values if re.search(rf"[@/](?:{names}):\d+(?!\w)", value)] == []


def test_missing_program_is_reported_with_how_to_get_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.parent / "bin/rabbitmq-server").unlink()
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(UserError, match="rabbitmq-server is not installed") as raised:
        load(shop)
    assert "apt install rabbitmq-server" in raised.value.problems[0].hint


def test_unknown_service_is_reported(shop: Path) -> None:
    system, parts = load(shop)
    with pytest.raises(UserError, match="there is no service 'order'"):
        dev._reloaded(dev.Request(shop, ["order"]), system.services, list(parts.values()))
    request = dev.Request(shop, ["orders"])
    assert dev._reloaded(request, system.services, list(parts.values())) == {"orders"}


def test_registry_needs_containers(tmp_path: Path, msgen: Msgen) -> None:
    description = EXAMPLES / "05-observed/msgen.yaml"
    created = msgen("new", "library", "--description", str(description), "--into", str(tmp_path), "--no-git")
    assert created.code == 0, created.err
    (tmp_path / "library/.msgen/dev").mkdir()
    with pytest.raises(UserError, match="eureka runs only in a container"):
        load(tmp_path / "library")


def test_the_page_takes_the_place_of_the_tracing_component(tmp_path: Path, msgen: Msgen) -> None:
    (tmp_path / "traced.yaml").write_text(
        "msgen: 1\nname: traced\nobservability: {traces: jaeger}\n"
        "services: {orders: {language: node, resources: {order: {total: decimal}}}}\n"
    )
    assert msgen("new", "--description", "traced.yaml").code == 0
    dev._make_secrets(tmp_path / "traced")
    (tmp_path / "traced/.msgen/dev").mkdir()
    system, parts = load(tmp_path / "traced")

    page = f"http://127.0.0.1:{system.local(*PAGE)}"
    assert parts["orders"].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == page
    assert "./chassis/instrumentation.ts" in parts["orders"].run


def test_a_service_without_a_command_is_reported(shop: Path) -> None:
    file = shop / "services/orders/Dockerfile"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("CMD")))
    with pytest.raises(UserError, match=r"no line `CMD \[...\]`"):
        load(shop)
