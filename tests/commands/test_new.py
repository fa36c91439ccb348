import os
import pty
import random
import select
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from msgen.commands.new import complete_tree
from msgen.description.loader import load
from msgen.merging.baseline import Base, read_snapshots
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from tests.conftest import EXAMPLES, Msgen, command, files, git

SHOP = EXAMPLES / "02-shop" / "msgen.yaml"
MINIMAL = EXAMPLES / "01-minimal" / "msgen.yaml"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_complete(repository: Path) -> bool:
    """Whether all is there, committed, and as generated."""
    return git(repository, "status", "--porcelain", "--ignored") == "" and (repository / "msgen.yaml").is_file()


def test_without_more_than_a_name_it_makes_the_shop(msgen: Msgen, tmp_path: Path) -> None:
    run = msgen("new", "myshop")
    assert (run.code, run.err) == (0, "")
    assert names(tmp_path) == ["myshop"]
    assert {path.name for path in (tmp_path / "myshop" / "services").iterdir()} == {
        "auth", "users", "orders", "notifications", "analytics"
    }  # fmt: skip
    for words in ("5 services", "cd myshop", "make up", "http://localhost:8080"):
        assert words in run.out


def test_it_writes_the_tree_and_the_users_description(msgen: Msgen, tmp_path: Path) -> None:
    assert msgen("new", "--description", MINIMAL).code == 0
    pack = load_pack(builtin_root())
    tree = complete_tree(make_plan(load(MINIMAL, pack.vocabulary)), pack)
    found = files(tmp_path / "myshop")
    assert found.pop("msgen.yaml") == MINIMAL.read_bytes()
    assert found == {path: file.content for path, file in tree.items()}
    for path, file in tree.items():
        assert bool((tmp_path / "myshop" / path).stat().st_mode & stat.S_IXUSR) == (file.mode == 0o755), path


def test_the_snapshots_hold_what_was_generated(msgen: Msgen, tmp_path: Path) -> None:
    msgen("new", "myshop")
    bases = read_snapshots(tmp_path / "myshop")
    found = files(tmp_path / "myshop")
    generated = {path for path in found if not path.startswith((".msgen/base/", ".msgen/models/"))}
    generated -= {"msgen.yaml"}
    assert bases.keys() == generated
    for path, (base,) in bases.items():
        assert base == Base(once=True) or base.content == found[path]
    assert names(tmp_path / "myshop" / ".msgen" / "base") == [
        "_system.txt", "analytics.txt", "auth.txt", "notifications.txt", "orders.txt", "users.txt"
    ]  # fmt: skip


def test_git_merges_the_snapshots_by_itself(msgen: Msgen, tmp_path: Path) -> None:
    msgen("new", "myshop")
    found = git(tmp_path / "myshop", "check-attr", "merge", "diff", "--", ".msgen/base/orders.txt")
    assert found.splitlines() == [".msgen/base/orders.txt: merge: union", ".msgen/base/orders.txt: diff: unset"]


def test_editors_find_the_schema_that_the_first_line_names(msgen: Msgen, tmp_path: Path) -> None:
    msgen("new", "myshop")
    first = (tmp_path / "myshop" / "msgen.yaml").read_text().splitlines()[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (tmp_path / "myshop" / path).read_text() == msgen("schema").out


def test_two_runs_make_the_same_bytes(msgen: Msgen, tmp_path: Path) -> None:
    msgen("new", "myshop", "--into", tmp_path)
    (tmp_path / "other").mkdir()
    msgen("new", "myshop", "--into", tmp_path / "other")
    assert files(tmp_path / "myshop") == files(tmp_path / "other" / "myshop")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_description_is_copied_byte_for_byte(msgen: Msgen, tmp_path: Path, mark: bytes) -> None:
    text = mark + b"# mine\r\n" + MINIMAL.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n"
    (tmp_path / "mine.yaml").write_bytes(text)
    assert msgen("new", "--description", "mine.yaml").code == 0
    assert (tmp_path / "myshop" / "msgen.yaml").read_bytes() == text
    assert is_complete(tmp_path / "myshop")


def test_another_name_than_the_descriptions_is_just_the_folders(msgen: Msgen, tmp_path: Path) -> None:
    run = msgen("new", "elsewhere", "--description", SHOP)
    assert "names the system myshop" in run.out
    assert (tmp_path / "elsewhere" / "msgen.yaml").read_bytes() == SHOP.read_bytes()


def test_a_wrong_description_writes_nothing(msgen: Msgen, tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("msgen: 1\nname: x\nservices: {a: {calls: [b]}}\n")
    run = msgen("new", "--description", "d.yaml")
    assert (run.code, run.out) == (2, "")
    assert "d.yaml:3:" in run.err
    assert names(tmp_path) == ["d.yaml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the name of the system is missing"),
        (["Shop"], "did you mean 'shop'?"),
        (["my shop"], "did you mean 'my-shop'?"),
        (["../shop"], "did you mean 'shop'?"),
        ([""], "cannot be a system's name"),
        (["9"], "cannot be a system's name"),
        (["a" * 31], "cannot be a system's name"),
        (["shop-"], "did you mean 'shop'?"),
        (["my--shop"], "did you mean 'my-shop'?"),
        (["con"], "reserved device name on Windows"),
        (["shop", "--language", "cobol"], "python"),
        (["shop", "--starter", "shp"], "did you mean 'shop'?"),
        (["shop", "--data", "port"], "key=value"),
        (["shop", "--data", "port=1"], "a port from"),
        (["shop", "--into", "nowhere"], "there is no directory nowhere"),
        (["shop", "--description", "nowhere.yaml"], "no such file"),
        (["shop", "--description", SHOP, "--starter", "shop"], "--starter needs a starter"),
        (["shop", "--description", SHOP, "--language", "python"], "--language needs a starter"),
        (["shop", "--description", SHOP, "--data", "a=b"], "--data needs a starter"),
    ],
)
def test_what_cannot_be_made_is_explained(
    msgen: Msgen, tmp_path: Path, arguments: list[str | Path], words: str
) -> None:
    run = msgen("new", *arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert names(tmp_path) == []


def test_options_of_a_starter(msgen: Msgen, tmp_path: Path) -> None:
    run = msgen("new", "tiny", "--from", "minimal", "--language", "python", "--data", "port=9001")
    assert run.code == 0
    assert "http://localhost:9001" in run.out
    assert names(tmp_path / "tiny" / "services") == ["orders"]


def test_a_starters_own_files_are_the_users(msgen: Msgen, tmp_path: Path) -> None:
    starter = tmp_path / "starter"
    starter.mkdir()
    (starter / "copier.yml").write_text("")
    (starter / "msgen.yaml").write_bytes(MINIMAL.read_bytes())
    (starter / "README.md").write_text("ours\n")
    assert msgen("new", "shop", "--starter", "./starter").code == 0
    assert (tmp_path / "shop" / "README.md").read_text() == "ours\n"
    (base,) = read_snapshots(tmp_path / "shop")["README.md"]
    assert base.content not in (b"", b"ours\n")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other.yaml", "does not create msgen.yaml"),
        (".msgen", "which is reserved"),
        ("msgen.yaml", "msgen.yaml of the starter ./starter:1:1"),
    ],
)
def test_a_starter_that_makes_the_wrong_files_is_refused(msgen: Msgen, tmp_path: Path, name: str, words: str) -> None:
    starter = tmp_path / "starter"
    starter.mkdir()
    (starter / "copier.yml").write_text("")
    if name == ".msgen":
        (starter / ".msgen" / "base").mkdir(parents=True)
        (starter / ".msgen" / "base" / "x.txt").write_text("")
        (starter / "msgen.yaml").write_bytes(MINIMAL.read_bytes())
    else:
        (starter / name).write_text("x: 1\n")
    run = msgen("new", "shop", "--starter", "./starter")
    assert run.code == 2
    assert words in run.err
    assert names(tmp_path) == ["starter"]


# The target


@pytest.mark.parametrize("kind", ["full", "file", "link", "dangling link"])
def test_a_target_that_is_taken_is_refused(msgen: Msgen, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "shop"
    match kind:
        case "full":
            target.mkdir()
            (target / ".hidden").write_text("mine")
        case "file":
            target.write_text("mine")
        case "link":
            (tmp_path / "empty").mkdir()
            target.symlink_to("empty")
        case "dangling link":
            target.symlink_to("nowhere")
    before = names(tmp_path)
    run = msgen("new", "shop")
    assert (run.code, run.out) == (2, "")
    assert "already exists" in run.err
    assert names(tmp_path) == before
    assert kind != "full" or (target / ".hidden").read_text() == "mine"


def test_an_empty_target_is_taken(msgen: Msgen, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    assert msgen("new", "shop").code == 0
    assert is_complete(tmp_path / "shop")


def test_a_folder_that_cannot_be_written_is_refused(msgen: Msgen, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    place = folder if os.geteuid() else Path("/proc/self")  # nothing else is closed to root
    run = msgen("new", "shop", "--into", place)
    assert run.code == 2
    assert "cannot write" in run.err


def test_a_path_that_is_too_long_is_refused(msgen: Msgen, tmp_path: Path) -> None:
    folder = tmp_path
    while len(str(folder)) < 4070:
        folder /= "d" * min(200, 4070 - len(str(folder)))
    folder.mkdir(parents=True)
    run = msgen("new", "shop", "--into", folder)
    assert run.code == 2
    assert "File name too long" in run.err
    assert names(folder) == []


def test_a_file_where_a_folder_is_expected_is_refused(msgen: Msgen, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "there is no directory file" in msgen("new", "shop", "--into", "file").err


# Git


def test_git_holds_everything_in_one_commit_on_main(msgen: Msgen, tmp_path: Path) -> None:
    msgen("new", "shop")
    assert git(tmp_path / "shop", "log", "--format=%an <%ae> %s", "main") == (
        "Ada <ada@example.com> shop, generated by msgen 0.1.0\n"
    )
    assert is_complete(tmp_path / "shop")
    assert git(tmp_path / "shop", "ls-files").splitlines() == sorted(files(tmp_path / "shop"))


def test_no_git(msgen: Msgen, tmp_path: Path) -> None:
    assert "not in git" in msgen("new", "shop", "--no-git").out
    assert not (tmp_path / "shop" / ".git").exists()


def test_without_git_on_the_machine_it_is_said(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    run = msgen("new", "shop")
    assert run.code == 0
    assert "git is not installed" in run.out
    assert (tmp_path / "shop" / "msgen.yaml").exists()


def test_inside_another_repository_it_is_part_of_that(msgen: Msgen, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "systems").mkdir()
    run = msgen("new", "shop", "--into", "systems")
    assert run.code == 0
    assert f"the directory is inside the repository at {tmp_path}" in run.out
    assert not (tmp_path / "systems" / "shop" / ".git").exists()


def test_a_neighbor_of_a_git_repository_gets_its_own(
    msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "clone")
    msgen("new", "myshop", "--defaults", "--into", "..")
    assert (tmp_path / "myshop" / ".git").is_dir()


def test_where_another_repository_ignores_it_it_has_its_own(msgen: Msgen, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    msgen("new", "shop", "--into", "build")
    assert is_complete(tmp_path / "build" / "shop")


def test_without_an_identity_it_says_how_to_take_the_commit_over(msgen: Msgen, tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").unlink()
    run = msgen("new", "shop")
    assert run.code == 0
    assert "git commit --amend --reset-author" in run.out
    assert git(tmp_path / "shop", "log", "--format=%an <%ae>") == "msgen <msgen@localhost>\n"


def test_an_identity_of_the_environment_is_used(
    msgen: Msgen, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".gitconfig").unlink()
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Bo")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "bo@example.com")
    msgen("new", "shop")
    assert git(tmp_path / "shop", "log", "--format=%an <%ae>") == "Bo <bo@example.com>\n"


def test_the_users_settings_of_git_do_not_break_it(msgen: Msgen, tmp_path: Path, home: Path) -> None:
    hook = "#!/bin/sh\nexit 1\n"
    for folder in ("hooks", "template/hooks"):
        (home / folder).mkdir(parents=True)
        for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"):
            (home / folder / name).write_text(hook)
            (home / folder / name).chmod(0o755)
    (home / "ignore").write_text("*.py\nMakefile\n.*\n")
    (home / "attributes").write_text("* filter=broken eol=crlf\n")
    with (home / ".gitconfig").open("a") as settings:
        settings.write(
            f"[commit]\n\tgpgSign = true\n\ttemplate = {home}/nowhere\n[gpg]\n\tprogram = false\n"
            f"[core]\n\thooksPath = {home}/hooks\n\tautocrlf = true\n\tsafecrlf = true\n\tfsmonitor = false\n"
            f"\texcludesFile = {home}/ignore\n\tattributesFile = {home}/attributes\n\teditor = false\n"
            f"[init]\n\ttemplateDir = {home}/template\n\tdefaultBranch = trunk\n"
            '[filter "broken"]\n\tclean = false\n\trequired = true\n[tag]\n\tgpgSign = true\n'
        )
    run = msgen("new", "shop")
    assert (run.code, run.err) == (0, "")
    found = files(tmp_path / "shop")
    assert git(tmp_path / "shop", "ls-files").splitlines() == sorted(found)
    for path in ("msgen.yaml", ".msgen/schema.json"):
        blob = subprocess.run(["git", "show", f"main:{path}"], cwd=tmp_path / "shop", capture_output=True, check=True)
        assert blob.stdout == found[path]
    assert not (tmp_path / "shop" / ".git" / "hooks").exists()


def test_a_repository_that_the_environment_points_at_is_not_touched(
    msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "init", "-q")
    before = files(tmp_path / "other" / ".git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / "index"))
    msgen("new", "shop")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert files(tmp_path / "other" / ".git") == before
    assert is_complete(tmp_path / "shop")


def test_where_git_fails_its_words_are_shown_and_nothing_is_left(
    msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(
        '#!/bin/sh\ncase "$*" in *commit*--quiet*) echo no >&2; exit 1;; esac\nexit 0\n'
    )
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    run = msgen("new", "shop")
    assert run.code == 2
    assert "git cannot create the first commit: no" in run.err
    assert "--no-git" in run.err
    assert names(tmp_path) == ["bin"]


# Interruptions


def start(folder: Path, stderr: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command("new", "shop"),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        # Whoever runs the tests in the background has it ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def test_killed_at_any_moment_the_next_run_succeeds(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert start(tmp_path).wait() == 0
    whole = time.monotonic() - begun
    expected = files(tmp_path / "shop")
    shutil.rmtree(tmp_path / "shop")
    chance = random.Random(7)
    interrupted = 0
    for _ in range(50):
        process = start(tmp_path)
        time.sleep(chance.uniform(0, whole * 1.1))
        process.kill()
        process.wait()
        if (tmp_path / "shop").exists():
            assert files(tmp_path / "shop") == expected
            assert is_complete(tmp_path / "shop")
            shutil.rmtree(tmp_path / "shop")
        else:
            interrupted += 1
    assert interrupted > 10
    time.sleep(0.5)  # for a git that has outlived its msgen
    assert start(tmp_path).wait() == 0
    assert is_complete(tmp_path / "shop")
    assert names(tmp_path) == ["shop"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("wait", [0, 0.02])
def test_interrupted_it_leaves_nothing(tmp_path: Path, number: int, wait: float) -> None:
    for _ in range(20):
        process = start(tmp_path, subprocess.PIPE)
        while not names(tmp_path) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(wait)
        process.send_signal(number)
        said = process.communicate()[1]
        if process.returncode != 0:
            break
        assert is_complete(tmp_path / "shop")  # it was quicker
        shutil.rmtree(tmp_path / "shop")
    assert said == b"interrupted\n"
    assert process.returncode == 130
    assert names(tmp_path) == []


def test_two_at_once_make_one_whole_repository(tmp_path: Path) -> None:
    codes = [process.wait() for process in [start(tmp_path) for _ in range(4)]]
    assert sorted(codes) == [0, 2, 2, 2]
    assert is_complete(tmp_path / "shop")
    assert names(tmp_path) == ["shop"]


# Questions


def answered(
    folder: Path, *replies: tuple[str, bytes], arguments: tuple[str, ...] = ("new", "shop")
) -> tuple[int, str]:
    """Runs msgen on a terminal and answers each question, given as a part of its text, when it is asked."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        program = command(*arguments)
        os.execv(program[0], program)
    shown = b""
    waiting = list(replies)
    while select.select([terminal], [], [], 120)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        shown += part
        if b"\x1b[6n" in part:  # asks where the cursor is
            os.write(terminal, b"\x1b[1;1R")
        if waiting and waiting[0][0].encode() in shown:
            os.write(terminal, waiting.pop(0)[1])
    else:
        os.kill(process, signal.SIGKILL)  # it asks something else
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode(errors="replace")


def test_on_a_terminal_it_asks(tmp_path: Path) -> None:
    code, shown = answered(
        tmp_path,
        ("in a few words", b"\x15Our shop\r"),
        ("Language of the services", b"\x1b[B\r"),
        ("Host port", b"\r"),
        ("Origin of a web", b"\r"),
        ("Observability", b"\x1b[B\r"),
        ("Service discovery", b"\r"),
    )
    assert code == 0, shown
    made = (tmp_path / "shop" / "msgen.yaml").read_text()
    assert 'description: "Our shop"' in made
    assert "language: python" in made
    assert "language: node" not in made
    assert "logs: elk" in made


def test_interrupted_at_a_question_it_leaves_nothing(tmp_path: Path) -> None:
    code, shown = answered(tmp_path, ("in a few words", b"\x03"))
    assert code == 130
    assert "Traceback" not in shown
    assert names(tmp_path) == []


def test_on_a_terminal_a_large_system_shows_that_work_goes_on(tmp_path: Path) -> None:
    services = "".join(f"  service{number}: {{}}\n" for number in range(30))
    (tmp_path / "large.yaml").write_text(f"msgen: 1\nname: large\nservices:\n{services}")
    code, shown = answered(tmp_path, arguments=("new", "--description", "large.yaml"))
    assert code == 0, shown
    assert "Generating 30 services" in shown
