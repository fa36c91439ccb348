"""Runs the application with uvicorn."""

import asyncio
import os
import signal
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from chassis.lifecycle import Lifecycle
from chassis.logs import configure_logs
from chassis.settings import get_settings

DRAIN_SECONDS = 2
"""Time after SIGTERM during which requests are still accepted, until load balancers notice."""


class Server(uvicorn.Server):
    """Turns unready before it stops accepting connections."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle) -> None:
        super().__init__(config)
        self.lifecycle = lifecycle

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.lifecycle.stopping.is_set() or sig == signal.SIGINT:
            super().handle_exit(sig, frame)
            return
        self.lifecycle.stop(get_settings().shutdown_seconds)
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, super().handle_exit, sig, frame)


def run(create_app: Callable[[], FastAPI]) -> None:
    settings = get_settings()
    configure_logs(settings.log_level)
    app = create_app()
    config = uvicorn.Config(
        app,
        host=os.environ.get("HOST", "0.0.0.0"),  # noqa: S104 - reached from outside its container
        port=int(os.environ.get("PORT", "8000")),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=max(1, settings.shutdown_seconds - DRAIN_SECONDS),
    )
    # uvicorn raises the signal again after an orderly shutdown.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    Server(config, app.state.lifecycle).run()
