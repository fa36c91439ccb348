"""The page of a running system: state of its parts, logs, and links."""

import contextlib
import gzip
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from msgen.dev.logs import Line, Logs
from msgen.dev.part import Part
from msgen.dev.supervisor import Supervisor
from msgen.dev.traces import Traces

FILES = Path(__file__).parent / "page"
LINES = 500
"""Maximum lines of an answer."""
TRACES = 100
"""Maximum traces of an answer."""


def create_app(name: str, supervisor: Supervisor, logs: Logs, traces: Traces) -> Starlette:
    """Return the application; `name` is that of the system."""

    async def state(request: Request) -> JSONResponse:
        after = request.query_params.get("after", "0")
        lines = logs.after(int(after) if after.isdigit() else 0)
        return JSONResponse({"state": _state(name, supervisor), "lines": [_line(line) for line in lines[-LINES:]]})

    async def receive(request: Request) -> Response:
        body = await request.body()
        try:
            traces.receive(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)
        except (ValueError, OSError, EOFError):
            return Response(status_code=400)
        return Response(media_type="application/x-protobuf")

    async def recent(_: Request) -> JSONResponse:
        return JSONResponse(list(islice(traces.recent(), TRACES)))

    async def spans(request: Request) -> JSONResponse:
        return JSONResponse([asdict(span) for span in traces.spans(request.path_params["id"])])

    # Other sites could have their names lead to the page. The gateway sends its traces to the name of the container.
    page = Starlette(
        routes=[
            Route("/api/state", state),
            Route("/api/traces", recent),
            Route("/api/traces/{id}", spans),
            Mount("/", StaticFiles(directory=FILES, html=True)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"])],
    )
    return Starlette(routes=[Route("/v1/traces", receive, methods=["POST"]), Mount("/", page)])


class Server(uvicorn.Server):
    """Leaves signals to the supervisor."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Starlette, port: int) -> None:
    """Serve the page on this machine until cancelled."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off", access_log=False)
    await Server(config).serve()


def _state(name: str, supervisor: Supervisor) -> dict[str, Any]:
    parts = [
        {"name": part, **asdict(keeper.state), "links": _links(keeper.part)}
        for part, keeper in sorted(supervisor.keepers.items(), key=lambda item: (not item[1].part.service, item[0]))
    ]
    return {"name": name, "ready": supervisor.state.ready, "parts": parts, "pages": supervisor.state.pages}


def _links(part: Part) -> dict[str, str]:
    if not part.service:
        return dict(part.pages)
    paths = {"OpenAPI": "/openapi.json", "dependencies": "/health/dependencies"}
    return {title: f"http://localhost:{part.address}{path}" for title, path in paths.items()}


def _line(line: Line) -> dict[str, Any]:
    return {**asdict(line), "fields": line.fields}
