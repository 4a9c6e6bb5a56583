"""The key of the toy's endpoint, which every project of these tests names."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def toy_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")
