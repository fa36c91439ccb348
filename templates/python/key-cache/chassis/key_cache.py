"""A cache of the public keys that access tokens are verified with."""

import asyncio
from collections.abc import Callable
from time import monotonic

import structlog
from jwt import PyJWK, PyJWKClient, PyJWKClientConnectionError, PyJWKClientError, PyJWTError

FRESH_SECONDS = 300
"""Age at which keys are fetched again, in the background."""
KEPT_SECONDS = 86_400
"""Age up to which keys are used while their issuer is unavailable, as in the gateway."""
COOLDOWN_SECONDS = 10
"""Minimum time between two fetches, because anybody can make up the id of a key."""
RETRY_SECONDS = 1
"""Minimum time between a failed fetch and the next one."""
FETCH_SECONDS = 2
"""Time limit of a fetch."""

log = structlog.get_logger()


class KeyCache:
    """The keys at a URL, which may have to be looked up. At most one fetch runs at a time."""

    def __init__(self, find_url: Callable[[], str]) -> None:
        self._find_url = find_url
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

    async def load(self) -> None:
        """Fetch the keys unless they are fresh. Raise `jwt.PyJWTError` if they are unavailable."""
        if not self._keys or monotonic() - self._fetched_at >= FRESH_SECONDS:
            self._refresh()
        if self._fetching and not self._fetching.done():
            await asyncio.shield(self._fetching)
        if self._failure:
            raise self._failure

    def _refresh(self) -> None:
        is_idle = self._fetching is None or self._fetching.done()
        if is_idle and monotonic() >= self._next_fetch_at:
            self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            keys = await asyncio.to_thread(self._load)
        except (PyJWTError, OSError, ValueError) as error:
            log.warning("public keys not fetched", exc_info=error)
            self._failure = PyJWKClientConnectionError(str(error))
            self._next_fetch_at = monotonic() + RETRY_SECONDS
        else:
            self._keys = {str(key.key_id): key for key in keys}
            self._failure = None
            self._fetched_at = monotonic()
            self._next_fetch_at = self._fetched_at + COOLDOWN_SECONDS

    def _load(self) -> list[PyJWK]:
        client = PyJWKClient(self._find_url(), cache_jwk_set=False, timeout=FETCH_SECONDS)
        return client.get_signing_keys()
