"""Operations and rules are added, renamed and removed in a repository with edits; the team's files are its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Msgen

from .conftest import actions, commit, edit

DESCRIPTION = """\
msgen: 1
name: shop
services:
  orders:
    language: LANGUAGE
    resources:
      order:
        fields: {total: decimal}
        operations:
          cancel: {input: {reason: text}, output: order}
          ship: {}
        rules: [create, delete]
"""
FILES = {
    "python": ("app/operations/cancel_order.py", "app/operations/ship_order.py", "app/rules/create_order.py", "#"),
    "node": ("src/operations/cancel-order.ts", "src/operations/ship-order.ts", "src/rules/create-order.ts", "//"),
}
ROUTES = {"python": "app/operation_routes.py", "node": "src/operations.ts"}
README = "services/orders/README.md"


@pytest.fixture(params=FILES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def orders(language: str, msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory of a service whose function, rule and README are edited."""
    (tmp_path / "shop.yaml").write_text(DESCRIPTION.replace("LANGUAGE", language))
    made = msgen("new", "--description", "shop.yaml")
    assert made.code == 0, made.err
    monkeypatch.chdir(tmp_path / "shop")
    service = tmp_path / "shop/services/orders"
    cancel, _, create, comment = FILES[language]
    for path in (cancel, create):
        (service / path).write_text(f"{(service / path).read_text()}{comment} mine\n")
    (service / "README.md").write_text((service / "README.md").read_text() + "\nMine.\n")
    commit(tmp_path / "shop")
    yield service
    assert (service / "README.md").read_text().endswith("\nMine.\n")
    assert msgen("check").code == 0


def mine(service: Path, language: str) -> list[str]:
    """Return the ends of the edited files."""
    cancel, _, create, _ = FILES[language]
    return [(service / path).read_text().splitlines()[-1][-4:] for path in (cancel, create)]


def test_one_is_added(orders: Path, language: str, msgen: Msgen) -> None:
    edit(Path("msgen.yaml"), "ship: {}", "ship: {}\n          print: {output: file}")
    edit(Path("msgen.yaml"), "[create, delete]", "[create, update, delete]")

    applied = msgen("apply")

    assert applied.code == 0, applied.err
    ship, create = FILES[language][1:3]
    assert (orders / ship.replace("ship", "print")).exists()
    assert (orders / create.replace("create", "update")).exists()
    assert mine(orders, language) == ["mine", "mine"]


def test_one_is_renamed(orders: Path, language: str, msgen: Msgen) -> None:
    edit(Path("msgen.yaml"), "cancel: {", "revoke: {")
    edit(Path("msgen.yaml"), "ship: {}", "send: {}")

    applied = msgen("apply")

    assert applied.code == 0, applied.err
    cancel, ship = FILES[language][:2]
    assert actions(applied)[f"services/orders/{cancel}"] == "kept"
    assert not (orders / ship).exists()
    assert (orders / cancel.replace("cancel", "revoke")).exists()
    assert (orders / ship.replace("ship", "send")).exists()
    assert mine(orders, language) == ["mine", "mine"]
    assert "cancel" not in (orders / ROUTES[language]).read_text()


def test_all_are_removed(orders: Path, language: str, msgen: Msgen) -> None:
    text = Path("msgen.yaml").read_text()
    Path("msgen.yaml").write_text(text[: text.index("        operations:")])

    applied = msgen("apply")

    assert applied.code == 0, applied.err
    cancel, ship, create, _ = FILES[language]
    kept = {path for path, action in actions(applied).items() if action == "kept"}
    assert {f"services/orders/{cancel}", f"services/orders/{create}"} <= kept
    assert not (orders / ship).exists()
    assert not (orders / ROUTES[language]).exists()
    assert mine(orders, language) == ["mine", "mine"]
