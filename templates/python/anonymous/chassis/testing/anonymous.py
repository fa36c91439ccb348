"""Requests of tests name nobody: this service does not ask who they are."""

import pytest


@pytest.fixture
def headers() -> dict[str, str]:
    return {}
