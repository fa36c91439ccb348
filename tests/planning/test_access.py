"""Access to resources: defaults, owners and what each caller gets."""

import pytest

from msgen.planning.resources import Resource

from .test_builder import plan

AUTH = "roles: [support]\nservices:\n  auth: {blueprint: auth}\n"


def order(text: str, defaults: str = "owner") -> Resource:
    return plan(f"defaults: {{access: {defaults}}}\n{AUTH}  orders: {{resources: {{order: {text}}}}}\n").resources[0]


def names(resource: Resource) -> tuple[list[str], list[str]]:
    return [str(f.name) for f in resource.fields], [str(f.name) for f in resource.writable]


def outcomes(resource: Resource) -> dict[str, list[str]]:
    """List, read, create, update and delete by caller."""
    found: dict[str, list[str]] = {}
    for expected in resource.expectations:
        found.setdefault(str(expected.caller), []).append(expected.outcome)
    return found


def test_owners_see_and_change_their_rows_by_default() -> None:
    resource = order("{total: decimal}")

    assert names(resource) == (["total", "owner_id"], ["total"])
    assert outcomes(resource) == {
        "anonymous": ["401"] * 5,
        "user": ["own", "404", "allowed", "404", "404"],
        "owner": ["own", "allowed", "allowed", "allowed", "allowed"],
        "admin": ["own", "404", "allowed", "404", "404"],
        "support": ["own", "404", "allowed", "404", "404"],
    }


def test_open_access_is_that_of_every_account() -> None:
    resource = order("{total: decimal}", "open")

    assert names(resource) == (["total"], ["total"])
    assert resource.access
    assert resource.access.trivial
    assert outcomes(resource)["user"] == ["allowed"] * 5


def test_actions_that_are_not_listed_keep_their_default() -> None:
    resource = order("{fields: {total: decimal}, access: {list: public, read: public, delete: admin}}")

    assert resource.access
    assert resource.access.public == ("list", "read")
    assert outcomes(resource) == {
        "anonymous": ["allowed", "allowed", "401", "401", "401"],
        "user": ["allowed", "allowed", "allowed", "403", "403"],
        "owner": ["allowed", "allowed", "allowed", "allowed", "403"],
        "admin": ["allowed", "allowed", "allowed", "403", "allowed"],
        "support": ["allowed", "allowed", "allowed", "403", "403"],
    }


def test_rows_of_roles_have_no_owner() -> None:
    grants = ", ".join(f"{action}: support" for action in ("list", "read", "create", "update", "delete"))
    resource = order(f"{{fields: {{total: decimal}}, access: {{{grants}}}}}")

    assert resource.owner is None
    assert outcomes(resource)["user"] == ["403", "404", "403", "404", "404"]
    assert outcomes(resource)["support"] == ["allowed"] * 5


@pytest.mark.parametrize("owner", ["user_id", "id"])
def test_a_field_of_its_own_holds_the_owner(owner: str) -> None:
    resource = order(f"{{fields: {{user_id: uuid, total: decimal}}, owner: {owner}}}")

    assert resource.owner
    assert resource.owner.name == owner
    assert resource.owner_is_id == (owner == "id")
    assert names(resource)[1] == [name for name in ("user_id", "total") if name != owner]


def test_without_accounts_there_are_no_guards() -> None:
    assert plan("services: {orders: {resources: {order: {total: decimal}}}}").resources[0].access is None


def test_services_do_what_the_callers_of_a_service_need() -> None:
    services = (
        "  bills: {calls: [orders], resources: {bill: {total: decimal}}}\n"
        "  mills: {calls: [bills]}\n"
        "  orders: {resources: {order: {total: decimal}}}\n"
    )
    found = plan(AUTH + services)
    access = found.service("orders").resources[0].access
    assert access
    outcomes = [(str(e.caller), e.outcome) for e in access.service_expectations]

    assert outcomes == [
        *(("bills", outcome) for outcome in ("allowed", "allowed", "403", "allowed", "allowed")),
        *[("stranger", "403")] * 5,
    ]
    assert found.service("orders").callers == ("bills",)
    assert [s.name for s in found.clients] == ["bills", "mills"]
