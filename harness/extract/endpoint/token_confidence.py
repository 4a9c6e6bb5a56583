"""Confidence of each field from token log probabilities."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from harness.core.values import FieldPath, Json, show
from harness.extract.dialects.dialect import Token
from harness.extract.reply.spans import spans
from harness.extract.reply.stated_confidence import StatedConfidences

_DIGITS: Final = 6
_NO_SCHEMA: Final[Mapping[str, Json]] = {}


def from_tokens(text: str, value: Json, tokens: Sequence[Token], schema: Json) -> StatedConfidences:
    """Return for each leaf the product of the probabilities of the tokens that spell it.

    A key that the schema names and the answer leaves out gets the probability of the brace that
    closes its object: there the model chose to say no more. Empty where the tokens do not spell
    the text.

    >>> half = math.log(0.5)
    >>> tokens = [Token(b'{"a": ', 0.0), Token(b"1", half), Token(b"2", half), Token(b"}", 0.0)]
    >>> from_tokens('{"a": 12}', {"a": 12}, tokens, {"properties": {"b": {}}})
    (('a', 0.25), ('b', 1.0))
    """
    whole = b"".join(token.piece for token in tokens)
    content = text.encode("utf-8", "surrogatepass")
    offset = whole.find(content)
    if offset < 0 or not tokens:
        return ()
    ends = [end - offset for end in accumulate(len(token.piece) for token in tokens)]
    confidences: list[tuple[str, float]] = []
    for span in spans(content, value):
        first, last = bisect_right(ends, span.start), bisect_left(ends, span.end)
        chance = _probability(sum(token.logprob for token in tokens[first : last + 1]))
        if not span.is_closing:
            confidences.append((show(span.path), chance))
            continue
        absent = _left_out(value, span.path, schema)
        confidences.extend((show((*span.path, key)), chance) for key in absent)
    return tuple(confidences)


def _probability(logprob: float) -> float:
    return round(min(1.0, math.exp(min(0.0, logprob))), _DIGITS)


def _left_out(value: Json, path: FieldPath, schema: Json) -> Iterator[str]:
    """Yield the keys that the schema of an object names and the object does not have."""
    root = schema if isinstance(schema, dict) else _NO_SCHEMA
    here, there = value, root
    for step in path:
        if isinstance(here, dict) and isinstance(step, str):
            here = here[step]
            there = _resolved(_of(there, "properties", step), root)
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step]
            there = _resolved(_of(there, "items"), root)
    named = _of(there, "properties")
    if isinstance(here, dict):
        yield from (key for key in named if key not in here)


def _of(schema: Mapping[str, Json], *path: str) -> Mapping[str, Json]:
    schema_part: Json = dict(schema)
    for step in path:
        schema_part = schema_part.get(step) if isinstance(schema_part, dict) else None
    return schema_part if isinstance(schema_part, dict) else _NO_SCHEMA


def _resolved(schema: Mapping[str, Json], root: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a schema refers to inside its own file; one step, as generators write it."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    return _of(root, *reference.removeprefix("#/").split("/"))
