"""The access token of this service, by OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

import asyncio
from time import monotonic
from urllib.parse import quote_plus

import httpx
from pydantic import BaseModel

from chassis.settings import get_settings

TIMEOUT = 2.0
"""Maximum seconds of a request for a token."""


class Granted(BaseModel):
    access_token: str
    expires_in: int


class ServiceToken:
    """Fetched when needed and kept for most of its life. At most one fetch runs at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._value = ""
        self._renew_at = 0.0
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, *, refused: str = "") -> str:
        """Return a token other than the refused one. Raise `httpx.HTTPError` or `ValueError`."""
        if self._value == refused or monotonic() >= self._renew_at:
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.create_task(self._fetch())
            await asyncio.shield(self._fetching)
        return self._value

    async def _fetch(self) -> None:
        settings = get_settings()
        secret = settings.client_secret.get_secret_value()
        response = await self._client.post(
            str(settings.token_url),
            data={"grant_type": "client_credentials"},
            auth=(quote_plus(settings.client_id), quote_plus(secret)),
            timeout=TIMEOUT,
        )
        response.raise_for_status()
        granted = Granted.model_validate_json(response.content)
        self._value = granted.access_token
        self._renew_at = monotonic() + 0.9 * granted.expires_in
