from fastapi import FastAPI
from httpx import AsyncClient
from prometheus_client import REGISTRY


async def test_requests_are_measured_by_route(client: AsyncClient, application: FastAPI) -> None:
    @application.get("/square/{number}")
    async def square(number: int) -> int:
        return number * number

    for path in ("/square/2", "/square/3", "/nowhere/1", "/nowhere/2"):
        await client.get(path)

    assert count("/square/{number}", "200") == 2
    metrics = (await client.get("/metrics")).text
    assert 'http_server_active_requests{http_request_method="GET"} 1.0' in metrics
    assert "/square/2" not in metrics
    assert "/nowhere" not in metrics


async def test_an_error_is_measured_as_one(client: AsyncClient, application: FastAPI) -> None:
    @application.get("/broken/{thing}")
    async def broken(thing: str) -> None:
        raise ValueError(thing)

    await client.get("/broken/pipe")

    assert count("/broken/{thing}", "500") == 1


def count(route: str, status: str) -> float | None:
    labels = {
        "http_request_method": "GET",
        "http_route": route,
        "http_response_status_code": status,
    }
    return REGISTRY.get_sample_value("http_server_request_duration_seconds_count", labels)
