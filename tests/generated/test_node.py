"""Node.js services, for every pair of options: checked and tested as generated; their API is that of Python."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from msgen.packs.pack import builtin_root

from .combinations import chosen, combinations, described
from .conftest import BUILD, EXAMPLES, generate
from .nodejs import NodeTools, install


@pytest.fixture(scope="session")
def node_tools() -> NodeTools:
    """Node.js, and every package of the Node.js templates at its locked version."""
    return install(builtin_root() / "node/lock.json", BUILD / "generated-node")


def run(folder: Path, tools: NodeTools, *command: str | Path) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=tools.environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    said = f"{folder.name}: {' '.join(map(str, command))}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"
    assert done.returncode == 0, said
    return done.stdout


def node_services(root: Path, tools: NodeTools) -> list[Path]:
    (root / "node_modules").symlink_to(tools.modules)
    return sorted(path.parent for path in root.glob("services/*/package.json"))


def check_node(root: Path, tools: NodeTools) -> list[Path]:
    """Check the services of a system, all of them with one run of the compiler."""
    services = node_services(root, tools)
    configurations = [json.loads((service / "tsconfig.json").read_text()) for service in services]
    for service, configuration in zip(services, configurations, strict=True):
        assert configuration == configurations[0]
        run(service, tools, "npm", "run", "--silent", "lint")
    if services:
        folders = [f"services/{service.name}/{name}" for service in services for name in configurations[0]["include"]]
        (root / "tsconfig.json").write_text(json.dumps(configurations[0] | {"include": folders}))
        run(root, tools, "node_modules/.bin/tsc")
    return services


@pytest.mark.parametrize("name", chosen(lambda name: '"node"' in json.dumps(combinations()[name])))
def test_node_services(name: str, tmp_path: Path, node_tools: NodeTools, thorough: bool) -> None:
    description = combinations()[name]
    for service in check_node(generate(description, tmp_path), node_tools):
        if thorough or service.name == described(description):
            run(service, node_tools, "npm", "test", "--silent")


def in_language(description: dict[str, Any], language: str) -> dict[str, Any]:
    """The same system, all of its services in one language."""
    services = {name: {**service, "language": language} for name, service in description["services"].items()}
    return {**description, "services": services}


def example(name: str) -> dict[str, Any]:
    import yaml

    loaded: dict[str, Any] = yaml.load((EXAMPLES / name / "msgen.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return loaded


@pytest.mark.parametrize("name", sorted(path.parent.name for path in EXAMPLES.glob("*/msgen.yaml")))
def test_node_services_of_examples(name: str, tmp_path: Path, node_tools: NodeTools, thorough: bool) -> None:
    for service in check_node(generate(in_language(example(name), "node"), tmp_path), node_tools):
        if thorough or name == "02-shop":
            run(service, node_tools, "npm", "test", "--silent")


def test_npm_leaves_the_lock_file_as_it_is(tmp_path: Path, node_tools: NodeTools) -> None:
    root = generate(in_language(example("02-shop"), "node"), tmp_path)
    for service in sorted(root.glob("services/*")):
        lock = service / "package-lock.json"
        made = lock.read_text()
        assert "://" not in made
        run(service, node_tools, "npm", "install", "--package-lock-only", "--no-audit", "--no-fund")
        assert lock.read_text() == made


NODE_API = """
const { createApp } = await import("./src/main.ts");
const { openApi } = await import("./chassis/openapi.ts");
createApp({ database: {}, broker: {} });
process.stdout.write(`${JSON.stringify(openApi())}\n`, () => process.exit(0));
"""
PYTHON_API = """
import json, pytest
from chassis.testing import plugin as conftest
with pytest.MonkeyPatch.context() as patch:
    for name, value in conftest.ENVIRONMENT.items():
        patch.setenv(name, value)
    from app.main import create_app
    print(json.dumps(create_app().openapi()))
"""


@pytest.mark.parametrize("name", chosen(lambda name: any(word in name for word in ("wide", "related", "auth"))))
def test_the_api_is_the_same_in_both_languages(
    name: str, tmp_path: Path, node_tools: NodeTools, python_tools: Path
) -> None:
    documents: dict[str, dict[str, Any]] = {}
    for language in ("python", "node"):
        (tmp_path / language).mkdir()
        root = generate(in_language(combinations()[name], language), tmp_path / language)
        if language == "node":
            node = ("node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", NODE_API)
            documents[language] = {s.name: api(run(s, node_tools, *node)) for s in node_services(root, node_tools)}
        else:
            python = (python_tools / "python", "-c", PYTHON_API)
            services = sorted(root.glob("services/*"))
            documents[language] = {s.name: api(run(s, node_tools, *python)) for s in services}
    assert documents["node"] == documents["python"]


def api(printed: str) -> Any:
    """The document that was printed last, without titles, and with lists in order where order says nothing."""
    return comparable(json.loads(printed.splitlines()[-1]))


def comparable(part: Any, *, names: bool = False) -> Any:
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if names or key != "title" or not isinstance(value, str)}
        shown = {key: comparable(value, names=key == "properties") for key, value in kept.items()}
        for key in ("required", "parameters"):
            if isinstance(shown.get(key), list):
                shown[key] = sorted(shown[key], key=json.dumps)
        return shown
    return [comparable(item) for item in part] if isinstance(part, list) else part
