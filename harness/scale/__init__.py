"""Streamed scoring: files that do not fit into memory, on several cores or machines."""

from __future__ import annotations

from typing import Final

LARGE: Final = 10_000_000
"""Bytes of a file of truths from which `harness score` streams it."""
STREAMED: Final = frozenset({"jsonl", "csv", "parquet"})
"""Kinds of files that can be streamed."""
