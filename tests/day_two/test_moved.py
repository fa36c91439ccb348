"""Files that a new version of the templates generates elsewhere take the user's edits with them."""

from pathlib import Path

import pytest

from tests.conftest import Msgen, files, git

from .conftest import actions, commit, edit

MAIN, CHASSIS = "services/users/app/main.py", "services/users/chassis/main.py"


def move(pack: Path) -> None:
    (pack / "python/service/chassis").mkdir()
    (pack / "python/service/app/main.py.j2").rename(pack / "python/service/chassis/main.py.j2")
    table = pack / "python/pack.yaml"
    table.write_text(table.read_text() + "moved: {app/main.py: chassis/main.py}\n")


def test_an_edited_file_moves_with_its_edits(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / MAIN, "    pass", "    print('mine')")
    commit(shop)
    move(pack)
    edit(pack / "python/service/chassis/main.py.j2", "from app import settings", "from chassis import settings")
    shown = msgen("diff", "--stat")
    assert f"{CHASSIS}" in shown.out
    upgraded = msgen("upgrade")
    assert upgraded.code == 0, upgraded.err
    assert not (shop / MAIN).exists()
    text = (shop / CHASSIS).read_text()
    assert "print('mine')" in text
    assert "from chassis import settings" in text
    assert f"merged    {CHASSIS}  (moved from {MAIN})" in upgraded.out
    assert f"removed   {MAIN}  (moved to {CHASSIS})" in upgraded.out
    assert msgen("check").code == 0
    edit(pack / "python/service/chassis/main.py.j2", "from chassis import settings", "import chassis.settings")
    assert msgen("apply").code == 0
    assert "print('mine')" in (shop / CHASSIS).read_text()


IMPORTS = [
    "from app import main",
    "import app.main as m",
    "from .main import run",
    "const x = require('./main');",
    "from . import a, main",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_a_module_of_the_users_own_that_imports_a_moved_one_is_named(
    shop: Path, msgen: Msgen, pack: Path, line: str
) -> None:
    (shop / "services/users/app/own.py").write_text(f"import re\n{line}\n")
    (shop / "services/users/app/other.py").write_text("from app import mainly\nfrom app.domain import x  # main\n")
    move(pack)
    note = "services/users/app/own.py imports app/main.py, which is now chassis/main.py\n"
    for command in (["diff"], ["upgrade"]):
        assert msgen(*command).err.startswith(note)
    assert msgen("diff").err == ""


def test_an_untouched_file_moves_and_a_deleted_one_stays_deleted(shop: Path, msgen: Msgen, pack: Path) -> None:
    (shop / MAIN).unlink()
    before = (shop / "services/auth/app/main.py").read_bytes()
    move(pack)
    assert msgen("apply").code == 0
    assert not (shop / MAIN).exists()
    assert not (shop / CHASSIS).exists()
    assert not (shop / "services/auth/app/main.py").exists()
    assert (shop / "services/auth/chassis/main.py").read_bytes() == before
    assert msgen("check").code == 0


def test_edits_of_the_same_lines_conflict_at_the_new_path(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / MAIN, "    pass", "    print('mine')")
    move(pack)
    edit(pack / "python/service/chassis/main.py.j2", "    pass", "    print('theirs')")
    upgraded = msgen("upgrade")
    assert upgraded.code == 1
    assert actions(upgraded)[CHASSIS] == "conflict"
    assert "<<<<<<< yours" in (shop / CHASSIS).read_text()
    assert not (shop / MAIN).exists()


def test_a_file_of_the_users_own_at_the_new_path_is_left_alone(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / MAIN, "    pass", "    print('mine')")
    (shop / CHASSIS).parent.mkdir()
    (shop / CHASSIS).write_text("# mine, too\n")
    move(pack)
    assert msgen("apply").code == 1
    assert "print('mine')" in (shop / MAIN).read_text()
    assert "# mine, too" in (shop / CHASSIS).read_text()


def test_a_file_that_becomes_the_users_is_merged_a_last_time(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / MAIN, "    pass", "    print('mine')")
    move(pack)
    table = pack / "python/pack.yaml"
    table.write_text(table.read_text() + "once: [chassis/main.py, app/settings.py]\n")
    edit(pack / "python/service/chassis/main.py.j2", "from app import settings", "from chassis import settings")
    (pack / "python/service/app/settings.py.j2").write_text("# yours\n")
    assert msgen("apply").code == 0
    assert (shop / "services/users/app/settings.py").read_text() == "# yours\n"
    text = (shop / CHASSIS).read_text()
    assert "print('mine')" in text
    assert "from chassis import settings" in text
    (pack / "python/service/app/settings.py.j2").write_text("# later\n")
    edit(pack / "python/service/chassis/main.py.j2", "from chassis import settings", "from chassis import nothing")
    assert msgen("apply").out == "Nothing to do.\n"


def test_handlers_follow_the_files_that_they_import(shop: Path, msgen: Msgen, pack: Path) -> None:
    """They are the user's, but would not even import: what merges cleanly is merged, what does not stays."""
    handler = shop / "services/mails/handlers/welcome.py"
    handler.write_text(handler.read_text() + "\n# mine\n")
    before = handler.read_text()
    template = next((pack / "handler/handlers").iterdir())
    template.write_text("import moved\n" + template.read_text())
    assert msgen("upgrade").out == "Nothing to do.\n"
    move(pack)
    assert msgen("upgrade").code == 0
    assert handler.read_text() == "import moved\n" + before
    handler.write_text("# all mine\n")
    assert msgen("check").code == 0


def test_a_move_can_be_undone_by_git_and_done_again(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / MAIN, "    pass", "    print('mine')")
    commit(shop)
    before = files(shop)
    move(pack)
    assert msgen("upgrade").code == 0
    after = files(shop)
    git(shop, "stash", "--include-untracked", "--quiet")
    assert files(shop) == before
    assert msgen("upgrade").code == 0
    assert files(shop) == after
