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
NODE = ("cloudevents", "database-errors", "lifespan", "problems")
EDITED = [
    *(f"services/orders/app/{name}.py" for name in PYTHON),
    *(f"services/auth/src/{name}.ts" for name in NODE),
    "services/orders/app/resources/order.py",
]

PYTHON_HANDLER = "services/users/app/handlers/on_user_registered.py"
NODE_HANDLER = "services/notifications/src/handlers/handle-welcome-email.ts"
OLD_HANDLER = '''\
"""Handles user.registered.

This file is yours: it is written once and never changed again.
"""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.messages import Event, UserRegistered

log = structlog.get_logger()


async def handle(
    event: Event[UserRegistered],
    session: AsyncSession,
) -> None:
    """Runs in the transaction that marks the message as handled. An error has it tried again."""
    log.info("user.registered", event_id=str(event.id))
'''


@pytest.fixture
def old_shop(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    root = tmp_path / "shop"
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(root, filter="data")
    (root / PYTHON_HANDLER).parent.mkdir()
    (root / PYTHON_HANDLER).write_text(OLD_HANDLER)
    description = (root / "msgen.yaml").read_text()
    subscribed = "    publishes: [user.created]", "    subscribes: [user.registered]\n    publishes: [user.created]"
    as_before = "database: postgres}", "database: postgres, access: open}"
    (root / "msgen.yaml").write_text(description.replace(*subscribed).replace(*as_before))
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


@pytest.mark.parametrize(
    ("path", "edit"),
    [
        (PYTHON_HANDLER, ("    log.info(", "    session.add(event)\n    log.info(")),
        (NODE_HANDLER, ("    subject: ", "    cc: [],\n    subject: ")),
    ],
)
def test_an_edited_handler_imports_what_has_moved(
    old_shop: Path, msgen: Msgen, path: str, edit: tuple[str, str]
) -> None:
    text = (old_shop / path).read_text()
    (old_shop / path).write_text(text.replace(*edit))

    assert msgen("upgrade").code == 0

    for handler, imports in (
        (PYTHON_HANDLER, "from app.messages import UserRegistered\nfrom chassis.events import Event\n"),
        (NODE_HANDLER, 'from "#chassis/cloudevents.ts";\nimport { sendMail } from "#chassis/mailer.ts";'),
    ):
        assert imports in (old_shop / handler).read_text()
    assert edit[1] in (old_shop / path).read_text()


@pytest.mark.parametrize(
    ("path", "edit"),
    [
        (PYTHON_HANDLER, ("import Event, UserRegistered", "import Event, UserRegistered as Registered")),
        (NODE_HANDLER, ("import { sendMail }", "import { sendMail as send }")),
    ],
)
def test_a_handler_with_edited_imports_conflicts(
    old_shop: Path, msgen: Msgen, path: str, edit: tuple[str, str]
) -> None:
    text = (old_shop / path).read_text()
    (old_shop / path).write_text(text.replace(*edit))

    upgraded = msgen("upgrade")

    assert upgraded.code == 1
    assert f"{path}  (modules that it imports have moved" in upgraded.out
    merged = (old_shop / path).read_text()
    assert "<<<<<<< yours" in merged
    assert edit[1] in merged
    assert "chassis" in merged


def test_the_users_side_of_such_a_conflict_can_be_chosen(old_shop: Path, msgen: Msgen) -> None:
    edited = (old_shop / NODE_HANDLER).read_text().replace("import { sendMail }", "import { sendMail as send }")
    (old_shop / NODE_HANDLER).write_text(edited)

    assert msgen("upgrade", "--on-conflict", "ours").code == 0

    assert "<<<<<<<" not in (old_shop / NODE_HANDLER).read_text()
    assert "import { sendMail as send }" in (old_shop / NODE_HANDLER).read_text()
