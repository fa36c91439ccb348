"""Every command, description, key and link in the README and the guides is what it says."""

import re
import shlex
from pathlib import Path

import pytest
from pydantic import BaseModel

from msgen.description import model
from msgen.description.loader import describe
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack

from .conftest import ROOT, Msgen

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KEYS: dict[str, tuple[type[BaseModel], ...]] = {
    "Top level": (model.Description,),
    "Defaults": (model.Defaults,),
    "Observability": (model.Observability,),
    "Gateway": (model.GatewaySpec,),
    "Services": (model.ServiceSpec,),
    "Deploy": (model.DeploySpec,),
    "Kubernetes": (model.KubernetesSpec, model.ScaleSpec),
    "Scale": (model.ScaleSpec,),
    "Autoscale": (model.AutoscaleSpec,),
    "Fields of messages": (model.MessageField,),
    "Fields of resources": (model.FieldSpec, model.MessageField),
}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[list[str]]]:
    """The commands of each of a page's shell blocks, in order, as words."""
    return [[shlex.split(line, comments=True) for line in block.splitlines()] for block in blocks(page, "sh")]


def descriptions() -> list[tuple[str, str]]:
    found = [(page.name, block) for page in PAGES for block in blocks(page, "yaml")]
    return [(page, block) for page, block in found if "msgen: 1" in block]


def targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", makefile.read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_commands_work(msgen: Msgen, tmp_path: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """msgen's are run; of make's, which need a network or Docker, it is checked that they exist where they are run."""
    for block in blocks(page, "yaml"):
        if named := re.match(r"# (\w+\.yaml)\n", block):
            (tmp_path / named[1]).write_text(block)
    for block in commands(page):
        folder = ROOT
        for program, *arguments in block:
            match program:
                case "msgen" if not any(word.startswith("gh:") for word in arguments):
                    run = msgen(*arguments)
                    # Where there is something to show, that is what a diff exits with.
                    shows = "diff" in arguments or "--dry-run" in arguments
                    assert run.code in ((0, 1) if shows else (0,)), (arguments, run.err)
                case "msgen":
                    options = {word for word in arguments if word.startswith("--")}
                    assert options <= set(msgen("new", "--help").out.split())
                case "cd":
                    folder = tmp_path / arguments[0]
                    assert folder.is_dir()
                    monkeypatch.chdir(folder if page.stem == "day-two" else tmp_path)
                case "make":
                    assert set(arguments) <= targets(folder / "Makefile")
                case "pip":
                    assert arguments == ["install", "."]
                case _:
                    pytest.fail(f"what is {program}?")


@pytest.mark.parametrize(("page", "text"), descriptions())
def test_descriptions_are_valid(page: str, text: str) -> None:
    describe(parse(text, page), load_pack(builtin_root()).languages)


@pytest.mark.parametrize("heading", KEYS)
def test_every_key_is_documented(heading: str) -> None:
    section = (ROOT / "docs" / "description.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))
    about, *inherited = KEYS[heading]
    fields = {
        key: field for key, field in about.model_fields.items() if all(key not in m.model_fields for m in inherited)
    }
    assert documented.keys() == fields.keys()
    for key, field in fields.items():
        assert (documented[key] == "required") == field.is_required(), key
        if isinstance(field.default, int | str) and field.default not in ("", 0):
            assert documented[key] == f"`{field.default}`"


def test_every_type_and_blueprint_is_documented() -> None:
    text = (ROOT / "docs" / "description.md").read_text()
    types = re.findall(r"^\| `(\w+)` \|", text.split("\n## Types\n")[1].split("\n## ")[0], re.MULTILINE)
    assert tuple(types) == model.FIELD_TYPES
    blueprints = re.findall(r"^`(\w+)` ", text.split("\n## Blueprints\n")[1], re.MULTILINE)
    assert blueprints == ["auth", "mailer", "analytics"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}, link


def test_the_readme_shows_what_is_printed(msgen: Msgen, tmp_path: Path) -> None:
    shown = blocks(ROOT / "README.md", "text")
    made = msgen("new", "myshop", "--defaults").out
    assert without_counts(shown[0]) == without_counts("$ msgen new myshop --defaults\n" + made)
    (tmp_path / "msgen.yaml").write_text(WRONG)
    assert shown[1] == "$ msgen check\n" + msgen("check").err


WRONG = """\
msgen: 1
name: myshop
services:
  orders:
    resources:
      order: {total: decimal}
  users:
    # with a mistake
    resources:
      user: {name: strnig}
"""


def without_counts(text: str) -> str:
    return re.sub(r"\d+ files", "files", text)
