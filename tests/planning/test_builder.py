"""Plans of descriptions."""

from pathlib import Path

import pytest

from msgen.description.loader import describe, load
from msgen.description.vocabulary import Vocabulary
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.deployment import Route
from msgen.planning.plan import Plan
from msgen.rendering.environment import configured

ROOT = Path(__file__).parents[2]
PACK = load_pack(builtin_root())
VOCABULARY = Vocabulary({"python": {}, "node": {}, "cobol": {}})


def plan(text: str) -> Plan:
    return configured(make_plan(describe(parse("msgen: 1\nname: my-shop\n" + text), VOCABULARY)), PACK)


@pytest.fixture(scope="module")
def shop() -> Plan:
    return configured(make_plan(load(ROOT / "examples/02-shop/msgen.yaml", VOCABULARY)), PACK)


def test_senders_and_receivers_of_the_shop(shop: Plan) -> None:
    assert [(q.name, q.senders, q.consumer) for q in shop.queues] == [("welcome-email", ("auth",), "notifications")]
    assert [(e.name, e.publishers, e.subscribers) for e in shop.events] == [
        ("order.created", ("orders",), ("analytics",)),
        ("user.created", ("users",), ("analytics",)),
        ("user.registered", ("auth",), ("users", "analytics")),
    ]
    assert [(s.name, c.name, c.url) for s in shop.services for c in s.calls] == [
        ("orders", "users", "http://users:8000")
    ]
    assert [r.path for r in shop.service("orders").calls[0].resources] == ["/users"]


def test_a_plan_does_not_depend_on_the_order_of_the_description() -> None:
    one = "services:\n  a: {sends: [y, x], publishes: [e.f, c.d]}\n  b: {consumes: [x, y], subscribes: ['#']}\n"
    other = "services:\n  b: {consumes: [y, x], subscribes: ['#']}\n  a: {sends: [x, y], publishes: [c.d, e.f]}\n"
    assert plan(one + "queues: {x: {a: text}, y: {b: text}}\nevents: {c.d: {a: text}, e.f: {a: text}}\n") == plan(
        other + "events: {e.f: {a: text}, c.d: {a: text}}\nqueues: {y: {b: text}, x: {a: text}}\n"
    )


def test_features_of_services_of_the_shop(shop: Plan) -> None:
    about = {s.name: (bool(s.database), s.api, s.outbox, s.inbox, s.messaging, s.mails) for s in shop.services}
    assert about == {
        "auth": (True, True, True, False, True, False),
        "users": (True, True, True, True, True, False),
        "orders": (True, True, True, False, True, False),
        "notifications": (False, False, False, False, True, True),
        "analytics": (True, True, False, True, True, False),
    }


def test_variables_of_services(shop: Plan) -> None:
    variables = {s.name: {str(v.name) for v in s.variables} - {"LOG_LEVEL", "SHUTDOWN_SECONDS"} for s in shop.services}
    tokens = {"TOKEN_ISSUER", "TOKEN_AUDIENCE"}
    keys = {"SIGNING_KEY", "NEXT_SIGNING_KEY", "PREVIOUS_SIGNING_KEY"}
    stored = {"DATABASE_URL", "BROKER_URL"}
    assert variables == {
        "auth": stored
        | tokens
        | keys
        | {"ACCESS_TOKEN_SECONDS", "REFRESH_TOKEN_SECONDS", "SESSION_SECONDS"}
        | {"CLIENT_SECRETS"},
        "users": stored | tokens | {"JWKS_URL"},
        "orders": stored | tokens | {"JWKS_URL", "USERS_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET"},
        "notifications": {"BROKER_URL", "SMTP_URL", "MAIL_FROM"},
        "analytics": stored | tokens | {"JWKS_URL"},
    }


def test_secrets_of_variables_are_declared(shop: Plan) -> None:
    used = {secret for s in shop.services for v in s.variables for secret in v.secrets}
    known = {secret.name for secret in shop.secrets}
    assert used <= known
    owners = {f"{s.name.constant}_DATABASE_OWNER_PASSWORD" for s in shop.databases}
    assert known - used == owners | {"POSTGRES_PASSWORD", "BROKER_PASSWORD", "GRAFANA_PASSWORD"}
    for service in shop.services:
        for variable in service.variables:
            assert all(f"${{{secret}}}" in variable.value for secret in variable.secrets)


def test_routes_of_the_shop(shop: Plan) -> None:
    routes = shop.gateway.routes
    assert [len(r.prefix) for r in routes] == sorted((len(r.prefix) for r in routes), reverse=True)
    public = {r.prefix for r in routes if not r.authenticated}
    documents = {"/.well-known/jwks.json", "/.well-known/revoked.json"}
    assert public == documents | {f"/auth/{action}" for action in ("register", "login", "refresh", "logout")}
    assert all(r.exact for r in routes if not r.authenticated)
    assert {(r.prefix, r.service) for r in routes if r.authenticated} == {(f"/{s.name}", s.name) for s in shop.services}


def test_routes_of_mailed_tokens() -> None:
    system = plan(
        "queues: {password-reset: {email: email, token: string}, verify-email: {email: email, token: string}}\n"
        "events: {user.registered: {user_id: uuid}, user.deleted: {user_id: uuid}}\n"
        "services: {auth: {blueprint: auth, sends: [password-reset, verify-email], "
        "publishes: [user.registered, user.deleted]}, work: {consumes: [password-reset, verify-email]}}"
    )
    public = {r.prefix for r in system.gateway.routes if not r.authenticated}
    assert {"/auth/password-reset", "/auth/password-reset/confirm", "/auth/verify-email"} < public
    assert [m.name for m in system.registration_messages] == ["verify-email", "user.registered"]
    assert [m.name for m in system.services[0].messages_on("deletion")] == ["user.deleted"]
    assert system.hears_auth


def test_the_smallest_system() -> None:
    small = plan("services: {orders: {resources: {order: {total: decimal}}}}")
    assert (small.broker, small.auth, small.mails, small.queues, small.events) == (None, None, False, (), ())
    assert small.gateway.routes == (Route("/orders", small.services[0].name, authenticated=False),)
    assert [s.name for s in small.secrets] == [
        "POSTGRES_PASSWORD",
        "ORDERS_DATABASE_PASSWORD",
        "ORDERS_DATABASE_OWNER_PASSWORD",
        "GRAFANA_PASSWORD",
    ]
    assert not small.services[0].authenticates


def test_single_worker() -> None:
    worker = plan("observability: {metrics: none}\nservices: {worker: {database: none}}")
    assert (worker.databases, worker.secrets, worker.services[0].api) == ((), (), False)


def test_defaults_and_overrides() -> None:
    mixed = plan(
        "defaults: {language: cobol, database: none}\nservices: {a: {}, b: {language: python, database: postgres}}"
    )
    assert [(s.language, s.database) for s in mixed.services] == [("cobol", None), ("python", "postgres")]
    assert mixed.languages == ("cobol", "python")


def test_names_in_databases_and_variables() -> None:
    named = plan(
        "services:\n"
        "  price-list: {resources: {price_tag: {x: string}}, publishes: [price-tag.created]}\n"
        "  orders: {calls: [price-list]}\n"
    )
    orders, prices = named.services
    urls = {str(v.name): v.value for v in prices.variables if v.type == "url"}
    assert urls == {
        "DATABASE_URL": "postgresql://price_list:${PRICE_LIST_DATABASE_PASSWORD}@postgres:5432/price_list",
        "BROKER_URL": "amqp://my-shop.price-list:${PRICE_LIST_BROKER_PASSWORD}@rabbitmq:5672/",
    }
    assert (prices.resources[0].path, orders.calls[0].variable) == ("/price-tags", "PRICE_LIST_URL")


def test_fields_and_references() -> None:
    system = plan(
        "services:\n"
        "  users: {resources: {user: {name: string}}}\n"
        "  orders:\n"
        "    calls: [users]\n"
        "    resources:\n"
        "      order: {user_id: {type: uuid, references: users.user}, state: {enum: [new, paid], default: new}}\n"
        '      line: {order_id: {type: "uuid?", references: orders.order}, size: {type: integer?, min: 1, max: 5}}\n'
    )
    order, line = system.service("orders").resources
    assert [(f.name, f.reference.remote) for f in (*order.references, *line.references) if f.reference] == [
        ("user_id", True),
        ("order_id", False),
    ]
    assert [f.name for f in order.remote_references] == ["user_id"]
    state, size = order.fields[1], line.fields[1]
    assert (state.type, state.enum, state.default, state.required) == ("enum", ("new", "paid"), "new", False)
    assert (size.optional, size.min, size.max, size.required) == (True, 1, 5, False)


def test_events_of_a_resource_contain_it() -> None:
    system = plan(
        "services:\n"
        "  users:\n"
        "    resources: {user: {email: {type: email, unique: true}, state: {enum: [a, b], default: a}, note: text?}}\n"
        "    publishes: [user.created, user.deleted]\n"
        '  audit: {subscribes: ["#"]}\n'
    )
    created, deleted = system.events
    assert [str(f.name) for f in created.fields] == [
        "id",
        "email",
        "state",
        "note",
        "version",
        "created_at",
        "updated_at",
    ]
    assert [f.name for f in created.fields if not f.required] == ["note"]
    assert [f.name for f in deleted.fields] == ["id"]
    assert (created.service, created.resource, created.action) == ("users", "user", "created")
    assert [e.action for e in system.service("users").resources[0].events] == ["created", "deleted"]
    assert system.service("users").explicit_events == ()
    assert [e.name for e in system.service("audit").subscribes] == ["user.created", "user.deleted"]
    assert system.service("audit").patterns == ("#",)


def test_events_carry_the_listed_fields_of_their_resource_and_its_id() -> None:
    system = plan(
        "services:\n"
        "  wards:\n"
        "    resources: {patient: {name: string, notes: text, born: date?}}\n"
        "    publishes: [patient.created, {patient.updated: [version, name]}, {patient.deleted: [id]}]\n"
    )
    created, deleted, updated = system.events
    assert [f.name for f in created.fields][:4] == ["id", "name", "notes", "born"]
    assert [(f.name, f.type) for f in updated.fields] == [("id", "uuid"), ("name", "string"), ("version", "integer")]
    assert [f.name for f in deleted.fields] == ["id"]
    assert (updated.name, updated.publishers) == ("patient.updated", ("wards",))


@pytest.mark.parametrize(("limit", "rate"), [("5/s", (5, 1)), ("300/m", (300, 60)), ("1000000/h", (1_000_000, 3600))])
def test_rates(limit: str, rate: tuple[int, int]) -> None:
    gateway = plan(f"gateway: {{rate_limit: {limit}}}\nservices: {{a: {{}}}}").gateway
    assert (gateway.rate, gateway.rate_seconds) == rate
