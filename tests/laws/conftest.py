"""The option that runs the laws of lists at every length."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; a gate without it tries a few lengths."""
    parser.addoption("--all-sizes", action="store_true", help="laws of lists up to 5,000 rows")
