"""A language that only an external pack knows, in a directory beside the repository."""

from pathlib import Path

import pytest

from .conftest import Msgen

TABLE = """
language: go
layers_for: {each: service, into: "services/{{ service.name }}"}
layers:
  - service
  - {from: resource, each: resource}
once: ["handlers/*"]
reserved: {field: [range]}
"""


@pytest.fixture
def gopher(tmp_path: Path) -> Path:
    """A pack with a tiny language, and a template in place of a built-in one."""
    root = tmp_path / "gopher"
    files = {
        "pack.yaml": "packs: [go]\n",
        "go/pack.yaml": TABLE,
        "go/service/Dockerfile.j2": "FROM golang\nLABEL service={{ service.name }}\n",
        "go/resource/{{ resource.name }}.go.j2": "type {{ resource.name.pascal }} struct {}\n",
        "system/README.md.j2": "# {{ system.name }}, with Go\n",
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture
def goshop(shop: Path, gopher: Path, msgen: Msgen) -> Path:  # noqa: ARG001 - the shop is where commands run
    """The small shop, of which one service is written in Go."""
    file = shop / "msgen.yaml"
    file.write_text(file.read_text() + "packs: [../gopher]\n")
    return shop


def test_each_command_knows_its_languages(goshop: Path, msgen: Msgen) -> None:
    added = msgen("add-service", "stock", "--language", "go", "--resource", "part:name", "--yes")
    assert added.code == 0, added.err
    assert (goshop / "services/stock/Dockerfile").read_text() == "FROM golang\nLABEL service=stock\n"
    assert (goshop / "services/stock/part.go").read_text() == "type Part struct {}\n"
    assert (goshop / "README.md").read_text().startswith("# shop, with Go")
    assert msgen("check").code == 0
    assert (msgen("diff").code, msgen("diff").out) == (0, "")
    assert '"go"' in (goshop / ".msgen/schema.json").read_text()
    listed = msgen("templates", "list").out
    assert "from ../gopher" in next(line for line in listed.splitlines() if "go/service/Dockerfile" in line)


@pytest.mark.usefixtures("goshop")
def test_its_reserved_names_are_those_of_its_services(msgen: Msgen) -> None:
    refused = msgen("add-service", "stock", "--language", "go", "--resource", "part:range", "--yes")
    assert refused.code == 2
    assert "reserved by go" in refused.err
    assert msgen("add-service", "stock", "--language", "python", "--resource", "part:range", "--yes").code == 0


def test_the_schema_has_its_language(gopher: Path, msgen: Msgen) -> None:
    assert '"go"' in msgen("schema", "--pack", str(gopher)).out
    assert '"go"' not in msgen("schema").out


def test_a_new_system_names_it(shop: Path, gopher: Path, msgen: Msgen, tmp_path: Path) -> None:
    description = tmp_path / "go.yaml"
    description.write_text("msgen: 1\nname: goshop\nservices: {stock: {language: go}}\n")
    made = msgen(
        "new", "--description", str(description), "--pack", str(gopher), "--into", str(shop.parent), "--no-git"
    )
    assert made.code == 0, made.err
    assert "packs: [../gopher]" in (shop.parent / "goshop/msgen.yaml").read_text()
    assert (shop.parent / "goshop/services/stock/Dockerfile").read_text().startswith("FROM golang")
    assert msgen("check", str(shop.parent / "goshop")).code == 0


@pytest.mark.parametrize("arguments", [("new", "x", "--no-git"), ("schema",)])
def test_a_directory_that_is_no_pack_is_refused(shop: Path, msgen: Msgen, arguments: tuple[str, ...]) -> None:
    refused = msgen(*arguments, "--pack", str(shop / "services"))
    assert refused.code == 2
    assert "there is no template pack" in refused.err


def test_a_pack_that_is_not_there_is_shown_in_the_description(goshop: Path, msgen: Msgen) -> None:
    file = goshop / "msgen.yaml"
    file.write_text(file.read_text().replace("../gopher", "../nowhere"))
    refused = msgen("diff")
    assert refused.code == 2
    assert "there is no template pack '../nowhere'" in refused.err
    assert "msgen.yaml:" in refused.err
