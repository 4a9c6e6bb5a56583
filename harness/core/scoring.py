"""`harness.score`: score one prediction against its ground truth."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan, given_schema
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from harness.errors import HarnessError, Problem, RuleWarning

_KEPT: Final = 8
"""How many compiled plans are kept for callers that score in a loop."""

_LARGEST: Final = 20_000
"""Number of fields from which a plan is compiled anew: it grows with every new key."""

_plans: list[tuple[tuple[str, str], Plan]] = []


def score(
    expected: Any,  # noqa: ANN401  # JSON, as callers' own types have it
    predicted: Any,  # noqa: ANN401
    schema: Any = None,  # noqa: ANN401
    rules: Mapping[str, object] | None = None,
    comparators: Functions = NO_FUNCTIONS,
) -> CaseResult:
    """Score one prediction against its ground truth, field by field.

    `schema` is a JSON Schema (without one, the expected values' own types are what is expected);
    `rules` map fields such as `line_items[].amount` to settings, over the schema's `x-match`.
    `comparators` are the functions that rules name, by `module:function`. None for either value
    stands for no answer at all.

    Both values may be Python's: models, dataclasses, decimals, dates, enums, sets, NumPy's scalars;
    NaN is a missing value. Raises HarnessError when rules or schema cannot be used, a value has no
    JSON form, or is nested too deep. Warns (`RuleWarning`) where both values are lists of records
    with ids, and neither a schema nor a rule of `$` says that they are one value.

    >>> result = score({"total": 12, "city": "Oslo"}, {"total": "12", "city": "oslo"})
    >>> result.counts.correct, result.counts.format_error, result.counts.value_equal
    (1, 1, 1)
    >>> score({"rank": ["a", "b"]}, {"rank": ["b", "a"]}, rules={"rank": {"align": "sequence"}}).f1
    0.5
    """
    if schema is None and "$" not in (rules or {}) and _is_set(expected) and _is_set(predicted):
        warnings.warn(_ONE_CASE, RuleWarning, stacklevel=2)
    return _plan_for(given_schema(schema), rules or {}, comparators).score(expected, predicted)


_ONE_CASE: Final = (
    "lists of records with ids are one case here, whose records are paired by what they hold; "
    "harness.evaluate(truths, predictions, ids='id') scores each record as a case, by id; "
    "rules={'$': {'align': 'key', 'key': ['id']}} pairs them by id within one case, 'best' as here"
)


def _is_set(value: object) -> bool:
    """Tell whether a value is a list of several records, each with an id of its own.

    >>> _is_set([{"id": 1}, {"id": 2}]), _is_set([{"id": 1}, {"id": 1}]), _is_set([{"id": 1}])
    (True, False, False)
    """
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004  # one is no set
        return False
    ids = [one.get("id") for one in value if isinstance(one, dict)]
    return len({one for one in ids if isinstance(one, str | int)}) == len(value)


def _plan_for(schema: Json, rules: Mapping[str, object], comparators: Functions) -> Plan:
    """Return the compiled plan of a schema and rules; written out, `true` is not 1."""
    try:
        named = sorted((name, id(function)) for name, function in comparators.items())
        known = json.dumps(schema, default=repr), f"{rules!r} {named}"
    except RecursionError:
        problem = Problem("the schema is nested too deep to read", "too-deep")
        raise HarnessError(problem) from None
    for recent in _plans:
        if recent[0] == known and recent[1].size < _LARGEST:
            return recent[1]
    plan = Plan(schema, parse_rules(rules), comparators)
    _plans[:] = [(known, plan), *(recent for recent in _plans if recent[0] != known)][:_KEPT]
    return plan
