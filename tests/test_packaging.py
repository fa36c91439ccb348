import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from msgen.packs.pack import LEFTOVERS

from .conftest import ROOT, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_every_template(wheel: Path) -> None:
    packed = {name.removeprefix("msgen/") for name in zipfile.ZipFile(wheel).namelist()}
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and LEFTOVERS.isdisjoint(path.parts)
    }
    assert {name for name in packed if name.startswith("templates/")} == sources
    assert "py.typed" in packed


def test_what_is_installed_makes_what_the_checkout_makes(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    made = {}
    for place in (tmp_path / "site", ROOT / "src"):
        program = f"import sys; sys.path.insert(0, {str(place)!r}); from msgen.__main__ import main; main()"
        into = tmp_path / f"by-{place.name}"
        into.mkdir()
        subprocess.run(
            [sys.executable, "-c", program, "new", "myshop", "--no-git", "--into", str(into)],
            check=True, stdout=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        made[place] = {path: (content, (into / path).stat().st_mode) for path, content in files(into).items()}
    site, checkout = made.values()
    assert site == checkout
    assert len(site) > 100
