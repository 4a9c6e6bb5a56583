"""Shared settings: hypothesis is deterministic, so that a red test stays red."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("gate", derandomize=True, max_examples=100, deadline=None)
settings.load_profile("gate")
