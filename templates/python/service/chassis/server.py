"""Runs the application with uvicorn."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from chassis import lifecycle
from chassis.logs import configure_logs
from chassis.settings import get_settings

DRAIN_SECONDS = 2
"""How long requests are still accepted after SIGTERM, for those who route them to take note."""


class Server(uvicorn.Server):
    """Says that it is not ready any more before it closes the door."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if lifecycle.stopping.is_set() or sig == signal.SIGINT:
            super().handle_exit(sig, frame)
            return
        lifecycle.stop(get_settings().shutdown_seconds)
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, super().handle_exit, sig, frame)


def run(create_app: Callable[[], FastAPI]) -> None:
    settings = get_settings()
    configure_logs(settings.log_level)
    config = uvicorn.Config(
        create_app(),
        host="0.0.0.0",  # noqa: S104 - reached from outside its container
        port=8000,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=max(1, settings.shutdown_seconds - DRAIN_SECONDS),
    )
    # uvicorn raises the signal again once it has shut down: that is the orderly end.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    Server(config).run()
