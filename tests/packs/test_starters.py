import os
import shutil
import subprocess
from pathlib import Path

import copier
import pytest

from msgen.core.errors import UserError
from msgen.core.tree import File, Tree
from msgen.description.loader import load
from msgen.packs import starters
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from tests.conftest import EXAMPLES, files, git

ROOT = builtin_root()
GIVEN = {"name": "myshop", "languages": ["python"]}


def plan_of(description: bytes, folder: Path) -> Plan:
    path = folder / "msgen.yaml"
    path.write_bytes(description)
    return make_plan(load(path, load_pack(ROOT).vocabulary))


def run(starter: str | Path, **answers: str) -> Tree:
    return starters.run(str(starter), ROOT, GIVEN, answers, ask=False)


def template(folder: Path, questions: str = "", **names: str) -> Path:
    folder.mkdir()
    (folder / "copier.yml").write_text(questions)
    for name, text in {"msgen.yaml.jinja": "name: {{ name }}\n", **names}.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(("starter", "example"), [("shop", "02-shop"), ("minimal", "01-minimal")])
def test_built_in_starter_matches_its_example(tmp_path: Path, starter: str, example: str) -> None:
    made = plan_of(run(starter)["msgen.yaml"].content, tmp_path)
    assert made == make_plan(load(EXAMPLES / example / "msgen.yaml", load_pack(ROOT).vocabulary))


@pytest.mark.parametrize("starter", starters.builtin(ROOT))
@pytest.mark.parametrize("given", [{}, {"language": "node"}])
def test_defaults_match_copier(tmp_path: Path, starter: str, given: dict[str, str]) -> None:
    data = {**GIVEN, "languages": ["python", "node"], **given}
    copier.run_copy(str(ROOT / "starters" / starter), tmp_path, data=data, defaults=True, quiet=True)
    quick = starters.run(starter, ROOT, data, {}, ask=False)
    assert {path: file.content for path, file in quick.items()} == files(tmp_path)


def test_answers_go_into_the_description(tmp_path: Path) -> None:
    text = 'It\'s "ours": a \\ shop # and more'
    made = run("shop", description=text, port="9000", frontend="")
    plan = plan_of(made["msgen.yaml"].content, tmp_path)
    assert (plan.description, plan.gateway.port, plan.gateway.cors) == (text, 9000, ())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("metrics", ("prometheus", None, None)),
        ("everything", ("prometheus", "elk", "jaeger")),
        ("nothing", (None, None, None)),
    ],
)
def test_observability_of_the_shop_can_be_chosen(tmp_path: Path, answer: str, expected: tuple[str | None, ...]) -> None:
    plan = plan_of(run("shop", observability=answer, discovery="consul")["msgen.yaml"].content, tmp_path)
    assert (plan.metrics, plan.logs, plan.traces) == expected
    assert plan.discovery == "consul"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"port": "80"}, "a port from 1024 to 65535"),
        ({"port": "many"}, "many"),
        ({"language": "cobol"}, "cobol"),
        ({"description": "a\nb"}, "one line"),
        ({"frontend": "localhost"}, "http://localhost:3000"),
        ({"prot": "8000"}, "has no question 'prot'"),
    ],
)
def test_invalid_answer_is_refused(answers: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match="shop") as error:
        run("shop", **answers)
    assert words in str(error.value)


def test_starter_from_a_directory(tmp_path: Path) -> None:
    folder = template(tmp_path / "t", "team: {type: str, default: ours}\n", **{"OWNERS.jinja": "{{ team }}"})
    (folder / "run").write_text("")
    (folder / "run").chmod(0o755)
    assert run(folder) == {
        "OWNERS": File(b"ours", once=True),
        "msgen.yaml": File(b"name: myshop\n", once=True),
        "run": File(b"", 0o755, once=True),
    }
    assert run(folder, team="theirs")["OWNERS"].content == b"theirs"


def test_starter_from_the_latest_tag_of_a_repository(tmp_path: Path) -> None:
    folder = template(tmp_path / "t")
    git(folder, "init", "-q")
    for text, tag in (("one", "v1.0.0"), ("two", "v1.1.0"), ("three", "")):
        (folder / "version").write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "x")
        if tag:
            git(folder, "tag", tag)
    bare = tmp_path / "starter.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(folder), str(bare)], check=True)
    shutil.rmtree(folder)
    assert run(f"git+file://{bare}")["version"].content == b"two"


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ("_tasks: ['touch ran']\n", "run code of its own"),
        ("_jinja_extensions: [os.path]\n", "run code of its own"),
        ("_min_copier_version: '1000'\n", "cannot use the starter"),
        ("a: [b\n", "cannot use the starter"),
    ],
)
def test_unsafe_starter_is_refused(tmp_path: Path, questions: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        run(template(tmp_path / "t", questions))


def test_trust_in_copier_settings_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.yml").write_text(f"trust: ['{tmp_path}/']\n")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(tmp_path / "settings.yml"))
    with pytest.raises(UserError, match="run code of its own"):
        run(template(tmp_path / "t", f"_tasks: ['touch {tmp_path}/ran']\n"))
    assert not (tmp_path / "ran").exists()


def test_failing_template_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot use the starter"):
        run(template(tmp_path / "t", **{"x.jinja": "{{ a.b.c }}"}))


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    folder = template(tmp_path / "t", "_preserve_symlinks: true\n")
    (folder / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(UserError, match="symbolic link"):
        run(folder)


@pytest.mark.parametrize(
    ("starter", "hint"),
    [("shp", "did you mean 'shop'?"), ("xyz", "use minimal, shop, a directory, or gh:owner/repository")],
)
def test_an_unknown_starter_is_refused(starter: str, hint: str) -> None:
    with pytest.raises(UserError) as error:
        run(starter)
    assert error.value.problems[0].hint == hint


@pytest.mark.parametrize("starter", ["./nowhere", "/nowhere", "file:///nowhere.git", ""])
def test_missing_starter_is_refused(starter: str) -> None:
    with pytest.raises(UserError):
        run(starter)


def test_temporary_directory_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = template(tmp_path / "t")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    run(folder)
    assert os.listdir(temporary) == []  # noqa: PTH208
