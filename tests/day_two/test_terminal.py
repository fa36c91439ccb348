"""What is asked and shown where somebody sits at a terminal."""

from pathlib import Path

import pytest

from tests.commands.test_new import answered
from tests.conftest import Msgen

from .conftest import edit


@pytest.fixture
def built(msgen: Msgen, tmp_path: Path) -> Path:
    """A system with the built-in templates, which other processes see as well."""
    assert msgen("new", "shop", "--starter", "minimal", "--defaults").code == 0
    return tmp_path / "shop"


def test_a_service_is_asked_for(built: Path) -> None:
    answers = [
        ("Purpose of the service?", b"Bills.\r"),
        ("Language", b"\r"),
        ("Resources", b"bill:total=decimal\r"),
        ("Calls", b"\r"),
        ("Sends", b"\r"),
        ("Consumes", b"\r"),
        ("Publishes", b"bill.created\r"),
        ("Subscribes", b"\r"),
        ("Apply these changes?", b"y\r"),
    ]
    code, shown = answered(built, *answers, arguments=("add-service", "billing"))
    assert code == 0, shown
    text = (built / "msgen.yaml").read_text()
    assert "description: Bills." in text
    assert "bill: {total: decimal}" in text
    assert (built / "services/billing").is_dir()


def test_no_is_no(built: Path) -> None:
    before = (built / "msgen.yaml").read_bytes()
    assert answered(built, arguments=("add-service", "billing", "--resource", "bill"))[0] == 0
    code, shown = answered(built, ("Apply these changes?", b"n\r"), arguments=("remove-service", "billing"))
    assert code == 0
    assert "Nothing was changed." in shown
    assert "services/billing/" in shown
    assert (built / "services/billing").is_dir()
    assert answered(built, ("Apply these changes?", b"y\r"), arguments=("remove-service", "billing"))[0] == 0
    assert not (built / "services/billing").exists()
    assert (built / "msgen.yaml").read_bytes() == before


def test_a_renamed_field_is_asked_about(built: Path) -> None:
    edit(built / "msgen.yaml", "total: decimal", "amount: decimal")
    code, shown = answered(built, ("the field total, renamed?", b"n\r"), arguments=("apply",))
    assert code == 2, shown
    code, shown = answered(built, ("the field total, renamed?", b"y\r"), arguments=("apply",))
    assert code == 0, shown
    [migration] = built.glob("services/*/migrations/versions/change_*.py")
    assert 'new_column_name="amount"' in migration.read_text()


def test_each_conflict_is_asked_about(built: Path) -> None:
    edit(built / "README.md", "# ", "# My ")
    edit(built / "msgen.yaml", "name: shop", "name: store")
    code, shown = answered(built, ("or [d]iff?", b"d\ro\r"), arguments=("apply", "--on-conflict", "prompt"))
    assert code == 0, shown
    assert "+<<<<<<< yours" in shown
    assert (built / "README.md").read_text().startswith("# My ")


def test_a_diff_is_in_colour_unless_unwanted(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(built / "msgen.yaml", "name: shop", "name: store")
    assert "\x1b[32m+" in answered(built, arguments=("diff",))[1]
    assert "\x1b" not in answered(built, arguments=("--no-color", "diff"))[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in answered(built, arguments=("diff",))[1]
