"""A changed resource gives a new migration, never a changed one, and nothing is lost without a word."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Msgen, files, git

from .conftest import commit, edit

USER = "user: {email: email, name: string}"


def migrations(shop: Path) -> dict[str, str]:
    folder = shop / "services/users/migrations"
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_a_new_field_is_a_new_migration_and_old_ones_stay(shop: Path, msgen: Msgen) -> None:
    first = migrations(shop)
    assert list(first) == ["create_users.sql"]
    edit(shop / "msgen.yaml", USER, "user: {email: email, name: string, age: integer?}")
    assert msgen("apply").code == 0
    second = migrations(shop)
    (new,) = second.keys() - first.keys()
    assert "add age integer;" in second[new]
    assert second["create_users.sql"] == first["create_users.sql"]
    edit(shop / "msgen.yaml", "age: integer?", "age: integer?, note: text?")
    assert msgen("apply").code == 0
    (newest,) = migrations(shop).keys() - second.keys()
    assert f"after {new.removesuffix('.sql').removeprefix('users_')}\n" in migrations(shop)[newest]
    assert {name: text for name, text in migrations(shop).items() if name != newest} == second
    assert msgen("diff").code == 0


def test_what_no_column_depends_on_is_no_migration(shop: Path, msgen: Msgen) -> None:
    before = migrations(shop)
    edit(shop / "msgen.yaml", "name: string}", "name: {type: string, min: 2, default: Ada}}")
    assert msgen("apply").code in (0, 1)
    edit(shop / "msgen.yaml", "email: email, name: {type: string, min: 2, default: Ada}", "name: string, email: email")
    assert msgen("apply").code == 0
    assert migrations(shop) == before


@pytest.mark.parametrize(
    ("new", "loss"),
    [
        ("user: {email: email}", "users.user loses the column name and its data"),
        ("user: {email: email, name: integer}", "users.user.name changes from string to integer"),
        ("user: {email: email, name: [string]}", "users.user.name changes from string to string[]"),
        ("user: {email: {type: email, unique: true}, name: string}", "users.user.email becomes unique"),
        (
            "user: {fields: {email: email, name: string}, unique: [email, name]}",
            "users.user.email and name become unique together",
        ),
        (
            "user: {fields: {email: email, name: string, a: integer?, b: integer?}, checks: [a < b]}",
            "users.user gets a check: the migration fails if there are rows for which it does not hold: a must be less",
        ),
        ("user: {email: email, name: string, site: url}", "users.user.site has no value for existing rows"),
        ("user: {email: email, name: string, nick: string}", "users.user.nick has no value for existing rows"),
        ("user: {email: email, name: string, born: date}", "users.user.born has no value for existing rows"),
        (
            "user: {email: email, name: string, note: {type: text, min: 1}}",
            "users.user.note has no value for existing rows",
        ),
        ("person: {email: email, name: string}", "users.user is dropped with all its rows"),
        ("person: {email: email, name: string}", "users.person has the fields of user and starts empty"),
    ],
)
def test_what_loses_data_is_named_and_has_to_be_allowed(shop: Path, msgen: Msgen, new: str, loss: str) -> None:
    edit(shop / "msgen.yaml", USER, new)
    before = files(shop)
    assert f"destructive: {loss}" in msgen("diff").err
    refused = msgen("apply")
    assert refused.code == 2
    assert loss in refused.err
    assert "--allow-destructive" in refused.err
    assert files(shop) == before
    assert msgen("apply", "--allow-destructive").code == 0
    assert "create_users.sql" in migrations(shop)
    assert msgen("diff").code == 0
    assert msgen("apply").out == "Nothing to do.\n"


def test_an_optional_field_that_becomes_required_has_to_be_allowed(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: string}", "name: string?}")
    assert msgen("apply").code == 0
    edit(shop / "msgen.yaml", "name: string?}", "name: string}")
    assert "users.user.name becomes required" in msgen("apply").err
    edit(shop / "msgen.yaml", "name: string}", "name: {type: string, backfill: Nobody}}")
    assert msgen("apply").code == 0


ADDED = "age: {type: integer, min: 18}, nick: {type: string, backfill: none}, team: {type: string, default: red}"
INVENTED = "users.user.age becomes 18 in existing rows; `backfill` sets another value\n"


@pytest.mark.parametrize("command", [["diff"], ["apply"], ["upgrade"], ["add-service", "billing"]], ids=" ".join)
def test_every_command_names_the_values_that_it_invents_for_existing_rows(
    shop: Path, msgen: Msgen, command: list[str]
) -> None:
    edit(shop / "msgen.yaml", "name: string}", f"name: string, {ADDED}}}")
    done = msgen(*command)
    assert done.code == (command == ["diff"])
    assert done.err == INVENTED


def test_a_list_is_added_limited_and_removed(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: string}", "name: string, tags: [string]}")
    assert (msgen("apply").code, msgen("diff").code) == (0, 0)
    made = migrations(shop)
    edit(shop / "msgen.yaml", "tags: [string]", "tags: {type: string, list: true, max: 9, max_items: 5}")
    assert msgen("apply").err == ""
    assert migrations(shop) == made
    edit(shop / "msgen.yaml", ", tags: {type: string, list: true, max: 9, max_items: 5}", "")
    assert "users.user loses the column tags and its data" in msgen("apply").err
    assert msgen("apply", "--allow-destructive").code == 0


RENAMED = "users.user.name=label"


def test_a_renamed_field_keeps_its_values(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: string}", "label: string}")
    assert f"if it has another name now, use --renamed {RENAMED}" in msgen("apply").err
    assert "destructive" not in msgen("diff", "--renamed", RENAMED).err
    applied = msgen("apply", "--renamed", RENAMED)
    assert applied.code == 0, applied.err
    assert "users.user.name is renamed to label: replicas of the old version fail" in applied.err
    (new,) = (text for text in migrations(shop).values() if "rename" in text)
    assert new.splitlines()[1:] == ["rename name to label;"]
    assert msgen("check").code == 0
    edit(shop / "msgen.yaml", "label: string}", "label: string, note: text?}")
    assert msgen("apply").code == 0
    assert [text.splitlines()[1:] for text in migrations(shop).values()].count(["add note text;"]) == 1


def test_constraints_follow_a_renamed_field(shop: Path, msgen: Msgen) -> None:
    fields = "fields: {email: email, %s: string, a: integer?, b: integer?}, index: [a, b]"
    edit(shop / "msgen.yaml", USER, f"user: {{{fields % 'name'}, unique: [email, name], checks: [a < b]}}")
    assert msgen("apply", "--allow-destructive").code == 0
    assert msgen("diff").code == 0
    edit(shop / "msgen.yaml", fields % "name", fields % "label")
    edit(shop / "msgen.yaml", "[email, name]", "[email, label]")
    assert "become unique" not in msgen("diff", "--renamed", RENAMED).err
    assert msgen("apply", "--renamed", RENAMED).code == 0
    edit(shop / "msgen.yaml", ", unique: [email, label], checks: [a < b]", "")
    assert msgen("apply").code == 0
    assert msgen("diff").code == 0


def test_a_renamed_field_can_change_too(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: string}", "label: string?, age: integer?}")
    assert msgen("apply", "--renamed", RENAMED).code == 0
    (new,) = (text for text in migrations(shop).values() if "rename" in text)
    wanted = ["rename name to label;", "add age integer;", "change label from string to string;"]
    assert new.splitlines()[1:] == wanted


@pytest.mark.parametrize(
    ("renamed", "message"),
    [
        ("users.user.name", "'users.user.name' is no field"),
        ("users.user.nam=label", "users.user does not lose 'nam' and get 'label'"),
        ("users.user.email=label", "users.user does not lose 'email' and get 'label'"),
    ],
)
def test_a_rename_that_the_description_does_not_make_is_refused(
    shop: Path, msgen: Msgen, renamed: str, message: str
) -> None:
    edit(shop / "msgen.yaml", "name: string}", "label: string}")
    before = files(shop)
    refused = msgen("apply", "--renamed", renamed)
    assert refused.code == 2
    assert message in refused.err
    assert files(shop) == before


def test_a_resource_goes_and_comes_back(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", USER, f"{USER}\n      team: {{name: string}}")
    assert msgen("apply").code == 0
    edit(shop / "msgen.yaml", "\n      team: {name: string}", "")
    assert msgen("apply", "--allow-destructive").code == 0
    edit(shop / "msgen.yaml", USER, f"{USER}\n      team: {{title: text}}")
    assert msgen("apply").code == 0
    names = [name for name in migrations(shop) if "team" in name]
    assert len(names) == 3
    assert any("add title text;" in text for text in migrations(shop).values())


def test_two_branches_that_each_change_a_resource(shop: Path, msgen: Msgen) -> None:
    git(shop, "switch", "-q", "-c", "other")
    edit(shop / "msgen.yaml", "name: string}", "name: string, age: integer?}")
    assert msgen("apply").code == 0
    commit(shop)
    git(shop, "switch", "-q", "main")
    edit(shop / "msgen.yaml", "name: string}", "name: string, note: text?}")
    assert msgen("apply").code == 0
    commit(shop)
    subprocess.run(["git", "merge", "-q", "--no-edit", "other"], cwd=shop, capture_output=True, check=False)
    git(shop, "checkout", "--ours", "--", "msgen.yaml")
    edit(shop / "msgen.yaml", "note: text?}", "note: text?, age: integer?}")
    applied = msgen("apply")
    assert applied.code == 0, applied.out + applied.err
    assert len(migrations(shop)) == 3
    commit(shop)
    edit(shop / "msgen.yaml", "age: integer?}", "age: integer?, more: text?}")
    assert msgen("apply").code == 0
    last = next(text for text in migrations(shop).values() if "add more" in text)
    assert len(last.splitlines()[0].split(" after ")[1].split()) == 2
    assert msgen("check").code == 0


def test_another_language_continues_the_migrations(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "name: string}", "name: string, age: integer?}")
    assert msgen("apply").code == 0
    before = migrations(shop)
    edit(shop / "msgen.yaml", "  users:\n", "  users:\n    language: node\n")
    note = "users changes from python to node: move its rows to a new database before it starts"
    assert note in msgen("diff").err
    assert note in msgen("apply").err
    assert migrations(shop) == before
    assert note not in msgen("diff").err
    edit(shop / "msgen.yaml", "age: integer?", "age: integer?, note: text?")
    assert msgen("apply").code == 0
    (new,) = migrations(shop).keys() - before.keys()
    assert "add note text;" in migrations(shop)[new]
    assert "age" not in migrations(shop)[new]


def test_a_damaged_line_is_named(shop: Path, msgen: Msgen) -> None:
    file = shop / ".msgen/models/users.txt"
    file.write_text(file.read_text().replace('"after"', '"behind"'))
    wrong = msgen("apply")
    assert wrong.code == 2
    assert ".msgen/models/users.txt:3: this line is damaged" in wrong.err.replace(":1: ", ": ")
