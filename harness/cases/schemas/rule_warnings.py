"""Warnings about rules: those that match no field, and loose ones that accept wrong values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.cases.schemas.ignored_keys import ignored_keys
from harness.cases.schemas.known_fields import patterns_on_maps, unused_rules
from harness.cases.schemas.subschemas import subschemas
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.differ.loose_rules import loose_rules
from harness.core.differ.plan import Plan
from harness.core.rules.field_rule import Rules
from harness.core.values import Json, Path
from harness.errors import HarnessError, Problem

_LOOKED_AT: Final = 200
"""Truths of each schema that loose rules are sought with."""


def rule_warnings(
    rules: Rules,
    cases: Sequence[tuple[Json, Json]],
    functions: Functions = NO_FUNCTIONS,
) -> Iterator[tuple[str | None, Problem]]:
    """Yield warnings, each with the rule it is about: None where the schema's `x-match` says it.

    `cases` are (schema, truth). Told of are rules that mean no field, and rules by which wrong
    values are correct.
    """
    schemas = {id(schema): schema for schema, _ in cases if isinstance(schema, dict)}
    yield from unused_rules(rules, schemas.values(), (truth for _, truth in cases)).items()
    yield from patterns_on_maps(rules, schemas.values())
    yield from loose_warnings(rules, cases, functions)


def loose_warnings(
    rules: Rules, cases: Sequence[tuple[Json, Json]], functions: Functions = NO_FUNCTIONS
) -> Iterator[tuple[str | None, Problem]]:
    """Yield warnings of rules by which wrong values are correct, as `rule_warnings` does."""
    yield from ignored_keys(rules, _spread([truth for _, truth in cases]))
    by_schema: dict[int, list[tuple[Json, Json]]] = {}
    for schema, truth in cases:
        by_schema.setdefault(id(schema), []).append((schema, truth))
    reported: set[str] = set()
    for group in by_schema.values():
        schema, truths = group[0][0], [truth for _, truth in group]
        if not rules and not _has_rules(schema):
            continue
        try:
            plan = Plan(schema, rules, functions)
            problems = loose_rules(plan, _spread(truths))
        except HarnessError:
            continue  # scoring tells of it
        for field, problem in problems.items():
            if field not in reported:
                reported.add(field)
                yield _rule_of(plan, field), problem


def _has_rules(schema: Json) -> bool:
    return isinstance(schema, dict) and any("x-match" in s.schema for s in subschemas(schema))


def _spread(truths: Sequence[Json]) -> Sequence[Json]:
    if len(truths) <= _LOOKED_AT:
        return truths
    return [truths[n * len(truths) // _LOOKED_AT] for n in range(_LOOKED_AT)]


def _rule_of(plan: Plan, field: str) -> str | None:
    """Return the name of the rule that a field goes by before all others."""
    named = plan.rules_for(Path((), "" if field == "$" else field))
    return named[0][0] if named else None
