import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import msgen as package
from msgen.commands import schema as schema_command
from tests.conftest import EXAMPLES, Msgen, command

COMMANDS = ["new", "check", "schema", "dev"]


def test_its_version(msgen: Msgen) -> None:
    run = msgen("--version")
    assert (run.code, run.out, run.err) == (0, f"msgen {package.__version__}\n", "")


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_command(msgen: Msgen, arguments: list[str]) -> None:
    run = msgen(*arguments)
    assert (run.code, run.err) == (0, "")
    assert all(re.search(rf"^  {name} ", run.out, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_shows_examples(msgen: Msgen, name: str) -> None:
    run = msgen(name, "--help")
    assert (run.code, run.err) == (0, "")
    assert re.search(rf"Examples:\n +msgen {name}", run.out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nwe"], "Did you mean 'new'?"),
        (["new", "--intoo", "x"], "--into"),
        (["new", "a", "b"], "b"),
        (["new", "--into"], "--into"),
        (["schema", "x"], "x"),
        (["--nothing"], "--nothing"),
    ],
)
def test_wrong_usage_is_one_clear_error(msgen: Msgen, tmp_path: Path, arguments: list[str], words: str) -> None:
    run = msgen(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: ")
    assert words in run.err
    assert re.search(r"^  run `msgen .*--help` for usage$", run.err, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


def test_check_says_that_a_description_is_right(msgen: Msgen) -> None:
    file = EXAMPLES / "02-shop" / "msgen.yaml"
    assert msgen("check", file).out == f"{file}: ok, 5 services\n"
    assert msgen("check", file.parent).out == f"{file}: ok, 5 services\n"


def test_check_looks_in_the_current_folder(msgen: Msgen, tmp_path: Path) -> None:
    assert msgen("check").code == 2
    (tmp_path / "msgen.yaml").write_bytes((EXAMPLES / "01-minimal" / "msgen.yaml").read_bytes())
    assert msgen("check").out == "msgen.yaml: ok, 1 service\n"


def test_check_says_everything_that_is_wrong(msgen: Msgen, tmp_path: Path) -> None:
    (tmp_path / "msgen.yaml").write_text("msgen: 1\nnaem: shop\nservices:\n  a: {calls: [b]}\n")
    run = msgen("check")
    assert (run.code, run.out) == (2, "")
    assert "msgen.yaml:2:1" in run.err
    assert "did you mean" in run.err


def test_schema_is_json(msgen: Msgen) -> None:
    run = msgen("schema")
    assert run.code == 0
    assert "services" in json.loads(run.out)["properties"]


def test_a_bug_is_reported_to_a_file_and_not_as_a_traceback(
    msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(schema_command, "schema", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run = msgen("schema")
    assert (run.code, run.out) == (70, "")
    (report,) = tmp_path.iterdir()
    assert run.err == f"error: this is a bug in msgen; please report it and attach {report}\n"
    text = report.read_text()
    assert package.__version__ in text
    assert "ZeroDivisionError: oh" in text


def test_a_reader_that_goes_away_is_no_bug() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command("schema"), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode not in (0, 70)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"FORCE_COLOR": "1"}])
def test_what_is_piped_holds_no_colours(variables: dict[str, str]) -> None:
    done = subprocess.run(command("nwe"), env={**os.environ, **variables}, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"\x1b" not in done.stdout + done.stderr


def test_start_up_imports_nothing_that_takes_long() -> None:
    done = subprocess.run(
        [*command("--version")[:1], "-X", "importtime", "-m", "msgen", "--version"], capture_output=True, check=True
    )
    slow = {b"rich", b"copier", b"pydantic", b"jinja2", b"yaml", b"prompt_toolkit"}
    assert not slow & {line.rpartition(b"|")[2].strip() for line in done.stderr.splitlines()}
