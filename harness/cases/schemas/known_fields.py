"""The fields a schema and the truths speak of, and whether a rule's pattern means any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Final

from harness.cases.schemas.subschemas import Subschema, children, field_of
from harness.core.differ.aligned_maps import KEY_FIELD, is_aligned_map
from harness.core.rules.field_rule import Rules
from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps, RuleName, field_steps
from harness.core.schema.ref_pointers import plain_references
from harness.core.values import Json
from harness.errors import Problem, did_you_mean

MOST_FIELDS: Final = 5_000
_DEEPER: Final = 12
"""FieldSteps that `**` may stand for: recursive schemas have no end."""


def unused_rules(
    rules: Rules, schemas: Iterable[Mapping[str, Json]], truths: Iterable[Json]
) -> dict[str, Problem]:
    """Return a warning for every rule that no field of the schemas or truths goes by."""
    waiting = {name: RuleName.of(name) for name in rules}
    declared = declared_fields(rules, schemas)
    seen: set[FieldSteps] = set()
    for fields in chain((declared,), (fields_of_truths(truth, declared) for truth in truths)):
        fresh = fields - seen
        seen |= fresh
        waiting = {n: name for n, name in waiting.items() if not any(map(name.means, fresh))}
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
    plain = plain_references(dict(root))
    root = plain if isinstance(plain, dict) else root
    found: dict[FieldSteps, set[str]] = {}
    waiting = [Subschema(root, (), ())]
    while waiting and len(found) < MOST_FIELDS:
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
