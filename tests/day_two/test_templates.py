"""Templates of the repository's own, and upgrades of the built-in ones."""

from pathlib import Path

import pytest

from tests.conftest import Msgen, files

from .conftest import actions, edit

DOCKERFILE = "templates/python/service/Dockerfile.j2"


def test_an_ejected_template_takes_the_place_of_the_built_in_one(shop: Path, msgen: Msgen, pack: Path) -> None:
    ejected = msgen("templates", "eject", "python/service/Dockerfile.j2")
    assert ejected.code == 0, ejected.err
    assert (shop / DOCKERFILE).read_bytes() == (pack / "python/service/Dockerfile.j2").read_bytes()
    assert msgen("diff").code == 0
    assert msgen("templates", "diff").out == ""
    edit(shop / DOCKERFILE, "FROM python:3.13-slim", "FROM acme/python:3.13")
    assert "-FROM python:3.13-slim\n+FROM acme/python:3.13" in msgen("templates", "diff").out
    assert set(actions(msgen("apply"))) == {f"services/{name}/Dockerfile" for name in ("users", "mails", "auth")}
    assert "FROM acme/python:3.13" in (shop / "services/users/Dockerfile").read_text()
    assert msgen("check").code == 0
    assert (shop / "msgen.yaml").exists()


def test_a_generated_file_or_a_folder_stands_for_templates(shop: Path, msgen: Msgen) -> None:
    assert actions(msgen("templates", "eject", "services/users/app/settings.py")) == {
        "templates/python/service/app/settings.py.j2": "created"
    }
    assert msgen("templates", "eject", "node").code == 0
    assert (shop / "templates/node/service/src/main.js.j2").exists()
    again = msgen("templates", "eject", "node/service/Dockerfile.j2")
    assert again.code == 2
    assert "already exists" in again.err
    wrong = msgen("templates", "eject", "python/Dokerfile.j2")
    assert wrong.code == 2
    assert "did you mean 'python/service/Dockerfile.j2'?" in wrong.err


def test_the_list_says_what_is_whose(shop: Path, msgen: Msgen, pack: Path) -> None:
    assert msgen("templates", "eject", "python/service/Dockerfile.j2", "python/service/run").code == 0
    (shop / "templates/python/service/NOTES.md.j2").write_text("{{ service.name }}\n")
    (shop / "templates/pyton").mkdir()
    (shop / "templates/pyton/Dockerfile.j2").write_text("")
    edit(pack / "python/service/run", "exec", "exec nice")
    rows = {path: rest for path, *rest in (line.split("  ") for line in msgen("templates", "list").out.splitlines())}
    shown = {path: " ".join(rest).split() for path, rest in rows.items()}
    assert shown["python/service/Dockerfile.j2"] == ["override", "->", "services/{{", "service.name", "}}/Dockerfile"]
    assert shown["python/service/run"][:7] == ["override;", "the", "built-in", "template", "has", "changed", "->"]
    assert shown["node/service/Dockerfile.j2"][0] == "built-in"
    assert shown["python/service/NOTES.md.j2"][0] == "repository"
    assert shown["pyton/Dockerfile.j2"] == ["unused"]


def test_own_layers_variables_and_patterns(shop: Path, msgen: Msgen) -> None:
    own = shop / "templates"
    (own / "house/{{ service.name }}").mkdir(parents=True)
    (own / "house/{{ service.name }}/OWNERS.j2").write_text("{{ variables.team }} owns {{ service.name }}\n")
    (own / "house/go").write_text("#!/bin/sh\n")
    (own / "pack.yaml").write_text(
        "variables: {team: payments}\n"
        "layers:\n"
        '  - {from: house, each: service, when: service.name != "mails", into: "owners/{{ service.name }}"}\n'
        'executable: ["owners/*/go"]\n'
        'once: ["*/OWNERS"]\n'
    )
    applied = msgen("apply")
    assert applied.code == 0, applied.err
    assert (shop / "owners/users/users/OWNERS").read_text() == "payments owns users\n"
    assert (shop / "owners/users/go").stat().st_mode & 0o111
    assert not (shop / "owners/mails").exists()
    (shop / "owners/users/users/OWNERS").write_text("mine\n")
    edit(own / "pack.yaml", "payments", "billing")
    assert msgen("apply").out == "Nothing to do.\n"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("FROM x\nLABEL {{ service.colour }}\n", ["Dockerfile.j2:2", "layer python", "service auth", "colour"]),
        ("{% if %}\n", ["Dockerfile.j2:1"]),
        ("{{ variables.team }}\n", ["Dockerfile.j2:1", "team"]),
        ("{{ ''.__class__.__mro__ }}\n", ["Dockerfile.j2:1", "unsafe"]),
        ("{{ system.__init__.__globals__ }}\n", ["Dockerfile.j2:1", "unsafe"]),
    ],
)
def test_a_template_that_fails_or_reaches_out_is_named(
    shop: Path, msgen: Msgen, template: str, words: list[str]
) -> None:
    (shop / "templates/python/service").mkdir(parents=True)
    (shop / DOCKERFILE).write_text(template)
    before = files(shop)
    wrong = msgen("apply")
    assert wrong.code == 2
    for word in words:
        assert word in wrong.err
    assert files(shop) == before


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("layer: []\n", ["pack.yaml:1:1", "unknown key 'layer'", "did you mean 'layers'?"]),
        ("layers:\n  - {from: nowhere}\n", ["pack.yaml:2", "there is no folder 'nowhere'"]),
        ("layers:\n  - {from: system, into: ../out}\n", ["pack.yaml:2", "not a plain path"]),
        ("layers:\n  - {from: system, when: colour}\n", ["pack.yaml:2", "colour"]),
        ("variables: 1\n", ["pack.yaml:1", "variables must be a mapping"]),
    ],
)
def test_a_wrong_table_is_explained(shop: Path, msgen: Msgen, table: str, words: list[str]) -> None:
    (shop / "templates").mkdir()
    (shop / "templates/pack.yaml").write_text(table)
    wrong = msgen("apply")
    assert wrong.code == 2
    for word in words:
        assert word in wrong.err


def test_an_upgrade_merges_edits_and_overrides(
    shop: Path, msgen: Msgen, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert msgen("templates", "eject", "python/service/Dockerfile.j2").code == 0
    edit(shop / DOCKERFILE, "FROM python:3.13-slim", "FROM acme/python:3.13")
    edit(shop / "services/users/app/main.py", "    pass", "    print('bye')")
    assert msgen("apply").code == 0
    edit(pack / "python/service/Dockerfile.j2", 'CMD ["python"', 'USER 1000\nCMD ["python"')
    edit(pack / "python/service/app/main.py.j2", "from app import settings", "from app import logs, settings")
    (pack / "python/service/app/logs.py").write_text("LEVEL = 1\n")
    (pack / "python/service/.gitignore").unlink()
    monkeypatch.setattr("msgen.commands.reconcile.__version__", "9.0.0")
    monkeypatch.setattr("msgen.rendering.generator.__version__", "9.0.0")
    for command in (["apply"], ["diff"], ["check"], ["add-service", "billing"]):
        refused = msgen(*command)
        assert refused.code == 2
        assert "this is msgen 9.0.0" in refused.err
        assert "msgen upgrade" in refused.err
    before = files(shop)
    shown = msgen("upgrade", "--dry-run")
    assert shown.code == 1
    assert files(shop) == before
    upgraded = msgen("upgrade")
    assert upgraded.code == 0, upgraded.err
    told = actions(upgraded)
    assert told[DOCKERFILE] == "merged"
    assert f"# merged {DOCKERFILE}" in shown.out
    assert (shop / DOCKERFILE).read_text().startswith("FROM acme/python:3.13\n")
    for text in ("FROM acme/python:3.13\n", "USER 1000\n"):
        assert text in (shop / "services/users/Dockerfile").read_text()
    main = (shop / "services/users/app/main.py").read_text()
    assert "print('bye')" in main
    assert "import logs, settings" in main
    assert (shop / "services/users/app/logs.py").exists()
    assert not (shop / "services/users/.gitignore").exists()
    assert (shop / ".msgen/version").read_text() == "9.0.0\n"
    assert msgen("check").code == 0
    assert msgen("upgrade").out == "Nothing to do.\n"


def test_an_override_that_conflicts_is_marked_and_not_used_until_settled(shop: Path, msgen: Msgen, pack: Path) -> None:
    assert msgen("templates", "eject", "python/service/Dockerfile.j2").code == 0
    edit(shop / DOCKERFILE, "FROM python:3.13-slim", "FROM acme/python:3.13")
    assert msgen("apply").code == 0
    edit(pack / "python/service/Dockerfile.j2", "FROM python:3.13-slim", "FROM python:3.14-slim")
    assert msgen("diff").code == 0
    upgraded = msgen("upgrade")
    assert upgraded.code == 1
    assert actions(upgraded) == {DOCKERFILE: "conflict"}
    assert "<<<<<<< yours" in (shop / DOCKERFILE).read_text()
    assert "<<<<<<<" not in (shop / "services/users/Dockerfile").read_text()
    refused = msgen("apply")
    assert refused.code == 2
    assert "contains conflict markers" in refused.err
    assert msgen("upgrade", "--on-conflict", "theirs").code == 0
    assert (shop / DOCKERFILE).read_bytes() == (pack / "python/service/Dockerfile.j2").read_bytes()
    assert "FROM python:3.14-slim" in (shop / "services/users/Dockerfile").read_text()


def test_an_older_msgen_refuses_a_newer_repository(shop: Path, msgen: Msgen) -> None:
    (shop / ".msgen/version").write_text("99.0.0\n")
    for command in ("apply", "upgrade"):
        refused = msgen(command)
        assert refused.code == 2
        assert "install msgen 99.0.0" in refused.err


@pytest.mark.parametrize(
    ("made_by", "this", "refused"),
    [
        ("0.1.0rc1", "0.1.0", False),
        ("0.1.0", "0.1.0rc1", True),
        ("0.1.0.dev3", "0.1.0rc1", False),
        ("0.9.0", "0.10.0", False),
        ("1.0", "1.0.1", False),
        ("what?", "1.0", True),
    ],
)
def test_an_upgrade_goes_forward_only(
    shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch, made_by: str, this: str, refused: bool
) -> None:
    (shop / ".msgen/version").write_text(f"{made_by}\n")
    monkeypatch.setattr("msgen.commands.reconcile.__version__", this)
    monkeypatch.setattr("msgen.rendering.generator.__version__", this)
    assert (msgen("upgrade").code == 2) == refused


def test_what_is_ejected_twice_is_ejected_once(shop: Path, msgen: Msgen) -> None:
    ejected = msgen("templates", "eject", "python", "python/service/Dockerfile.j2", "./templates/python/service/app/")
    assert ejected.code == 0, ejected.err
    assert (shop / DOCKERFILE).exists()


def test_what_belongs_to_no_layer_is_left_alone_and_listed(shop: Path, msgen: Msgen) -> None:
    own = shop / "templates"
    (own / "chart/templates").mkdir(parents=True)
    (own / "chart/Chart.yaml").write_text("name: shop\n")
    (own / "chart/templates/deployment.yaml").write_text("{{- range .Values.services }}\n{{ end }}\n")
    (own / "chart/logo.png").write_bytes(b"\x89PNG\xff")
    (own / "link").symlink_to("/etc")
    (own / "dangling.j2").symlink_to("nowhere")
    (own / "python").mkdir()
    (own / "python/pack.yaml").write_text("language: cobol\n")
    before = files(shop)
    assert (msgen("diff").code, msgen("diff").out) == (0, "")
    assert msgen("check").code == 0
    assert msgen("apply").out == "Nothing to do.\n"
    assert files(shop) == before
    unused = {line.split()[0] for line in msgen("templates", "list").out.splitlines() if "unused" in line}
    assert unused == {
        "chart/Chart.yaml",
        "chart/logo.png",
        "chart/templates/deployment.yaml",
        "dangling.j2",
        "link",
        "python/pack.yaml",
    }


def test_a_link_in_the_folder_of_a_layer_is_refused(shop: Path, msgen: Msgen) -> None:
    (shop / "templates/python/service").mkdir(parents=True)
    (shop / "templates/python/service/Dockerfile.j2").symlink_to("/etc/passwd")
    refused = msgen("diff")
    assert refused.code == 2
    assert "must not contain symbolic links" in refused.err
