"""diff, apply and check: what a user sees and what happens to files."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Msgen, files, git

from .conftest import actions, commit, edit


def test_a_new_system_is_in_step(shop: Path, msgen: Msgen) -> None:
    assert (msgen("diff").code, msgen("diff").out) == (0, "")
    assert "in step" in msgen("check").out
    before = files(shop)
    applied = msgen("apply")
    assert (applied.code, applied.out) == (0, "Nothing to do.\n")
    assert files(shop) == before


def test_diff_shows_what_apply_does_and_then_nothing_is_left(shop: Path, msgen: Msgen) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    before = files(shop)
    shown = msgen("diff")
    assert files(shop) == before
    assert shown.code == 1
    assert "# merged README.md" in shown.out
    assert "-# shop\n+# store" in shown.out
    assert msgen("diff", "--name-only").out.splitlines() == ["README.md", "compose.yaml"]
    assert re.search(r"README.md +merged +\+1 -1", msgen("diff", "--stat").out)
    listed = json.loads(msgen("diff", "--format", "json").out)
    copy = shutil.copytree(shop, shop.parent / "copy")
    applied = msgen("apply")
    assert applied.code == 0
    assert actions(applied) == {change["path"]: change["action"] for change in listed["changes"]}
    assert "# store" in (shop / "README.md").read_text()
    assert "Have fun." in (shop / "README.md").read_text()
    (copy / "change.patch").write_text("".join(change["diff"] for change in listed["changes"]))
    git(copy, "apply", "change.patch")
    for change in listed["changes"]:
        assert (copy / change["path"]).read_bytes() == (shop / change["path"]).read_bytes()
    assert msgen("diff").code == 0
    assert msgen("apply").out == "Nothing to do.\n"


def test_conflicts_are_marked_listed_and_exit_with_1(shop: Path, msgen: Msgen) -> None:
    edit(shop / "README.md", "# shop", "# The Shop")
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    applied = msgen("apply")
    assert applied.code == 1
    assert actions(applied)["README.md"] == "conflict"
    assert "Resolve 1 conflict:\n  README.md" in applied.err
    text = (shop / "README.md").read_text()
    assert "<<<<<<< yours\n# The Shop\n||||||| msgen, before\n# shop\n=======\n# store\n>>>>>>> msgen, now\n" in text
    assert "<<<<<<<" not in (shop / "compose.yaml").read_text()
    again = msgen("apply")
    assert (again.code, (shop / "README.md").read_text()) == (1, text)
    checked = msgen("check")
    assert checked.code == 1
    assert "it still holds conflict markers" in checked.out
    settled = re.sub(r"<<<<<<<.*?\n(.*?)\|\|\|.*?>>>>>>>.*?\n", r"\1", text, flags=re.DOTALL)
    (shop / "README.md").write_text(settled)
    assert msgen("check").code == 0


@pytest.mark.parametrize(("side", "title"), [("ours", "# The Shop"), ("theirs", "# store")])
def test_a_side_can_be_chosen_before_or_after(shop: Path, msgen: Msgen, side: str, title: str) -> None:
    edit(shop / "README.md", "# shop", "# The Shop")
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    before = files(shop)
    assert msgen("apply", "--on-conflict", side).code == 0
    chosen = files(shop)
    assert (shop / "README.md").read_text().startswith(title)
    assert msgen("diff").code == 0
    for path, content in before.items():
        (shop / path).write_bytes(content)
    assert msgen("apply").code == 1
    assert msgen("apply", "--on-conflict", side).code == 0
    assert files(shop) == chosen


def test_prompt_needs_a_terminal(shop: Path, msgen: Msgen) -> None:
    assert (shop / "msgen.yaml").exists()
    refused = msgen("apply", "--on-conflict", "prompt")
    assert refused.code == 2
    assert "needs a terminal" in refused.err


def test_what_the_user_deleted_stays_deleted_and_is_told_when_it_would_change(shop: Path, msgen: Msgen) -> None:
    (shop / "services/users/Dockerfile").unlink()
    (shop / "compose.yaml").unlink()
    assert msgen("diff").code == 0
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    assert actions(msgen("apply")) == {"README.md": "updated", "compose.yaml": "kept"}
    assert not (shop / "compose.yaml").exists()
    assert msgen("diff").code == 0


def test_what_is_generated_no_more_goes_unless_it_was_changed(shop: Path, msgen: Msgen) -> None:
    edit(shop / "services/mails/app/main.py", "pass", "print('bye')")
    (shop / "services/mails/app/mine.py").write_text("mine = 1\n")
    edit(shop / "msgen.yaml", "\n  # Sends the mails.\n  mails: {database: none, consumes: [welcome]}\n", "")
    edit(shop / "msgen.yaml", "    sends: [welcome]\n", "    calls: [users]\n")
    edit(shop / "msgen.yaml", "queues:\n  welcome: {email: email}\n", "")
    applied = msgen("apply")
    assert applied.code == 0, applied.err
    assert actions(applied)["services/mails/app/main.py"] == "kept"
    assert "you changed it; it is no longer generated" in applied.out
    left = [path for path in files(shop) if path.startswith("services/mails/")]
    assert left == ["services/mails/app/main.py", "services/mails/app/mine.py"]
    assert not (shop / ".msgen/base/mails.txt").exists()
    assert not (shop / "contracts").exists()
    assert msgen("diff").code == 0


def test_a_service_that_moves_language_keeps_what_the_user_wrote(shop: Path, msgen: Msgen) -> None:
    edit(shop / "services/mails/handlers/welcome.py", '"""Handles welcome."""', "send(message)")
    edit(shop / "services/mails/app/settings.py", "def load", "EXTRA = 1\n\n\ndef load")
    edit(shop / "msgen.yaml", "mails: {", "mails: {language: node, ")
    applied = msgen("apply")
    told = actions(applied)
    assert told["services/mails/src/main.js"] == "created"
    assert told["services/mails/Dockerfile"] == "updated"
    assert told["services/mails/app/main.py"] == "removed"
    assert told["services/mails/app/settings.py"] == "kept"
    assert "send(message)" in (shop / "services/mails/handlers/welcome.py").read_text()
    assert msgen("diff").code == 0


def test_once_files_are_never_touched(shop: Path, msgen: Msgen, pack: Path) -> None:
    handler = shop / "services/mails/handlers/welcome.py"
    template = pack / "handler/handlers/{{ queue.name.snake }}.py.j2"
    template.write_text("def handle(message):\n    '''Something else.'''\n")
    assert msgen("diff").code == 0
    assert "Handles welcome." in handler.read_text()
    handler.unlink()
    assert msgen("apply").out == "Nothing to do.\n"
    assert not handler.exists()


def test_odd_files_of_the_users_are_left_alone(shop: Path, msgen: Msgen, pack: Path) -> None:
    (shop / "README.md").unlink()
    (shop / "README.md").symlink_to("compose.yaml")
    (shop / "logo.png").write_bytes(b"\x00my own logo")
    (shop / "run").chmod(0o644)
    (shop / "services/users/app/user.txt").write_bytes("größe\n".encode("latin-1"))
    git(shop, "config", "core.autocrlf", "false")
    settings = shop / "services/users/app/settings.py"
    settings.write_bytes(settings.read_bytes().replace(b"\n", b"\r\n"))
    assert msgen("diff").code == 0
    for template in ("system/README.md.j2", "system/run", "python/service/app/settings.py.j2"):
        (pack / template).write_text((pack / template).read_text() + "# more\n")
    (pack / "system/logo.png").write_bytes(b"\x00new logo")
    (pack / "resource/app/{{ resource.name }}.txt.j2").write_text("größer\n")
    applied = msgen("apply")
    assert applied.code == 1
    told = actions(applied)
    assert told["README.md"] == told["logo.png"] == told["services/users/app/user.txt"] == "conflict"
    assert (shop / "README.md").is_symlink()
    assert (shop / "logo.png").read_bytes() == b"\x00my own logo"
    assert settings.read_bytes().endswith(b"# more\r\n")
    assert b"\n" not in settings.read_bytes().replace(b"\r\n", b"")
    assert (shop / "run").read_text().endswith("# more\n")
    assert not os.access(shop / "run", os.X_OK) or (shop / "run").stat().st_mode & 0o111 == 0
    assert msgen("apply").code == 1
    assert msgen("apply", "--on-conflict", "ours").code == 0
    assert msgen("diff").code == 0


def test_a_file_in_the_way_of_a_new_one_is_not_overwritten(shop: Path, msgen: Msgen) -> None:
    (shop / "services/billing").mkdir()
    (shop / "services/billing/Dockerfile").write_text("FROM scratch\n")
    added = msgen("add-service", "billing")
    assert added.code == 1
    assert "it already existed, and differs" in added.out
    assert "FROM scratch" in (shop / "services/billing/Dockerfile").read_text()
    (shop / "services/stock").write_text("a list\n")
    added = msgen("add-service", "stock")
    assert added.code == 1
    assert (shop / "services/stock").read_text() == "a list\n"


def test_commands_work_from_any_folder_below(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    monkeypatch.chdir(shop / "services/users/app")
    assert msgen("diff").code == 1
    assert msgen("apply").code == 0
    assert "../../../msgen.yaml: ok" in msgen("check").out or "msgen.yaml: ok" in msgen("check").out
    monkeypatch.chdir(shop.parent)
    lost = msgen("apply")
    assert lost.code == 2
    assert "there is no msgen.yaml in" in lost.err


def test_a_wrong_description_changes_nothing(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "sends: [welcome]", "sends: [welcom]")
    before = files(shop)
    for command in ("diff", "apply", "check"):
        wrong = msgen(command)
        assert wrong.code == 2
        assert "msgen.yaml:17:13: " in wrong.err
        assert "did you mean" in wrong.err
    assert files(shop) == before


def test_a_template_that_fails_is_named_and_nothing_is_written(shop: Path, msgen: Msgen, pack: Path) -> None:
    template = pack / "python/service/Dockerfile.j2"
    template.write_text("FROM x\nLABEL {{ service.colour }}\n")
    before = files(shop)
    wrong = msgen("apply")
    assert wrong.code == 2
    assert "python/service/Dockerfile.j2:2: " in wrong.err
    for word in ("layer python", "service auth", "colour"):
        assert word in wrong.err
    assert files(shop) == before


def test_uncommitted_changes_are_told_not_refused(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    (shop / "new file.txt").write_text("x")
    edit(shop / "compose.yaml", "networks:", "networks: # mine")
    applied = msgen("apply")
    assert applied.code == 0
    assert "2 files had changes that were not committed" in applied.err


def test_that_the_description_is_not_committed_yet_is_no_news(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    applied = msgen("apply")
    assert applied.code == 0
    assert "committed" not in applied.err
    edit(shop / "msgen.yaml", "name: store", "name: stall")
    git(shop, "commit", "--quiet", "--all", "--message=x")
    (shop / "new file.txt").write_text("x")
    edit(shop / "msgen.yaml", "name: stall", "name: shop")
    assert "1 file had changes that were not committed; git shows it together" in msgen("apply").err


def test_it_works_without_git_and_inside_another_repository(shop: Path, msgen: Msgen) -> None:
    (shop / ".git").rename(shop.parent / ".git")
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    assert msgen("apply").code == 0
    assert (shop.parent / ".git").exists()
    assert msgen("check").code == 0


@pytest.mark.parametrize(
    ("file", "added", "message"),
    [
        ("compose.yaml", "name: again\n", "compose.yaml:{end}:1: 'name' is a duplicate key"),
        ("compose.yaml", "more: {a: [{b: 1, b: 2}]}\n", "'b' is a duplicate key"),
        ("compose.yaml", "  - lost\n", "invalid YAML"),
        ("compose.yaml", f"deep: {'[' * 20_000}\n", "invalid YAML"),
        ("contracts/welcome.json", "}\n", "invalid JSON"),
    ],
)
def test_check_reads_the_yaml_and_json_that_was_edited(
    shop: Path, msgen: Msgen, file: str, added: str, message: str
) -> None:
    content = (shop / file).read_text() + added
    (shop / file).write_text(content)
    checked = msgen("check")
    assert checked.code == 2
    assert message.format(end=content.count("\n")) in checked.err
    (shop / file).write_text(content.removesuffix(added) + ("\nmine: 1\n" if file == "compose.yaml" else "\n"))
    assert msgen("check").code == 0


def test_check_reads_json_as_its_tools_do(shop: Path, msgen: Msgen) -> None:
    (shop / "contracts/welcome.json").write_text('{"a": 1, "a": 2}\n')
    assert "'a' is a duplicate key" in msgen("check").err
    (shop / "contracts/welcome.json").write_text('{\n  // a remark\n  "a": 1\n}\n')
    assert msgen("check").code == 0


def test_check_reads_json_that_is_nested_deeply(shop: Path, msgen: Msgen) -> None:
    (shop / "contracts/welcome.json").write_text("[" * 20_000 + "]" * 20_000)
    checked = msgen("check")
    assert (checked.code, "invalid JSON" in checked.err) == (2, True)


def test_check_reads_yaml_whose_aliases_lead_back(shop: Path, msgen: Msgen) -> None:
    with (shop / "compose.yaml").open("a") as file:
        file.write("\nx-loop: &loop [*loop]\nx-many: &many [*loop, *loop]\nx-more: [*many, *many]\n")
    assert msgen("check").code == 0


def test_a_damaged_snapshot_is_named(shop: Path, msgen: Msgen) -> None:
    file = shop / ".msgen/base/users.txt"
    file.write_text(file.read_text().replace(" 644 ", " 644 !", 1))
    wrong = msgen("apply")
    assert wrong.code == 2
    assert "users.txt:" in wrong.err
    assert "restore it from git" in wrong.err


def test_lost_snapshots_are_made_again_where_nothing_differs(shop: Path, msgen: Msgen) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    for file in (shop / ".msgen/base").iterdir():
        file.unlink()
    applied = msgen("apply")
    assert applied.code == 1
    assert actions(applied) == {"README.md": "conflict"}
    commit(shop)
    git(shop, "checkout", "HEAD~1", "--", "README.md")
    assert msgen("check").code == 0
