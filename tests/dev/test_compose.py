from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.dev.compose import Container, interpolate, read_containers, read_variables

COMPOSE = """
x-common: &common
  environment: {LEVEL: info, DEBUG: true}
services:
  web:
    <<: *common
    build: {context: services/web}
    command: serve --port "80 80"
    ports: ["${WEB_PORT:-8080}:80"]
    depends_on: {store: {condition: service_healthy}}
  store:
    image: store:1
    depends_on: [other]
  page:
    profiles: [extra]
"""
OVERRIDE = """
services:
  web:
    environment: [LEVEL=debug]
    ports: ["127.0.0.1:${PAGE_PORT:-9090}:90/tcp"]
"""


def test_override_is_merged_and_profiles_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "compose.override.yaml").write_text(OVERRIDE)
    assert read_containers(tmp_path) == {
        "web": Container(
            "web",
            "services/web",
            "",
            ("serve", "--port", "80 80"),
            {"LEVEL": "debug", "DEBUG": "true"},
            {"store": "service_healthy"},
            {80: "${WEB_PORT:-8080}", 90: "${PAGE_PORT:-9090}"},
        ),
        "store": Container("store", image="store:1", after={"other": "service_started"}),
    }


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no compose\.yaml"):
        read_containers(tmp_path)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$A-${A}-${B:-other}-${B-other}-${C:-other}", "1-1-other--other"),
        ("$$A ${A:?must be set}", "$A 1"),
        ("${C}", ""),
    ],
)
def test_variables_are_replaced_as_in_compose(text: str, result: str) -> None:
    assert interpolate(text, {"A": "1", "B": ""}) == result


def test_required_variable_without_a_value_is_reported() -> None:
    with pytest.raises(UserError, match=r"B has no value in \.env"):
        interpolate("${B:?run make up}", {"B": ""})


def test_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# comment=1\nA=x=y\n\nB='quoted'\n")
    assert read_variables(tmp_path / ".env") == {"A": "x=y", "B": "quoted"}
    assert read_variables(tmp_path / "none") == {}
