"""The auth service's public keys, cached, and its list of revocations."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import cache
from urllib.parse import urljoin
from urllib.request import urlopen

from fastapi import FastAPI
from jwt import PyJWK, get_unverified_header
from pydantic import BaseModel

from chassis import revocations
from chassis.key_cache import FETCH_SECONDS, KeyCache
from chassis.settings import get_settings

MAX_REVOCATIONS_SIZE = 4 * 1024 * 1024
"""Bytes of a list of revocations: about 50,000 accounts."""


async def verifying_key(token: str) -> PyJWK:
    """Return the key that a token names. Raise `jwt.PyJWTError` if there is none."""
    key_id = get_unverified_header(token).get("kid", "")
    return await _cache(str(get_settings().jwks_url)).find(key_id)


@cache
def _cache(url: str) -> KeyCache:
    return KeyCache(lambda: url)


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
