import re

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pydantic import BaseModel, ConfigDict
from structlog.testing import capture_logs

from chassis.context import DEADLINE_HEADER, seconds_left
from chassis.middleware import body_limit
from chassis.problems import Problem

JSON = {"Content-Type": "application/json"}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


async def test_unknown_paths_are_problems(client: AsyncClient) -> None:
    response = await client.get("/nowhere")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
        "instance": "/nowhere",
        "correlation_id": response.headers["X-Request-ID"],
    }


async def test_wrong_methods_are_problems(client: AsyncClient) -> None:
    response = await client.delete("/health/live")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET"
    assert response.json()["title"] == "Method Not Allowed"


async def test_unexpected_errors_tell_nothing(client: AsyncClient, application: FastAPI) -> None:
    @application.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")

    response = await client.get("/broken")

    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["correlation_id"] == response.headers["X-Request-ID"]
    assert "swordfish" not in response.text


async def test_invalid_requests_name_the_fields(client: AsyncClient, application: FastAPI) -> None:
    @application.get("/square/{number}")
    async def square(number: int) -> int:
        return number * number

    response = await client.get("/square/four")

    assert response.status_code == 422
    assert [e["field"] for e in response.json()["errors"]] == ["path.number"]


async def test_keeps_the_correlation_id(client: AsyncClient) -> None:
    response = await client.get("/health/live", headers={"X-Request-ID": "abc-123"})

    assert response.headers["X-Request-ID"] == "abc-123"


async def test_makes_a_correlation_id(client: AsyncClient) -> None:
    first = await client.get("/health/live")
    second = await client.get("/health/live", headers={"X-Request-ID": "not one: \t"})

    assert len({first.headers["X-Request-ID"], second.headers["X-Request-ID"]}) == 2
    assert len(second.headers["X-Request-ID"]) == 36


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 15), ("2000", 2), ("60000", 15), ("0", 15), ("-1", 15), ("soon", 15)],
)
async def test_the_deadline_is_that_of_the_caller(
    client: AsyncClient, application: FastAPI, header: str | None, seconds: float
) -> None:
    @application.get("/left")
    async def left() -> float:
        return seconds_left()

    headers = {DEADLINE_HEADER: header} if header else {}
    response = await client.get("/left", headers=headers)

    assert seconds - 1 < response.json() <= seconds


async def test_describes_its_api(client: AsyncClient) -> None:
    answer = await client.get("/openapi.json")

    description = answer.json()
    referenced = set(re.findall(r'"#/components/schemas/(\w+)"', answer.text))
    assert referenced == set(description["components"]["schemas"])
    operations = [o for path in description["paths"].values() for o in path.values()]
    assert len({o["operationId"] for o in operations}) == len(operations)


async def test_answers_name_few_errors(client: AsyncClient, application: FastAPI) -> None:
    @application.post("/strict")
    async def strict(body: Strict) -> None: ...

    response = await client.post("/strict", json={f"{n}" + "k" * 300: 1 for n in range(150)})

    assert response.status_code == 422
    assert len(response.json()["errors"]) == 20
    assert len(response.content) < 10_000


@pytest.mark.parametrize("path", ["/strict", "/large"])
async def test_bodies_are_bounded(client: AsyncClient, application: FastAPI, path: str) -> None:
    @application.post("/strict")
    async def strict(body: dict[str, str]) -> None: ...

    @application.post("/large")
    @body_limit(100_000)
    async def large(body: dict[str, str]) -> None: ...

    limit = 100_000 if path == "/large" else 65536
    fits, exceeds = ('{"a": "' + "x" * (size - 9) + '"}' for size in (limit, limit + 1))

    assert (await client.post(path, content=fits, headers=JSON)).status_code == 200
    response = await client.post(path, content=exceeds, headers=JSON)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_the_cause_of_a_failure_is_logged(client: AsyncClient, application: FastAPI) -> None:
    @application.get("/away")
    async def away() -> None:
        raise Problem(503, "It is away.") from ConnectionError("refused")

    with capture_logs() as logs:
        assert (await client.get("/away")).status_code == 503

    (failure,) = (entry for entry in logs if entry["event"] == "request failed")
    assert repr(failure["exc_info"].__cause__) == "ConnectionError('refused')"
