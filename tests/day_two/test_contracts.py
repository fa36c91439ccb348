"""`msgen check --against`: what breaks whom."""

from pathlib import Path

import pytest

from tests.conftest import Msgen

from .conftest import commit, edit

DESCRIPTION = """\
msgen: 1
name: shop
services:
  auth: {blueprint: auth, language: python}
  users:
    resources: {user: {fields: {name: string, age: integer?}, owner: id, access: {list: user, read: user}}}
    publishes: [user.created]
  orders:
    calls: [users]
    subscribes: [user.created]
"""
CREATED = "contracts/messages/user.created.json"


@pytest.fixture
def shop(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.yaml").write_text(DESCRIPTION)
    assert msgen("new", "--description", "shop.yaml").code == 0
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def test_nothing_breaks_without_a_change_nor_by_an_addition(shop: Path, msgen: Msgen) -> None:
    run = msgen("check", "--against", "HEAD")
    assert (run.code, run.out.splitlines()[-1]) == (0, "contracts: no breaking changes since HEAD")
    edit(shop / "msgen.yaml", "age: integer?", "age: integer?, note: text?")
    assert msgen("check", "--against", "main").out.splitlines()[-1] == "contracts: no breaking changes since main"


def test_breaking_changes_and_those_whom_they_break_are_listed(shop: Path, msgen: Msgen) -> None:
    edit(shop / "msgen.yaml", "age: integer?", "age: integer")
    edit(shop / "msgen.yaml", "list: user", "list: owner")
    expected = {
        "contracts/openapi/users.yaml: GET /users: user may no longer call it; now: owner [access-narrowed]",
        "contracts/openapi/users.yaml: POST /users: request field 'age' is now required [request-field-required]",
        "  breaks orders (calls users), clients of the gateway",
        f"{CREATED}: message field 'age' is now required, and messages in flight lack it [message-field-required]",
        "  breaks orders (receives user.created)",
    }
    planned = msgen("check", "--against", "HEAD")
    assert planned.code == 1
    assert expected <= {*planned.out.splitlines()}
    assert msgen("apply", "--allow-destructive").code == 0
    commit(shop)
    applied = msgen("check", "--against", "HEAD~1")
    assert applied.code == 1
    assert expected <= {*applied.out.splitlines()}
    assert msgen("check", "--against", "HEAD").code == 0


def test_edited_contracts_count(shop: Path, msgen: Msgen) -> None:
    edit(shop / "contracts/openapi/users.yaml", "paths:\n", "paths:\n  /own:\n    get: {responses: {}}\n")
    commit(shop)
    assert msgen("check", "--against", "HEAD").code == 0
    edit(shop / "contracts/openapi/users.yaml", "  /own:\n    get: {responses: {}}\n", "")
    run = msgen("check", "--against", "HEAD")
    assert (run.code, "GET /own: the operation was removed [operation-removed]" in run.out) == (1, True)


def test_a_system_below_the_root_of_a_repository(shop: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / ".git").rename(shop.parent / ".git")
    commit(shop.parent)
    monkeypatch.chdir(shop.parent)
    edit(shop / "msgen.yaml", "    publishes: [user.created]\n", "")
    edit(shop / "msgen.yaml", "    subscribes: [user.created]\n", "")
    run = msgen("check", "shop", "--against", "HEAD")
    assert "  breaks orders (receives user.created), users (sends user.created)" in run.out.splitlines()


@pytest.mark.parametrize(("revision", "words"), [("nope", "there is no revision 'nope'"), ("-x", "no revision '-x'")])
def test_a_revision_that_does_not_exist(shop: Path, msgen: Msgen, revision: str, words: str) -> None:
    assert shop.is_dir()
    run = msgen("check", f"--against={revision}")
    assert (run.code, run.out) == (2, "")
    assert words in run.err


def test_contracts_need_git(shop: Path, msgen: Msgen) -> None:
    (shop / ".git").rename(shop.parent.parent / "elsewhere")
    assert "not in a git repository" in msgen("check", "--against", "HEAD").err
