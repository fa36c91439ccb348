from decimal import Decimal

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


def test_settings_of_the_description_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read().tax_rate == Decimal("0.19")
    monkeypatch.setenv("TAX_RATE", "0.07")
    monkeypatch.setenv("DRY_RUN", "true")
    monkeypatch.setenv("ATTEMPTS", "0")
    monkeypatch.setenv("STRIPE_KEY", "sk_live")

    settings = read()

    assert (settings.tax_rate, settings.dry_run, settings.attempts) == (Decimal("0.07"), True, 0)
    assert (settings.currency, settings.mode, settings.note) == ("change-me", "test", "")
    assert settings.stripe_key.get_secret_value() == "sk_live"
    assert "sk_live" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TAX_RATE", "much"),
        ("MODE", "tset"),
        ("ATTEMPTS", "1.5"),
        ("DRY_RUN", "perhaps"),
        ("HOOK", "x"),
    ],
)
def test_invalid_settings_stop_the_service(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match=f"orders: invalid settings: {name}: "):
        read()
