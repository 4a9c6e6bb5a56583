"""The fields a schema and the truths speak of, and whether a rule's pattern means any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from harness.cases.schemas.subschemas import ANY_KEY, ITEM, Steps, Subschema, children, field_of
from harness.core.rules.field_rule import Rules
from harness.core.schema.ref_pointers import plain_references
from harness.core.values import Json
from harness.errors import Problem, did_you_mean

_STEP: Final = re.compile(r'\[\]|\{\}|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]{}]+)')
_MOST_FIELDS: Final = 5_000
_DEEPER: Final = 12
"""Steps that `**` may stand for: recursive schemas have no end."""


def unused_rules(
    rules: Rules, schemas: Iterable[Mapping[str, Json]], truths: Iterable[Json]
) -> dict[str, Problem]:
    """Return a warning for every rule that no field of the schemas or truths goes by."""
    waiting = {name: steps_of(name) for name in rules}
    seen: set[Steps] = set()
    longest = max(map(len, waiting.values()), default=0) + _DEEPER
    for fields in chain((schema_fields(s, longest) for s in schemas), map(truth_fields, truths)):
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


def schema_fields(root: Mapping[str, Json], longest: int) -> frozenset[Steps]:
    """Return the fields of up to so many steps that a schema allows, references followed."""
    plain = plain_references(dict(root))
    root = plain if isinstance(plain, dict) else root
    found: dict[Steps, set[str]] = {}
    waiting = [Subschema(root, (), ())]
    while waiting and len(found) < _MOST_FIELDS:
        here = waiting.pop(0)
        entered = found.setdefault(here.steps, set())
        target = here.schema.get("$ref")
        if isinstance(target, str) and target not in entered:
            entered.add(target)
            schema = _at_pointer(root, target)
            if schema is not None:
                waiting.append(Subschema(schema, (), here.steps))
        waiting.extend(
            child
            for child in children(here)
            if child.steps[:1] != ("$defs",) and len(child.steps) <= longest
        )
    return frozenset(found)


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


def steps_of(name: str) -> Steps:
    """Return a field, as people write it, taken apart.

    >>> steps_of("rows[].sku")
    ('rows', '[]', 'sku')
    """
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
