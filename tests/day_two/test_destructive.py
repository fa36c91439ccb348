"""Migrations that lose data are made by no command without --allow-destructive."""

from pathlib import Path

import pytest

from tests.conftest import Msgen, files

from .conftest import commit, edit

LOSS = "users.user loses the column email and its data"

COMMANDS = [
    ["apply"],
    ["upgrade"],
    ["add-service", "billing"],
    ["add-service", "billing", "--yes"],
    ["remove-service", "mails", "--cascade"],
    ["remove-service", "mails", "--cascade", "--yes"],
    ["remove-service", "mails", "--cascade", "--force"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_drops_a_column_unless_allowed(shop: Path, msgen: Msgen, command: list[str]) -> None:
    edit(shop / "msgen.yaml", "{email: email, name: string}", "{name: string}")
    before = files(shop)
    refused = msgen(*command)
    assert refused.code == 2
    assert LOSS in refused.err
    assert "--allow-destructive" in refused.err
    assert files(shop) == before
    allowed = msgen(*command, "--allow-destructive")
    assert allowed.code == 0, allowed.err
    assert len(list((shop / "services/users/migrations").glob("*.sql"))) == 2
    assert msgen("check").code == 0


@pytest.mark.parametrize("command", [*COMMANDS, ["diff"]], ids=" ".join)
def test_every_preview_names_what_would_be_lost(shop: Path, msgen: Msgen, command: list[str]) -> None:
    edit(shop / "msgen.yaml", "{email: email, name: string}", "{name: string}")
    before = files(shop)
    shown = msgen(*command, *([] if command == ["diff"] else ["--dry-run"]))
    assert f"destructive: {LOSS}" in shown.err
    assert files(shop) == before


def test_a_preview_of_nothing_prints_nothing(shop: Path, msgen: Msgen) -> None:  # noqa: ARG001
    for command in (["upgrade", "--dry-run"], ["apply", "--dry-run"], ["diff"]):
        shown = msgen(*command)
        assert (shown.code, shown.out, shown.err) == (0, "", "")


def test_removing_a_service_with_data_is_no_loss_of_its_own(shop: Path, msgen: Msgen) -> None:
    """The database stays; what is left behind is reported separately."""
    removed = msgen("remove-service", "users", "--cascade")
    assert removed.code == 0, removed.err
    assert not (shop / "services/users").exists()


@pytest.mark.parametrize("language", ["", "    language: node\n"], ids=["same language", "other language"])
def test_a_service_that_is_renamed_loses_sight_of_its_rows(shop: Path, msgen: Msgen, language: str) -> None:
    edit(shop / "msgen.yaml", "  users:\n", f"  people:\n{language}")
    loss = "people has resources of users and starts with an empty database; the rows stay in that of users"
    assert f"destructive: {loss}" in msgen("diff").err
    assert loss in msgen("apply").err
    assert msgen("apply", "--allow-destructive").code == 0
    assert msgen("check").code == 0


def test_another_service_with_other_resources_is_no_loss(shop: Path, msgen: Msgen) -> None:
    edit(
        shop / "msgen.yaml",
        "  users:\n    resources:\n      user: {email: email,",
        "  people:\n    resources:\n      user: {",
    )
    assert msgen("apply").code == 0


STATUS = "status: {enum: [open, paid, closed], default: open}"


@pytest.fixture
def billing(shop: Path, msgen: Msgen) -> Path:
    text = (shop / "msgen.yaml").read_text()
    (shop / "msgen.yaml").write_text(f"{text}\n  billing:\n    resources:\n      invoice:\n        {STATUS}\n")
    assert msgen("apply").code == 0
    commit(shop)
    return shop


def test_removing_a_value_of_an_enum_is_destructive(billing: Path, msgen: Msgen) -> None:
    edit(billing / "msgen.yaml", "[open, paid, closed]", "[open, closed]")
    refused = msgen("apply")
    assert refused.code == 2
    assert "billing.invoice.status loses the value paid" in refused.err
    assert msgen("apply", "--allow-destructive").code == 0
    assert msgen("check").code == 0
    assert len(list((billing / "services/billing/migrations").glob("*.sql"))) == 1


def test_adding_or_reordering_values_of_an_enum_is_not(billing: Path, msgen: Msgen) -> None:
    edit(billing / "msgen.yaml", "[open, paid, closed]", "[closed, open, paid, void]")
    assert msgen("apply").code == 0
    assert msgen("check").code == 0
    edit(billing / "msgen.yaml", ", void]", "]")
    assert "loses the value void" in msgen("apply").err


def test_a_change_after_a_removed_value_follows_the_last_migration(billing: Path, msgen: Msgen) -> None:
    edit(billing / "msgen.yaml", "[open, paid, closed]", "[open, closed]")
    assert msgen("apply", "--allow-destructive").code == 0
    edit(billing / "msgen.yaml", STATUS.replace("paid, ", ""), f"note: text?\n        {STATUS}".replace("paid, ", ""))
    assert msgen("apply").code == 0
    assert msgen("check").code == 0
    assert len(list((billing / "services/billing/migrations").glob("*.sql"))) == 2


def test_an_enum_that_becomes_a_string_loses_nothing(billing: Path, msgen: Msgen) -> None:
    edit(billing / "msgen.yaml", STATUS, "status: string")
    refused = msgen("apply")
    assert "loses the value" not in refused.err


OPEN = """\
msgen: 1
name: shop
defaults: {access: open}
services:
  auth: {blueprint: auth}
  orders: {resources: {order: {total: decimal}}}
"""


def test_accounts_lose_no_rows_unless_allowed(tmp_path: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open.yaml").write_text(OPEN)
    assert msgen("new", "--description", tmp_path / "open.yaml").code == 0
    monkeypatch.chdir(tmp_path / "shop")
    exposed = "warning: every account may see and change all rows of /orders: give them an `owner` or `access`\n"
    assert msgen("check").err == exposed

    edit(Path("msgen.yaml"), "defaults: {access: open}\n", "")
    loss = "orders.order gets owners, and existing rows belong to nobody"
    before = files(Path())
    for command in ("apply", "upgrade"):
        refused = msgen(command)
        assert (refused.code, refused.out) == (2, "")
        assert loss in refused.err
        assert "access: open" in refused.err
    assert files(Path()) == before

    assert msgen("apply", "--allow-destructive").code == 0
    checked = msgen("check")
    assert (checked.code, checked.err) == (0, "")
    (migration,) = Path("services/orders/migrations/versions").glob("change_*")
    assert "00000000-0000-0000-0000-000000000000" in migration.read_text()
