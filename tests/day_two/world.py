"""A user who edits at random, and what must survive that: the model behind `test_random`."""

import re
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import yaml

from msgen.commands import apply as commands
from msgen.commands import reconcile
from msgen.commands.comparison import Choice
from msgen.commands.reconcile import Pending
from msgen.commands.services import NewService, add_service, remove_service
from msgen.merging.baseline import read_snapshots
from msgen.merging.text import THEIRS, has_markers
from msgen.repository import worktree
from tests.conftest import files

Files = dict[str, bytes]

NAMES = ["billing", "stock", "orders", "search", "carts", "reviews", "prices", "returns"]
FIELDS = ["total", "note", "weight", "colour", "amount"]
TYPES = ["string", "decimal", "integer", "text", "boolean"]
# Folders of layers that are laid once for each service, or for all.
EXTRAS = {"templates/system", "python/service", "node/service"}
TOKEN = re.compile(rb"mine-\d+-")


def git(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)


def tokens(content: bytes) -> set[bytes]:
    return set(TOKEN.findall(content))


def _bare(content: bytes) -> bytes:
    """A mark of the byte order would hide a marker behind it."""
    return content.removeprefix(b"\xef\xbb\xbf")


class World:
    """A repository, a pack that changes, and what the user has done."""

    def __init__(self, root: Path, pack: Path, seed: int) -> None:
        self.root, self.pack, self.random = root, pack, Random(seed)
        self.edits = 0
        self.deleted: set[str] = set()
        self.gone_lines: set[tuple[str, bytes]] = set()
        """Generated lines that the user has removed from files."""
        self.log: list[str] = []

    # What the user does; each returns what it was, or an empty text where it could not be done.

    def act(self) -> None:
        weights = {
            self.insert: 8,
            self.replace_line: 3,
            self.remove_line: 3,
            self.reformat: 2,
            self.delete: 1,
            self.rename: 1,
            self.chmod: 1,
            self.link: 0.3,
            self.write_own: 1,
            self.add_service: 2,
            self.remove_service: 1,
            self.change_description: 3,
            self.change_template: 3,
            self.binary: 0.5,
        }
        done = self.random.choices(list(weights), list(weights.values()))[0]()
        if done:
            self.edits += 1
            self.log.append(done)

    def token(self) -> bytes:
        return b"mine-%d-%d" % (self.edits, self.random.randrange(10**6)) + b"-"

    def insert(self) -> str:
        return self._edit("insert", lambda lines, at: [*lines[:at], b"# " + self.token() + b"\n", *lines[at:]])

    def replace_line(self) -> str:
        return self._edit("replace", lambda lines, at: [*lines[:at], b"# " + self.token() + b"\n", *lines[at + 1 :]])

    def remove_line(self) -> str:
        path = self._some_text()
        if not path:
            return ""
        lines = (self.root / path).read_bytes().splitlines(keepends=True)
        # Lines that tell something and stand once: of others nobody could say which one came back.
        single = [line for line in lines if len(line) > 8 and lines.count(line) == 1 and not tokens(line)]
        if not single:
            return ""
        line = self.random.choice(single)
        (self.root / path).write_bytes(b"".join(other for other in lines if other != line))
        self.gone_lines.add((path, line.strip()))
        return f"remove a line of {path}: {line!r}"

    def reformat(self) -> str:
        path = self._some_text()
        if not path:
            return ""
        content = (self.root / path).read_bytes()
        kind = self.random.choice(["crlf", "lf", "spaces", "open end", "bom", "blank lines"])
        match kind:
            case "crlf":
                content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            case "lf":
                content = content.replace(b"\r\n", b"\n")
            case "spaces":
                content = b"\n".join(
                    line + b"  " * (self.random.random() < 0.3 and b"\r" not in line) for line in content.split(b"\n")
                )
            case "open end":
                content = content.rstrip(b"\r\n")
            case "bom":
                content = (
                    content.removeprefix(b"\xef\xbb\xbf") if self.random.random() < 0.5 else b"\xef\xbb\xbf" + content
                )
            case _:
                content = content.replace(b"\n\n", b"\n\n\n", 1)
        (self.root / path).write_bytes(content)
        return f"reformat {path}: {kind}"

    def delete(self) -> str:
        path = self._some()
        (self.root / path).unlink()
        self.deleted.add(path)
        return f"delete {path}"

    def rename(self) -> str:
        path = self._some()
        target = f"own/{self.edits}/{Path(path).name}"
        (self.root / target).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).rename(self.root / target)
        self.deleted.add(path)
        return f"rename {path} to {target}"

    def chmod(self) -> str:
        path = self._some()
        if (self.root / path).is_symlink():
            return ""
        (self.root / path).chmod(self.random.choice([0o644, 0o755, 0o600, 0o700]))
        return f"chmod {path}"

    def link(self) -> str:
        path = self._some()
        (self.root / path).unlink()
        (self.root / path).symlink_to("elsewhere")
        return f"link {path}"

    def binary(self) -> str:
        (self.root / "logo.png").unlink(missing_ok=True)
        (self.root / "logo.png").write_bytes(b"\x00" + self.token())
        self.deleted.discard("logo.png")
        return "another logo"

    def write_own(self) -> str:
        folder = self.random.choice(["own", "services/users/app", "services/new", "contracts"])
        path = self.root / folder / f"{self.edits}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.token())
        return f"write {folder}/{self.edits}.txt"

    def add_service(self) -> str:
        free = sorted(set(NAMES) - self.description()["services"].keys())
        if not free:
            return ""
        name = self.random.choice(free)
        settings = {"language": self.random.choice(["python", "node"])}
        fields = ",".join(f"{f}={self.random.choice(TYPES)}" for f in self.random.sample(FIELDS, 2))
        resources = [f"{name.removesuffix('s')}_item:{fields}"] if self.random.random() < 0.7 else []
        new = NewService(name, settings, resources, {"calls": ["users"]} if self.random.random() < 0.5 else {})
        self._command(lambda choice: add_service(self.root, new, choice))
        self.deleted = {p for p in self.deleted if not p.startswith(f"services/{name}/")}
        return f"add {name}"

    def remove_service(self) -> str:
        there = sorted(self.description()["services"].keys() & set(NAMES))
        if not there:
            return ""
        name = self.random.choice(there)
        self._command(lambda choice: remove_service(self.root, name, cascade=True, choice=choice))
        self._forget(name)
        return f"remove {name}"

    def change_description(self) -> str:
        data = self.description()
        name = self.random.choice(sorted(data["services"]))
        service = data["services"][name]
        what = self.random.choice(["language", "description", "field", "name", "call"])
        match what:
            case "language":
                service["language"] = "node" if service.get("language", "python") == "python" else "python"
            case "description":
                service["description"] = f"Version {self.edits}"
            case "field":
                for fields in service.get("resources", {}).values():
                    fields[f"field_{self.edits}"] = self.random.choice(TYPES)
            case "name":
                data["name"] = self.random.choice(["shop", "store", "market"])
            case _:
                if name in NAMES:
                    service["calls"] = [] if service.get("calls") else ["users"]
        self.describe(data)
        return f"change {what} of {name}"

    def change_template(self) -> str:
        """What a new version of msgen does."""
        every = [path for path in sorted(self.pack.rglob("*")) if path.is_file() and path.suffix != ".yaml"]
        path = self.random.choice(every)
        if path.name == "logo.png":
            path.write_bytes(b"\x00version %d" % self.edits)
            return "new logo"
        lines = path.read_text().splitlines(keepends=True)
        at = self.random.randrange(len(lines) + 1)
        if self.random.random() < 0.15 and f"{path.parent.parent.name}/{path.parent.name}" in EXTRAS:
            (path.parent / f"extra_{self.edits}.txt").write_text("extra\n")
        elif self.random.random() < 0.2 and "{%" not in "".join(lines[at : at + 1]):
            lines[at : at + 1] = []
        else:
            lines.insert(at, f"// version {self.edits}\n")
        path.write_text("".join(lines))
        return f"template {path.relative_to(self.pack)}"

    # Branches.

    def branch_and_merge(self, steps: int) -> None:
        """Two branches with edits on both, merged as somebody in a hurry would."""
        self.settle()
        self._commit("base")
        git(self.root, "switch", "-q", "-C", "other")
        for _ in range(steps):
            self.act()
        self.settle()
        self._commit("other")
        theirs = self.description()
        git(self.root, "switch", "-q", "main")
        self.gone_lines, self.deleted = set(), self._still_deleted()
        for _ in range(steps):
            self.act()
        self.settle()
        self._commit("main")
        ours = self.description()
        self.log.append("merge")
        git(self.root, "merge", "-q", "--no-edit", "other")
        for path in git(self.root, "diff", "--name-only", "--diff-filter=U").stdout.splitlines():
            self._resolve(path)
        self.describe(self._united(ours, theirs))
        # A line that one branch's description has not is generated anew when the merged one has it.
        bases = read_snapshots(self.root)
        self.gone_lines = {
            (path, line)
            for path, line in self.gone_lines
            if line not in self._content(path) and all(line in base.content for base in bases.get(path, ()))
        }
        self.deleted = self._still_deleted()
        self.settle()
        self._commit("merged")

    def _resolve(self, path: str) -> None:
        if path == "msgen.yaml":
            return
        # A snapshot merges by itself, but where one branch has removed the service or .gitattributes.
        own = path.startswith(".msgen/") or b"<<<<<<<" not in self._content(path)
        choice = "leave" if own else self.random.choice(["--ours", "--theirs", "leave", "leave"])
        if choice == "leave" or git(self.root, "checkout", choice, "--", path).returncode:
            git(self.root, "add", "--", path)

    def _united(self, ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
        services = {**theirs["services"], **ours["services"]}
        for service in services.values():
            service["calls"] = [name for name in service.get("calls", []) if name in services]
        return {**ours, "services": services}

    def _commit(self, message: str) -> None:
        git(self.root, "add", "--all")
        git(self.root, "commit", "-q", "--allow-empty", "-m", message)

    # What must hold.

    def settle(self) -> None:
        """Applies until nothing is left, as a user settles conflicts, and checks what must survive."""
        for _ in range(3):
            pending = self._command(lambda choice: commands.apply(self.root, choice))
            if not pending.conflicts:
                break
            for change in pending.conflicts:
                self._settle(change.path)
        else:
            pending = self._command(lambda choice: commands.apply(self.root, choice), ours=True)
        found = reconcile.compute(self.root)
        assert found.in_step, [(c.path, c.action, c.reason) for c in found.shown]

    def _settle(self, path: str) -> None:
        """Both sides of a conflict, without the markers."""
        file = self.root / path
        if file.is_symlink() or not file.is_file() or not has_markers(_bare(file.read_bytes())):
            return
        text = re.sub(
            rb"^\|\|\|\|\|\|\| .*?^=======\r?$", b"=======", _bare(file.read_bytes()), flags=re.DOTALL | re.MULTILINE
        )
        rows = [r for r in text.splitlines(keepends=True) if not r.startswith((b"<<<<<<< ", b"=======", THEIRS))]
        file.write_bytes(b"".join(rows))
        self.gone_lines = {(p, line) for p, line in self.gone_lines if p != path}

    def _command(self, command: Any, *, ours: bool = False) -> Pending:
        """Runs a command and compares what it did with what it said, and with what must survive."""
        before = self._files()
        favour = "ours" if ours or self.random.random() < 0.1 else "markers"
        choice = Choice(favour, allow_losses=True)
        pending: Pending = command(choice).pending
        said = self._after(before, pending)
        after = self._files()
        assert after == said, sorted(p for p in after.keys() | said.keys() if after.get(p) != said.get(p))
        actions = {change.path: change.action for change in pending.changes}
        for path, content in before.items():
            if path in actions or path == "msgen.yaml" or path.startswith(".msgen/"):
                lost = tokens(content) - tokens(after.get(path, b""))
                assert not lost, f"{path}: {actions.get(path)} lost {lost}"
            else:
                assert after.get(path) == content, f"{path} is the user's own"
        back = {
            path for path in self.deleted if path in after and path not in before and actions.get(path) != "created"
        }
        assert not back, back
        for path, line in self.gone_lines:
            was, now = before.get(path, b""), after.get(path, b"")
            if actions.get(path) != "conflict":
                assert line in was or line not in now, f"{path}: {line!r} is back"
        # What was not generated in between comes back as something new.
        made = {change.path: b"".join(base.content for base in change.bases) for change in pending.changes}
        self.gone_lines = {(path, line) for path, line in self.gone_lines if line in made.get(path, b"")}
        return pending

    def _after(self, before: Files, pending: Pending) -> Files:
        said = dict(before)
        for write in pending.writes:
            if write.after is None:
                said.pop(write.path, None)
            else:
                said[write.path] = write.after.content
        return said

    def _files(self) -> Files:
        links = {
            path.relative_to(self.root).as_posix(): str(path.readlink()).encode()
            for path in self.root.rglob("*")
            if path.is_symlink()
        }
        return {**files(self.root), **links}

    def description(self) -> dict[str, Any]:
        data: dict[str, Any] = yaml.load((self.root / "msgen.yaml").read_bytes(), yaml.CSafeLoader)
        return data

    def describe(self, data: dict[str, Any]) -> None:
        """Somebody's own hand: all of the file may look different."""
        (self.root / "msgen.yaml").write_text(
            yaml.safe_dump(data, sort_keys=False, default_flow_style=self.random.choice([True, False, None]))
        )

    def _forget(self, service: str) -> None:
        mine = f"services/{service}/"
        self.deleted = {path for path in self.deleted if not path.startswith(mine)}
        self.gone_lines = {(path, line) for path, line in self.gone_lines if not path.startswith(mine)}

    def _still_deleted(self) -> set[str]:
        return {path for path in self.deleted if not (self.root / path).exists()}

    def _content(self, path: str) -> bytes:
        return (self.root / path).read_bytes() if (self.root / path).is_file() else b""

    def _generated(self) -> list[str]:
        found = reconcile.compute(self.root)
        return [change.path for change in found.changes if change.before and not change.path.startswith(".msgen/")]

    def _some(self) -> str:
        return self.random.choice(self._generated())

    def _some_text(self) -> str:
        path = self._some()
        there = worktree.look(self.root, [path])[path]
        return path if there and not there.odd and b"\0" not in there.content and there.content.strip() else ""

    def _edit(self, kind: str, change: Any) -> str:
        path = self._some_text()
        if not path:
            return ""
        lines = (self.root / path).read_bytes().splitlines(keepends=True)
        at = self.random.randrange(len(lines))
        if tokens(lines[at]):
            return ""
        (self.root / path).write_bytes(b"".join(change(lines, at)))
        return f"{kind} at {at + 1} of {path}"
