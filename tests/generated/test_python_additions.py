"""What a team adds to a Python service as its README says survives changes of the description, and works."""

import json
import sys
from pathlib import Path

import pytest

from .conftest import generate
from .test_combinations import check_python, mypy, run_tests
from .test_node_additions import CHANGED as NODE_CHANGED
from .test_node_additions import DESCRIPTION as NODE_DESCRIPTION
from .test_node_additions import edit, run

__all__ = ["mypy"]

PYTHON = {"language": "python", "database": "postgres"}
DESCRIPTION = {**NODE_DESCRIPTION, "defaults": PYTHON}
CHANGED = {**NODE_CHANGED, "defaults": PYTHON}

GREETING = '''\
"""Greetings, noted in a table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import APIRouter, FastAPI
from sqlalchemy import CheckConstraint, ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.settings import get_settings
from chassis.database import Base, SessionDep
from chassis.recurring import recurring

router = APIRouter(tags=["greeting"])


class Note(Base):
    __tablename__ = "notes"

    __table_args__ = (CheckConstraint("text <> ''", "not_empty"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    slug: Mapped[str | None] = mapped_column(unique=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)


@router.get("/greeting")
async def greet(session: SessionDep) -> dict[str, str | int]:
    session.add(Note(text=get_settings().greeting))
    notes = await session.scalar(select(func.count()).select_from(Note))
    return {"greeting": get_settings().greeting, "notes": notes or 0}


async def clean_up() -> None:
    """Do nothing yet."""


@asynccontextmanager
async def cleaning(app: FastAPI) -> AsyncIterator[None]:
    app.state.cleaning = True
    async with recurring("clean-up", 60, clean_up):
        yield
'''
TEST = """\
from fastapi import FastAPI
from httpx import AsyncClient


async def test_greets_and_notes_it(client: AsyncClient, application: FastAPI) -> None:
    response = await client.get("/greeting")

    assert response.json() == {"greeting": "hello", "notes": 1}
    assert application.state.cleaning
"""


def test_additions_of_a_team_survive_and_work(tmp_path: Path, python_tools: Path, mypy: list[str | Path]) -> None:
    root = generate(DESCRIPTION, tmp_path)
    service = root / "services/orders"
    (service / "app/greeting.py").write_text(GREETING)
    (service / "tests/test_greeting.py").write_text(TEST)
    edit(
        service / "app/main.py",
        ("from app.settings", "from app import greeting\nfrom app.settings"),
        ("routers=[]", "routers=[greeting.router]"),
        ("lifespans=[]", "lifespans=[greeting.cleaning]"),
    )
    edit(
        service / "app/settings.py",
        ('not start without them."""\n', 'not start without them."""\n\n    greeting: str = "hello"\n'),
    )
    edit(service / "pyproject.toml", ('    "fastapi', '    "email-validator>=2.0",\n    "fastapi'))
    write_migration = (str(python_tools / "python"), "-m", "chassis.testing.migration", "change notes")
    run(service, *write_migration)
    edit(
        service / "app/greeting.py",
        ("text: Mapped[str]", "text: Mapped[str] = mapped_column(String(40))"),
        ("slug: Mapped[str | None] = mapped_column(unique=True)", 'slug: Mapped[str] = mapped_column(default="x")'),
        ("func, select", "String, func, select"),
    )
    run(service, *write_migration)
    migrations = list((service / "migrations/versions").glob("change_notes_*.py"))
    assert len(migrations) == 2
    mine = {path: path.read_bytes() for path in (*service.glob("app/*.py"), *migrations) if path.name != "messages.py"}

    (root / "msgen.yaml").write_text(json.dumps(CHANGED, indent=2))
    run(root, sys.executable, "-m", "msgen", "apply")

    assert {path: path.read_bytes() for path in mine} == mine
    assert '"email-validator' in (service / "pyproject.toml").read_text()
    assert '"prometheus-client' in (service / "pyproject.toml").read_text()
    check_python(root, python_tools, mypy)
    run_tests(root, python_tools, ["orders"])

    edit(service / "app/greeting.py", ('"not_empty"),', '"not_empty"), CheckConstraint("id > 0", "positive"),'))
    with pytest.raises(AssertionError, match="create or drop the constraint in a migration"):
        run(service, str(python_tools / "pytest"), "-q", "chassis/testing/test_migrations.py")
