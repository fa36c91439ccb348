"""The OpenID provider, whose discovery document says where its public keys are."""

from contextlib import AbstractAsyncContextManager
from functools import cache
from urllib.request import urlopen

from fastapi import FastAPI
from pydantic import BaseModel, HttpUrl

from chassis.key_cache import FETCH_SECONDS, FRESH_SECONDS, KeyCache
from chassis.recurring import recurring
from chassis.settings import get_settings

MAX_CONFIGURATION_SIZE = 1024 * 1024


class Configuration(BaseModel):
    """A discovery document: OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    jwks_uri: HttpUrl


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    """Fetch the keys at start, before the first request, and when they are no longer fresh."""
    return recurring("fetch of public keys", FRESH_SECONDS, check)


async def check() -> None:
    """Raise an error if there are no keys."""
    await keys().load()


def keys() -> KeyCache:
    return _cache(str(get_settings().openid_configuration_url))


@cache
def _cache(url: str) -> KeyCache:
    return KeyCache(lambda: _find_keys(url))


def _find_keys(url: str) -> str:
    with urlopen(url, timeout=FETCH_SECONDS) as response:  # noqa: S310 - the URL is a setting
        found = Configuration.model_validate_json(response.read(MAX_CONFIGURATION_SIZE))
    expected = get_settings().token_issuer
    if found.issuer != expected:
        raise ValueError(f"{url} is of the issuer {found.issuer!r}, not {expected!r}")
    return str(found.jwks_uri)
