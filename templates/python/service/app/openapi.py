"""The description of the API, and the page that shows it."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from app import SERVICE
from app.problems import ProblemDetails

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The API's page, which finds the description beside it wherever the gateway shows it."""
    return get_swagger_ui_html(openapi_url="openapi.json", title=SERVICE)


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
