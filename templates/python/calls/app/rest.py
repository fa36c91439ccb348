"""Calls to other services: time-outs, retries and circuit breakers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import httpx
import structlog
from fastapi import Header
from prometheus_client import Histogram
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import AnyUrl, BaseModel, ValidationError
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from app.correlation import HEADER, correlation_id
from app.problems import Problem, dangling

TIMEOUT = 2.0
"""Seconds for each try."""
TRIES = 3
WAIT = wait_exponential_jitter(multiplier=0.1, max=1, jitter=0.1)
IDEMPOTENT = {"GET", "PUT", "DELETE"}
PASSING = {502, 503, 504}
SERVER_ERROR = 500

DURATION = Histogram(
    "http_client_request_duration_seconds",
    "Time of one try of a call to another service",
    labelnames=["service", "method", "status"],
)

authorization: ContextVar[str] = ContextVar("authorization", default="")
"""The caller's token, passed on."""

log = structlog.get_logger()
# One line a request is said by metrics, and by the service that is called.
logging.getLogger("httpx").setLevel(logging.WARNING)

T = TypeVar("T", bound=BaseModel)


class UnavailableError(Problem):
    """The other service does not answer as it should. The answer is a 503 if nobody catches it."""

    def __init__(self, service: str) -> None:
        detail = f"The service {service} is not available."
        super().__init__(503, detail, headers={"Retry-After": "10"})


class RefusedError(Problem):
    """The other service refuses the call. The answer is a 502 if nobody catches it."""

    def __init__(self, service: str, response: httpx.Response) -> None:
        super().__init__(502, f"The service {service} refused the call.")
        self.response = response


class _FailedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Connections:
    """What this process keeps of other services: open connections and circuit breakers."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT)
        self.breakers = AsyncCircuitBreakerFactory(
            default_threshold=5, default_ttl=10, exclude=[asyncio.CancelledError]
        )


connect = Connections
"""Makes the connections when the service starts."""

_current: Connections | None = None


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    global _current  # noqa: PLW0603
    _current = connect()
    async with _current.client:
        yield
    _current = None


async def guard(
    value: Annotated[str, Header(alias="authorization", include_in_schema=False)] = "",
) -> None:
    """Keeps the caller's token for the calls of this request."""
    authorization.set(value)


@dataclass(frozen=True)
class Service:
    """Another service of the system."""

    name: str
    url: Callable[[], AnyUrl]

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Any] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Its answer, 2xx to 4xx. Raises `UnavailableError`."""
        request = httpx.Request(
            method,
            f"{str(self.url()).rstrip('/')}{path}",
            params=params,
            json=json,
            headers=_context() | (headers or {}),
        )
        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES if method in IDEMPOTENT else 1),
            wait=WAIT,
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            return await retrying(self._try, request)
        except (httpx.TransportError, TimeoutError, _FailedError, OpenedState) as error:
            log.warning("call failed", called=self.name, path=path, error=repr(error))
            raise UnavailableError(self.name) from error

    async def _try(self, request: httpx.Request) -> httpx.Response:
        if _current is None:
            raise RuntimeError("the service has not been started")
        start = perf_counter()
        status = "error"
        async with await _current.breakers.get_breaker(self.name):
            try:
                async with asyncio.timeout(TIMEOUT):
                    response = await _current.client.send(request)
                status = str(response.status_code)
            finally:
                DURATION.labels(self.name, request.method, status).observe(perf_counter() - start)
            if response.status_code >= SERVER_ERROR:
                raise _FailedError(response.status_code)
        return response


class Resource(Generic[T]):
    """A resource of another service."""

    def __init__(self, service: Service, path: str, shown: type[T]) -> None:
        self.service = service
        self.path = path
        self.shown = shown

    async def list(self, **query: Any) -> list[T]:  # noqa: ANN401 - any filter
        """One page: `limit`, `offset`, `sort` and filters are those of the other service."""
        response = await self.service.request("GET", self.path, params=query)
        return [self._read(item) for item in self._body(response)["items"]]

    async def get(self, row_id: UUID) -> T | None:
        response = await self.service.request("GET", f"{self.path}/{row_id}")
        return None if response.status_code == httpx.codes.NOT_FOUND else self._one(response)

    async def exists(self, row_id: UUID) -> bool:
        response = await self.service.request("GET", f"{self.path}/{row_id}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return False
        self._check(response)
        return True

    async def create(self, new: BaseModel) -> T:
        body = new.model_dump(mode="json", exclude_unset=True)
        return self._one(await self.service.request("POST", self.path, json=body))

    async def update(self, row_id: UUID, changes: BaseModel, version: int | None = None) -> T:
        """Refused (412) if `version` is given and is not the current one."""
        body = changes.model_dump(mode="json", exclude_unset=True)
        path = f"{self.path}/{row_id}"
        headers = _if_match(version)
        return self._one(await self.service.request("PATCH", path, json=body, headers=headers))

    async def delete(self, row_id: UUID, version: int | None = None) -> None:
        path = f"{self.path}/{row_id}"
        response = await self.service.request("DELETE", path, headers=_if_match(version))
        self._check(response)

    def _one(self, response: httpx.Response) -> T:
        return self._read(self._body(response))

    def _body(self, response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
        self._check(response)
        return response.json()

    def _read(self, item: object) -> T:
        try:
            return self.shown.model_validate(item)
        except ValidationError as error:
            log.warning("answer not understood", called=self.service.name, error=str(error))
            raise UnavailableError(self.service.name) from error

    def _check(self, response: httpx.Response) -> None:
        if not response.is_success:
            raise RefusedError(self.service.name, response)


async def require(resource: Resource[Any], row_id: UUID, field: str) -> None:
    """Checks that what a field of the body refers to is there."""
    try:
        found = await resource.exists(row_id)
    except RefusedError as error:
        raise UnavailableError(resource.service.name) from error
    if not found:
        raise dangling(field)


def _context() -> dict[str, str]:
    """Headers that tie a call to the request that it serves."""
    headers = {HEADER: correlation_id.get(), "Authorization": authorization.get()}
    return {name: value for name, value in headers.items() if value}


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _may_pass(error: BaseException) -> bool:
    """Whether another try may do better."""
    if isinstance(error, _FailedError):
        return error.status in PASSING
    return isinstance(error, httpx.TransportError | TimeoutError)
