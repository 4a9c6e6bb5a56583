"""One name for many truths that does not depend on their order: digests that add."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from harness.cases.digest import canonical
from harness.core.values import Json

_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_WHOLE: Final = (".0,", ".0}", ".0]")
"""What follows a whole float that `canonical` would write as an integer."""


def case_digest(case_id: str, truth: Json) -> int:
    """Return the sha256 of an id and its truth, as a number, whatever the truth's formatting.

    >>> case_digest("a", {"x": 1, "y": 2}) == case_digest("a", {"y": 2.0, "x": 1})
    True
    """
    value: Json = [case_id, truth]
    text = _ENCODER.encode(value)
    if any(whole in text for whole in _WHOLE):
        text = canonical(value)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def suite_digest(total: int, cases: int, schema: Json) -> str:
    """Return the sha256 of truths, given the sum of their digests, and of their schema."""
    content: dict[str, Json] = {"truths": f"{total:064x}", "cases": cases, "schema": schema}
    return hashlib.sha256(canonical(content).encode()).hexdigest()
