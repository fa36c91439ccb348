"""The OpenID provider of a system."""

import pytest

from msgen.planning.identity import Identity

from .test_builder import plan

ORDERS = "services: {orders: {resources: {order: {total: decimal}}}}\n"


def identity(text: str) -> Identity:
    found = plan(f"identity: {{{text}}}\n{ORDERS}").identity
    assert found
    return found


def test_tokens_of_a_provider_are_checked_as_those_of_an_auth_service() -> None:
    system = plan(f"identity: {{issuer: https://sso.example.com}}\nroles: [support]\n{ORDERS}")
    orders = system.service("orders")

    assert system.accounts
    assert system.auth is None
    assert system.roles == ("admin", "support")
    assert orders.authenticates
    assert [field.name for field in orders.resources[0].fields] == ["total", "owner_id"]
    assert all(route.authenticated for route in system.gateway.routes)
    variables = {variable.name: variable.value for variable in orders.variables}
    assert variables["TOKEN_ISSUER"] == "https://sso.example.com"
    assert variables["TOKEN_AUDIENCE"] == "my-shop"
    assert "JWKS_URL" not in variables


@pytest.mark.parametrize("issuer", ["https://acme.auth0.com", "https://acme.auth0.com/"])
def test_the_discovery_document_is_below_the_issuer(issuer: str) -> None:
    found = identity(f"issuer: '{issuer}'")

    assert found.issuer == issuer
    assert found.configuration_url == "https://acme.auth0.com/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("claim", "path"),
    [
        ("roles", ("roles",)),
        ("realm_access.roles", ("realm_access", "roles")),
        ("https://acme.example.com/roles", ("https://acme.example.com/roles",)),
    ],
)
def test_roles_are_at_a_path_of_claims(claim: str, path: tuple[str, ...]) -> None:
    assert identity(f"issuer: https://sso.example.com, roles_claim: '{claim}'").roles_path == path


@pytest.mark.parametrize(
    ("issuer", "port"), [("https://sso.example.com/a", 443), ("https://sso.example.com:8443", 8443)]
)
def test_the_port_is_that_of_the_issuer(issuer: str, port: int) -> None:
    assert identity(f"issuer: '{issuer}'").port == port
