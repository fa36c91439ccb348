"""The description of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.problems import ProblemDetails


class Application(FastAPI):
    """Describes problems too, which no route returns but every route may answer with."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            schemas = super().openapi().setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemDetails"] = ProblemDetails.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas |= schemas["ProblemDetails"].pop("$defs")
        return super().openapi()


def operation_id(route: APIRoute) -> str:
    """The name of the function: `list_orders`."""
    return route.name
