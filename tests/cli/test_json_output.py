"""`--format json`: one document on stdout that matches its schema, and the exit code of the text output."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from msgen.commands import check
from msgen.description.rules import RULES
from tests.conftest import ROOT, Msgen, command
from tests.day_two.conftest import edit, pack, shop

__all__ = ["pack", "shop"]

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/reference/output.schema.json").read_text()))


def document(msgen: Msgen, *arguments: str, code: int = 0) -> dict[str, Any]:
    run = msgen(*arguments, "--format", "json")
    assert (run.code, run.err) == (code, "")
    found: dict[str, Any] = json.loads(run.out)
    SCHEMA.validate(found)
    assert found["exit_code"] == code
    return found


def codes(found: dict[str, Any]) -> set[str]:
    return {diagnostic["code"] for diagnostic in found["diagnostics"]}


def test_a_day_with_a_system(shop: Path, msgen: Msgen) -> None:
    assert document(msgen, "check")["services"] == 3
    assert document(msgen, "diff")["changes"] == []
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    checked = document(msgen, "check", code=1)
    assert ("drift", "README.md") in {(d["code"], d["file"]) for d in checked["diagnostics"]}
    assert document(msgen, "diff", code=1)["diagnostics"] == []
    assert document(msgen, "apply", "--dry-run", code=1)["changes"] == document(msgen, "apply")["changes"]
    previewed = document(msgen, "add-service", "stock", "--dry-run", code=1)
    added = document(msgen, "add-service", "stock")
    assert added["changes"] == previewed["changes"]
    assert "msgen.yaml" in {change["path"] for change in added["changes"]}
    assert document(msgen, "upgrade", "--dry-run")["changes"] == []
    assert document(msgen, "upgrade")["changes"] == []
    assert document(msgen, "templates", "list")["templates"][0].keys() == {"path", "origin", "generates"}
    assert document(msgen, "templates", "diff")["changes"] == []
    assert document(msgen, "remove-service", "stock")["changes"]
    assert document(msgen, "dev", "status", code=1)["running"] is False
    edit(shop / "README.md", "# store", "# Mine")
    edit(shop / "msgen.yaml", "name: store", "name: shop")
    assert codes(document(msgen, "apply", code=1)) == {"conflict"}


def test_a_new_system(msgen: Msgen, tmp_path: Path) -> None:
    made = document(msgen, "new", "tiny", "--starter", "minimal")
    assert (made["path"], made["committed"]) == ("tiny", True)
    assert made["files"] == sum(1 for p in (tmp_path / "tiny").rglob("*") if p.is_file() and ".git" not in p.parts)


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("msgen: 1\nnaem: shop\nservices:\n  a: {calls: [b]}\n", ("check",), {"unknown-key", "rule-services"}),
        ("msgen: 1\nservices: {a: {port: x}}\n", ("check",), {"missing-key", "invalid-value"}),
        ("msgen: 1\nname:\nservices: {a: {}}\n", ("check",), {"empty-value"}),
        ("a: [", ("check",), {"yaml"}),
        ("", ("nwe",), {"usage"}),
        ("", ("check", "--nothing"), {"usage"}),
        ("", ("check", "elsewhere.yaml"), {"input"}),
    ],
)
def test_errors_are_diagnostics(
    msgen: Msgen, tmp_path: Path, text: str, arguments: tuple[str, ...], expected: set[str]
) -> None:
    (tmp_path / "msgen.yaml").write_text(text)
    assert codes(document(msgen, *arguments, code=2)) == expected


def test_errors_of_a_repository_are_diagnostics(shop: Path, msgen: Msgen) -> None:
    assert codes(document(msgen, "check", "--against", "nope", code=2)) == {"no-revision"}
    edit(shop / "msgen.yaml", "email: email, name: string", "email: email")
    (shop / ".msgen/version").write_text("99.0\n")
    assert codes(document(msgen, "apply", code=2)) == {"version"}
    (shop / "msgen.yaml").unlink()
    assert codes(document(msgen, "diff", code=2)) == {"no-repository"}


def test_a_bug_is_a_diagnostic(msgen: Msgen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(check, "check", lambda *_: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert codes(document(msgen, "check", code=70)) == {"bug"}


def test_programs_of_services_keep_their_options(tmp_path: Path) -> None:
    (tmp_path / "msgen.yaml").write_text("")
    done = subprocess.run(command("dev", "exec", "a", "b", "--format", "json"), cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")


def test_every_code_is_documented() -> None:
    documented = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs/reference/diagnostics.md").read_text()))
    sources = "".join(path.read_text() for path in (ROOT / "src/msgen").rglob("*.py"))
    written = set(re.findall(r'code="([a-z-]+)"|simple\("([a-z-]+)"|say\("([a-z-]+)"', sources))
    rules = {f"rule-{rule.__module__.rpartition('.')[2]}" for rule in RULES}
    assert {code for codes in written for code in codes if code} | rules <= documented
