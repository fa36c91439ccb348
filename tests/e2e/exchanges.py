"""What services are asked, and what they answer, in whichever language they are written."""

from dataclasses import dataclass, field
from typing import Any

UUID = "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c"
NOWHERE = "/items/00000000-0000-4000-8000-000000000000"
DEEP: list[Any] = []
for _ in range(100):
    DEEP = [DEEP]

# What is sent as the value of a field of an item, and how it is shown then.
TAKEN: list[tuple[str, Any, Any]] = [
    ("label", "x" * 255, "x" * 255),
    ("label", "😀" * 255, "😀" * 255),
    ("label", " \t\n ", " \t\n "),
    ("note", "", ""),
    ("note", "ä" * 10_000, "ä" * 10_000),
    ("note", None, None),
    ("contact", "Ann.O'Hara+x@Mail.Example.COM", "ann.o'hara+x@mail.example.com"),
    ("homepage", "https://example.com", "https://example.com"),
    ("homepage", "http://localhost:8080/a?b=c#d", "http://localhost:8080/a?b=c#d"),
    ("homepage", "https://bücher.example/ä", "https://bücher.example/ä"),
    ("tracking_id", UUID.upper(), UUID),
    ("tracking_id", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"),
    ("tracking_id", "ffffffff-ffff-ffff-ffff-ffffffffffff", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("quantity", -5, -5),
    ("quantity", 1000, 1000),
    ("weight", 0, 0),
    ("weight", 0.1, 0.1),
    ("weight", 1e300, 1e300),
    ("weight", 5e-324, 5e-324),
    ("weight", 2**64, 2.0**64),
    ("price", 0, "0"),
    ("price", "-0.0", "0"),
    ("price", "12.50", "12.5"),
    ("price", 12.5, "12.5"),
    ("price", "007", "7"),
    ("price", "99999999999999.9999", "99999999999999.9999"),
    ("price", 99999999999999, "99999999999999"),
    ("active", False, False),
    ("made_on", "2024-02-29", "2024-02-29"),
    ("made_on", "0001-01-01", "0001-01-01"),
    ("made_on", "9999-12-31", "9999-12-31"),
    ("sold_at", "2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"),
    ("sold_at", "2024-02-29T00:00:00.1239Z", "2024-02-29T00:00:00.123Z"),
    ("sold_at", "1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
    ("sold_at", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("sold_at", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ("attributes", {}, {}),
    ("attributes", [], []),
    ("attributes", {"a": [None, True, 1.5, "ä", {"": 2**53}]}, {"a": [None, True, 1.5, "ä", {"": 2**53}]}),
    ("attributes", [1e300, -0.5, 10**21], [1e300, -0.5, 1e21]),
    ("attributes", {"__proto__": 1, "constructor": 2}, {"__proto__": 1, "constructor": 2}),
    ("state", "broken", "broken"),
    ("code", None, None),
    ("shelf_id", None, None),
]

# What no field takes.
REFUSED: list[tuple[str, Any]] = [
    ("label", None),
    ("label", ""),
    ("label", "x" * 256),
    ("label", "nul\0"),
    ("label", "\ud800"),
    ("label", 5),
    ("label", ["x"]),
    ("note", "x" * 10_001),
    ("contact", "ann"),
    ("contact", "ann@localhost"),
    ("contact", ".ann@example.com"),
    ("contact", "a..b@example.com"),
    ("contact", "ann@exämple.com"),
    ("contact", "ann@-example.com"),
    ("contact", "Ann <ann@example.com>"),
    ("contact", f"{'a' * 65}@example.com"),
    ("contact", f"ann@{'example.' * 32}com"),
    ("homepage", "example.com"),
    ("homepage", "ftp://example.com"),
    ("homepage", "javascript:alert(1)"),
    ("homepage", "https://"),
    ("homepage", "https://exa mple.com"),
    ("homepage", f"https://example.com/{'x' * 2000}"),
    ("tracking_id", "6f1c1f0e"),
    ("tracking_id", UUID.replace("-", "")),
    ("tracking_id", f"{{{UUID}}}"),
    ("tracking_id", f"urn:uuid:{UUID}"),
    ("tracking_id", 5),
    ("quantity", -6),
    ("quantity", 1001),
    ("quantity", 2**63),
    ("quantity", 1.5),
    ("quantity", "5"),
    ("quantity", True),
    ("quantity", None),
    ("weight", -0.001),
    ("weight", "1.5"),
    ("weight", True),
    ("price", "-1"),
    ("price", "1e5"),
    ("price", " 5"),
    ("price", "+5"),
    ("price", "5."),
    ("price", ".5"),
    ("price", "1_000"),
    ("price", "٣"),
    ("price", "NaN"),
    ("price", "0.00001"),
    ("price", 0.00001),
    ("price", "100000000000000"),
    ("price", 100000000000000),
    ("price", 1e300),
    ("price", True),
    ("active", "true"),
    ("active", 1),
    ("made_on", "2023-02-29"),
    ("made_on", "0000-01-01"),
    ("made_on", "20240229"),
    ("made_on", "2024-02-29T00:00:00Z"),
    ("made_on", 0),
    ("sold_at", "2024-02-29T00:00:00"),
    ("sold_at", "2024-02-29T00:00Z"),
    ("sold_at", "2024-02-29t00:00:00z"),
    ("sold_at", "2024-02-29 00:00:00Z"),
    ("sold_at", "2024-02-29T24:00:00Z"),
    ("sold_at", "2023-02-29T00:00:00Z"),
    ("sold_at", "2024-02-29T00:00:00+0100"),
    ("sold_at", "0001-01-01T00:00:00+01:00"),
    ("sold_at", "9999-12-31T23:59:59-01:00"),
    ("sold_at", "2024-02-29"),
    ("sold_at", 1709164800),
    ("attributes", "text"),
    ("attributes", 5),
    ("attributes", {"a": "nul\0"}),
    ("attributes", {"\ud800": 1}),
    ("attributes", [2**53 + 1]),
    ("attributes", DEEP),
    ("state", "lost"),
    ("state", "NEW"),
    ("state", None),
    ("code", "ab"),
    ("code", "x" * 13),
    ("shelf_id", "none"),
    ("shelf_id", UUID),
    ("colour", "red"),
    ("id", UUID),
    ("version", 1),
]

# Six items, of one tracking id; and which of them a query finds, in which order.
ITEMS: dict[str, dict[str, Any]] = {
    "a": {"quantity": 1, "weight": 0.5, "price": "10", "made_on": "2024-01-01", "state": "new"},
    "b": {"quantity": 2, "weight": 1.5, "price": "9.99", "made_on": "2024-01-02", "state": "used"},
    "c": {"quantity": 2, "weight": None, "price": "100", "made_on": None, "active": False},
    "d": {"quantity": -3, "weight": 2.0, "price": "0.0001", "sold_at": "2024-05-01T12:00:00+02:00"},
    "e": {"quantity": 0, "contact": "Ann@Example.com", "sold_at": "2024-05-01T10:00:00.001Z"},
    "f": {"quantity": 5, "homepage": "https://example.com/?a=1&b=2", "code": None},
}
FOUND: list[tuple[str, str]] = [
    ("", "fedcba"),
    ("sort=created_at", "abcdef"),
    ("sort=quantity,-price", "deacbf"),
    ("sort=-quantity,price", "fbcaed"),
    ("sort=price,-code,created_at", "defbac"),
    ("sort=made_on,created_at", "abcdef"),
    ("sort=-state,-created_at", "bfedca"),
    ("limit=2&sort=created_at", "ab"),
    ("limit=2&offset=4&sort=created_at", "ef"),
    ("offset=6", ""),
    ("offset=9007199254740991", ""),
    ("quantity=2&sort=created_at", "bc"),
    ("quantity=%2B2&sort=created_at", "bc"),
    ("quantity_min=2&sort=created_at", "bcf"),
    ("quantity_max=0&sort=created_at", "de"),
    ("quantity_min=1&quantity_max=2&sort=created_at", "abc"),
    ("weight=1.5", "b"),
    ("weight=15e-1", "b"),
    ("weight_min=1e0&sort=created_at", "bd"),
    ("price=10.00", "a"),
    ("price_min=9.99&price_max=100&sort=created_at", "abc"),
    ("active=false", "c"),
    ("made_on=2024-01-02", "b"),
    ("made_on_min=2024-01-01&sort=created_at", "ab"),
    ("sold_at=2024-05-01T10:00:00Z", "d"),
    ("sold_at_min=2024-05-01T12:00:00.001%2B02:00", "e"),
    ("state=used", "b"),
    ("contact=ANN@example.com", "e"),
    ("homepage=https://example.com/%3Fa=1%26b=2", "f"),
    ("created_at_max=2020-01-01T00:00:00Z", ""),
    ("updated_at_min=2020-01-01T00:00:00Z&limit=1", "f"),
    ("shelf_id=6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c", ""),
]
# Queries of a list that are refused, for the sake of this parameter.
UNFIT: list[tuple[str, str]] = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=ten", "limit"),
    ("limit=1.0", "limit"),
    ("limit=1_0", "limit"),
    ("limit=%201", "limit"),
    ("offset=-1", "offset"),
    ("offset=9007199254740992", "offset"),
    ("sort=note", "sort"),
    ("sort=attributes", "sort"),
    ("sort=", "sort"),
    ("sort=quantity,", "sort"),
    ("sort=%2Bquantity", "sort"),
    ("quantity=1.0", "quantity"),
    ("quantity=1e1", "quantity"),
    ("quantity=", "quantity"),
    ("quantity=9007199254740992", "quantity"),
    ("weight=heavy", "weight"),
    ("weight=NaN", "weight"),
    ("weight=Infinity", "weight"),
    ("weight=.5", "weight"),
    ("price=1e1", "price"),
    ("active=1", "active"),
    ("active=yes", "active"),
    ("active=TRUE", "active"),
    ("made_on=yesterday", "made_on"),
    ("sold_at=2024-05-01", "sold_at"),
    ("state=lost", "state"),
    ("state_min=new", "state_min"),
    ("tracking_id=5", "tracking_id"),
    ("note=x", "note"),
    ("colour=red", "colour"),
]


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `{name}` stands for what an earlier answer gave."""

    request: str
    status: int
    body: Any = None
    send: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    shows: dict[str, Any] = field(default_factory=dict)
    """Some of the answer's members."""
    errors: tuple[str, ...] = ()
    """The fields that a 422 names."""

    @property
    def name(self) -> str:
        return f"{self.request} {self.raw or self.send or ''}"[:60]


# One after the other, as each relies on those before. `{item}`, `{shelf}`: ids that the first two answers gave.
STORY: list[Exchange] = [
    Exchange(
        "POST /items",
        201,
        {"label": "one", "code": "{unique}"},
        headers={"ETag": '"1"', "Location": "/items/{item}"},
        shows={"version": 1, "quantity": 1, "price": "0.5", "active": True, "state": "new", "note": None},
    ),
    Exchange(
        "POST /shelves",
        201,
        {"name": "{unique}"},
        headers={"ETag": '"1"', "Location": "/shelves/{shelf}"},
        shows={"parent_id": None},
    ),
    Exchange(
        "GET /items/{item}", 200, headers={"ETag": '"1"', "Content-Type": "application/json"}, shows={"id": "{item}"}
    ),
    Exchange("PATCH /items/{item}", 200, {"quantity": 7}, headers={"ETag": '"2"'}, shows={"version": 2, "quantity": 7}),
    Exchange("PATCH /items/{item}", 200, {"quantity": 7}, headers={"ETag": '"2"'}, shows={"version": 2}),
    Exchange("PATCH /items/{item}", 200, {}, headers={"ETag": '"2"'}, shows={"version": 2}),
    Exchange("PATCH /items/{item}", 200, {"price": "0.50"}, shows={"version": 2, "price": "0.5"}),
    Exchange(
        "PATCH /items/{item}", 200, {"note": "n"}, {"If-Match": '"2"'}, headers={"ETag": '"3"'}, shows={"note": "n"}
    ),
    Exchange("PATCH /items/{item}", 412, {"note": "m"}, {"If-Match": '"2"'}),
    Exchange("PATCH /items/{item}", 412, {"note": "m"}, {"If-Match": "3"}),
    Exchange("PATCH /items/{item}", 200, {"note": None}, {"If-Match": '"2", "3"'}, shows={"version": 4, "note": None}),
    Exchange("PATCH /items/{item}", 200, {"note": "o"}, {"If-Match": "*"}, shows={"version": 5}),
    Exchange("PATCH /items/{item}", 422, {"quantity": None}, errors=("body.quantity",)),
    Exchange("PATCH /items/{item}", 422, {"version": 9}, errors=("body.version",)),
    Exchange("PATCH /items/{item}", 422, {"shelf_id": UUID}, errors=("body.shelf_id",)),
    Exchange("PATCH /items/{item}", 200, {"shelf_id": "{shelf}"}, shows={"shelf_id": "{shelf}"}),
    Exchange("POST /items", 409, {"label": "two", "code": "{unique}"}),
    Exchange(
        "POST /items", 422, {"quantity": 5000, "colour": "red"}, errors=("body.colour", "body.label", "body.quantity")
    ),
    Exchange("DELETE /shelves/{shelf}", 409),
    Exchange("PATCH /shelves/{shelf}", 200, {"parent_id": "{shelf}"}, shows={"parent_id": "{shelf}"}),
    Exchange("DELETE /items/{item}", 412, send={"If-Match": '"1"'}),
    Exchange("DELETE /items/{item}", 204),
    Exchange("DELETE /items/{item}", 404),
    Exchange("GET /items/{item}", 404),
    Exchange("PATCH /items/{item}", 404, {"note": "p"}),
]

JSON = {"Content-Type": "application/json"}
# Requests that have nothing to do with each other.
ODD: list[Exchange] = [
    Exchange("GET " + NOWHERE, 404, shows={"title": "Not Found", "instance": NOWHERE, "type": "about:blank"}),
    Exchange("GET /items/5", 422, errors=("path.item_id",)),
    Exchange("PATCH /items/5", 422, {"quantity": "x"}, errors=("body.quantity", "path.item_id")),
    Exchange("GET /nowhere", 404),
    Exchange("GET /items/", 404),
    Exchange("GET //items", 404),
    Exchange("GET /Items", 404),
    Exchange("PUT /items", 405, headers={"Allow": "GET, POST"}),
    Exchange("DELETE /items", 405, headers={"Allow": "GET, POST"}),
    Exchange("POST " + NOWHERE, 405, headers={"Allow": "DELETE, GET, PATCH"}),
    Exchange("POST /items", 422, errors=("body",)),
    Exchange("POST /items", 422, send=JSON, raw=b"{", errors=("body",)),
    Exchange("POST /items", 422, send=JSON, raw=b""),
    Exchange("POST /items", 422, send=JSON, raw=b"null", errors=("body",)),
    Exchange("POST /items", 422, send=JSON, raw=b"[]", errors=("body",)),
    Exchange("POST /items", 422, send=JSON, raw=b'"text"', errors=("body",)),
    Exchange("POST /items", 422, send={"Content-Type": "text/plain"}, raw=b'{"label": "x"}', errors=("body",)),
    Exchange("POST /items", 422, raw=b'{"label": "x"}', errors=("body",)),
    Exchange("POST /items", 201, send={"Content-Type": "application/json; charset=utf-8"}, raw=b'{"label": "x"}'),
    Exchange("POST /items", 400, send=JSON, raw=b'{"label": "\xff"}'),
    Exchange("POST /items", 422, send=JSON, raw=b'{"label": "x", "weight": NaN}'),
    Exchange("POST /items", 201, send=JSON, raw=b'{"label": "x", "label": "y"}', shows={"label": "y"}),
    Exchange("GET /items", 200, send={"X-Request-ID": "a/b:c"}, headers={"X-Request-ID": "a/b:c"}),
    Exchange("GET /items", 401, send={"Authorization": ""}, headers={"WWW-Authenticate": "Bearer"}),
    Exchange("GET /items", 401, send={"Authorization": "Basic YTpi"}, headers={"WWW-Authenticate": "Bearer"}),
    Exchange(
        "GET /items",
        401,
        send={"Authorization": "Bearer a.b.c"},
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    ),
    Exchange("GET /items?limit=1", 200, send={"Authorization": "bearer {token}"}),
    Exchange("POST /items", 401, {"label": 5}, {"Authorization": ""}),
    Exchange("PUT /items", 405, send={"Authorization": ""}),
    Exchange("GET /health/live", 200, send={"Authorization": ""}, shows={"status": "ok", "checks": {}}),
    Exchange("GET /health/ready", 200, shows={"status": "ok"}),
    Exchange("GET /health/dependencies", 200, shows={"status": "ok", "checks": {"database": "ok", "broker": "ok"}}),
    Exchange("POST /health/live", 405, headers={"Allow": "GET"}),
    Exchange("GET /docs", 200, headers={"Content-Type": "text/html"}),
]

ANN = {"email": "{unique}@Example.com", "password": "correct horse battery", "name": "Ann"}
LOGIN = {"email": "{unique}@example.com", "password": "correct horse battery"}
NO_STORE = {"Cache-Control": "no-store"}
BEARER = {"WWW-Authenticate": "Bearer"}
# `{old}`, `{new}`: the refresh tokens that the logins of this story gave; `{access}`: its last access token.
ACCOUNT: list[Exchange] = [
    Exchange("POST /accounts/register", 422, {**ANN, "password": "x" * 11}, errors=("body.password",)),
    Exchange("POST /accounts/register", 422, {**ANN, "password": "x" * 129}, errors=("body.password",)),
    Exchange("POST /accounts/register", 422, {**ANN, "admin": True}, errors=("body.admin",)),
    Exchange("POST /accounts/register", 422, {}, errors=("body.email", "body.name", "body.password")),
    Exchange("POST /accounts/register", 202, ANN, shows={"email": "{unique}@example.com", "name": "Ann"}),
    Exchange("POST /accounts/register", 202, {**LOGIN, "name": "Ann"}, shows={"name": "Ann"}),
    Exchange("POST /accounts/register", 422, {**ANN, "name": "x" * 61}, errors=("body.name",)),
    Exchange("POST /accounts/register", 422, {**ANN, "name": "www.evil.example"}, errors=("body.name",)),
    Exchange("POST /accounts/login", 401, {**LOGIN, "password": "wrong"}, headers=BEARER),
    Exchange("POST /accounts/login", 401, {**LOGIN, "email": "no.{unique}@example.com"}, headers=BEARER),
    Exchange("POST /accounts/login", 422, {**LOGIN, "password": ""}, errors=("body.password",)),
    Exchange("POST /accounts/login", 200, LOGIN, headers=NO_STORE, shows={"token_type": "Bearer", "expires_in": 900}),
    Exchange("GET /accounts/me", 200, send={"Authorization": "Bearer {access}"}, shows={"name": "Ann"}),
    Exchange("GET /accounts/me", 401, headers=BEARER),
    Exchange("POST /accounts/refresh", 401, {"refresh_token": "none"}, headers=BEARER),
    Exchange("POST /accounts/refresh", 200, {"refresh_token": "{old}"}, headers=NO_STORE),
    Exchange("POST /accounts/refresh", 200, {"refresh_token": "{old}"}, headers=NO_STORE),
    Exchange("POST /accounts/refresh", 200, {"refresh_token": "{new}"}, headers=NO_STORE),
    Exchange("POST /accounts/logout", 204, {"refresh_token": "{new}"}),
    Exchange("POST /accounts/refresh", 401, {"refresh_token": "{new}"}, headers=BEARER),
    Exchange("POST /accounts/logout", 204, {"refresh_token": "none"}),
    Exchange("POST /accounts/logout", 422, {"refresh_token": ""}, errors=("body.refresh_token",)),
    *[Exchange("POST /accounts/login", 401, {**LOGIN, "password": "wrong"}) for _ in range(10)],
    Exchange("POST /accounts/login", 429, LOGIN),
    Exchange("GET /.well-known/jwks.json", 200, headers={"Cache-Control": "max-age=300, public"}),
]
