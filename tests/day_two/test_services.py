"""add-service and remove-service."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import Msgen, files

from .conftest import DESCRIPTION, actions, commit, edit


def test_a_service_is_added_to_the_description_and_everything_that_follows(shop: Path, msgen: Msgen) -> None:
    arguments = ["--language", "node", "--resource", "order:total=decimal,note=text?", "--resource", "line"]
    events = ["--publishes", "order.created", "--publishes", "order.updated:total,note"]
    added = msgen("add-service", "orders", *arguments, "--calls", "users", *events)
    assert added.code == 0, added.err
    assert (shop / "msgen.yaml").read_text() == DESCRIPTION + (
        "\n"
        "  orders:\n"
        "    language: node\n"
        "    resources:\n"
        "      order: {total: decimal, note: text?}\n"
        "      line: {name: string}\n"
        "    calls: [users]\n"
        "    publishes: [order.created, {order.updated: [total, note]}]\n"
    )
    assert actions(added)["services/orders/"] == "created"
    assert "  orders:" in (shop / "compose.yaml").read_text()
    assert msgen("diff").code == 0


def test_a_queue_and_an_event_that_come_with_it_are_declared(shop: Path, msgen: Msgen) -> None:
    added = msgen("add-service", "stock", "--publishes", "stock.low:item=string", "--description", "What we have.")
    assert added.code == 0, added.err
    text = (shop / "msgen.yaml").read_text()
    assert "events:\n  stock.low: {item: string}\n" in text
    assert "description: What we have." in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["users"], "there is a service called 'users' already"),
        (["Orders"], "msgen.yaml"),
        (["orders", "--calls", "user"], "did you mean 'users'?"),
        (["orders", "--language", "cobol"], "cobol"),
        (["orders", "--resource", "order:=decimal"], "'=decimal' is not a field"),
        (["orders", "--resource", "order:total=money"], "money"),
        (["orders", "--sends", "nowhere"], "nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    shop: Path, msgen: Msgen, arguments: list[str], message: str
) -> None:
    before = files(shop)
    refused = msgen("add-service", *arguments)
    assert refused.code == 2
    assert message in refused.err
    assert files(shop) == before


def test_dry_runs_show_and_change_nothing(shop: Path, msgen: Msgen) -> None:
    before = files(shop)
    shown = msgen("add-service", "orders", "--dry-run")
    assert "+  orders:" in shown.out
    assert "Nothing was changed." in shown.err
    assert "# removed services/auth/app/main.py" in msgen("remove-service", "auth", "--cascade", "--dry-run").out
    assert files(shop) == before


def test_a_service_goes_and_comes_back_as_it_was(shop: Path, msgen: Msgen) -> None:
    before = files(shop)
    assert msgen("add-service", "orders", "--calls", "users").code == 0
    removed = msgen("remove-service", "orders")
    assert removed.code == 0
    assert set(actions(removed).values()) == {"removed", "updated"}
    assert files(shop) == before


def test_what_the_user_wrote_stays_unless_forced(shop: Path, msgen: Msgen) -> None:
    assert msgen("add-service", "orders").code == 0
    (shop / "services/orders/app/own.py").write_text("mine = 1\n")
    edit(shop / "services/orders/app/main.py", "pass", "print()")
    commit(shop)
    removed = msgen("remove-service", "orders")
    assert removed.code == 0
    assert actions(removed)["services/orders/app/main.py"] == "kept"
    left = [path for path in files(shop) if path.startswith("services/orders/")]
    assert left == ["services/orders/app/main.py", "services/orders/app/own.py"]


def test_forced_a_service_goes_with_all_that_is_in_its_folder(shop: Path, msgen: Msgen) -> None:
    assert msgen("add-service", "orders").code == 0
    (shop / "services/orders/app/own.py").write_text("mine = 1\n")
    edit(shop / "services/orders/app/main.py", "pass", "print()")
    removed = msgen("remove-service", "orders", "--force")
    assert removed.code == 0, removed.err
    assert actions(removed)["services/orders"] == "removed"
    assert not (shop / "services/orders").exists()
    assert (shop / "services/users/app/main.py").exists()
    assert msgen("diff").code == 0


def test_what_others_need_is_a_reason_to_refuse_or_goes_as_well(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "    sends: [welcome]", "    sends: [welcome]\n    calls: [users]")
    assert msgen("apply").code == 0
    before = files(shop)
    refused = msgen("remove-service", "mails")
    assert refused.code == 2
    assert "services.auth.sends names welcome; queues.welcome is used by nobody else" in refused.err
    assert "--cascade" in refused.err
    assert files(shop) == before
    assert "services.auth.calls names users" in msgen("remove-service", "users").err
    removed = msgen("remove-service", "mails", "--cascade")
    assert removed.code == 0, removed.err
    assert (shop / "msgen.yaml").read_text() == (
        "# Our shop.\nmsgen: 1\nname: shop\n\n"
        "services:\n  users:\n    resources:\n      user: {email: email, name: string}\n"
        "\n  # Sends the mails.\n\n  auth:  # not the blueprint\n    calls: [users]\n"
    )
    assert msgen("diff").code == 0


def test_a_service_that_is_not_there_cannot_go(shop: Path, msgen: Msgen) -> None:
    assert (shop / "msgen.yaml").exists()
    refused = msgen("remove-service", "mail")
    assert refused.code == 2
    assert "there is no service called 'mail'" in refused.err
    assert "users, mails, auth" in refused.err


def test_the_sender_of_a_queue_can_come_before_its_consumer_and_after(shop: Path, msgen: Msgen) -> None:
    for command in (
        ["add-service", "billing", "--sends", "bill:total=decimal"],
        ["add-service", "printer", "--database", "none", "--consumes", "bill"],
        ["add-service", "labels", "--database", "none", "--consumes", "label:text=text"],
        ["add-service", "parcels", "--sends", "label"],
    ):
        added = msgen(*command)
        assert added.code == 0, added.err
    assert msgen("check").code == 0
    assert (shop / "contracts/bill.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resource", "order:a=text", "--resource", "order:b=text"], "--resource: 'order' is given twice"),
        (["--sends", "welcome:email=email"], "--sends: 'welcome' is declared already"),
        (["--sends", "bill:a=text", "--consumes", "bill:b=text"], "--consumes: 'bill' is declared already"),
    ],
)
def test_nothing_that_is_given_is_ignored(shop: Path, msgen: Msgen, arguments: list[str], message: str) -> None:
    before = files(shop)
    refused = msgen("add-service", "orders", *arguments)
    assert refused.code == 2
    assert message in refused.err
    assert files(shop) == before


@pytest.mark.parametrize(
    "text",
    ['The "best" orders', "It's 'new?', isn't it?", "string?", "a: b # c", "[x]", "'\"", "50 % {{ x }}"],
)
def test_a_description_may_hold_any_text(shop: Path, msgen: Msgen, text: str) -> None:
    added = msgen("add-service", "orders", "--description", text)
    assert added.code == 0, added.err
    data = yaml.load((shop / "msgen.yaml").read_text(), yaml.CSafeLoader)
    assert data["services"]["orders"]["description"] == text


def test_check_says_how_to_settle_what_apply_cannot(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / "services/users/app/main.py", "    pass", "    print('mine')")
    edit(pack / "python/service/app/main.py.j2", "    pass", "    print('theirs')")
    assert msgen("apply").code == 1
    checked = msgen("check")
    assert checked.code == 1
    assert "Resolve the conflict in services/users/app/main.py" in checked.err
    assert "msgen apply" not in checked.err


def test_an_empty_stage_is_no_drift(shop: Path, msgen: Msgen) -> None:
    (shop / ".msgen/staged").mkdir()
    checked = msgen("check")
    assert (checked.code, checked.out) == (0, "msgen.yaml: ok, 3 services, in step\n")


def test_what_stays_behind_is_named(shop: Path, msgen: Msgen) -> None:
    handler = shop / "services/mails/handlers/welcome.py"
    handler.write_text("# mine\n")
    removed = msgen("remove-service", "mails", "--cascade")
    assert removed.code == 0
    assert "Files of mails that you have written or changed are kept" in removed.err
    assert "The queues of mails stay in every broker" in removed.err
    assert (
        "When mails no longer runs anywhere, these commands delete what stays:\n  delete-queue welcome\n" in removed.err
    )
    assert "database" not in removed.err
    assert handler.exists()
    assert "The database of users stays, with its data" in msgen("remove-service", "users", "--cascade").err
    shown = msgen("remove-service", "auth", "--cascade", "--dry-run")
    assert "stays" not in shown.err
