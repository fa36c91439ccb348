"""Install programs and packages from lock files into a cache that all systems of a user share."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from msgen.core.errors import user_error

SITE_PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
DONE = ".installed"
TAIL = 15
"""Lines of a failed command's output that are shown."""


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "msgen" / "dev"


@dataclass(frozen=True)
class Installation:
    """Packages of one lock file in a directory of the cache, or in the service itself."""

    title: str
    lock: Path
    into: Path
    """Directory of the packages: named after the lock file's content, or that of the service."""
    run: tuple[str, ...] = ()
    """Command that installs them; empty for Python packages in a virtual environment."""
    path: tuple[str, ...] = ()
    """Directories of the command's programs."""
    creates: Path | None = None
    """For packages in the service: file that is newer than the lock file afterwards."""

    @property
    def present(self) -> bool:
        if self.creates:
            return self.creates.exists() and self.creates.stat().st_mtime >= self.lock.stat().st_mtime
        return (self.into / DONE).exists()

    def install(self) -> None:
        """Install what is missing; other msgen processes wait. Raises `UserError`."""
        if self.present:
            return
        cache().mkdir(parents=True, exist_ok=True)
        with (cache() / f"{sha256(str(self.into).encode()).hexdigest()[:16]}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.present:
                self._install()

    def _install(self) -> None:
        if self.creates:
            _run(self.title, self.run, self.into, self.path)
            self.creates.touch()
            return
        shutil.rmtree(self.into, ignore_errors=True)
        if self.run:
            shutil.copytree(self.lock.parent, self.into)
            _run(self.title, self.run, self.into, self.path)
        else:
            self.into.mkdir(parents=True)
            for command in _virtualenv(self.into, self.lock):
                _run(self.title, command, self.into)
        (self.into / DONE).touch()


def virtualenv(title: str, lock: Path) -> Installation:
    """Return a virtual environment with the Python packages of a lock file."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Installation(title, lock, cache() / f"python{version}-{_key(lock)}")


def packages(title: str, lock: Path, run: Sequence[str], path: Sequence[str]) -> Installation:
    """Return the packages of a lock file of a pack, whose directory is copied to the cache."""
    return Installation(title, lock, cache() / f"{title}-{_key(lock)}", tuple(run), tuple(path))


def _key(lock: Path) -> str:
    return sha256(lock.read_bytes()).hexdigest()[:16]


def _virtualenv(folder: Path, lock: Path) -> list[list[str]]:
    """Return the commands that create a virtual environment: with uv if there is one, else with pip."""
    python = str(folder / "bin/python")
    options = ["--quiet", "--require-hashes", "--no-deps", "--requirement", str(lock)]
    uv = [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else [shutil.which("uv") or ""]
    if uv[0]:
        # With the mark of an empty directory, uv would ask.
        create = [*uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)]
        return [create, [*uv, "pip", "install", "--compile-bytecode", "--python", python, *options]]
    create = [sys.executable, "-m", "venv", str(folder)]
    return [create, [python, "-m", "pip", "install", "--disable-pip-version-check", *options]]


def _run(title: str, command: Sequence[str], folder: Path, path: Sequence[str] = ()) -> None:
    environment = {**os.environ, "PATH": os.pathsep.join([*path, os.environ.get("PATH", "")])}
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    try:
        done = subprocess.run(
            [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise user_error(f"cannot install {title}: {error}") from error
    if done.returncode:
        lines = (done.stderr + done.stdout).strip().splitlines()[-TAIL:]
        raise user_error(f"cannot install {title}:\n" + "\n".join(lines))
