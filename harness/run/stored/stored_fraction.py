"""The shape of a fraction in `eval-results.json`."""

from __future__ import annotations

from typing_extensions import TypedDict


class FractionRecord(TypedDict):
    """A fraction that remembers both of its numbers; 0 of 0 is undefined."""

    hits: int
    of: int
