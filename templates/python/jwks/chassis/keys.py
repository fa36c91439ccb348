"""The auth service's public keys, cached, and its list of revocations."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import cache
from time import monotonic
from urllib.parse import urljoin
from urllib.request import urlopen

import structlog
from fastapi import FastAPI
from jwt import (
    PyJWK,
    PyJWKClient,
    PyJWKClientConnectionError,
    PyJWKClientError,
    PyJWTError,
    get_unverified_header,
)
from pydantic import BaseModel

from chassis import revocations
from chassis.settings import get_settings

FRESH_SECONDS = 300
"""Age at which keys are fetched again, in the background."""
KEPT_SECONDS = 86_400
"""Age up to which keys are used while the auth service is unavailable, as in the gateway."""
COOLDOWN_SECONDS = 10
"""Minimum time between two fetches, because anybody can make up the id of a key."""
RETRY_SECONDS = 1
"""Minimum time between a failed fetch and the next one."""
FETCH_SECONDS = 2
"""Time limit of a fetch."""
MAX_REVOCATIONS_SIZE = 4 * 1024 * 1024
"""Bytes of a list of revocations: about 50,000 accounts."""

log = structlog.get_logger()


class KeyCache:
    """The keys at a URL. At most one fetch runs at a time."""

    def __init__(self, url: str) -> None:
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = 0.0
        self._next_fetch_at = 0.0
        self._failure: PyJWTError | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> PyJWK:
        """Return the key with this id. Raise `jwt.PyJWTError` if there is none."""
        age = monotonic() - self._fetched_at
        if age >= KEPT_SECONDS:
            self._keys = {}
        if key := self._keys.get(key_id):
            if age >= FRESH_SECONDS:
                self._refresh()
            return key
        self._refresh()
        if self._fetching and not self._fetching.done():
            await asyncio.shield(self._fetching)
        if key := self._keys.get(key_id):
            return key
        raise self._failure or PyJWKClientError("unknown key")

    def _refresh(self) -> None:
        is_idle = self._fetching is None or self._fetching.done()
        if is_idle and monotonic() >= self._next_fetch_at:
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            keys = await asyncio.to_thread(self._client.get_signing_keys)
        except (PyJWTError, ValueError) as error:
            log.warning("public keys not fetched", exc_info=error)
            self._failure = PyJWKClientConnectionError(str(error))
            self._next_fetch_at = monotonic() + RETRY_SECONDS
        else:
            self._keys = {str(key.key_id): key for key in keys}
            self._failure = None
            self._fetched_at = monotonic()
            self._next_fetch_at = self._fetched_at + COOLDOWN_SECONDS


async def verifying_key(token: str) -> PyJWK:
    """Return the key that a token names. Raise `jwt.PyJWTError` if there is none."""
    key_id = get_unverified_header(token).get("kid", "")
    return await _cache(str(get_settings().jwks_url)).find(key_id)


@cache
def _cache(url: str) -> KeyCache:
    return KeyCache(url)


class Revocations(BaseModel):
    revoked: dict[str, int]
    """Hash of an account's id -> Unix time up to which its tokens are revoked."""


def lifespan(app: FastAPI) -> AbstractAsyncContextManager[None]:
    return revocations.polling(app, fetch_revocations)


async def fetch_revocations() -> dict[str, int]:
    url = urljoin(str(get_settings().jwks_url), "revoked.json")
    return await asyncio.to_thread(_fetch_revocations, url)


def _fetch_revocations(url: str) -> dict[str, int]:
    with urlopen(url, timeout=FETCH_SECONDS) as response:  # noqa: S310 - the URL is a setting
        return Revocations.model_validate_json(response.read(MAX_REVOCATIONS_SIZE)).revoked
