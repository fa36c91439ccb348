"""Lock files are merged by package."""

import json
from typing import Any

from msgen.core.tree import File
from msgen.merging.baseline import Base
from msgen.merging.change import merge
from msgen.repository.worktree import Disk


def requirements(**versions: str) -> bytes:
    rows = (f"{name}=={v} \\\n    --hash=sha256:{name}{v}\n" for name, v in sorted(versions.items()))
    return "".join(rows).encode()


def package_lock(dependencies: dict[str, str], **versions: str) -> bytes:
    packages: dict[str, Any] = {"": {"name": "orders", "dependencies": dependencies}}
    packages |= {f"node_modules/{name}": {"version": v, "integrity": f"sha512-{v}"} for name, v in versions.items()}
    return (json.dumps({"name": "orders", "lockfileVersion": 3, "packages": packages}, indent=2) + "\n").encode()


def merged(base: bytes, mine: bytes, new: bytes) -> tuple[str, bytes, str]:
    change = merge("lock", Disk(mine), (Base(content=base),), File(new))
    assert change.after
    return change.action, change.after.content, change.reason


def test_packages_of_both_sides_are_in_the_result() -> None:
    action, content, reason = merged(
        requirements(b="1", d="1"), requirements(a="1", b="1", c="1", d="1"), requirements(b="1", bb="2", d="1")
    )
    assert (action, content) == ("merged", requirements(a="1", b="1", bb="2", c="1", d="1"))
    assert "make lock" in reason


def test_of_a_package_that_both_changed_the_new_version_is_taken() -> None:
    _, content, _ = merged(requirements(a="1", b="1"), requirements(a="2", b="1"), requirements(a="3", b="1"))
    assert content == requirements(a="3", b="1")


def test_what_one_side_dropped_goes_unless_the_user_changed_it() -> None:
    base = requirements(a="1", b="1", c="1", d="1")
    _, content, _ = merged(base, requirements(a="1", b="2", d="1"), requirements(c="2"))
    assert content == requirements(b="2", c="2")


def test_package_locks_of_npm_are_merged_likewise() -> None:
    action, content, _ = merged(
        package_lock({"express": "^5"}, express="5.0.0", qs="1.0.0"),
        package_lock({"express": "^5", "left": "^1"}, express="5.0.0", left="1.0.0", qs="1.0.1"),
        package_lock({"express": "^5", "pg": "^8"}, express="5.0.1", pg="8.0.0", qs="1.0.0"),
    )
    assert action == "merged"
    assert content == package_lock(
        {"express": "^5", "left": "^1", "pg": "^8"}, express="5.0.1", left="1.0.0", pg="8.0.0", qs="1.0.1"
    )


def test_other_files_conflict_as_before() -> None:
    assert merged(b"a\n", b"b\n", b"c\n")[0] == "conflict"
