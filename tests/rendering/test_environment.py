"""Packs declare the environment of services and the secrets of `.env`."""

from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.description.model import Description
from msgen.packs.pack import load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.environment import configured

SHOP = {"msgen": 1, "name": "shop", "services": {"users": {}, "orders": {"calls": ["users"], "database": "none"}}}


def plan(root: Path, table: str) -> Plan:
    (root / "pack.yaml").write_text(table)
    return configured(make_plan(Description.model_validate(SHOP)), load_pack(root))


def test_a_variable_with_a_secret(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        """
        environment:
          - name: STORE_URL
            when: service.database
            type: url
            secret: "{{ service.name.constant }}_PASSWORD"
            value: "store://{{ service.name }}:{{ secret }}@store"
            about: The store of {{ service.name }}
            outside: true
        secrets:
          - {name: "{{ service.name.constant }}_PASSWORD", each: service, when: service.database, about: Its password}
          - {name: KEY, kind: ec-key, about: Signs}
        """,
    )
    (variable,) = found.service("users").variables
    assert (variable.name, variable.value) == ("STORE_URL", "store://users:${USERS_PASSWORD}@store")
    assert (variable.about, variable.secrets) == ("The store of users", ("USERS_PASSWORD",))
    assert (variable.default, variable.sensitive) == (None, True)
    assert found.service("orders").variables == ()
    assert [(s.name, s.kind) for s in found.secrets] == [("USERS_PASSWORD", "password"), ("KEY", "ec-key")]


def test_a_variable_with_a_default_and_one_for_each_call(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        """
        environment:
          - {name: LIMIT, type: integer, default: 20, about: Most}
          - {name: "{{ call.variable }}", each: call, value: "{{ call.url }}", about: Another service}
        """,
    )
    assert [(v.name, v.value, v.default) for v in found.service("users").variables] == [("LIMIT", "20", "20")]
    assert [(v.name, v.value) for v in found.service("orders").variables[1:]] == [("USERS_URL", "http://users:8000")]


def test_a_language_has_variables_of_its_own(tmp_path: Path) -> None:
    table = "language: %s\nenvironment:\n  - {name: X, default: 1, about: x}\n"
    assert [len(s.variables) for s in plan(tmp_path, table % "python").services] == [1, 1]
    assert [len(s.variables) for s in plan(tmp_path, table % "go").services] == [0, 0]


def test_an_expression_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"X: .*colour") as error:
        plan(tmp_path, "secrets:\n  - {name: X, when: system.colour, about: x}\n")
    assert error.value.problems[0].line == 2
