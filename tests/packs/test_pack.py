import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.description.vocabulary import Parts
from msgen.packs.pack import LEFTOVERS, builtin_root, layer_files, load_pack
from msgen.packs.table_checks import SCOPES
from msgen.rendering.scopes import OBJECTS
from tests.conftest import ROOT


def pack(root: Path, table: str, **files: str) -> Path:
    (root / "pack.yaml").write_text(table)
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_layer_defaults(tmp_path: Path) -> None:
    (layer,) = load_pack(pack(tmp_path, "layers: [{from: system}]", system__a="")).layers
    assert (layer.source, layer.into, layer.each, layer.when, dict(layer.provides)) == (
        "system",
        ".",
        "system",
        "true",
        {},
    )


def test_lists_of_all_layers(tmp_path: Path) -> None:
    table = """
        layers:
          - {provides: {packages: [fastapi], checks: []}}
          - {provides: {packages: ["{{ service.name }}"]}, each: service}
    """
    assert load_pack(pack(tmp_path, table)).lists == {"packages", "checks"}


def test_patterns_set_ownership_and_mode(tmp_path: Path) -> None:
    table = "layers: []\nonce: ['**/handlers/*.py']\nexecutable: ['scripts/*']\n"
    found = load_pack(pack(tmp_path, table))
    assert found.is_once("services/a/app/handlers/on_b.py")
    assert not found.is_once("services/a/app/main.py")
    assert (found.mode("scripts/x"), found.mode("README.md")) == (0o755, 0o644)


@pytest.mark.parametrize(
    ("table", "line", "message", "hint"),
    [
        ("[]", 1, "must be a mapping with keys of: packs", ""),
        ("layers: {a: b}", 1, "layers must be a list", ""),
        ("packs: system", 1, "packs must be a list", ""),
        ("packs:\n  - system\n  - python\n", 2, "there is no pack 'system' here", ""),
        ("language: [python]", 1, "language must be a string", ""),
        ("language: go\nreserved: [if]", 2, "reserved must be a mapping", ""),
        ("language: go\nreserved: {field: [true]}", 2, "reserved must be a mapping", ""),
        ("reserved: {service: [kibana]}", 1, "reserved must be a mapping", "only a `language`"),
        ("ports: [80]", 1, "ports must be a mapping", ""),
        ("ports: {a page: '80'}", 1, "ports must be a mapping", ""),
        ("secrets: {name: X}", 1, "secrets must be a list", ""),
        ("secrets:\n  - {name: X}", 2, "an entry of secrets needs a string 'about'", ""),
        ("environment:\n  - {about: X}", 2, "an entry of environment needs a string 'name'", ""),
        ("environment:\n  - {name: X, about: x, vlaue: y}", 2, "unknown key 'vlaue'", "did you mean 'value'?"),
        ("layers_for: services", 1, "layers_for must be a mapping", ""),
        ("layers_for: {each: sevice}", 1, "each must be one of", "did you mean 'service'?"),
        ("layers_for: {from: a}", 1, "unknown key 'from'", "choose one of: into, each, when"),
        ("layers: []\nonec: []", 2, "unknown key 'onec'", "did you mean 'once'?"),
        ("layers: []\nonce: handlers", 2, "once must be a list", ""),
        ("layers: []\nexecutable: [1]", 2, "executable must be a list", ""),
        ("layers:\n  - 1", 2, "a layer must be a folder or a mapping", ""),
        ("layers:\n  - systme", 2, "there is no folder 'systme'", ""),
        ("layers:\n  - {from: system}\n  - {from: systme}", 3, "there is no folder 'systme'", ""),
        ("layers:\n  - {from: ../system}", 2, "there is no folder '../system'", ""),
        ("layers:\n  - {from: /etc}", 2, "there is no folder '/etc'", ""),
        ("layers:\n  - {from: 1}", 2, "from must be a string", "quotes"),
        ("layers:\n  - from: system\n    each: sevice", 3, "each must be one of", "did you mean 'service'?"),
        ("layers:\n  - from: system\n    whne: x", 3, "unknown key 'whne'", "did you mean 'when'?"),
        ("layers:\n  - from: system\n    when: true", 3, "when must be a string", "quotes"),
        ("layers:\n  - from: system\n    provides: [a]", 3, "provides must be a mapping of lists", ""),
        ("layers:\n  - from: system\n    provides: {a: b}", 3, "provides must be a mapping of lists", ""),
        ("layers:\n  - into: x", 2, "a layer needs `from`", ""),
    ],
)
def test_invalid_table_is_reported(tmp_path: Path, table: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UserError) as error:
        load_pack(pack(tmp_path, table, system__a=""))
    problem = error.value.problems[0]
    assert (problem.file, problem.line) == (str(tmp_path / "pack.yaml"), line)
    assert message in problem.message
    assert hint in problem.hint


def test_components_reserve_names_and_ports(tmp_path: Path) -> None:
    table = """
        layers_for: {when: system.logs}
        reserved: {service: {a part of the logs: [kibana, log-*]}}
        ports: {Kibana: 5601}
    """
    found = load_pack(pack(tmp_path, table)).vocabulary
    parts = Parts(
        broker=None, databases=(), identity=False, mails=False, discovery="dns", metrics=None, logs="elk", traces=None
    )
    assert found.reserved == {"service": {"kibana": "a part of the logs", "log-*": "a part of the logs"}}
    assert found.ports(parts) == {5601: "Kibana"}
    assert found.ports(replace(parts, logs=None)) == {}


def test_failing_condition_is_reported(tmp_path: Path) -> None:
    found = load_pack(pack(tmp_path, "layers_for: {when: system.colour}\nports: {a page: 80}"))
    parts = Parts(
        broker=None, databases=(), identity=False, mails=False, discovery="dns", metrics=None, logs=None, traces=None
    )
    with pytest.raises(UserError, match="colour") as error:
        found.vocabulary.ports(parts)
    assert error.value.problems[0].file == str(tmp_path / "pack.yaml")


def test_ports_of_pages_are_reserved() -> None:
    found = load_pack(builtin_root())
    pages = {int(page.split()[-1]) for layer in found.layers for page in layer.provides.get("pages", ())}
    assert pages
    assert pages < {port for table in found.tables for port in table.ports.values.values()}


def test_packs_are_read_in_order(tmp_path: Path) -> None:
    tables = {
        "b/pack.yaml": "layers: [x, y]",
        "a/pack.yaml": "packs: [c]\nlayers: [z]",
        "a/c/pack.yaml": "layers: [{provides: {n: [t]}}]",
    }
    pack(tmp_path, "packs: [b, a]\nlayers: [own]", own__f="", b__x__f="", b__y__f="", a__z__f="", **tables)
    found = load_pack(tmp_path)
    assert [layer.source for layer in found.layers] == ["own", "b/x", "b/y", "a/z", ""]
    assert [str(Path(layer.table).relative_to(tmp_path).parent) for layer in found.layers] == [
        ".",
        "b",
        "b",
        "a",
        "a/c",
    ]


def test_layers_share_defaults(tmp_path: Path) -> None:
    table = """
        language: go
        layers_for: {each: service, when: system.x or system.y, into: "services/{{ service.name }}"}
        layers:
          - a
          - {from: a, each: resource, when: service.z}
          - {from: a, each: system, into: out}
    """
    one, two, three = load_pack(pack(tmp_path, table, a__f="")).layers
    assert (one.each, one.into) == ("service", "services/{{ service.name }}")
    assert (one.language, one.when) == ("go", "system.x or system.y")
    assert (two.each, two.into) == ("resource", one.into)
    assert two.when == "(system.x or system.y) and (service.z)"
    assert (three.each, three.into, three.when) == ("system", "out", "system.x or system.y")


def test_patterns_are_relative_to_into(tmp_path: Path) -> None:
    table = (
        'layers_for: {into: "services/{{ service.name }}"}\nonce: ["app/*.py"]\nlasting: ["m/*"]\nexecutable: [run]\n'
    )
    found = load_pack(pack(tmp_path, table))
    assert (found.once, found.lasting, found.executable) == (
        ("services/*/app/*.py",),
        ("services/*/m/*",),
        ("services/*/run",),
    )


def test_moved_paths_in_a_separate_file(tmp_path: Path) -> None:
    table = 'layers_for: {into: "services/{{ service.name }}"}\nmoved: %s\n'
    moved = {"services/*/app/a.py": "services/*/chassis/a.py"}
    assert load_pack(pack(tmp_path, table % "{app/a.py: chassis/a.py}")).moved == moved
    assert load_pack(pack(tmp_path, table % "old.yaml", **{"old.yaml": "app/a.py: chassis/a.py"})).moved == moved
    broken = load_pack(pack(tmp_path, table % "old.yaml", **{"old.yaml": "[app/a.py]"}))
    with pytest.raises(UserError, match="moved must be a mapping"):
        _ = broken.moved


def test_a_language_reserves_names_by_kind(tmp_path: Path) -> None:
    names = "service, field: [func]\nfield: [len]\n"
    found = {"go": {"reserved": {"service": ["func"], "field": ["func", "len"]}}}
    inline = "language: go\nreserved: {" + names.replace("\n", ", ") + "}\n"
    assert load_pack(pack(tmp_path, inline.replace("service, field:", "'service, field':"))).languages == found
    separate = "language: go\nreserved: names.yaml\n"
    assert load_pack(pack(tmp_path, separate, **{"names.yaml": names})).languages == found
    with pytest.raises(UserError, match="reserved must be a mapping"):
        load_pack(pack(tmp_path, separate, **{"names.yaml": "[func]"}))


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_pack(
            pack(
                tmp_path,
                "packs: [l]\nlayers:\n  - {from: a, each: b}\n  - {form: c}\nonce: 1\n",
                **{"l/pack.yaml": "x: 1"},
            )
        )
    assert len(error.value.problems) == 5


def test_missing_table_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        load_pack(tmp_path)


def test_caches_of_tools_are_ignored(tmp_path: Path) -> None:
    pack(tmp_path, "", layer__b="", layer__a__c="", layer____pycache__="")
    for name in ("__pycache__/x.pyc", "a/x.pyc", ".DS_Store", "b~", ".ruff_cache/x"):
        (tmp_path / "l" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "l" / name).write_text("")
    (tmp_path / "l" / "a" / "kept").write_text("")
    assert layer_files(tmp_path / "l") == ("a/kept",)


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "b"])
def test_symbolic_links_are_refused(tmp_path: Path, target: str) -> None:
    pack(tmp_path, "", layer__b="")
    (tmp_path / "layer" / "a").symlink_to(target)
    with pytest.raises(UserError, match="must not contain symbolic links"):
        layer_files(tmp_path / "layer")


def test_every_scope_can_be_rendered() -> None:
    assert tuple(OBJECTS) == SCOPES


def test_git_keeps_every_template() -> None:
    """A template's own .gitignore would hide others from git: it has to end in .j2."""
    listed = ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "templates"]
    hidden = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    assert [path for path in hidden if LEFTOVERS.isdisjoint(path.split("/"))] == []


def test_built_in_pack_is_valid() -> None:
    found = load_pack(builtin_root())
    assert "python" in found.languages
    assert all(len(file.read_text().splitlines()) <= 120 for file in found.root.rglob("pack.yaml"))
    assert all(layer_files(found.root / layer.source) for layer in found.layers if layer.source)
