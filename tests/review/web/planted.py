"""Errors planted into truths: wrong, missing and invented values, items lost and items twice."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from harness.cases.decisions.truth_fields import truth_fields
from harness.core.differ.plan import Plan
from harness.core.records import Case
from harness.core.values import FieldPath, Json


def with_errors(case: Case, plan: Plan, share: float, seed: int) -> tuple[Json, int]:
    """Return a case's truth with errors in about this share of its values, and their number.

    It still fits its schema, and nothing that rules ignore is touched.
    """
    truth, schema = case.truth, case.schema
    judged = {field.path for field in truth_fields(plan, truth)}
    made: Any = copy.deepcopy(truth)
    chance = random.Random(seed)
    fits = Draft202012Validator(schema if isinstance(schema, dict) else {}).is_valid
    planted = 0
    for path in [path for path, _ in _scalars(made) if path in judged]:
        holder, key = _holder(made, path), path[-1]
        before = holder[key]
        if chance.random() < share:
            holder[key] = _wrong(before, chance)
            planted += 1
            if not fits(made):
                holder[key], planted = before, planted - 1
    for listed in [each for each in _lists(made) if len(each) > 1]:
        before = list(listed)
        if chance.random() < share * 2:
            del listed[chance.randrange(len(listed))]
        elif chance.random() < share * 2 and isinstance(listed[0], dict):
            listed.append({key: _wrong(value, chance) for key, value in listed[-1].items()})
        if not fits(made):
            listed[:] = before
        planted += listed != before
    return made, planted


def _wrong(value: Json, chance: random.Random) -> Json:
    if value is not None and chance.random() < 0.2:
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + chance.randrange(1, 50)
    if isinstance(value, str):
        return f"{value}{chance.choice('xyz')}" if chance.random() < 0.7 else value[::-1] or "x"
    return value if isinstance(value, dict | list) else "made up"


def _scalars(value: Json, at: FieldPath = ()) -> Iterator[tuple[FieldPath, Json]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _scalars(below, (*at, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _scalars(below, (*at, number))
    else:
        yield at, value


def _lists(value: Json) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
        for below in value:
            yield from _lists(below)
    elif isinstance(value, dict):
        for below in value.values():
            yield from _lists(below)


def _holder(value: Any, path: FieldPath) -> Any:  # noqa: ANN401  # list or object
    for step in path[:-1]:
        value = value[step]
    return value
