from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from chassis.database import Base
from chassis.settings import get_settings

ALEMBIC = Config(toml_file=Path(__file__).parents[1] / "pyproject.toml")


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/migrated.db"
    monkeypatch.setenv("DATABASE_URL", url)
    get_settings.cache_clear()
    return url


def test_migrations_make_the_tables_of_the_models(url: str) -> None:
    command.upgrade(ALEMBIC, "heads")

    engine = create_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == [], "write the missing migration: make migration m='what changes'"


def test_migrations_can_be_undone(url: str) -> None:
    command.upgrade(ALEMBIC, "heads")
    command.downgrade(ALEMBIC, "base")

    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_the_database_of_a_later_version_is_left_alone(url: str) -> None:
    command.upgrade(ALEMBIC, "heads")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("insert into alembic_version values ('later')"))

    command.upgrade(ALEMBIC, "heads")

    with engine.connect() as connection:
        assert "later" in MigrationContext.configure(connection).get_current_heads()
    engine.dispose()
