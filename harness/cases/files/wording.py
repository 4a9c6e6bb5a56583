"""Values as messages quote them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from harness.core.values import Json

_LONGEST: Final = 60
_MOST: Final = 8
_WIDTH: Final = 100


def shortened(value: object) -> str:
    """Write a value as JSON, cut to what fits a line.

    >>> shortened(None), shortened("Zürich"), shortened(list(range(40)))
    ('null', '"Zürich"', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16...')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def listed(values: Iterable[object]) -> str:
    """Write the first few values.

    >>> listed(["a", "b"])
    '"a", "b"'
    """
    quoted = [shortened(v) for v in values]
    return ", ".join(quoted[:_MOST]) + (", ..." if len(quoted) > _MOST else "")


def laid_out(value: Json, indent: str = "") -> str:
    """Write a value as JSON over several lines, what fits a line being on one.

    >>> print(laid_out({"type": "object", "properties": {n: {"type": "string"} for n in "abcd"}}))
    {
      "type": "object",
      "properties": {
        "a": {"type": "string"},
        "b": {"type": "string"},
        "c": {"type": "string"},
        "d": {"type": "string"}
      }
    }
    """
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, (dict, list)):
        return line
    inside = f"{indent}  "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(k, ensure_ascii=False)}: {laid_out(v, inside)}" for k, v in value.items()
        ]
    else:
        parts = [laid_out(each, inside) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inside}" + f",\n{inside}".join(parts) + f"\n{indent}{closing}"
