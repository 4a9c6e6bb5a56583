"""The Extractor protocol."""

from __future__ import annotations

from typing import Protocol

from harness.core.records import Answer, Case, Failure


class Extractor(Protocol):
    """Anything that turns a case's documents into an answer. The runner measures the time."""

    async def extract(self, case: Case) -> Answer | Failure:
        """Return what was said; a bad reply or a time-out is a Failure, not an exception."""
        ...
