"""A value in prose that has the keys of a nested object of the answer: a part, not the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.schema.resolving import follow_or_none
from harness.core.values import Json

_AROUND: Final = "prose_around"
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_DEPTH: Final = 30


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of the answer itself, and of each object inside of it."""

    outer: frozenset[str]
    nested: tuple[frozenset[str], ...]


def whole_answer(reply: Answer | Failure, case: Case) -> Answer | Failure:
    """Return a reply as it is, or a failure where its value is by its keys only a part.

    Text stands around the value, its keys are those of one object inside the answer, and one of
    them is no key of the answer itself: what holds that object was written in another notation.
    """
    if isinstance(reply, Failure) or _AROUND not in reply.repairs:
        return reply
    keys = _keys_of(reply.value)
    known = _known(case)
    if not keys or keys <= known.outer or not known.outer:
        return reply
    if not any(keys <= each for each in known.nested):
        return reply
    shown_keys = ", ".join(sorted(keys)[:3])
    message = f"the JSON in the reply is part of the answer, by its keys ({shown_keys})"
    return Failure(FailureKind.NOT_JSON, message, reply.raw, usage=reply.usage)


def _keys_of(value: Json) -> frozenset[str]:
    items = value if isinstance(value, list) else [value]
    return frozenset(key for item in items if isinstance(item, dict) for key in item)


def _known(case: Case) -> _Keys:
    """Return the keys that the schema names; those of the truth where there is no schema."""
    schema = case.schema
    if isinstance(schema, dict):
        outer = frozenset(_root_keys(schema, schema, 0))
        return _Keys(outer, tuple(_named(schema, 0)))
    truth = case.truth
    if not isinstance(truth, dict):
        return _Keys(frozenset(), ())
    nested = (each for value in truth.values() for each in _objects(value, 0))
    return _Keys(frozenset(truth), tuple(nested))


def _root_keys(root: Json, schema: Json, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict) or depth == _DEPTH:
        return
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from properties
    if isinstance(reference := schema.get("$ref"), str):
        yield from _root_keys(root, follow_or_none(root, reference), depth + 1)
    for word in _BRANCHES:
        branches = schema.get(word)
        for branch in branches if isinstance(branches, list) else ():
            yield from _root_keys(root, branch, depth + 1)


def _named(schema: Json, depth: int) -> Iterator[frozenset[str]]:
    """Yield the keys of every object that a schema describes, wherever in it."""
    if depth == _DEPTH:
        return
    if isinstance(schema, list):
        for item in schema:
            yield from _named(item, depth + 1)
    elif isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield frozenset(properties)
        for item in schema.values():
            yield from _named(item, depth + 1)


def _objects(value: Json, depth: int) -> Iterator[frozenset[str]]:
    if depth == _DEPTH:
        return
    if isinstance(value, dict):
        yield frozenset(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from _objects(item, depth + 1)
