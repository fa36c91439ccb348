"""The same requests to the same service in both languages, and the same answers."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from . import journey
from .exchanges import ACCOUNT, FOUND, ITEMS, ODD, REFUSED, STORY, TAKEN, UNFIT, Exchange
from .twins import LANGUAGES, OTHER, Twins

PROBLEM = {"type", "title", "status", "detail", "instance", "correlation_id"}


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def catalog(twins: Twins, language: str) -> Iterator[httpx.Client]:
    with twins.client("catalog", language) as client:
        client.headers["Authorization"] = f"Bearer {twins.account(OTHER[language]).token}"
        yield client


@pytest.fixture(scope="module")
def tracking_id(catalog: httpx.Client) -> str:
    """What the six items have in common."""
    tracked = str(uuid4())
    for label, item in ITEMS.items():
        create(catalog, item | {"label": label, "tracking_id": tracked})
    return tracked


def create(client: httpx.Client, item: dict[str, Any]) -> httpx.Response:
    # Not by `json=`, which refuses halves of characters.
    return client.post("/items", content=json.dumps(item), headers={"Content-Type": "application/json"})


def named(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names; a problem it must be."""
    problem = answer.json()
    assert answer.status_code == 422, answer.text
    assert problem.keys() == PROBLEM | {"errors"}
    assert all(error.keys() == {"field", "message"} and error["message"] for error in problem["errors"])
    return sorted({error["field"] for error in problem["errors"]})


def cases(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(*row, id=" ".join(ascii(part)[:40] for part in row[:2])) for row in rows]


@pytest.mark.parametrize(("field", "sent", "shown"), cases(TAKEN))
def test_a_value_is_taken(catalog: httpx.Client, field: str, sent: Any, shown: Any) -> None:
    created = create(catalog, {"label": "x", field: sent})
    assert created.status_code == 201, created.text
    # As a reader with double precision sees them.
    read = partial(json.loads, parse_int=float)
    assert read(created.text)[field] == shown
    assert read(catalog.get(created.headers["Location"]).text) == read(created.text)


@pytest.mark.parametrize(("field", "sent"), cases(REFUSED))
def test_a_value_is_refused(catalog: httpx.Client, field: str, sent: Any) -> None:
    assert named(create(catalog, {"label": "x", field: sent})) == [f"body.{field}"]


@pytest.mark.parametrize(("query", "found"), cases(FOUND))
def test_a_query_finds(catalog: httpx.Client, tracking_id: str, query: str, found: str) -> None:
    page = catalog.get(f"/items?tracking_id={tracking_id}&{query}").json()
    assert page.keys() == {"items", "total", "limit", "offset"}
    assert "".join(item["label"] for item in page["items"]) == found
    if not ("limit" in query or "offset" in query):
        assert page["total"] == len(found)


@pytest.mark.parametrize(("query", "parameter"), cases(UNFIT))
def test_a_query_is_refused(catalog: httpx.Client, query: str, parameter: str) -> None:
    assert named(catalog.get(f"/items?{query}")) == [f"query.{parameter}"]


def perform(client: httpx.Client, exchange: Exchange, known: dict[str, str]) -> httpx.Response:
    def fill(value: Any) -> Any:
        for name, found in known.items():
            value = json.loads(json.dumps(value).replace(f"{{{name}}}", found))
        return value

    method, path = fill(exchange.request).split(" ", 1)
    content = exchange.raw
    headers = fill(exchange.send)
    if exchange.body is not None:
        content, headers = json.dumps(fill(exchange.body)).encode(), {"Content-Type": "application/json", **headers}
    answer = client.request(method, path, content=content, headers=headers)
    assert answer.status_code == exchange.status, answer.text
    if answer.status_code == 201 and "Location" in answer.headers:
        known.setdefault(path.split("/")[1].replace("shelves", "shelf").removesuffix("s"), answer.json()["id"])
    for name, value in fill(exchange.headers).items():
        got = answer.headers.get(name, "").partition(";")[0]
        assert ", ".join(sorted(got.split(", "))) == value
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json().keys() - {"errors"} == PROBLEM
        assert answer.json()["correlation_id"] == answer.headers["X-Request-ID"]
        assert ("errors" in answer.json()) == (answer.status_code == 422)
    if exchange.errors:
        assert named(answer) == sorted(exchange.errors)
    body = answer.json() if exchange.shows else {}
    assert {name: body[name] for name in exchange.shows} == fill(exchange.shows)
    return answer


def test_the_life_of_an_item(catalog: httpx.Client) -> None:
    known = {"unique": uuid4().hex[:12]}
    for exchange in STORY:
        perform(catalog, exchange, known)


@pytest.mark.parametrize("exchange", ODD, ids=lambda exchange: exchange.name)
def test_an_odd_request(catalog: httpx.Client, exchange: Exchange) -> None:
    token = str(catalog.headers["Authorization"]).removeprefix("Bearer ")
    perform(catalog, exchange, {"token": token})


def test_a_race_has_one_winner(catalog: httpx.Client) -> None:
    path = create(catalog, {"label": "race"}).headers["Location"]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda n: catalog.patch(path, json={"quantity": n}, headers={"If-Match": '"1"'}), range(2, 10)
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 412}
    assert catalog.get(path).json()["version"] == 2


def test_the_life_of_an_account(twins: Twins, language: str) -> None:
    known = {"unique": uuid4().hex}
    with twins.client("accounts", language) as client:
        for exchange in ACCOUNT:
            answer = perform(client, exchange, known)
            if answer.status_code == 200 and "refresh_token" in answer.json():
                known["new" if "old" in known else "old"] = answer.json()["refresh_token"]
                known["access"] = answer.json()["access_token"]


def test_a_hash_of_one_is_accepted_by_the_other(twins: Twins, language: str) -> None:
    other = OTHER[language]
    ours, theirs = twins.account(language), twins.account(other)
    find = "select password_hash from accounts where email = '{}'"
    made = twins.sql("accounts", other, find.format(theirs.email))
    twins.sql("accounts", language, f"update accounts set password_hash = '{made}' where email = '{ours.email}'")
    with twins.client("accounts", language) as client:
        login = client.post("/accounts/login", json={"email": ours.email, "password": journey.PASSWORD})
    assert login.status_code == 200
    # Nor is it renewed, as one that was made otherwise would be.
    assert twins.sql("accounts", language, find.format(ours.email)) == made


def test_references_are_checked_with_the_other(twins: Twins, language: str, catalog: httpx.Client) -> None:
    """A loan's item is asked of the other language's catalog, with the caller's own token."""
    token = {"Authorization": catalog.headers["Authorization"]}
    with twins.client("lending", language) as lending, twins.client("catalog", OTHER[language]) as items:
        items.headers.update(token)
        lending.headers.update(token)
        item = create(items, {"label": "lent"}).json()["id"]
        loan = {"item_id": item, "borrower": "Bob@example.com", "due": "2030-01-31"}
        assert lending.post("/loans", json=loan).status_code == 201
        assert named(lending.post("/loans", json=loan | {"item_id": str(uuid4())})) == ["body.item_id"]


def test_messages_of_one_are_read_by_the_other(twins: Twins, language: str, catalog: httpx.Client) -> None:
    with twins.client("lending", OTHER[language]) as reader:
        reader.headers["Authorization"] = f"Bearer {twins.account(language).token}"

        def counted() -> dict[str, int]:
            return reader.get("/lending/stats").raise_for_status().json()["events"]

        before = counted()
        path = create(catalog, {"label": "told of", "attributes": {"a": [1]}, "price": "1.5"}).headers["Location"]
        catalog.patch(path, json={"made_on": "2030-01-31"}).raise_for_status()
        catalog.delete(path).raise_for_status()
        twins.account(language)
        deadline = time.monotonic() + 20
        expected = {"item.created", "item.updated", "item.deleted", "account.opened"}
        while {name for name, count in counted().items() if count > before[name]} != expected:
            assert time.monotonic() < deadline, counted()
            time.sleep(0.2)
