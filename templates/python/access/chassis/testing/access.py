"""What callers may do with resources, tried out."""

from httpx import AsyncClient

from chassis.testing.tokens import become

ALLOWED = {"list": 200, "read": 200, "create": 422, "update": 200, "delete": 204}
"""Statuses of allowed actions; creation is tried with a body that is not valid."""


async def outcomes(
    client: AsyncClient, caller: str, path: str, owned: str, others: str
) -> dict[str, str | int]:
    """Try every action with the row `owned` of the client's account.

    The caller is `anonymous`, the `owner`, another `user`, another one with a role, or a service,
    like `service orders`. The outcome of an action is `ok`, the status of its refusal, or `own` for
    a list of the caller's rows only.
    """
    become(client, caller)
    url = f"{path}/{owned}"
    responses = {
        "list": await client.get(path),
        "read": await client.get(url),
        "create": await client.post(path, json={"unknown_field": 1}),
        "update": await client.patch(url, json={}),
        "delete": await client.delete(url),
    }
    found: dict[str, str | int] = {
        action: "ok" if response.status_code == ALLOWED[action] else response.status_code
        for action, response in responses.items()
    }
    if found["list"] == "ok":
        listed = {item["id"] for item in responses["list"].json()["items"]}
        if listed == ({owned} if caller == "owner" else set()):
            found["list"] = "own"
        else:
            assert {owned, others} <= listed
    return found
