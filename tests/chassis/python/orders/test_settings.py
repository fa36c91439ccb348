import pytest

from app.settings import Settings, get_settings
from chassis.testing.plugin import ENVIRONMENT, forget_settings


def read() -> Settings:
    """Read settings as a new process does."""
    forget_settings()
    return get_settings()


def test_every_invalid_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("SHUTDOWN_SECONDS", "-1")

    with pytest.raises(SystemExit) as end:
        read()

    line = str(end.value)
    assert "LOG_LEVEL" in line
    assert "SHUTDOWN_SECONDS" in line
    assert "\n" not in line


REQUIRED = [n for n, f in Settings.model_fields.items() if f.is_required()]


@pytest.mark.parametrize("name", [name.upper() for name in REQUIRED])
@pytest.mark.parametrize("empty", [True, False])
def test_variable_is_required(monkeypatch: pytest.MonkeyPatch, name: str, *, empty: bool) -> None:
    if empty:
        monkeypatch.setenv(name, "")
    else:
        monkeypatch.delenv(name)

    with pytest.raises(SystemExit, match=f"{name}: Field required"):
        read()


def test_secrets_are_masked() -> None:
    shown = repr(read())

    assert ENVIRONMENT["BROKER_URL"] not in shown
    assert "postgresql://" not in shown
