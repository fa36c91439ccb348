import asyncio
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import AnyUrl, BaseModel

from chassis import rest, service_token
from chassis.context import DEADLINE_HEADER, authorization, deadline, state
from chassis.correlation import correlation_id
from chassis.problems import Problem
from chassis.testing.upstream import MISSING, Remote, everything


class Thing(BaseModel):
    name: str


service = rest.Service("things", lambda: AnyUrl("http://things:8000"), internal=True)
things = rest.Resource(service, "/things", Thing)


@pytest.fixture(autouse=True)
async def started(remote: Remote, app: FastAPI) -> AsyncIterator[None]:
    remote.answer = lambda _: httpx.Response(200, json={"name": "lamp", "new": "ignored"})
    async with rest.lifespan(app):
        yield


def fail(remote: Remote, status: int, times: int) -> None:
    """Has it answer with an error at first."""
    statuses = iter([status] * times)
    remote.answer = lambda _: httpx.Response(next(statuses, 200), json={"name": "lamp"})


async def test_gets(remote: Remote) -> None:
    thing = await things.get(row_id := uuid4())

    assert thing == Thing(name="lamp")
    assert str(remote.requests[0].url) == f"http://things:8000/things/{row_id}"


async def test_what_is_missing_is_none(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(404)

    assert await things.get(MISSING) is None
    assert not await things.exists(MISSING)


async def test_lists(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(200, json={"items": [{"name": "lamp"}]})

    assert await things.list(limit=1, name="lamp") == [Thing(name="lamp")]
    assert remote.requests[0].url.query == b"limit=1&name=lamp"


async def test_creates_changes_and_deletes(remote: Remote) -> None:
    assert await things.create(Thing(name="lamp")) == Thing(name="lamp")
    await things.update(uuid4(), Thing(name="lamp"), version=3)
    await things.delete(uuid4())

    assert [r.method for r in remote.requests] == ["POST", "PATCH", "DELETE"]
    assert remote.requests[1].headers["If-Match"] == '"3"'


async def test_passes_on_who_asks_and_why(remote: Remote) -> None:
    authorization.set("Bearer abc")
    correlation_id.set("why")

    await things.get(uuid4())

    assert remote.requests[0].headers["Authorization"] == "Bearer abc"
    assert remote.requests[0].headers["X-Request-ID"] == "why"


async def test_tells_the_outside_world_nothing_of_the_caller(remote: Remote) -> None:
    authorization.set("Bearer abc")
    correlation_id.set("why")

    await rest.Service("stripe", lambda: AnyUrl("https://api.stripe.example")).request("GET", "/")

    assert "Authorization" not in remote.requests[0].headers
    assert "X-Request-ID" not in remote.requests[0].headers


async def test_the_caller_deadline_is_passed_on(remote: Remote) -> None:
    deadline.set(time.monotonic() + 1.5)

    await things.get(uuid4())
    await rest.Service("stripe", lambda: AnyUrl("https://api.stripe.example")).request("GET", "/")

    inside, outside = (r.headers.get(DEADLINE_HEADER, "0") for r in remote.requests)
    assert 1000 < int(inside) <= 1500
    assert outside == "0"


async def test_the_caller_deadline_ends_a_call_and_its_retries(remote: Remote) -> None:
    deadline.set(time.monotonic() + 0.05)

    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    state().connections.client = httpx.AsyncClient(transport=httpx.MockTransport(hang))
    start = time.monotonic()
    with pytest.raises(rest.UnavailableError):
        await things.get(uuid4())
    with pytest.raises(rest.UnavailableError):
        await things.get(uuid4())

    assert time.monotonic() - start < 1
    assert remote.requests == []


async def test_references_are_checked_at_once() -> None:
    both_asked = asyncio.Barrier(2)

    async def meet(_: httpx.Request) -> httpx.Response:
        await both_asked.wait()
        return httpx.Response(200)

    state().connections.client = httpx.AsyncClient(transport=httpx.MockTransport(meet))
    row_id = uuid4()
    await rest.require((things, row_id, "a"), (things, row_id, "b"), (things, None, "c"))


async def test_a_missing_reference_is_named(remote: Remote) -> None:
    remote.answer = everything

    with pytest.raises(Problem) as problem:
        await rest.require((things, uuid4(), "a"), (things, MISSING, "b"))

    assert [error.field for error in problem.value.errors or ()] == ["body.b"]


async def test_what_a_lost_answer_deleted_is_deleted(remote: Remote) -> None:
    statuses = iter([503, 404])
    remote.answer = lambda _: httpx.Response(next(statuses))

    await things.delete(uuid4())

    assert len(remote.requests) == 2


async def test_what_was_never_there_is_not_deleted(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(404)

    with pytest.raises(rest.RefusedError):
        await things.delete(uuid4())


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_tries_again(remote: Remote, status: int) -> None:
    fail(remote, status, times=2)

    assert await things.get(uuid4())
    assert len(remote.requests) == 3


async def test_gives_up_after_three_tries(remote: Remote) -> None:
    fail(remote, 503, times=3)

    with pytest.raises(rest.UnavailableError):
        await things.get(uuid4())
    assert len(remote.requests) == 3


async def test_does_not_repeat_what_might_happen_twice(remote: Remote) -> None:
    fail(remote, 503, times=1)

    with pytest.raises(rest.UnavailableError):
        await things.create(Thing(name="lamp"))
    assert len(remote.requests) == 1


async def test_an_answer_that_makes_no_sense_is_none(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(200, json={"name": 5})

    with pytest.raises(rest.UnavailableError):
        await things.get(uuid4())


async def test_what_an_older_version_does_not_send_is_none(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(200, json={})

    thing = await things.get(uuid4())

    assert thing is not None
    assert thing.name is None


async def test_says_when_it_is_refused(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(412)

    with pytest.raises(rest.RefusedError) as refused:
        await things.update(uuid4(), Thing(name="lamp"), version=1)
    assert refused.value.response.status_code == 412


async def test_circuit_opens_after_five_failures(remote: Remote) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    remote.answer = refuse
    for _ in range(3):
        with pytest.raises(rest.UnavailableError):
            await things.get(uuid4())

    assert len(remote.requests) == 5


async def test_one_call_finds_out_whether_it_is_back(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answer = lambda _: httpx.Response(500)
    for _ in range(5):
        with pytest.raises(rest.UnavailableError):
            await things.get(uuid4())
    remote.requests.clear()
    later = time.time() + 60
    monkeypatch.setattr("time.time", lambda: later)

    results = await asyncio.gather(
        *(things.get(uuid4()) for _ in range(50)), return_exceptions=True
    )

    assert len(remote.requests) == 1
    assert all(isinstance(result, rest.UnavailableError) for result in results)


def sent(remote: Remote) -> list[str]:
    return [request.headers.get("Authorization", "") for request in remote.requests]


async def test_calls_that_no_user_causes_carry_the_token_of_the_service(remote: Remote) -> None:
    await asyncio.gather(*(things.get(uuid4()) for _ in range(3)))

    assert sent(remote) == ["Bearer token-0"] * 3
    assert remote.tokens == ["token-0"]


async def test_an_anonymous_request_lends_no_token(remote: Remote) -> None:
    authorization.set("")

    await things.get(uuid4())

    assert sent(remote) == [""]
    assert not remote.tokens


async def test_a_call_outside_the_system_carries_no_token(remote: Remote) -> None:
    await rest.Service("others", lambda: AnyUrl("http://others:8000")).request("GET", "/")

    assert sent(remote) == [""]


async def test_a_token_is_replaced_before_it_expires(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    await things.get(uuid4())
    later = time.monotonic() + 890
    monkeypatch.setattr(service_token, "monotonic", lambda: later)
    await things.get(uuid4())

    assert sent(remote) == ["Bearer token-0", "Bearer token-1"]


async def test_a_refused_token_is_replaced_once(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(401)

    with pytest.raises(rest.RefusedError):
        await things.list()

    assert remote.tokens == ["token-0", "token-1"]
    assert len(remote.requests) == 2


async def test_without_a_token_there_is_no_call(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "grant", lambda: httpx.Response(401, json={"error": "x"}))

    with pytest.raises(rest.UnavailableError, match="accounts"):
        await things.get(uuid4())

    assert not remote.requests
