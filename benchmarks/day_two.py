"""One more service in a shop that people have edited: msgen beside Copier's update, with the same files and edits.

    .venv/bin/python benchmarks/day_two.py

Copier gets a template whose two versions hold what msgen generates before and after, as plain files, so that it has
nothing to render. Prints a table and writes it to day_two.md; exits with 1 where a goal is missed.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench import verdict

from msgen.commands.new import complete_tree
from msgen.description.loader import load
from msgen.description.yaml_editor.editor import Add, edited
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan

BIN = Path(sys.executable).parent
DESCRIPTION = Path(__file__).parents[1] / "examples" / "02-shop" / "msgen.yaml"
RESULTS = Path(__file__).with_name("day_two.md")
ROUNDS = 3
BILLING = {"resources": {"bill": {"total": "decimal"}}, "calls": ["orders"]}

Check = Callable[[Path], bool]


def replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text, (path, old)
        (root / path).write_text(text.replace(old, new, 1))

    return edit


def crlf(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).write_bytes((root / path).read_bytes().replace(b"\n", b"\r\n")) and None


# What people did, and what should be so afterwards.
EDITS: dict[str, tuple[Callable[[Path], None], Check]] = {
    "a paragraph in the README": (
        replace("README.md", "\n## Test\n", "\nAsk in #shop.\n\n## Test\n"),
        lambda root: "Ask in #shop." in (root / "README.md").read_text(),
    ),
    "a setting in compose.yaml": (
        replace("compose.yaml", 'LOG_LEVEL: "info"', 'LOG_LEVEL: "debug"'),
        lambda root: 'LOG_LEVEL: "debug"' in (root / "compose.yaml").read_text(),
    ),
    "a line beside one that changes": (
        replace("scripts/make-env", "#!/bin/sh\n", "#!/bin/sh\n# Ours.\n"),
        lambda root: "# Ours." in (root / "scripts/make-env").read_text(),
    ),
    "a file deleted": (
        lambda root: (root / "services/users/README.md").unlink(),
        lambda root: not (root / "services/users/README.md").exists(),
    ),
    "Windows line ends in a file": (
        crlf("postgres/setup.sql"),
        lambda root: b"\n" not in (root / "postgres/setup.sql").read_bytes().replace(b"\r\n", b""),
    ),
}
OUTCOMES: dict[str, Check] = {
    "the new service is in compose.yaml": lambda root: "  billing:" in (root / "compose.yaml").read_text(),
    "and in the database's setup": lambda root: "billing" in (root / "postgres/setup.sql").read_text(),
    "no conflict to settle": lambda root: not _conflicts(root),
}


def _conflicts(root: Path) -> list[str]:
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts]
    return [p.name for p in files if p.suffix == ".rej" or b"<<<<<<< " in p.read_bytes()]


def run(folder: Path, *command: str | Path) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return seconds


def commit(folder: Path, message: str, tag: str = "") -> None:
    if not (folder / ".git").exists():
        run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "git", "add", "--all", "--force")
    run(folder, "git", "-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-q", "-m", message)
    if tag:
        run(folder, "git", "tag", tag)


def copier_template(folder: Path) -> None:
    """Two versions of a template: the shop, and the shop with one more service."""
    after = folder.with_suffix(".yaml")
    after.write_bytes(edited(DESCRIPTION.read_bytes(), [Add(("services", "billing"), BILLING)]))
    pack = load_pack(builtin_root())
    for version, description in (("1.0.0", DESCRIPTION), ("2.0.0", after)):
        for path, file in complete_tree(make_plan(load(description, pack.vocabulary)), pack).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(file.content)
            (folder / path).chmod(file.mode)
        (folder / "copier.yml").write_text("_templates_suffix: .copier\n")
        (folder / "{{ _copier_conf.answers_file }}.copier").write_text("{{ _copier_answers|to_nice_yaml }}\n")
        commit(folder, version, version)


def main() -> int:
    times: dict[str, list[float]] = {"msgen add-service": [], "copier update": [], "msgen apply, nothing to do": []}
    with tempfile.TemporaryDirectory(prefix="msgen-bench-") as scratch:
        template, ours, theirs = (Path(scratch, name) for name in ("template", "ours", "theirs"))
        template.mkdir()
        copier_template(template)
        for _ in range(ROUNDS):
            shutil.rmtree(ours, ignore_errors=True)
            shutil.rmtree(theirs, ignore_errors=True)
            run(Path(scratch), BIN / "msgen", "new", "ours", "--description", DESCRIPTION)
            run(Path(scratch), BIN / "copier", "copy", "-q", "--defaults", "--vcs-ref=1.0.0", template, theirs)
            commit(theirs, "new")
            for folder in (ours, theirs):
                for edit, _ in EDITS.values():
                    edit(folder)
                commit(folder, "edits")
            times["msgen apply, nothing to do"].append(run(ours, BIN / "msgen", "apply"))
            service = ("--resource", "bill:total=decimal", "--calls", "orders")
            times["msgen add-service"].append(run(ours, BIN / "msgen", "add-service", "billing", *service))
            times["copier update"].append(run(theirs, BIN / "copier", "update", "-q", "--defaults"))
        kept = [(name, check(ours), check(theirs)) for name, (_, check) in EDITS.items()]
        kept += [(name, check(ours), check(theirs)) for name, check in OUTCOMES.items()]
    seconds = {name: median(found) for name, found in times.items()}
    nothing = seconds["msgen apply, nothing to do"]
    words = {True: "yes", False: "no"}
    rows = [
        "| | msgen | Copier |",
        "|---|---|---|",
        f"| one more service | {seconds['msgen add-service']:.2f} s | {seconds['copier update']:.2f} s |",
        f"| nothing to do ({verdict(nothing <= 0.4, 'at most 0.4 s')}) | {nothing:.2f} s | |",
        *(f"| {name} | {words[mine]} | {words[copiers]} |" for name, mine, copiers in kept),
    ]
    head = f"A shop with {len(EDITS)} edits and a new service, on Python {platform.python_version()}\n\n"
    text = head + "\n".join(rows) + "\n"
    print(text)
    RESULTS.write_text(text)
    return 0 if nothing <= 0.4 and all(mine for _, mine, _ in kept) else 1


if __name__ == "__main__":
    sys.exit(main())
