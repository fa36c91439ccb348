import pytest

from msgen.core.errors import UserError
from msgen.packs.lockfile import closure

LOCK = {
    "web": {"version": "1", "requires": ["http", "types"]},
    "http": {"version": "2", "requires": ["types", "web"]},
    "types": {"version": "3"},
    "other": {"version": "4"},
}


def test_closure_contains_only_requirements() -> None:
    assert [(entry["key"], entry["direct"], entry["version"]) for entry in closure(LOCK, ["web"])] == [
        ("http", False, "2"),
        ("types", False, "3"),
        ("web", True, "1"),
    ]


def test_closure_without_roots() -> None:
    assert closure(LOCK, []) == []


@pytest.mark.parametrize("lock", [{}, {"web": {"requires": ["gone"]}}])
def test_unlocked_package_is_reported(lock: dict[str, dict[str, list[str]]]) -> None:
    with pytest.raises(UserError, match=r"no locked version of '(web|gone)'"):
        closure(lock, ["web"])
