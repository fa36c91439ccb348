"""The shop, with the templates that come with msgen: what a team does to it over the months."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, Msgen, git

from .conftest import actions, commit, edit


@pytest.fixture
def shop(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = msgen("new", "--description", EXAMPLES / "02-shop/msgen.yaml")
    assert made.code == 0, made.err
    monkeypatch.chdir(tmp_path / "myshop")
    return tmp_path / "myshop"


def edit_by_hand(shop: Path) -> dict[str, str]:
    """Five edits as people make them: path -> what has to stay."""
    edit(shop / "README.md", "\n## Test\n", "\nAsk in #shop when something is unclear.\n\n## Test\n")
    edit(shop / "compose.yaml", '      LOG_LEVEL: "info"\n', '      LOG_LEVEL: "debug" # while we look for a bug\n')
    edit(shop / "Makefile", "\nclean:", "\nseed: ## Fill the shop\n\tscripts/seed\n\nclean:")
    orders = shop / "services/orders/app/resources/order.py"
    orders.write_text(orders.read_text() + "\n\nASK_FIRST = 1000\n")
    edit(shop / "services/orders/Dockerfile", "FROM ", "# Of the orders team.\nFROM ")
    return {
        "README.md": "Ask in #shop",
        "compose.yaml": "while we look for a bug",
        "Makefile": "scripts/seed",
        "services/orders/app/resources/order.py": "ASK_FIRST = 1000",
        "services/orders/Dockerfile": "Of the orders team.",
    }


def test_months_of_changes(shop: Path, msgen: Msgen) -> None:
    kept = edit_by_hand(shop)
    commit(shop)
    steps = [
        [
            "add-service",
            "billing",
            "--resource",
            "bill:total=decimal",
            "--calls",
            "orders",
            "--publishes",
            "bill.created",
        ],
        ["add-service", "stock", "--resource", "article:name=string,left=integer"],
        ["remove-service", "billing"],
        ["templates", "eject", "services/users/Dockerfile"],
        ["upgrade"],
    ]
    for step in steps:
        done = msgen(*step)
        assert done.code == 0, done.out + done.err
        assert "conflict" not in actions(done).values()
        commit(shop)
    template = next((shop / "templates").rglob("Dockerfile*"))
    edit(template, "\nUSER ", '\nLABEL house="acme"\nUSER ')
    assert msgen("apply").code == 0
    assert msgen("upgrade").out == "Nothing to do.\n"
    assert msgen("check").code == 0
    for path, text in kept.items():
        assert text in (shop / path).read_text(), path
    for service in ("users", "orders", "stock"):
        assert 'LABEL house="acme"' in (shop / f"services/{service}/Dockerfile").read_text()
    assert not (shop / "services/billing").exists()
    for file in ("compose.yaml", "gateway/envoy.yaml", "README.md"):
        text = (shop / file).read_text()
        assert "stock" in text
        assert "billing" not in text


def test_a_formatters_run_is_no_edit(shop: Path, msgen: Msgen) -> None:
    for folder in [*(shop / "services").iterdir(), shop / "tests/system"]:
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", folder], check=True)
    assert not git(shop, "status", "--porcelain")
    assert msgen("check").code == 0


def test_another_layout_of_everything_survives_a_new_service(shop: Path, msgen: Msgen) -> None:
    for folder in (shop / "services").iterdir():
        settings = ["--config", "line-length = 60", "--config", 'format.quote-style = "single"']
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *settings, folder], check=True)
    commit(shop)
    assert msgen("check").code == 0
    assert msgen("add-service", "stock", "--resource", "article:name=string").code == 0
    assert msgen("check").code == 0


def test_nothing_to_do_is_quick(shop: Path) -> None:
    # Time of the processor, since the machine may be busy; benchmarks say more.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "msgen", "apply"], cwd=shop, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_generated_files_say_how_they_are_changed(shop: Path) -> None:
    assert re.search(r"msgen apply", (shop / "README.md").read_text())
