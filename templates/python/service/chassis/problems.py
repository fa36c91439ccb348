"""Errors as RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from chassis.correlation import correlation_id

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS, MAX_LENGTH = 20, 200
"""Maximum number of errors in a response, and length of each."""

log = structlog.get_logger()

RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
"""What RFC 9110 calls statuses that older versions of Python know by older names."""


class FieldError(BaseModel):
    field: str
    """Where it is: `body.total`, `query.limit`."""
    message: str


class ProblemDetails(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    correlation_id: str
    errors: list[FieldError] | None = None


class Problem(Exception):
    """Raised anywhere in a request, becomes its response."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers


def not_implemented(operation: str) -> Problem:
    return Problem(501, f"{operation} is not implemented yet.")


def phrase(status: int) -> str:
    return RENAMED.get(status) or HTTPStatus(status).phrase


def refuse(**messages: str) -> Problem:
    """Return the problem of fields of the body: `raise refuse(total="must be positive")`."""
    errors = [FieldError(field=f"body.{name}", message=text) for name, text in messages.items()]
    return Problem(422, "The request is not valid.", errors=errors)


def dangling(field: str) -> Problem:
    """A field of the body refers to nothing."""
    return refuse(**{field: "there is nothing with this id"})


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documents, for OpenAPI, that a route may answer with problems of these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {
            "description": phrase(status),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def problem_response(path: str, problem: Problem) -> JSONResponse:
    body = ProblemDetails(
        title=phrase(problem.status),
        status=problem.status,
        detail=problem.detail,
        instance=path,
        correlation_id=correlation_id.get(),
        errors=list(problem.errors) if problem.errors else None,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def install_problem_handlers(application: FastAPI) -> None:
    @application.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            unexpected = error.status != HTTPStatus.NOT_IMPLEMENTED
            log.warning("request failed", status=error.status, exc_info=unexpected and error)
        return problem_response(request.url.path, error)

    @application.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers |= _allowed(application, request)
        problem = Problem(error.status_code, error.detail, headers=headers)
        return problem_response(request.url.path, problem)

    @application.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            FieldError(field=_place(e)[:MAX_LENGTH], message=e["msg"][:MAX_LENGTH])
            for e in error.errors()[:MAX_ERRORS]
        ]
        problem = Problem(422, "The request is not valid.", errors=errors)
        return problem_response(request.url.path, problem)


def _allowed(application: FastAPI, request: Request) -> dict[str, str]:
    """All methods of the path, of which Starlette names those of one function."""
    path = getattr(request.scope.get("route"), "path", "")
    methods = application.openapi()["paths"].get(path, {})
    return {"Allow": ", ".join(methods).upper()} if methods else {}


def _place(error: Mapping[str, Any]) -> str:
    # Where in a body that is no JSON is nothing that a client could look up.
    place = error["loc"][:1] if error["type"] == "json_invalid" else error["loc"]
    return _printable(".".join(map(str, place)))


def _printable(text: str) -> str:
    """Without the halves of characters that JSON can name but UTF-8 cannot write."""
    return text.encode(errors="replace").decode()
