"""Fields of a ground truth that can be reviewed: every leaf its schema knows, and every list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import (
    filled,
)
from harness.core.outcomes import ABSTENTION
from harness.core.rules.field_rule import normal_field
from harness.core.values import INDEX, FieldPath, Json, json_leaves, show, value_at_path


class TruthField(NamedTuple):
    """Field of a truth that a reviewer approves or disputes."""

    path: FieldPath
    name: str
    """The field as people say it, indexes folded: `lines[].amount`."""
    is_present: bool
    """False where the truth states that there is nothing."""
    is_list: bool = False
    """Not a value, but that a list has these items and no others."""


def truth_fields(plan: Plan, truth: Json) -> tuple[TruthField, ...]:
    """Return the fields of a truth in its order: those that are absent included, ignored ones not.

    A list stands behind its items.

    >>> plan = Plan({"properties": {"a": {"type": "string"}, "b": {"type": "array"}}})
    >>> [(field.path, field.is_present, field.is_list) for field in truth_fields(plan, {"b": [1]})]
    [(('a',), False, False), (('b', 0), True, False), (('b',), True, True)]
    """
    fields_by_path: dict[FieldPath, TruthField] = {}
    lists: dict[FieldPath, TruthField] = {}
    for code, leaf, at, _, _, _ in plan.diff(truth, truth).verdicts:
        steps = leaf.path.steps
        path = filled(steps, at)
        for closed in [place for place in lists if path[: len(place)] != place]:
            fields_by_path[(*closed, "[]")] = lists.pop(closed)
        for size, step in enumerate(steps):
            if step == INDEX and path[:size] not in lists:
                name = _folded(leaf.path.name, steps, size)
                lists[path[:size]] = TruthField(path[:size], name, is_present=True, is_list=True)
        is_list = isinstance(value_at_path(truth, path), list)
        is_present = code != ABSTENTION
        fields_by_path[path] = TruthField(path, leaf.path.name, is_present, is_list)
    for place in sorted(lists, key=len, reverse=True):
        fields_by_path[(*place, "[]")] = lists[place]
    return tuple(fields_by_path.values())


def ignored_fields(plan: Plan, truth: Json) -> Iterator[tuple[FieldPath, Json]]:
    """Yield the values of a truth that no rule compares: nobody reviews them, none is scored.

    The plan has met the truth before, as `truth_fields` has it meet it.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> plan = Plan(None, parse_rules({"rows[].id": {"ignore": True}}))
    >>> truth = {"rows": [{"id": 7, "n": 1}]}
    >>> len(truth_fields(plan, truth)), list(ignored_fields(plan, truth))
    (2, [(('rows', 0, 'id'), 7)])
    """
    if not plan.uncompared:
        return
    known: dict[FieldPath, bool] = {(): False}

    def is_in(path: FieldPath) -> bool:
        """Tell whether a field, indexes folded, is one of them or in one."""
        if path not in known:
            known[path] = is_in(path[:-1]) or normal_field(show(path)) in plan.uncompared
        return known[path]

    for path, value in json_leaves(truth):
        if is_in(tuple(0 if isinstance(step, int) else step for step in path)):
            yield path, value


def _folded(name: str, steps: tuple[str | int, ...], size: int) -> str:
    """Return the name of the list whose items the step at `size` goes into."""
    depth = sum(step == INDEX for step in steps[:size])
    parts = name.split("[]")
    return "[]".join(parts[: depth + 1])
