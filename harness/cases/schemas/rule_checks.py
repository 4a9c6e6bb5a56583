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
from harness.core.differ.aligned_maps import entity_map_flaw, is_aligned_map
from harness.core.rules.field_rule import FieldRule, Rules
from harness.core.rules.named_fields import named_fields, unborne, values_at
from harness.core.rules.references import lost_references, misplaced_collections, of_schema
from harness.core.rules.rule_names import (
    ANY_KEY,
    ITEM,
    KEY_FIELD,
    VALUE_FIELD,
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
    misplaced = dict(misplaced_collections(rules))
    problems = [*lost_references(rules, within), *misplaced.items()]
    rules = {**within, **{n: rule.over(within.get(n, _NO_RULE)) for n, rule in rules.items()}}
    aligned = {n: rule for n, rule in rules.items() if rule.align and n not in misplaced}
    focused = [name for name, rule in rules.items() if rule.focus]
    if not aligned and not focused:
        return problems
    declared = declared_fields(rules, schemas)
    if len(declared) >= MOST_FIELDS:
        return problems
    met = set(declared)
    maps: dict[str, Problem] = {}
    for truth in truths:
        met |= fields_of_truths(truth, declared)
        maps |= _unfit_maps({n: r for n, r in aligned.items() if n not in maps}, truth)
    problems.extend(maps.items())
    problems.extend(_unknown_focus(focused, met))
    for name, rule in aligned.items():
        means = RuleName.of(name).means
        if name in maps:
            continue
        lists = {steps for steps in met if means(steps)}
        problems.extend((name, problem) for problem in _flaws(name, rule, lists, met))
    return problems


def _unfit_maps(rules: Rules, truth: Json) -> dict[str, Problem]:
    """Return, by rule of entities, what of it does not fit a map that a truth has there."""
    return {
        name: flaw
        for name, rule in rules.items()
        if rule.align == "entity" and "*" not in name
        for value in values_at(truth, field_steps(name))
        if (flaw := entity_map_flaw(name, rule, value)) is not None
    }


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
    maps = {steps for steps in lists if (*steps, ANY_KEY) in met}
    is_map = is_aligned_map(rule) and bool(maps) and not any(_is_named(s, met) for s in maps)
    if not is_map and not any((*steps, ITEM) in met for steps in lists):
        if any(len(steps) and steps[:-1] in lists for steps in met):
            what = f"rules.{name}: `align: {rule.align}` is for lists, and this is an object"
            hint = "the values of an object are paired by their keys; of a map, by `align: best`"
            yield Problem(what, "bad-rule", hint=hint)
        return
    own = {KEY_FIELD, VALUE_FIELD} if is_map else set()
    items = {(*steps, step) for steps in lists for step in (ITEM, ANY_KEY)}
    depth = {len(steps) for steps in items}
    borne = {steps[n:] for n in depth for steps in met if len(steps) > n and steps[:n] in items}
    borne.discard((KEY_FIELD,))
    if not borne or any(steps[0] in (ANY_KEY, ITEM) for steps in borne):
        return
    known = [field_of(steps) for steps in borne]
    for setting, each in named_fields(rule):
        if field_steps(each) not in borne and each not in own:
            yield unborne(name, setting, each, known)


def _is_named(steps: FieldSteps, met: AbstractSet[FieldSteps]) -> bool:
    """Tell whether a schema names keys of an object."""
    size = len(steps)
    below = (other[size] for other in met if len(other) == size + 1 and other[:size] == steps)
    return any(step not in (ITEM, ANY_KEY) for step in below)
