"""Shared settings: hypothesis is deterministic, so that a red test stays red."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.run.postgres import postgres, programs

settings.register_profile("gate", derandomize=True, max_examples=100, deadline=None)
settings.load_profile("gate")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database; skips where no server is installed."""
    server = programs()
    if server is None or importlib.util.find_spec("sqlalchemy") is None:
        pytest.skip("no PostgreSQL server or no SQLAlchemy is installed")
    with postgres(server) as url:
        yield url
