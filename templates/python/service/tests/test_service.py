"""The service starts and describes its API."""

from httpx import AsyncClient


async def test_is_alive(client: AsyncClient) -> None:
    response = await client.get("/health/live")

    assert response.status_code == 200


async def test_describes_its_api(client: AsyncClient) -> None:
    response = await client.get("/openapi.json")

    assert response.json()["openapi"] == "3.1.0"
