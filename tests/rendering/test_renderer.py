import re
from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.core.tree import File, Tree
from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.renderer import provided_lists, render
from tests.packs.test_pack import pack

SHOP = {
    "msgen": 1,
    "name": "shop",
    "queues": {"mail": {"to": "email"}},
    "services": {
        "users": {"resources": {"user": {"name": "string"}}},
        "orders": {
            "resources": {"order": {"total": "decimal"}, "item": {"name": "string"}},
            "calls": ["users"],
            "publishes": ["order.created"],
            "sends": ["mail"],
        },
        "post": {"consumes": ["mail"], "subscribes": ["order.*"], "database": "none"},
    },
}


def test_packs_know_the_commands_that_delete_what_a_service_leaves(plan: Plan) -> None:
    lists = provided_lists(plan, load_pack(builtin_root()))
    left = {name: "\n".join(lists[name]["left_behind"]) for name in ("users", "orders", "post")}
    assert left["users"].count('drop database "users"') == left["users"].count("\n") + 1 == 2
    assert [left["post"].count(f"for queue in {name}{{") for name in ("mail", "post.events")] == [2, 2]
    assert "database" not in left["post"]
    assert "queue" not in left["orders"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(Description.model_validate(SHOP))


def made(plan: Plan, root: Path, table: str, **templates: str) -> Tree:
    folder = root / "p"
    folder.mkdir()
    pack(folder, table)
    for name, text in templates.items():
        path = folder / name.replace("__", "/").replace("_j2", ".j2")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return render(plan, load_pack(folder))


def problem(error: pytest.ExceptionInfo[UserError], root: Path) -> tuple[str, int, str]:
    (found,) = error.value.problems
    return found.file.removeprefix(f"{root}/p/"), found.line, found.message


@pytest.mark.parametrize(
    ("each", "into", "paths"),
    [
        ("system", "{{ system.name }}", ["shop/f"]),
        ("service", "{{ service.name }}", ["orders/f", "post/f", "users/f"]),
        ("resource", "{{ service.name }}/{{ resource.name }}", ["orders/item/f", "orders/order/f", "users/user/f"]),
        ("call", "{{ service.name }}/{{ call.name }}", ["orders/users/f"]),
        ("consumes", "{{ service.name }}/{{ queue.name }}", ["post/mail/f"]),
        ("subscribes", "{{ service.name }}/{{ event.name }}", ["post/order.created/f"]),
        ("queue", "{{ queue.name }}", ["mail/f"]),
        ("event", "{{ event.name }}", ["order.created/f"]),
    ],
)
def test_a_layer_is_laid_for_each_object_of_its_scope(
    plan: Plan, tmp_path: Path, each: str, into: str, paths: list[str]
) -> None:
    tree = made(plan, tmp_path, f"layers:\n  - {{from: a, each: {each}, into: '{into}'}}", a__f="")
    assert list(tree) == paths


def test_templates_are_rendered_and_other_files_copied(plan: Plan, tmp_path: Path) -> None:
    tree = made(plan, tmp_path, "layers: [{from: a}]", a__t_j2="{{ system.name }}\n", a__raw="{{ system.name }}\r\n")
    assert tree == {"raw": File(b"{{ system.name }}\r\n"), "t": File(b"shop\n")}


def test_a_later_layer_replaces_an_earlier_ones_file(plan: Plan, tmp_path: Path) -> None:
    assert made(plan, tmp_path, "layers: [{from: a}, {from: b}]", a__f="a", b__f="b")["f"].content == b"b"


def test_a_layer_is_left_out_where_its_condition_is_false(plan: Plan, tmp_path: Path) -> None:
    table = "layers:\n  - {from: a, each: service, when: not service.database, into: '{{ service.name }}'}"
    assert list(made(plan, tmp_path, table, a__f="")) == ["post/f"]


def test_names_of_files_are_filled_in(plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "p" / "a"
    folder.mkdir(parents=True)
    (folder / "{{ service.name.pascal }}.txt.j2").write_text("{{ service.name }}")
    pack(tmp_path / "p", "layers: [{from: a, each: service}]")
    assert list(render(plan, load_pack(tmp_path / "p"))) == ["Orders.txt", "Post.txt", "Users.txt"]


def test_files_know_their_owner_their_mode_and_whether_they_are_the_users(plan: Plan, tmp_path: Path) -> None:
    table = """
        layers:
          - {from: a}
          - {from: b, each: service, when: service.name == "post", into: "{{ service.name }}"}
        once: ["post/mine"]
        executable: [run]
    """
    tree = made(plan, tmp_path, table, a__run="", b__mine="")
    assert tree == {"post/mine": File(b"", once=True, owner="post"), "run": File(b"", 0o755)}


def test_layers_add_to_lists_that_templates_of_the_same_owner_print(plan: Plan, tmp_path: Path) -> None:
    table = """
        layers:
          - {from: a, each: service, into: "{{ service.name }}"}
          - {each: service, provides: {packages: [web]}}
          - {each: resource, provides: {packages: [sql], routers: ["{{ resource.name }}"]}}
          - {from: b, provides: {packages: [tool]}}
    """
    text = "{{ provided.packages | join(' ') }}: {{ provided.routers | join(' ') }}"
    everything = "{{ provided.packages | join }} {{ all_provided.orders.routers | join(' ') }}"
    tree = made(plan, tmp_path, table, a__f_j2=text, b__g_j2=everything)
    assert {path: file.content.decode() for path, file in tree.items()} == {
        "users/f": "web sql: user",
        "orders/f": "web sql: order item",
        "post/f": "web: ",
        "g": "tool order item",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\nb {{ servce.name }}", 2, "'servce' is undefined"),
        ("a\n\n{{ service.nmae }}", 3, "has no attribute 'nmae'"),
        ("{% for x in service.resources %}\n{{ x.y.z }}\n{% endfor %}", 2, "has no attribute 'y'"),
        ("a\n{% if %}", 2, "Expected an expression"),
        ("a\n{% include 'nowhere' %}", 2, "there is no template nowhere"),
        ("a\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ("a\n{{ service.name | nothing }}", 2, "No filter named 'nothing'"),
        ("a\n{{ service.name + 1 }}", 2, "TypeError"),
        ("a\n{{ locked('lock.json', ['x']) }}", 2, "no locked version of 'x'"),
        ("a\n{{ locked('none.json', ['x']) }}", 2, "none.json"),
        ("a\n{{ provided.typo }}", 2, "no attribute 'typo'"),
    ],
)
def test_a_wrong_template_is_named_with_line_layer_and_service(
    plan: Plan, tmp_path: Path, text: str, line: int, words: str
) -> None:
    table = "layers:\n  - {from: a/b, each: service, into: '{{ service.name }}'}"
    with pytest.raises(UserError) as error:
        made(plan, tmp_path, table, a__b__f_j2=text, lock__x="", **{"lock.json": "{}"})
    place, found, message = problem(error, tmp_path)
    assert (place, found) == ("a/b/f.j2", line)
    assert "cannot render a/b/f.j2 (layer a/b, for service orders)" in message
    assert words in message


def test_an_error_in_a_macro_is_shown_where_it_is(plan: Plan, tmp_path: Path) -> None:
    macro = "{% macro m(x) %}\n\n{{ x.y }}\n{% endmacro %}"
    with pytest.raises(UserError) as error:
        made(plan, tmp_path, "layers: [{from: a}]", a__f_j2="{% from 'm.j2' import m %}\n{{ m(1) }}", m_j2=macro)
    place, line, message = problem(error, tmp_path)
    assert (place, line) == ("m.j2", 3)
    assert "a/f.j2" in message


def test_a_template_that_is_no_text_is_named(plan: Plan, tmp_path: Path) -> None:
    folder = tmp_path / "p" / "a"
    folder.mkdir(parents=True)
    (folder / "f.j2").write_bytes(b"\xff")
    pack(tmp_path / "p", "layers: [{from: a}]")
    with pytest.raises(UserError, match=re.escape("cannot render a/f.j2")):
        render(plan, load_pack(tmp_path / "p"))


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("{from: a, into: ..}", "'../f' is not a plain path"),
        ("{from: a, into: /tmp}", "'/tmp/f' is not a plain path"),
        ("{from: a, into: .git}", "'.git/f' is not a plain path"),
        ("{from: a, each: service, into: '{{ service.name }}/../..'}", "'orders/../../f' is not a plain path"),
        ("{from: a, each: service}", "f is made more than once, here for service post"),
        ("{from: a, into: '{{ nothing }}'}", "'nothing' is undefined"),
        ("{from: a, when: nothing}", "'nothing' is undefined"),
        ("{from: a, when: service.name ==}", "unexpected ')'"),
        ("{from: a, provides: {x: ['{{ nothing }}']}}", "'nothing' is undefined"),
    ],
)
def test_a_layer_that_cannot_be_laid_is_named(plan: Plan, tmp_path: Path, layer: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        made(plan, tmp_path, f"once: []\nlayers:\n  - {layer}\n", a__f="")
    place, line, message = problem(error, tmp_path)
    assert (place, line) == ("pack.yaml", 3)
    assert message.startswith("layer a: ")
    assert words in message


def test_files_that_differ_in_case_alone_are_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"both README and readme"):
        made(plan, tmp_path, "layers: [{from: a}, {from: b}]", a__README="", b__readme="")


# Compiled templates are kept between runs


def test_a_changed_template_is_seen(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert made(plan, tmp_path, "layers: [{from: a}]", a__f_j2="one")["f"].content == b"one"
    assert [path for path in (tmp_path / "cache" / "msgen").rglob("*") if path.is_file()]
    (tmp_path / "p" / "a" / "f.j2").write_text("two")
    assert render(plan, load_pack(tmp_path / "p"))["f"].content == b"two"


@pytest.mark.parametrize("kind", ["a file", "not writable", "not a folder's"])
def test_where_nothing_can_be_kept_it_renders_all_the_same(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    caches = tmp_path / "cache"
    match kind:
        case "a file":
            caches.write_text("")
        case "not writable":
            caches = Path("/proc/self")  # closed even to root
        case _:
            caches = Path("/dev/null/x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    assert made(plan, tmp_path, "layers: [{from: a}]", a__f_j2="{{ 1 }}")["f"].content == b"1"


def test_a_damaged_cache_does_not_matter(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made(plan, tmp_path, "layers: [{from: a}]", a__f_j2="{{ 1 }}")
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:60])
    assert render(plan, load_pack(tmp_path / "p"))["f"].content == b"1"
