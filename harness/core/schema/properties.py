"""Property lookup: the schema of a key by its name, its pattern, or that of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.core.schema.patterns import pattern_matcher
from harness.core.schema.validity import Schema
from harness.core.values import Json

_REST: Final = ("additionalProperties", "unevaluatedProperties")


class Properties:
    """The properties an object's schema speaks of.

    >>> some = Properties({"patternProperties": {"^x-": {"type": "string"}}})
    >>> some.other("x-note"), some.other("note")
    (('^x-',), None)
    """

    def __init__(self, schema: Schema) -> None:
        self._patterns = {
            text: (pattern_matcher(text), part)
            for text, part in _mapping(schema.get("patternProperties")).items()
        }
        self._rest = next((schema[word] for word in _REST if word in schema), None)
        self.named: Mapping[str, Json] = {
            key: self._both(key, part) for key, part in _mapping(schema.get("properties")).items()
        }
        """The schemas of the properties that are named."""
        self.open = not (self.named or self._patterns or self._rest is False)
        """True where the schema knows no key, and so none that is invented."""

    def _both(self, key: str, part: Json) -> Json:
        patterns = [self._patterns[text][1] for text in self._matching(key)]
        return {"allOf": [part, *patterns]} if patterns else part

    def _matching(self, key: str) -> tuple[str, ...]:
        return tuple(t for t, (pattern, _) in self._patterns.items() if pattern(key))

    def other(self, key: str) -> tuple[str, ...] | None:
        """Return the patterns a key that is not named goes by: () for the rest; None for none."""
        matching = self._matching(key)
        return matching if matching or isinstance(self._rest, dict) else None

    def schema(self, patterns: tuple[str, ...]) -> Json:
        """Return the schema of the keys that go by these patterns."""
        if not patterns:
            return self._rest
        parts = [self._patterns[text][1] for text in patterns]
        return parts[0] if len(parts) == 1 else {"allOf": parts}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
