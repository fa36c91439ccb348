"""The lowest and the newest allowed PyYAML report the same errors at the same places."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
[ALLOWED] = re.findall(r'"pyyaml>=(.+),<(.+)"', (ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("wanted", [f"=={ALLOWED[0]}", pytest.param(f"<{ALLOWED[1]}", marks=pytest.mark.thorough)])
def test_reads_descriptions_with(wanted: str, tmp_path: Path) -> None:
    install = [sys.executable, "-m", "uv", "--quiet", "pip", "install", "--python", sys.executable]
    subprocess.run([*install, "--target", str(tmp_path), f"pyyaml{wanted}"], check=True)
    paths = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/description/test_loader.py"]
    done = subprocess.run(command, cwd=ROOT, env=paths, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
