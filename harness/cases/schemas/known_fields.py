"""Known fields of schemas and truths, and warnings about rules that match none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import chain
from typing import Final

from harness.cases.schemas.subschemas import Subschema, children, subschemas
from harness.core.differ.aligned_maps import is_aligned_map
from harness.core.rules.field_rule import FieldRule, Rules, parse_rule
from harness.core.rules.rule_names import (
    ANY_KEY,
    ITEM,
    KEY_FIELD,
    FieldSteps,
    RuleName,
    field_of,
    field_steps,
)
from harness.core.schema.ref_pointers import plain_references
from harness.core.schema.resolving import follow_or_none
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean

MOST_FIELDS: Final = 5_000
_DEEPER: Final = 12
"""FieldSteps that `**` may stand for: recursive schemas have no end."""


def unused_rules(
    rules: Rules, schemas: Iterable[Mapping[str, Json]], truths: Iterable[Json]
) -> dict[str, Problem]:
    """Return a warning for every rule that no field of the schemas or truths goes by."""
    waiting = {name: RuleName.of(name) for name in rules}
    declared = declared_fields(rules, schemas)
    met: set[FieldSteps] = set()
    for fields in chain((declared,), (fields_of_truths(truth, declared) for truth in truths)):
        fresh = fields - met
        met |= fresh
        waiting = {n: name for n, name in waiting.items() if not any(map(name.means, fresh))}
        if not waiting:
            return {}
    names = [field_of(steps) for steps in met]
    problems = {}
    for name in waiting:
        hint = did_you_mean(name, names)
        hint = hint if hint and hint.startswith("did") else None
        what = f"rules.{name}: no field of the schema or the ground truth goes by that name"
        problems[name] = Problem(what, "unused-rule", hint=hint)
    return problems


def patterns_on_maps(
    rules: Rules, schemas: Iterable[Mapping[str, Json]]
) -> Iterator[tuple[str, Problem]]:
    """Yield a warning for each pattern that would pair the entries of a map, were it a list."""
    patterns = [n for n, rule in rules.items() if "*" in n and is_aligned_map(rule)]
    declared = declared_fields(rules, schemas) if patterns else ()
    maps = sorted(steps[:-1] for steps in declared if steps[-1:] == (ANY_KEY,))
    for name in patterns:
        means = RuleName.of(name).means
        meant = next(
            (steps for steps in maps if means(steps) and field_of(steps) not in rules), None
        )
        if meant is not None:
            field = field_of(meant)
            what = f"rules.{name}: a pattern pairs the items of lists only, and {field} is a map"
            hint = f"write a rule of its own: `{field}: {{align: {rules[name].align}}}`"
            yield name, Problem(what, "unused-rule", hint=hint)


def declared_fields(rules: Rules, schemas: Iterable[Mapping[str, Json]]) -> AbstractSet[FieldSteps]:
    """Return the fields of the schemas, as deep as any of the rules could mean."""
    longest = max((len(RuleName.of(name).steps) for name in rules), default=0) + _DEEPER
    fields = (schema_fields(schema, longest) for schema in schemas)
    return frozenset(_map_fields(rules)).union(*fields)


def _map_fields(rules: Rules) -> Iterator[FieldSteps]:
    """Yield the fields of entries wherever a rule pairs what may be a map by its entries."""
    for name, rule in rules.items():
        if is_aligned_map(rule) and "*" not in name:
            yield from ((*field_steps(name), ANY_KEY), (*field_steps(name), ANY_KEY, KEY_FIELD))


def fields_of_truths(
    value: Json, declared: AbstractSet[FieldSteps] = frozenset()
) -> frozenset[FieldSteps]:
    """Return the fields of a value, lists and objects themselves included.

    Keys of a map are folded to `{}` where `declared`, the fields of the schema, has one there, as
    scoring folds them.
    """
    return frozenset(_of_value(value, (), declared))


def _of_value(
    value: Json, steps: FieldSteps, declared: AbstractSet[FieldSteps]
) -> Iterator[FieldSteps]:
    yield steps
    if isinstance(value, dict):
        is_map = (*steps, ANY_KEY) in declared
        for key, below in value.items():
            own = (*steps, key)
            yield from _of_value(
                below, (*steps, ANY_KEY) if is_map and own not in declared else own, declared
            )
    elif isinstance(value, list):
        for item in value:
            yield from _of_value(item, (*steps, ITEM), declared)


def schema_fields(root: Mapping[str, Json], longest: int) -> frozenset[FieldSteps]:
    """Return the fields of up to so many steps that a schema allows, references followed."""
    return frozenset(here.steps for here in _entered(root, longest))


def rules_of_schemas(schemas: Iterable[Mapping[str, Json]]) -> dict[str, FieldRule]:
    """Return the rules that stand in schemas as `x-match`, by field, references followed.

    Rules that cannot be read are left out: compiling the schema tells of them.
    """
    rules: dict[str, FieldRule] = {}
    for schema in schemas:
        if not any("x-match" in each.schema for each in subschemas(schema)):
            continue
        for here in _entered(schema, _DEEPER):
            name = field_of(here.steps)
            if "x-match" in here.schema:
                with suppress(HarnessError):
                    rule = parse_rule(here.schema["x-match"], name)
                    rules[name] = rules[name].over(rule) if name in rules else rule
    return rules


def _entered(root: Mapping[str, Json], longest: int) -> Iterator[Subschema]:
    """Yield the schemas of fields of up to so many steps, references followed."""
    plain = plain_references(dict(root))
    document = plain if isinstance(plain, dict) else dict(root)
    keys_by_field: dict[FieldSteps, set[str]] = {}
    waiting = [Subschema(document, (), ())]
    while waiting and len(keys_by_field) < MOST_FIELDS:
        here = waiting.pop(0)
        yield here
        entered = keys_by_field.setdefault(here.steps, set())
        target = here.schema.get("$ref")
        if isinstance(target, str) and target not in entered:
            entered.add(target)
            schema = follow_or_none(document, target)
            if isinstance(schema, Mapping):
                waiting.append(Subschema(schema, (), here.steps))
        waiting.extend(
            child
            for child in children(here)
            if child.steps[:1] != ("$defs",) and len(child.steps) <= longest
        )
