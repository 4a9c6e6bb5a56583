"""Values as messages quote them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 60
_MOST: Final = 8


def short(value: object) -> str:
    """Write a value as JSON, cut to what fits a line.

    >>> short(None), short("Zürich"), short(list(range(40)))
    ('null', '"Zürich"', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16...')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def listed(values: Iterable[object]) -> str:
    """Write the first few values.

    >>> listed(["a", "b"])
    '"a", "b"'
    """
    quoted = [short(v) for v in values]
    return ", ".join(quoted[:_MOST]) + (", ..." if len(quoted) > _MOST else "")
