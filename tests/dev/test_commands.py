"""`msgen dev` in a repository whose system does not run."""

from pathlib import Path

import pytest

from tests.conftest import Msgen


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "msgen.yaml").write_text("msgen: 1\nname: shop\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_nothing_runs(msgen: Msgen) -> None:
    status, stop = msgen("dev", "status"), msgen("dev", "stop")
    assert (status.code, status.out) == (1, "Nothing is running.\n")
    assert (stop.code, stop.out) == (0, "Nothing is running.\n")
    run = msgen("dev", "exec", "orders", "true")
    assert run.code == 2
    assert "error: 'orders' is not running\n  see `msgen dev status`" in run.err


def test_logs_remain_after_the_end(msgen: Msgen, repository: Path) -> None:
    folder = repository / ".msgen/dev/logs"
    folder.mkdir(parents=True)
    (folder / "orders.log").write_text("first\nsecond\n")
    assert msgen("dev", "logs", "orders", "--follow").out == "first\nsecond\n"
    assert "did you mean 'orders'?" in msgen("dev", "logs", "order").err


def test_reset_deletes_the_data(msgen: Msgen, repository: Path) -> None:
    (repository / ".msgen/dev/data").mkdir(parents=True)
    assert msgen("dev", "reset").code == 0
    assert not (repository / ".msgen/dev").exists()


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("arguments", [[], ["--no-reload"], ["orders"], ["start"]])
def test_start_is_the_default_command(msgen: Msgen, arguments: list[str]) -> None:
    run = msgen("dev", *arguments)
    assert run.code == 2
    assert "scripts/make-env failed" in run.err
