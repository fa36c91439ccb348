"""Operations: paths, where their input comes from, and what each caller gets."""

from msgen.planning.operations import Operation
from msgen.planning.plan import Plan

from .test_builder import plan

TEXT = """
roles: [support]
events: {order.cancelled: {order_id: uuid}}
services:
  auth: {blueprint: auth}
  orders:
    resources:
      order:
        fields: {user_id: uuid, total: decimal}
        owner: user_id
        access: {list: [owner, support], read: [owner, support]}
        operations:
          cancel: {input: {reason: text}, output: order, access: owner, publishes: [order.cancelled]}
          import: {post: /orders/import, input: {rows: integer}, output: {accepted: integer}, access: admin}
          history: {get: "/orders/{id}/history", input: {since: date?}, output: [{note: text}]}
          invoice: {get: "/orders/{id}/invoice/{part}", output: file}
        rules: [create, update]
    operations:
      quote: {get: "/quotes/{country}", input: {weight: decimal}, output: {price: decimal}, access: public}
      ping: {}
  shipping: {calls: [orders], subscribes: [order.cancelled]}
"""


def system() -> Plan:
    return plan(TEXT)


def operation(name: str) -> Operation:
    return next(o for o in system().service("orders").operations if o.full_name == name)


def outcomes(found: Operation) -> dict[str, str]:
    return {str(e.caller): e.outcome for e in found.expectations}


def test_an_operation_of_a_resource_is_a_post_below_a_row() -> None:
    cancel = operation("cancel-order")

    assert (cancel.method, cancel.path, cancel.row) == ("POST", "/orders/{order_id}/cancel", True)
    assert [str(f.name) for f in cancel.body] == ["reason"]
    assert cancel.output
    assert cancel.output.resource
    assert cancel.output.resource.name == "order"
    assert [str(e.name) for e in cancel.publishes] == ["order.cancelled"]
    assert "order.cancelled" in [str(e.name) for e in system().service("orders").publishes]


def test_an_operation_of_a_service_is_a_post_below_its_name() -> None:
    ping = operation("ping")

    assert (ping.method, ping.path, ping.resource, ping.output) == ("POST", "/orders/ping", None, None)


def test_input_comes_from_the_path_the_query_or_the_body() -> None:
    def places(name: str) -> list[list[str]]:
        found = operation(name)
        return [[str(f.name) for f in fields] for fields in (found.parameters, found.query, found.body)]

    assert places("quote") == [["country"], ["weight"], []]
    assert places("invoice-order") == [["part"], [], []]
    assert places("history-order") == [[], ["since"], []]
    assert places("import-order") == [[], [], ["rows"]]


def test_paths_without_parameters_come_first() -> None:
    paths = [o.path for o in system().service("orders").operations]

    assert paths == [
        "/orders/import",
        "/orders/ping",
        "/orders/{order_id}/cancel",
        "/orders/{order_id}/history",
        "/orders/{order_id}/invoice/{part}",
        "/quotes/{country}",
    ]


def test_who_may_call() -> None:
    assert outcomes(operation("cancel-order")) == {
        "anonymous": "401",
        "user": "404",
        "owner": "allowed",
        "admin": "404",
        "support": "403",
    }
    assert outcomes(operation("import-order")) == {
        "anonymous": "401",
        "user": "403",
        "admin": "allowed",
        "support": "403",
    }
    assert set(outcomes(operation("quote")).values()) == {"allowed"}


def test_whoever_may_update_a_row_may_call_an_operation_on_it_by_default() -> None:
    found = plan(TEXT.replace(", access: owner, publishes", ", publishes")).service("orders").operations

    assert next(o for o in found if o.name == "cancel").access == ("owner",)
    assert next(o for o in found if o.name == "history").access == ("owner", "support")
    assert next(o for o in found if o.name == "ping").access == ("user",)


def test_the_gateway_routes_every_path_and_knows_the_public_ones() -> None:
    gateway = system().gateway

    assert {"/orders", "/quotes"} <= {r.prefix for r in gateway.routes if r.service == "orders"}
    assert [(o.method, o.pattern) for o in gateway.public_operations] == [("GET", "/quotes/[^/]+")]


def test_callers_get_the_operations_of_the_called_service() -> None:
    (call,) = system().service("shipping").calls

    assert len(call.operations) == 6


def test_without_accounts_everybody_may_call() -> None:
    found = plan("services: {orders: {database: none, operations: {ping: {}}}}").service("orders")

    assert found.api
    assert not found.authenticates
    assert (found.operations[0].access, found.operations[0].expectations) == (None, ())


def test_rules_are_those_of_the_description() -> None:
    assert system().resources[0].rules == ("create", "update")
