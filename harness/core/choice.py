"""Which comparator a schema suggests for a scalar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from harness.core.validity import Schema, compiled, kinds_of

_BY_FORMAT: Final[Mapping[str, str]] = MappingProxyType(
    {"date": "date", "date-time": "datetime", "duration": "duration"}
)


def suggested(schema: Schema) -> str | None:
    """Return the name of the comparator that a schema suggests; None where it leaves it open.

    >>> suggested({"type": "string", "format": "date"}), suggested({"type": ["string", "number"]})
    ('date', None)
    """
    kinds = {"number" if k == "integer" else k for k in kinds_of(schema) - {"null"}}
    if "enum" in schema or "const" in schema:
        return next(iter(kinds)) if kinds in ({"number"}, {"boolean"}) else "enum"
    if "string" in kinds and kinds <= {"string", "number"} and _are_numerals(schema):
        return "number"
    if kinds == {"string"}:
        return _BY_FORMAT.get(str(schema.get("format")), "text")
    return next(iter(kinds)) if len(kinds) == 1 else None


def _are_numerals(schema: Schema) -> bool:
    """Tell whether every text that a schema takes is a decimal number, as pydantic's Decimal is."""
    options = schema.get("anyOf")
    listed = options if isinstance(options, list) else []
    branches: list[Schema] = [o for o in listed if isinstance(o, dict)]
    texts = [branch for branch in branches or (schema,) if "string" in kinds_of(branch)]
    return bool(texts) and all(_is_numeral(text.get("pattern")) for text in texts)


def _is_numeral(pattern: object) -> bool:
    if not isinstance(pattern, str):
        return False
    found = compiled(pattern)
    return all(found.search(text) for text in _NUMERALS) and not any(map(found.search, _OTHERS))


_NUMERALS: Final = ("0", "12", "3.25", "-12.5")
_OTHERS: Final = ("", "x", "A-12", "1.2.3", "2024-03-31", "12 kg", "1 2")
