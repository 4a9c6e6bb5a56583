"""Canonical text of a ground truth, so that a diff shows only what changed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from harness.cases.files.whole_file import whole_file
from harness.core.schema.properties import Properties
from harness.core.schema.resolving import Schemas
from harness.core.values import Json


def truth_text(value: Json, schema: Json = None, before: str | None = None) -> str:
    r"""Return a truth as text: the schema's key order, one scalar a line, a newline at the end.

    Keys the schema does not name come last, in their own order. `before` is what the file said:
    a number that is still the same is written as it was (`12.50`).

    >>> print(truth_text({"b": 1.5, "a": []}, {"properties": {"a": {}, "b": {}}}, '[1.50]'), end="")
    {
      "a": [],
      "b": 1.50
    }
    """
    ordered = _Order(schema).ordered(value, schema, ())
    return _text(ordered, _numbers(before), "") + "\n"


class _Order:
    def __init__(self, schema: Json) -> None:
        self._schemas = Schemas(schema)

    def ordered(self, value: Json, schema: Json, within: tuple[str, ...]) -> Json:
        """Return a value with its keys in the order of its schema."""
        if not isinstance(value, dict | list):
            return value
        resolved, followed = self._schemas.resolve(schema, within)
        if isinstance(value, list):
            items = resolved.get("items")
            below = items if isinstance(items, dict) else None
            return [self.ordered(item, below, followed) for item in value]
        named = Properties(resolved).named
        keys = [*(key for key in named if key in value), *(k for k in value if k not in named)]
        return {key: self.ordered(value[key], named.get(key), followed) for key in keys}


def _numbers(before: str | None) -> Mapping[float, str]:
    """Return how a text writes its numbers; those it writes in two ways are left out."""
    written: dict[float, set[str]] = {}

    def note(text: str) -> float:
        written.setdefault(float(text), set()).add(text)
        return float(text)

    if before is not None:
        try:
            json.loads(before, parse_float=note)
        except ValueError:
            return {}
    return {number: texts.pop() for number, texts in written.items() if len(texts) == 1}


def _text(value: Json, numbers: Mapping[float, str], indent: str) -> str:
    deeper = f"{indent}  "
    if isinstance(value, dict) and value:
        rows = [
            f"{json.dumps(k, ensure_ascii=False)}: {_text(v, numbers, deeper)}"
            for k, v in value.items()
        ]
    elif isinstance(value, list) and value:
        rows = [_text(item, numbers, deeper) for item in value]
    elif isinstance(value, float) and value in numbers:
        return numbers[value]
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    opens, closes = "{}" if isinstance(value, dict) else "[]"
    body = f",\n{deeper}".join(rows)
    return f"{opens}\n{deeper}{body}\n{indent}{closes}"


def write_truth(file: Path, text: str) -> bool:
    """Write a truth, whole or not at all; return False where the file says the same already."""
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return True
