"""Ignored fields that alone tell the items of a list apart: without them the list is a bag."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from harness.core.rules.field_rule import Rules
from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps, field_of, field_steps
from harness.core.values import Json
from harness.errors import Problem


def ignored_keys(rules: Rules, truths: Sequence[Json]) -> Iterator[tuple[str, Problem]]:
    """Yield a warning for each rule that ignores what alone tells the items of a list apart.

    Such items are paired by what is left, so that a value that belongs to another item is right.

    >>> from harness.core.rules.field_rule import parse_rules
    >>> lines = [{"line": 1, "label": "a"}, {"line": 2, "label": "b"}, {"line": 3, "label": "a"}]
    >>> rules = parse_rules({"lines[].line": {"ignore": True}})
    >>> [name for name, _ in ignored_keys(rules, [{"lines": lines}])]
    ['lines[].line']
    """
    ignored = [name for name, rule in rules.items() if rule.ignore and "*" not in name]
    for name in ignored:
        *above, own = field_steps(name)
        if not above or above[-1] != ITEM or own in (ITEM, ANY_KEY):
            continue
        listed = tuple(above[:-1])
        rule = rules.get(field_of(listed))
        if rule is not None and rule.align not in (None, "best"):
            continue
        others = {steps[-1] for steps in map(field_steps, ignored) if steps[:-1] == tuple(above)}
        lists = [some for truth in truths for some in _lists(truth, listed)]
        if _is_key(own, others, lists):
            about = field_of(listed)
            what = (
                f"rules.{name}: it alone tells items of {about} apart, which are paired without it:"
                " a value of another item is right"
            )
            hint = f"`{about}: {{align: key, key: [{own}]}}` pairs them by it all the same"
            yield name, Problem(what, "loose-rule", hint=hint)


def _lists(value: Json, steps: FieldSteps) -> Iterator[list[Json]]:
    """Yield the lists that stand at a field of a value."""
    if not steps:
        if isinstance(value, list):
            yield value
    elif steps[0] in (ITEM, ANY_KEY):
        held: Iterable[Json] = value if isinstance(value, list) else ()
        held = value.values() if isinstance(value, dict) else held
        for one in held:
            yield from _lists(one, steps[1:])
    elif isinstance(value, dict):
        yield from _lists(value.get(steps[0]), steps[1:])


def _is_key(own: str, ignored: Iterable[str], lists: Iterable[list[Json]]) -> bool:
    """Tell whether a field differs in all items of every list, and nothing else does in some."""
    repeats = False
    for some in lists:
        items = [item for item in some if isinstance(item, dict)]
        names = {_text(item.get(own)) for item in items}
        if len(items) < len(some) or len(names) < len(items):
            return False
        rest = {_text({k: v for k, v in item.items() if k not in ignored}) for item in items}
        repeats = repeats or len(rest) < len(items)
    return repeats


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
