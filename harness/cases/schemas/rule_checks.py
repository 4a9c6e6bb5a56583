"""Rule checks: names inside rules (`match`, `key`, `id`, …) must be fields that items have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from harness.cases.schemas.known_fields import (
    MOST_FIELDS,
    declared_fields,
    fields_of_truths,
    rules_of_schemas,
)
from harness.core.differ.aligned_maps import is_aligned_map
from harness.core.rules.field_rule import FieldRule, Rules
from harness.core.rules.named_fields import named_fields, unborne
from harness.core.rules.references import lost_references, of_schema
from harness.core.rules.rule_names import (
    ANY_KEY,
    ITEM,
    KEY_FIELD,
    FieldSteps,
    RuleName,
    field_of,
    field_steps,
)
from harness.core.values import Json
from harness.errors import Problem, did_you_mean

_NO_RULE: Final = FieldRule()


def broken_rules(
    rules: Rules, schemas: Iterable[Mapping[str, Json]], truths: Iterable[Json]
) -> list[tuple[str, Problem]]:
    """Return the errors in rules that only schemas and truths together can tell, by rule.

    A name inside a rule that no item bears, `align` on an object, a reference to no collection.
    Rules of schemas (`x-match`) are judged as well, by the field they stand at. Lists of which no
    item is known are not judged.
    """
    schemas = list(schemas)
    within = rules_of_schemas(schemas)
    problems = _broken(rules, within, schemas, truths)
    return [(n, p if n in rules else replace(p, what=of_schema(n, p.what))) for n, p in problems]


def _broken(
    rules: Rules, within: Rules, schemas: Sequence[Mapping[str, Json]], truths: Iterable[Json]
) -> list[tuple[str, Problem]]:
    problems = list(lost_references(rules, within))
    rules = {**within, **{n: rule.over(within.get(n, _NO_RULE)) for n, rule in rules.items()}}
    aligned = {name: rule for name, rule in rules.items() if rule.align}
    focused = [name for name, rule in rules.items() if rule.focus]
    if not aligned and not focused:
        return problems
    declared = declared_fields(rules, schemas)
    if len(declared) >= MOST_FIELDS:
        return problems
    met = set(declared).union(*(fields_of_truths(truth, declared) for truth in truths))
    problems.extend(_unknown_focus(focused, met))
    for name, rule in aligned.items():
        means = RuleName.of(name).means
        lists = {steps for steps in met if means(steps)}
        problems.extend((name, problem) for problem in _flaws(name, rule, lists, met))
    return problems


def _unknown_focus(
    names: Iterable[str], met: AbstractSet[FieldSteps]
) -> Iterator[tuple[str, Problem]]:
    """Yield rules that put a field in focus that neither schemas nor truths have."""
    for name in names:
        if met and not any(map(RuleName.of(name).means, met)):
            hint = did_you_mean(name, [field_of(steps) for steps in met if steps])
            yield (
                name,
                Problem(
                    f"rules.{name}: there is no such field to focus on", "unknown-focus", hint=hint
                ),
            )


def unknown_fields(
    names: Iterable[str],
    rules: Rules,
    schemas: Iterable[Mapping[str, Json]],
    truths: Iterable[Json],
) -> list[Problem]:
    """Return an error for every name that no field of schemas or truths bears."""
    declared = declared_fields(rules, schemas)
    met = set(declared).union(*(fields_of_truths(truth, declared) for truth in truths))
    known = [field_of(steps) for steps in met if steps]
    return [
        Problem(f"there is no field {name!r}", "unknown-focus", hint=did_you_mean(name, known))
        for name in names
        if field_steps(name) not in met
    ]


def _flaws(
    name: str, rule: FieldRule, lists: AbstractSet[FieldSteps], met: AbstractSet[FieldSteps]
) -> Iterator[Problem]:
    is_map = is_aligned_map(rule) and any((*steps, ANY_KEY) in met for steps in lists)
    if not is_map and not any((*steps, ITEM) in met for steps in lists):
        if any(len(steps) and steps[:-1] in lists for steps in met):
            what = f"rules.{name}: `align: {rule.align}` is for lists, and this is an object"
            hint = "the values of an object are paired by their keys; of a map, by `align: best`"
            yield Problem(what, "bad-rule", hint=hint)
        return
    items = {(*steps, step) for steps in lists for step in (ITEM, ANY_KEY)}
    depth = {len(steps) for steps in items}
    borne = {steps[n:] for n in depth for steps in met if len(steps) > n and steps[:n] in items}
    borne.discard((KEY_FIELD,))
    if not borne or any(steps[0] in (ANY_KEY, ITEM) for steps in borne):
        return
    known = [field_of(steps) for steps in borne]
    for setting, each in named_fields(rule):
        if field_steps(each) not in borne and not (is_map and each == KEY_FIELD):
            yield unborne(name, setting, each, known)
