import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgen.core.errors import UserError
from msgen.core.paths import BASELINES
from msgen.core.tree import File
from msgen.merging.baseline import Base, base_of, parse, read_snapshots, snapshot, snapshots
from tests.conftest import git

FILES = st.builds(
    File,
    content=st.binary(max_size=300),
    mode=st.sampled_from([0o644, 0o755]),
    once=st.booleans(),
    owner=st.sampled_from(["", "root", "orders"]),
)
PATHS = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40)


def bases(path: Path) -> dict[str, tuple[Base, ...]]:
    return dict(read_snapshots(path))


def store(folder: Path, tree: dict[str, File]) -> None:
    for name, content in snapshots(tree).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@given(st.dictionaries(PATHS, FILES))
def test_what_is_read_is_what_was_written(tree: dict[str, File]) -> None:
    found: dict[str, tuple[Base, ...]] = {}
    for content in snapshots(tree).values():
        found |= parse(content)
    assert found == {path: (base_of(file),) for path, file in tree.items()}


@given(st.dictionaries(PATHS, FILES), st.dictionaries(PATHS, FILES))
def test_lines_of_two_branches_together_give_the_bases_of_both(ours: dict[str, File], theirs: dict[str, File]) -> None:
    text = b"".join(content for tree in (ours, theirs) for content in snapshots(tree).values())
    found = parse(text)
    assert found.keys() == ours.keys() | theirs.keys()
    for tree in (ours, theirs):
        for path, file in tree.items():
            assert base_of(file) in found[path]


def test_each_service_has_a_file_of_its_own_even_one_called_root() -> None:
    tree = {
        "README.md": File(b"a"),
        "services/root/app.py": File(b"b", owner="root"),
        "services/orders/app.py": File(b"c", owner="orders"),
    }
    made = snapshots(tree)
    assert sorted(made) == [f"{BASELINES}/_system.txt", f"{BASELINES}/orders.txt", f"{BASELINES}/root.txt"]
    assert parse(made[f"{BASELINES}/_system.txt"]) == {"README.md": (Base(0o644, b"a"),)}


def test_lines_are_sorted_text_and_stand_for_themselves() -> None:
    made = snapshots({name: File(b"x") for name in ("b", "a b", "a", "ä", "#c", "=======")})[f"{BASELINES}/_system.txt"]
    lines = made.decode("ascii").splitlines()[2::2]
    assert lines == sorted(lines)
    assert len(lines) == 6
    assert all(len(line.split()) == 3 for line in lines)


def test_a_file_of_the_users_is_remembered_as_it_was_delivered() -> None:
    made = snapshots({"handler.py": File(b"pass", once=True)})[f"{BASELINES}/_system.txt"]
    assert parse(made) == {"handler.py": (Base(content=b"pass", once=True),)}


def test_a_snapshot_that_says_the_same_is_left_as_it_is() -> None:
    text = snapshot([("a", Base(content=b"1")), ("b", Base(content=b"2"))])
    formatted = text.replace(b"\n", b"\r\n").rstrip()
    assert snapshot([("b", Base(content=b"2")), ("a", Base(content=b"1"))], formatted) == formatted
    assert snapshot([("a", Base(content=b"1"))], formatted) != formatted
    assert snapshot([("a", Base(content=b"1"))], b"damaged") == snapshot([("a", Base(content=b"1"))])


def test_a_repository_without_snapshots_has_no_bases(tmp_path: Path) -> None:
    assert read_snapshots(tmp_path) == {}


@pytest.mark.parametrize(
    "line", ["a", "a 644", "a x eJwDAAAAAAE=", "a 644 !!", "a 644 AAAA", "a 644 eJwDAAAAAAE= b", "ä once"]
)
def test_a_damaged_line_is_named(line: str) -> None:
    with pytest.raises(UserError) as error:
        parse(f"# head\nok once eJwDAAAAAAE=\n{line}\n".encode(), "x.txt")
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == ("x.txt", 3)


def test_markers_of_a_merge_and_other_line_ends_do_not_matter() -> None:
    text = snapshots({"a": File(b"1"), "b": File(b"2")})[f"{BASELINES}/_system.txt"]
    marked = b"<<<<<<< ours\n" + text.replace(b"\n", b"\r\n") + b"=======\r\n>>>>>>> theirs\r\n"
    assert parse(marked) == parse(text)


def test_git_merges_branches_that_changed_the_same_file_and_added_services(tmp_path: Path) -> None:
    def commit(tree: dict[str, File]) -> None:
        store(tmp_path, tree)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", "x")

    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitattributes").write_text(".msgen/base/*.txt merge=union -diff linguist-generated\n")
    start = {"compose.yaml": File(b"0"), "README.md": File(b"r")}
    commit(start)
    git(tmp_path, "switch", "-qc", "other")
    commit({**start, "compose.yaml": File(b"1"), "README.md": File(b"s"), "services/a/app.py": File(b"a", owner="a")})
    git(tmp_path, "switch", "-q", "main")
    commit({**start, "compose.yaml": File(b"2"), "services/b/app.py": File(b"b", owner="b")})
    merged = subprocess.run(
        ["git", "merge", "-q", "other", "-m", "both"], cwd=tmp_path, capture_output=True, check=False
    )
    assert merged.returncode == 0, merged.stderr
    found = bases(tmp_path)
    assert {base.content for base in found["compose.yaml"]} == {b"1", b"2"}
    assert found["README.md"] == (Base(0o644, b"s"),)
    assert found["services/a/app.py"] == (Base(0o644, b"a"),)
    assert found["services/b/app.py"] == (Base(0o644, b"b"),)
