"""The shop as msgen 0.1.0 made it before services had a chassis, edited in ten places, is upgraded.

`shop-0.1.0.tar.xz` holds its services without lock files; the baseline follows from the files.
"""

import tarfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest

from msgen.core.tree import File
from msgen.merging import baseline
from msgen.packs import pack as packs
from tests.conftest import Msgen, files

FIXTURE = Path(__file__).with_name("shop-0.1.0.tar.xz")
ONCE = ("*/migrations/*", "*/handlers/*")

PYTHON = ("broker", "outbox", "problems", "rest", "paging")
NODE = ("cloudevents", "lifespan", "problems", "tokens")
EDITED = [
    *(f"services/orders/app/{name}.py" for name in PYTHON),
    *(f"services/auth/src/{name}.ts" for name in NODE),
    "services/orders/app/resources/order.py",
]


@pytest.fixture
def old_shop(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    root = tmp_path / "shop"
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(root, filter="data")
    tree = {
        path: File(content, once=any(fnmatchcase(path, pattern) for pattern in ONCE), owner=owner(path))
        for path, content in files(root).items()
        if not path.startswith(("msgen.yaml", ".msgen/models/"))
    }
    for path, content in baseline.snapshots(tree).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    monkeypatch.chdir(root)
    return root


def owner(path: str) -> str:
    return path.split("/")[1] if path.startswith("services/") else ""


def mark(path: str) -> str:
    comment = "#" if path.endswith(".py") else "//"
    return f"{comment} mine: {path}"


def test_edits_are_in_the_moved_files(old_shop: Path, msgen: Msgen) -> None:
    for path in EDITED:
        text = (old_shop / path).read_text()
        (old_shop / path).write_text(f"{text}\n\n{mark(path)}\n")
    (old_shop / "services/users/app/outbox.py").unlink()
    (old_shop / "services/users/app/mine.py").write_text("MINE = 1\n")

    upgraded = msgen("upgrade")

    assert upgraded.code == 0, upgraded.out + upgraded.err
    after = files(old_shop)
    moved = packs.load_pack(packs.builtin_root()).moved
    assert moved
    for path in EDITED:
        holders = [other for other, content in after.items() if mark(path).encode() in content]
        places = [new for old, new in moved.items() if PurePosixPath(path).match(old)]
        expected = [new.replace("*", path.split("/")[1], 1) for new in places] or [path]
        assert holders == expected
    assert not {f"services/users/{folder}/outbox.py" for folder in ("app", "chassis")} & after.keys()
    assert after["services/users/app/mine.py"] == b"MINE = 1\n"
    assert msgen("check").code == 0
