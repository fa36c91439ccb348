"""Fixtures for tests of single parts of the chassis."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from chassis.context import current_app
from chassis.lifecycle import Lifecycle


@pytest.fixture
async def app() -> AsyncIterator[FastAPI]:
    """The current application, with none of its lifespans entered."""
    app = FastAPI()
    app.state.lifecycle = Lifecycle()
    token = current_app.set(app)
    yield app
    current_app.reset(token)
