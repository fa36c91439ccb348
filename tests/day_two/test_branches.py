"""Repositories that are cloned, branched, merged, squashed and formatted."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Msgen, files, git

from .conftest import commit, edit


def branch(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch, name: str, service: str) -> None:
    monkeypatch.chdir(shop)
    git(shop, "switch", "-q", "-c", name, "main")
    assert msgen("add-service", service, "--calls", "users").code == 0
    edit(shop / f"services/{service}/app/main.py", "pass", f"print('{service}')")
    commit(shop, name)


def settle(shop: Path, service: str) -> list[str]:
    """Keeps both in the description, and returns the other files that git could not merge."""
    left = git(shop, "diff", "--name-only", "--diff-filter=U").split()
    git(shop, "checkout", "--ours", "--", "msgen.yaml")
    text = (shop / "msgen.yaml").read_text()
    (shop / "msgen.yaml").write_text(f"{text}\n  {service}:\n    calls: [users]\n")
    return [path for path in left if path != "msgen.yaml"]


def merge(shop: Path, name: str, service: str) -> list[str]:
    subprocess.run(["git", "merge", "--no-edit", "-q", name], cwd=shop, capture_output=True, check=False)
    return settle(shop, service)


def test_two_branches_that_each_add_a_service(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    commit(shop)
    branch(shop, msgen, monkeypatch, "one", "billing")
    branch(shop, msgen, monkeypatch, "two", "stock")
    left = merge(shop, "one", "billing")
    assert not any(path.startswith(".msgen/") for path in left)
    applied = msgen("apply")
    assert applied.code == 0, applied.out
    commit(shop)
    assert msgen("check").code == 0
    compose = (shop / "compose.yaml").read_text()
    assert compose.index("  stock:") > 0
    assert compose.index("  billing:") > 0
    assert "<<<<<<<" not in compose
    assert "Have fun." in (shop / "README.md").read_text()
    for service in ("billing", "stock"):
        assert f"print('{service}')" in (shop / f"services/{service}/app/main.py").read_text()


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_conflicts_in_generated_files_can_be_settled_either_way(
    shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    branch(shop, msgen, monkeypatch, "one", "billing")
    branch(shop, msgen, monkeypatch, "two", "stock")
    for path in merge(shop, "one", "billing"):
        git(shop, "checkout", side, "--", path)
    assert msgen("apply").code == 0
    commit(shop)
    assert msgen("check").code == 0
    assert "  stock:" in (shop / "compose.yaml").read_text()
    assert "  billing:" in (shop / "compose.yaml").read_text()


def test_a_rebase_works_as_a_merge_does(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    branch(shop, msgen, monkeypatch, "one", "billing")
    branch(shop, msgen, monkeypatch, "two", "stock")
    subprocess.run(["git", "rebase", "-q", "one"], cwd=shop, capture_output=True, check=False)
    settle(shop, "stock")
    assert msgen("apply").code == 0
    git(shop, "add", "--all")
    git(shop, "-c", "core.editor=true", "rebase", "--continue")
    assert msgen("check").code == 0


def test_a_shallow_clone_of_a_squashed_history_has_the_same_bases(
    shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    commit(shop)
    git(shop, "reset", "-q", "--soft", git(shop, "rev-list", "--max-parents=0", "HEAD").strip())
    git(shop, "commit", "-q", "--amend", "-m", "all")
    git(shop.parent, "clone", "-q", "--depth=1", f"file://{shop}", "clone")
    clone = shop.parent / "clone"
    monkeypatch.chdir(clone)
    assert msgen("check").code == 0
    edit(clone / "msgen.yaml", "name: shop", "name: store")
    assert msgen("apply").code == 0
    assert "# store" in (clone / "README.md").read_text()
    assert "Have fun." in (clone / "README.md").read_text()


def test_a_clone_with_windows_line_ends(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    commit(shop)
    git(shop.parent, "-c", "core.autocrlf=true", "clone", "-q", str(shop), "clone")
    clone = shop.parent / "clone"
    git(clone, "config", "core.autocrlf", "true")
    monkeypatch.chdir(clone)
    assert b"\r\n" in (clone / "compose.yaml").read_bytes()
    assert msgen("check").code == 0
    assert msgen("add-service", "billing").code == 0
    assert b"\n" not in (clone / "compose.yaml").read_bytes().replace(b"\r\n", b"")
    assert b"\n" not in (clone / "msgen.yaml").read_bytes().replace(b"\r\n", b"")
    assert msgen("check").code == 0


def test_formatters_of_text_do_not_harm_the_snapshots(shop: Path, msgen: Msgen) -> None:
    for file in (shop / ".msgen/base").iterdir():
        rows = [row.rstrip() for row in file.read_text().splitlines() if row.strip()]
        file.write_text("\n".join(rows))
    before = files(shop)
    assert msgen("check").code == 0
    assert files(shop) == before
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    assert msgen("apply").code == 0
