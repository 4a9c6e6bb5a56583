"""The names of the measures of text similarity."""

from __future__ import annotations

from typing import Literal, TypeAlias

Similarity: TypeAlias = Literal[
    "ratio", "token_set", "token_sort", "partial", "wratio", "jaro_winkler"
]
