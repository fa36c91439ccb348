"""The description of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.problems import ProblemDetails


class Application(FastAPI):
    """Describes problems: FastAPI knows neither that every route may answer with them, nor how."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema and "ProblemDetails" in str(super().openapi()["paths"]):
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemDetails"] = ProblemDetails.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas |= schemas["ProblemDetails"].pop("$defs")
            for operation in [o for path in document["paths"].values() for o in path.values()]:
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
        return super().openapi()


def operation_id(route: APIRoute) -> str:
    """The name of the function: `list_orders`."""
    return route.name
