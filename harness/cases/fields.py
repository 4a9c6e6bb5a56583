"""The fields a schema and the truths speak of, and whether a rule's pattern means any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from harness.cases.subschemas import ANY_KEY, ITEM, Steps, Subschema, children, field_of
from harness.core.rules import Rules
from harness.core.values import Json
from harness.errors import Problem, did_you_mean

_STEP: Final = re.compile(r'\[\]|\{\}|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]{}]+)')
_MOST_FIELDS: Final = 5_000
_LOOPS: Final = 2
"""How often one reference is entered on the way to a field: recursive schemas have no end."""


def unused_rules(
    rules: Rules, schemas: Iterable[Mapping[str, Json]], truths: Iterable[Json]
) -> dict[str, Problem]:
    """Return a warning for every rule that no field of the schemas or truths goes by."""
    waiting = {name: _steps_of(name) for name in rules}
    seen: set[Steps] = set()
    for fields in (*map(schema_fields, schemas), *map(truth_fields, truths)):
        fresh = fields - seen
        seen |= fresh
        waiting = {n: p for n, p in waiting.items() if not any(_means(p, f) for f in fresh)}
        if not waiting:
            return {}
    names = [field_of(steps) for steps in seen]
    problems = {}
    for name in waiting:
        hint = did_you_mean(name, names)
        hint = hint if hint and hint.startswith("did") else None
        what = f"rules.{name}: no field of the schema or the ground truth goes by that name"
        problems[name] = Problem(what, "unused-rule", hint=hint)
    return problems


def truth_fields(value: Json) -> frozenset[Steps]:
    """Return the fields of a value, lists and objects themselves included."""
    return frozenset(_of_value(value, ()))


def _of_value(value: Json, steps: Steps) -> Iterator[Steps]:
    yield steps
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _of_value(below, (*steps, key))
    elif isinstance(value, list):
        for item in value:
            yield from _of_value(item, (*steps, ITEM))


def schema_fields(root: Mapping[str, Json]) -> frozenset[Steps]:
    """Return the fields a schema allows, references followed, lists and objects included."""
    found: set[Steps] = set()
    _of_schema(Subschema(root, (), ()), root, (), found)
    return frozenset(found)


def _of_schema(
    here: Subschema, root: Mapping[str, Json], entered: tuple[str, ...], found: set[Steps]
) -> None:
    if len(found) >= _MOST_FIELDS:
        return
    found.add(here.steps)
    target = here.schema.get("$ref")
    if isinstance(target, str) and entered.count(target) < _LOOPS:
        schema = _at_pointer(root, target)
        if schema is not None:
            _of_schema(Subschema(schema, (), here.steps), root, (*entered, target), found)
    for child in children(here):
        if "$defs" not in child.steps:
            _of_schema(child, root, entered, found)


def _at_pointer(root: Mapping[str, Json], target: str) -> Mapping[str, Json] | None:
    if target != "#" and not target.startswith("#/"):
        return None
    here: object = root
    for part in target[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping) and key in here:
            here = here[key]
        elif isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        else:
            return None
    return here if isinstance(here, Mapping) else None


def _steps_of(name: str) -> Steps:
    if name == "$":
        return ()
    return tuple(
        json.loads(f'"{m[1]}"') if m[1] is not None else m[0] for m in _STEP.finditer(name)
    )


def _means(pattern: Steps, field: Steps) -> bool:
    """Tell whether a pattern stands for a field.

    >>> _means(("rows", "[]", "*"), ("rows", "[]", "sku")), _means(("**", "sku"), ("sku",))
    (True, True)
    """
    if not pattern:
        return not field
    if pattern[0] == "**":
        return any(_means(pattern[1:], field[n:]) for n in range(len(field) + 1))
    return bool(field) and _fits(pattern[0], field[0]) and _means(pattern[1:], field[1:])


def _fits(step: str, key: str) -> bool:
    if step in ("*", ANY_KEY):
        return key != ITEM
    return step == key or (key == ANY_KEY and step != ITEM)
