"""Repositories that are cloned, branched, merged, squashed and formatted."""

import copy
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

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


NAMES = ["billing", "stock", "parts", "trips"]
TYPES = ["string?", "integer?", "boolean?"]
Description = dict[str, Any]


def change(choose: random.Random, data: Description) -> None:
    """One change of a description, as a branch would make it."""
    services = data["services"]
    match choose.choice(["add", "add", "remove", "field", "field", "queue", "rename"]):
        case "add":
            name = choose.choice(NAMES)
            services.setdefault(name, {"resources": {name[:-1]: {"name": "string?"}}, "calls": ["users"]})
        case "remove":
            name = choose.choice(sorted(services))
            if name != "users":
                del services[name]
        case "field":
            services["users"]["resources"]["user"][f"field_{choose.choice('abc')}"] = choose.choice(TYPES)
        case "queue":
            data.setdefault("queues", {})[f"mail-{choose.choice('ab')}"] = {"name": "string"}
        case "rename":
            data["description"] = choose.choice(["A shop.", "A market.", "A store."])
    tidy(data)


def tidy(data: Description) -> None:
    """What nobody sends or consumes goes, and what somebody does is there."""
    services = data["services"]
    services["users"].update(sends=sorted(data.get("queues", {})), consumes=sorted(data.get("queues", {})))


def united(base: Description, ours: Description, theirs: Description) -> Description:
    """Each key from the side that changed it: what somebody makes of conflicts in `msgen.yaml`."""
    found = {}
    for key in dict.fromkeys([*ours, *theirs]):
        before, mine, other = (side.get(key) for side in (base, ours, theirs))
        if isinstance(mine, dict) and isinstance(other, dict):
            found[key] = united(before or {}, mine, other)
        elif (kept := other if mine == before else mine) is not None:
            found[key] = kept
    return found


@pytest.mark.parametrize("seed", range(int(os.environ.get("MSGEN_BRANCHES", "12"))))
@pytest.mark.parametrize("how", ["merge", "rebase", "merge committed"])
def test_random_pairs_of_branches_lead_to_what_is_generated_from_the_merged_description(
    shop: Path, msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, how: str
) -> None:
    choose = random.Random(f"{how} {seed}")
    base = yaml.load((shop / "msgen.yaml").read_text(), yaml.CSafeLoader)
    base["services"] = {"users": base["services"]["users"], "cars": {}, "boats": {"calls": ["users"]}}
    tidy(base)
    describe(shop, base)
    assert msgen("apply").code == 0
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    commit(shop, "base")
    sides = []
    for name in ("ours", "theirs"):
        git(shop, "switch", "-q", "-c", name, "main")
        data = copy.deepcopy(base)
        for _ in range(choose.randint(1, 3)):
            change(choose, data)
        sides.append(data)
        describe(shop, data)
        assert msgen("apply", "--allow-destructive").code == 0
        commit(shop, name)
    onto = ["rebase", "-q", "ours"] if how == "rebase" else ["merge", "-q", "--no-edit", "ours"]
    subprocess.run(["git", *onto], cwd=shop, capture_output=True, check=False)
    merged = united(base, *sides)
    tidy(merged)
    describe(shop, merged)
    if how == "merge committed":
        commit(shop, "merged")
    settled = msgen("apply", "--allow-destructive")
    assert settled.code == 0, settled.out + settled.err
    assert "Have fun." in (shop / "README.md").read_text()
    edit(shop / "README.md", "starts it all. Have fun.", "starts it all.")
    shutil.copy(shop / "msgen.yaml", tmp_path / "merged.yaml")
    (tmp_path / "fresh").mkdir()
    monkeypatch.chdir(tmp_path)
    assert msgen("new", "--description", "merged.yaml", "--into", tmp_path / "fresh", "--no-git").code == 0
    assert generated(shop) == generated(tmp_path / "fresh/shop")


def describe(shop: Path, data: Description) -> None:
    (shop / "msgen.yaml").write_text(yaml.safe_dump(data, sort_keys=False))


def generated(root: Path) -> dict[str, bytes]:
    """Every file but the history, and migrations, which depend on it."""
    found = files(root)
    return {
        path: content
        for path, content in found.items()
        if not path.startswith((".msgen/", "msgen.yaml")) and "/migrations/" not in path
    }


ADDED = ["--resource", "invoice:total=decimal,status=string?", "--calls", "users", "--publishes", "invoice.created"]
OTHER = ["--language", "node", "--resource", "item:name=string", "--publishes", "item.low:item_id=uuid"]


MOST_CONFLICTS = 8
"""Of the more than forty files that list services; a pull request shows them before anybody can run msgen."""


@pytest.mark.parametrize("how", ["merge", "rebase", "merge committed"])
def test_conflicts_in_files_that_nobody_edited_settle_in_a_real_system(
    msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    assert msgen("new", "shop", "--defaults").code == 0
    shop = tmp_path / "shop"
    monkeypatch.chdir(shop)
    before = yaml.load((shop / "msgen.yaml").read_text(), yaml.CSafeLoader)
    git(shop, "switch", "-q", "-c", "ours")
    assert msgen("add-service", "billing", *ADDED).code == 0
    commit(shop)
    ours = yaml.load((shop / "msgen.yaml").read_text(), yaml.CSafeLoader)
    git(shop, "switch", "-q", "-c", "theirs", "main")
    assert msgen("add-service", "stock", *OTHER).code == 0
    assert msgen("remove-service", "analytics", "--cascade").code == 0
    commit(shop)
    theirs = yaml.load((shop / "msgen.yaml").read_text(), yaml.CSafeLoader)
    onto = ["rebase", "-q", "ours"] if how == "rebase" else ["merge", "-q", "--no-edit", "ours"]
    subprocess.run(["git", *onto], cwd=shop, capture_output=True, check=False)
    conflicts = git(shop, "diff", "--name-only", "--diff-filter=U").split()
    assert len(conflicts) <= MOST_CONFLICTS, conflicts
    describe(shop, united(before, ours, theirs))
    if how == "merge committed":
        commit(shop, "merged")
    settled = msgen("apply")
    assert settled.code == 0, settled.out + settled.err
    shutil.copy(shop / "msgen.yaml", tmp_path / "merged.yaml")
    (tmp_path / "fresh").mkdir()
    monkeypatch.chdir(tmp_path)
    assert msgen("new", "--description", "merged.yaml", "--into", "fresh", "--no-git").code == 0
    assert different(generated(shop), generated(tmp_path / "fresh/shop")) == []


def different(one: dict[str, bytes], two: dict[str, bytes]) -> list[str]:
    return sorted(path for path in one.keys() | two.keys() if one.get(path) != two.get(path))
