"""Patience of the tests that open served pages: the machine may be busy otherwise."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.patience import PATIENCE


@pytest.fixture(scope="module", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=1_000 * PATIENCE)
