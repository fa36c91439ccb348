"""Commands of a generated repository in checkouts that are not as git made them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import Msgen


@pytest.fixture
def shop(msgen: Msgen, tmp_path: Path) -> Path:
    assert msgen("new", "shop", "--defaults", "--no-git").code == 0
    return tmp_path / "shop"


def make(root: Path, *arguments: str, docker: str = "exit 0") -> "subprocess.CompletedProcess[str]":
    """Runs make with a command that stands for Docker."""
    programs = root.with_name("programs")
    programs.mkdir(exist_ok=True)
    (programs / "docker").write_text(f"#!/bin/sh\n{docker}\n")
    (programs / "docker").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    return subprocess.run(["make", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_scripts_run_without_their_executable_bits(shop: Path) -> None:
    for script in (shop / "scripts").iterdir():
        script.chmod(0o644)
    done = make(shop, "env")
    assert done.returncode == 0, done.stderr
    assert "DATABASE_PASSWORD=" in (shop / ".env").read_text()
    direct = r"(^|[\t@(; ])(\./)?scripts/[a-z]"
    for file in (shop / "Makefile", *(shop / "scripts").iterdir()):
        for line in file.read_text().splitlines():
            assert line.lstrip().startswith("#") or not re.search(direct, line.replace("sh scripts/", "")), line


def test_data_of_another_checkout_is_noticed_before_anything_starts(shop: Path) -> None:
    volumes = 'case "$*" in *"volume ls"*shop) echo shop_postgres-data;; esac'
    refused = make(shop, "env", docker=volumes)
    assert refused.returncode != 0
    assert "COMPOSE_PROJECT_NAME=shop-2" in refused.stderr
    assert not (shop / ".env").exists()
    (shop / ".env").write_text("COMPOSE_PROJECT_NAME=shop-2\n")
    assert make(shop, "env", docker=volumes).returncode == 0
    assert "COMPOSE_PROJECT_NAME=shop-2\n" in (shop / ".env").read_text()


@pytest.mark.parametrize(("version", "code"), [("24.0.7", 2), ("25.0.0", 0), ("29.1.3", 0), ("", 0), ("5.4.1", 0)])
def test_an_engine_that_is_too_old_is_named(shop: Path, version: str, code: int) -> None:
    done = make(shop, "docker", docker=f'case "$*" in *Server.Version*) echo "{version}";; esac')
    assert done.returncode == code
    assert ("Docker Engine 25" in done.stderr) == bool(code)


def test_what_a_removed_service_leaves_is_no_service(shop: Path) -> None:
    (shop / "services/old/app").mkdir(parents=True)
    (shop / "services/old/app/mine.py").write_text("")
    (shop / "services/older").mkdir()
    shutil.copy(shop / "services/orders/Makefile", shop / "services/older")
    listed = make(shop, "--dry-run", "--always-make", "test")
    assert "services/orders test" in listed.stdout
    assert "services/old" not in listed.stdout


def test_no_container_needs_more_than_one_processor(shop: Path) -> None:
    for line in (shop / "compose.yaml").read_text().splitlines():
        for cpus in re.findall(r'cpus: "([0-9.]+)"', line):
            assert float(cpus) <= 1


def test_stripping_cannot_fail_a_build(shop: Path) -> None:
    """`find` ignores what a command does that it runs for one file, unlike one for many."""
    text = (shop / "services/orders/Dockerfile").read_text()
    assert all(line.rstrip(" \\&").endswith("{} \\;") for line in text.splitlines() if "-exec strip" in line)
    assert yaml.safe_load((shop / "compose.yaml").read_text())["name"] == "shop"


def test_locking_installs_what_it_needs(shop: Path) -> None:
    only = shop.with_name("only")
    only.mkdir()
    for program in ("make", "sh"):
        (only / program).symlink_to(shutil.which(program) or "")
    service, paths = shop / "services/orders", {"PATH": str(only)}
    command = ["make", "--dry-run", "lock"]
    done = subprocess.run(command, cwd=service, env=paths, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("pip install --quiet uv") < done.stdout.index(".venv/bin/uv pip compile")


FAILING = r"""
case "$*" in
  *"volume ls"*|*version*|*info*) ;;
  *build*) seq 300;;
  *"up --detach"*) seq 200; [ -z "$FAIL" ];;
  *"ps --all"*) echo "orders exited 1 "; echo "users running 0 healthy";;
  *"logs --no-color"*) printf 'starting\n\033[31mOperationalError: no password\033[0m\nTraceback\nlast\n';;
  *port*) echo 0.0.0.0:8080;;
esac"""


def test_make_up_prints_one_line_a_step(shop: Path) -> None:
    done = make(shop, "up", docker=FAILING)
    assert done.returncode == 0, done.stderr
    steps = [line for line in done.stdout.splitlines() if "http://" not in line and "make-env" not in line]
    assert len(steps) == 2
    assert len((shop / ".up.log").read_text().splitlines()) == 500
    assert ".up.log" in (shop / ".gitignore").read_text().splitlines()


def test_make_up_prints_the_first_error_of_each_failed_container(shop: Path) -> None:
    done = make(shop, "up", docker=f"FAIL=1{FAILING}")
    assert done.returncode != 0
    assert "orders: OperationalError: no password\n" in done.stderr
    assert "users" not in done.stderr
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) < 10
