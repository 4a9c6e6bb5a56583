"""Documents, predictions and schemas to try the laws on, and what an observer can say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from harness.core.values import FieldPath, Json, is_blank, json_type, show
from tests.reference.documents import document, edited, pair

seeds = st.integers(0, 2**32 - 1)

near_misses = seeds.map(lambda seed: pair(Random(seed)))
"""A truth and a prediction out of few keys and few values, so that they often nearly agree."""

documents = seeds.map(lambda seed: document(Random(seed)))

scalars: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["12", "1,234.50", "31/03/2024", "2024-03-31", "N/A", "yes", " ", "\u200b"])
)
keys = st.sampled_from(["a", "b", "name", "", ".", "[0]", "{}", "$", "__class__", 'x"y', "*"])
anything: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(keys | st.text(max_size=3), below, max_size=4)
    ),
    max_leaves=12,
)
"""Any JSON at all, blank and odd values and keys included."""


NEW: tuple[Json, ...] = (1, "x", [1, 2], {"y": 1})


def same_shape(truth: Json, rng: Random) -> Json:
    """Return a prediction with other values, keys and items, but no container of another shape."""
    if isinstance(truth, dict):
        kept: dict[str, Json] = {}
        for key, child in truth.items():
            if rng.random() < 0.8:
                kept[key] = same_shape(child, rng)
        if rng.random() < 0.3:
            kept["new"] = rng.choice(NEW)
        return kept
    if isinstance(truth, list):
        items = [same_shape(item, rng) for item in truth if rng.random() < 0.8]
        rng.shuffle(items)
        return items + items[:1] if rng.random() < 0.3 else items
    other = edited(rng, truth, 0.4)
    return truth if isinstance(other, list | dict) else other


def regular(value: Json, kind: str = "object") -> bool:
    """Tell whether every list holds items of one shape only, so that pairs never clash in shape."""
    if isinstance(value, dict):
        return all(map(regular, value.values()))
    if isinstance(value, list):
        shapes = {json_type(v) if isinstance(v, list | dict) else kind for v in value}
        return len(shapes) < 2 and all(map(regular, value))
    return True


def leaves(value: Json, at: FieldPath = ()) -> Iterator[tuple[str, Json]]:
    """Yield the present scalars of a value, each with its path."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, (*at, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from leaves(child, (*at, index))
    elif not is_blank(value):
        yield show(at), value


def census(value: Json) -> Counter[tuple[str, str]]:
    """Count the present scalars by path and value, told apart as JSON tells them apart."""
    return Counter((path, repr(leaf)) for path, leaf in leaves(value))


def values(value: Json) -> Counter[str]:
    """Count the present scalars by value alone."""
    return Counter(repr(leaf) for _, leaf in leaves(value))


def shuffled(value: Json, rng: Random, *, lists: bool) -> Json:
    """Return the same value with its keys, and its items where asked, in another order."""
    if isinstance(value, dict):
        items = list(value.items())
        rng.shuffle(items)
        return {key: shuffled(child, rng, lists=lists) for key, child in items}
    if isinstance(value, list):
        found = [shuffled(child, rng, lists=lists) for child in value]
        if lists:
            rng.shuffle(found)
        return found
    return value


def schema_of(value: Json) -> Json:
    """Return the plainest schema a value keeps to; None (any) where its own parts differ."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {k: schema_of(v) for k, v in value.items()}}
    if isinstance(value, list):
        found: list[Json] = []
        for item in value:
            schema = schema_of(item)
            if schema not in found:
                found.append(schema)
        return {"type": "array", "items": found[0] if len(found) == 1 else {}}
    kind = json_type(value)
    return {"type": "number" if kind == "integer" else kind} if value is not None else {}


scalar_schemas: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["string", "number", "integer", "boolean", "null", "object", "array"]
        )
        | st.lists(st.sampled_from(["string", "number", "null", "object"]), max_size=3),
        "enum": st.lists(scalars, max_size=3),
        "const": scalars,
        "format": st.sampled_from(["date", "date-time", "time", "duration", "email", "odd"]),
        "minimum": st.integers(-5, 5) | st.just("x"),
        "multipleOf": st.sampled_from([0, 0.1, 3, -1]),
        "minLength": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "[0-9]+", ".*"]),
        "$ref": st.sampled_from(["#", "#/$defs/x", "#/$defs/y", "#/nowhere", "http://else/where"]),
        "x-match": st.sampled_from([{"align": "sequence"}, {"ignore": True}, {"odd": 1}, 5]),
    },
)
odd_schemas: st.SearchStrategy[Any] = st.recursive(
    scalar_schemas | st.sampled_from([None, True, False, 5, "x"]),
    lambda below: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string"]),
            "properties": st.dictionaries(keys, below, max_size=3) | st.just([]),
            "additionalProperties": below,
            "patternProperties": st.dictionaries(st.just("^a"), below, max_size=1),
            "items": below | st.lists(below, max_size=2),
            "prefixItems": st.lists(below, max_size=2),
            "anyOf": st.lists(below, max_size=3),
            "oneOf": st.lists(below, max_size=2),
            "allOf": st.lists(below, max_size=2),
            "$defs": st.dictionaries(st.sampled_from(["x", "y"]), below, max_size=2),
        },
    ),
    max_leaves=8,
)
"""Schemas as nobody should write them: wrong, circular, contradictory, of another document."""
