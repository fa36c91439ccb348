"""The README and docs match msgen: commands run, descriptions are valid, keys and options exist, links resolve."""

import re
import runpy
import shlex
from pathlib import Path

import pytest
from pydantic import BaseModel

from msgen.cli import app
from msgen.description import field_model, job_model, model, resource_model, setting_model
from msgen.description.loader import describe
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack

from .conftest import ROOT, Msgen

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").glob("*/README.md"))]
REFERENCE = ROOT / "docs" / "reference"
KEYS: dict[str, tuple[type[BaseModel], ...]] = {
    "Top level": (model.Description,),
    "Defaults": (model.Defaults,),
    "Observability": (model.Observability,),
    "Identity": (model.IdentitySpec,),
    "Gateway": (model.GatewaySpec,),
    "Services": (model.ServiceSpec,),
    "Jobs": (job_model.JobSpec,),
    "Settings": (setting_model.SettingSpec,),
    "Resources": (resource_model.ResourceSpec,),
    "Access": (resource_model.AccessSpec,),
    "Deploy": (model.DeploySpec,),
    "Kubernetes": (model.KubernetesSpec, model.ScaleSpec),
    "Scale": (model.ScaleSpec,),
    "Autoscale": (model.AutoscaleSpec,),
    "Fields of messages": (field_model.MessageField,),
    "Fields of resources": (field_model.FieldSpec, field_model.MessageField),
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_in(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    return blocks_in(page.read_text(), language)


def commands(page: Path) -> list[list[str]]:
    """The commands of a page's shell blocks, in order, as words."""
    return [shlex.split(line, comments=True) for block in blocks(page, "sh") for line in block.splitlines()]


def descriptions() -> list[tuple[str, str]]:
    found = [(page.name, block) for page in PAGES for block in blocks(page, "yaml")]
    return [(page, block) for page, block in found if "msgen: 1" in block]


def targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", makefile.read_text(), re.MULTILINE))


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name_of)
def test_commands_run(msgen: Msgen, tmp_path: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """msgen's commands are run. make's need a network or Docker: they only have to exist in the current directory."""
    makefile = ROOT / "Makefile"
    (clone := tmp_path / "clone").mkdir()
    monkeypatch.chdir(clone)
    for block in blocks(page, "yaml"):
        if named := re.match(r"# (\w+\.yaml)\n", block):
            (clone / named[1]).write_text(block)
    for program, *arguments in commands(page):
        match program:
            case "msgen" if any(word.startswith("gh:") for word in arguments):
                assert options(" ".join(arguments)) <= options(msgen(arguments[0], "--help").out)
            case "msgen" if arguments[0] == "dev":  # a system takes long to start; tests/dev does that
                assert options(" ".join(arguments)) <= options(msgen(*help_of(arguments)).out)
            case "msgen":
                run = msgen(*arguments)
                pending = "diff" in arguments or "--dry-run" in arguments
                assert run.code in ((0, 1) if pending else (0,)), (arguments, run.err)
            case "cd":
                monkeypatch.chdir(arguments[0])
                makefile = Path.cwd() / "Makefile"
            case "make":
                assert set(arguments) <= targets(makefile)
            case "pip":
                assert arguments in (["install", "."], ["install", ".[dev]"])
            case _:
                pytest.fail(f"no rule to verify {program}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_mentioned_tasks_and_options_exist(msgen: Msgen, shop: Path, page: Path) -> None:
    """Those in running text and in transcripts, which are not run."""
    text = page.read_text()
    tasks = {task for line in re.findall(r"(?<![\w-])make ([^`\n]*)", quoted_code(text)) for task in line.split()[:1]}
    known = set().union(
        *(targets(file) for file in (ROOT / "Makefile", shop / "Makefile", *shop.glob("services/*/Makefile")))
    )
    assert {task for task in tasks if re.fullmatch(r"[a-z0-9-]+", task)} <= known
    for words in re.findall(r"(?<![\w-])msgen ((?:[^`\n&|]|\|\|)*)", quoted_code(text)):
        command = words.split()
        if command and not command[0].startswith("-") and re.fullmatch(r"[a-z-]+", command[0]):
            shown = msgen(*help_of(command))
            assert shown.code == 0, words
            assert options(words) <= options(shown.out), words


def help_of(command: list[str]) -> list[str]:
    """The command line that shows the options of a command; `start` is the default one of `dev`."""
    if command[0] == "dev":
        named = [word for word in command[1:2] if word in ("stop", "status", "logs", "exec", "reset")]
        return ["dev", *(named or ["start"]), "--help"]
    return [*command[: 2 if command[0] == "templates" else 1], "--help"]


def quoted_code(text: str) -> str:
    """Inline code and transcripts of a page, one a line."""
    transcripts = [line for block in blocks_in(text, "console") for line in block.splitlines()]
    return "\n".join([*transcripts, *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with every task that a generated Makefile can have."""
    folder = tmp_path_factory.mktemp("tasks") / "shop"
    description = folder.with_suffix(".yaml")
    description.write_text((ROOT / "examples/05-observed/msgen.yaml").read_text() + "  auth: {blueprint: auth}\n")
    assert app.run(["new", "shop", "--description", str(description), "--into", str(folder.parent), "--no-git"]) == 0
    return folder


def test_every_command_and_option_is_documented(msgen: Msgen) -> None:
    page = (REFERENCE / "commands.md").read_text()
    parts = re.findall(r"^## `msgen (.*?)`\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    sections = {title.split()[0]: body for title, body in parts}
    listed = re.findall(r"^  ([a-z-]+)  ", msgen("--help").out.split("Commands:")[1], re.MULTILINE)
    assert sections.keys() == set(listed)
    for command, body in sections.items():
        helps = [["dev", "start"], ["dev", "logs"]] if command == "dev" else [[command]]
        shown = "".join(msgen(*words, "--help").out.split("Examples:")[0] for words in helps)
        assert options(shown) - {"--help"} == options(body), command


@pytest.mark.parametrize(("page", "text"), descriptions())
def test_descriptions_are_valid(page: str, text: str) -> None:
    describe(parse(text, page), load_pack(builtin_root()).vocabulary)


@pytest.mark.parametrize("heading", KEYS)
def test_every_key_is_documented(heading: str) -> None:
    section = (REFERENCE / "description.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))
    about, *inherited = KEYS[heading]
    fields = {
        key: field for key, field in about.model_fields.items() if all(key not in m.model_fields for m in inherited)
    }
    assert documented.keys() == fields.keys()
    for key, field in fields.items():
        assert (documented[key] == "required") == field.is_required(), key
        if isinstance(field.default, int | str) and field.default not in ("", 0):
            assert documented[key] == f"`{'true' if field.default is True else field.default}`"


def test_every_type_and_blueprint_is_documented() -> None:
    text = (REFERENCE / "description.md").read_text()
    types = re.findall(r"^\| `(\w+)` \|", text.split("\n## Types\n")[1].split("\n## ")[0], re.MULTILINE)
    assert tuple(types) == field_model.FIELD_TYPES
    blueprints = re.findall(r"^`(\w+)` ", text.split("\n## Blueprints\n")[1], re.MULTILINE)
    assert blueprints == ["auth", "mailer", "analytics"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}, link


def test_measured_figures_are_those_of_the_benchmarks() -> None:
    measured = "".join((ROOT / "benchmarks" / name).read_text() for name in ("results.md", "day_two.md"))
    figures = re.findall(r"\d+\.\d+ (?:ms|s)\b", (ROOT / "README.md").read_text())
    assert len(figures) == 4
    assert [figure for figure in figures if figure not in measured] == []


def test_recorded_session_runs(tmp_path: Path) -> None:
    shown = runpy.run_path(str(ROOT / "tools" / "record.py"))["session"](tmp_path)
    assert "did you mean" in shown
    assert "note: text?" in (tmp_path / "myshop" / "msgen.yaml").read_text()
    assert not re.search(r"error:|not found", shown)


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+\.md)\)", index.read_text())}
    assert linked == {page for page in index.parent.rglob("*.md") if page != index}


def test_readme_shows_the_real_diagnostic(msgen: Msgen, tmp_path: Path) -> None:
    (tmp_path / "msgen.yaml").write_text(WRONG)
    assert blocks(ROOT / "README.md", "text") == ["$ msgen check\n" + msgen("check").err]


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
