"""Scalars whose type a schema names: unions branch by branch, several accepted readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from harness.core.comparators.by_name import comparator_for, suggested
from harness.core.comparators.comparator import Comparator, Key
from harness.core.fields.scalar import (
    FLOATS,
    KIND,
    TEXTS,
    Cell,
    Loose,
    Scalar,
    key_of,
    kind_and_key,
    reading_back,
    tolerance_of,
    turned_by,
    untyped_scalar,
)
from harness.core.outcomes import CORRECT, FORMAT_ERROR, FORMAT_ONLY, WRONG_VALUE
from harness.core.reading.numbers import canonical_number
from harness.core.reading.text import fold, folds_alike
from harness.core.rules.field_rule import FieldRule
from harness.core.schema.merging import RULE_WORD
from harness.core.schema.validity import Schema, check_of, is_plain, kinds_of
from harness.core.values import Json, is_blank

_NO_RULE: Final = FieldRule()
BranchRule: TypeAlias = "Callable[[Schema], tuple[FieldRule, Comparator | None]]"
"""From one branch of a union to the rule that stands in it, with its own comparator if it has."""


def _no_branch_rule(_: Schema) -> tuple[FieldRule, Comparator | None]:
    return _NO_RULE, None


def typed_scalar(
    schema: Schema,
    rule: FieldRule,
    own: Comparator | None = None,
    within: BranchRule = _no_branch_rule,
) -> Scalar:
    """Return how scalars are compared where the schema names their type.

    `own` is the comparator of a rule that names a user's function; `within` are the rules that
    stand in the branches of a union.
    """
    name = rule.compare or suggested(schema)
    if name is None or any(within(option)[0] != _NO_RULE for option in scalar_branches(schema)):
        return _union_scalar(schema, rule, own, within)
    comparator = comparator_for(name, rule, schema) if own is None else own
    check = check_of(schema)
    key, same = key_of(comparator), tolerance_of(comparator)
    reads_back = reading_back(rule) if name == "text" else _never
    turned = turned_by(rule) if name == "text" else None

    def judge(expected: Json, predicted: Json) -> int:
        one, other = key(expected), key(predicted)
        equal = one == other or (same is not None and same(one, other))
        if check(predicted):
            return CORRECT if equal else WRONG_VALUE
        return FORMAT_ONLY if equal or reads_back(expected, predicted) else FORMAT_ERROR

    def cell(value: Json) -> Cell:
        reading = key(value)
        return reading if reading is None or check(value) else Loose(reading, value)

    scalar = Scalar(
        name, lambda _: comparator, judge, key, cell, None, turned, same, comparator.reach
    )
    if name == "text" and is_plain(schema):
        return _plain_text(scalar)
    if name == "number" and is_plain(schema) and check(1):
        return _plain_number(scalar, schema)
    return scalar


def _never(_expected: Json, _predicted: Json) -> bool:
    return False


def _plain_number(scalar: Scalar, schema: Schema) -> Scalar:
    """Return the same keys and decisions for numbers of any size, in fewer calls."""
    key, cell, whole = scalar.key, scalar.cell, "number" not in kinds_of(schema)
    judge, same = scalar.judge, scalar.same_keys

    def number_key(value: Json) -> Key:
        return value if type(value) is int else key(value)

    def number_cell(value: Json) -> Cell:
        if type(value) is int:
            return value
        if type(value) is float and not whole:
            return canonical_number(value)
        return cell(value)

    def number_judge(expected: Json, predicted: Json) -> int:
        kind, other = type(expected), type(predicted)
        if (kind is not int and kind is not float) or (other is not int and other is not float):
            return judge(expected, predicted)
        if whole and other is float and not predicted.is_integer():  # type: ignore[union-attr]  # a float
            return judge(expected, predicted)
        one, two = canonical_number(expected), canonical_number(predicted)  # type: ignore[arg-type]  # numbers
        return CORRECT if one == two or (same is not None and same(one, two)) else WRONG_VALUE

    floats = () if whole else (FLOATS,)
    return replace(scalar, judge=number_judge, key=number_key, cell=number_cell, read_all=floats)


def _plain_text(scalar: Scalar) -> Scalar:
    """Return the same decisions for strings of any kind, the commonest field, in fewer calls."""
    judge, key, cell, same = scalar.judge, scalar.key, scalar.cell, scalar.same_keys

    def text_judge(expected: Json, predicted: Json) -> int:
        if isinstance(expected, str) and isinstance(predicted, str):
            if folds_alike(expected, predicted):
                return CORRECT
            if same is None or not same(fold(expected), fold(predicted)):
                return WRONG_VALUE
            return CORRECT
        return judge(expected, predicted)

    def text_cell(value: Json) -> Cell:
        return (fold(value) or key(value)) if isinstance(value, str) else cell(value)

    return replace(scalar, judge=text_judge, cell=text_cell, read_all=(TEXTS,))


def _union_scalar(
    schema: Schema, rule: FieldRule, own: Comparator | None, within: BranchRule
) -> Scalar:
    """Return how scalars are compared where the schema allows several types.

    The branch that the truth satisfies decides: its type, its format, its comparator and rule.
    """
    base, check = untyped_scalar(rule, own), check_of(schema)
    options = scalar_branches(schema)
    scalars = [within(option) for option in options]
    branches = [
        (check_of(option), accepting(typed_scalar(option, rule.over(one), own or mine), one))
        for option, (one, mine) in zip(options, scalars, strict=True)
    ]

    def scalar_of(expected: Json) -> Scalar | None:
        return next((scalar for fits, scalar in branches if fits(expected)), None)

    def judge(expected: Json, predicted: Json) -> int:
        branch = scalar_of(expected)
        code = (branch or base).judge(expected, predicted)
        if code in (CORRECT, FORMAT_ONLY):
            valid = branch is not None or check(predicted)
            return code if valid else FORMAT_ONLY
        return WRONG_VALUE if check(predicted) else FORMAT_ERROR

    def comparator_of(expected: Json) -> Comparator:
        return (scalar_of(expected) or base).comparator_of(expected)

    union = replace(base, comparator_of=comparator_of, judge=judge, read_all=())
    plain = all(one == _NO_RULE for one, _ in scalars) and _by_type_alone(branches)
    keyed = union if plain else _raw_keyed(union)

    def cell(value: Json) -> Cell:
        reading = keyed.key(value)
        return reading if reading is None or check(value) else Loose(reading, value)

    return replace(keyed, cell=cell)


def scalar_branches(schema: Schema) -> list[Schema]:
    """Return the branches of a union of scalars, the one that says most of a value first.

    >>> scalar_branches({"type": ["string", "number"]})
    [{'type': 'number'}, {'type': 'string'}]
    """
    options = schema.get("anyOf")
    listed: list[Schema] = [o for o in options if isinstance(o, dict)] if options else []  # type: ignore[union-attr]  # a list, as merged
    if not listed:
        bare = {word: keyword for word, keyword in schema.items() if word != RULE_WORD}
        listed = [{**bare, "type": kind} for kind in sorted(kinds_of(schema) - {"null"})]
    return sorted((o for o in listed if o != schema), key=_vagueness)


def _vagueness(schema: Schema) -> int:
    if "const" in schema or "enum" in schema:
        return 0
    return 1 if "format" in schema else 3 if is_plain(schema) else 2


def _by_type_alone(branches: list[tuple[Callable[[Json], bool], Scalar]]) -> bool:
    """Tell whether every branch compares as the value's own JSON type suggests."""
    return all(scalar.name in ("text", "number", "boolean", "by type") for _, scalar in branches)


def _raw_keyed(scalar: Scalar) -> Scalar:
    """Return a scalar whose keys are the values themselves: which branch reads them is told by two.

    Keys carry their JSON type: 1 is not true.
    """
    judge = scalar.judge

    def key(value: Json) -> Key:
        kind = KIND.get(value.__class__)
        return None if kind is None or is_blank(value) else (kind, value)

    def same_keys(one: Key, other: Key) -> bool:
        (_, first), (_, second) = kind_and_key(one), kind_and_key(other)
        return judge(first, second) in (CORRECT, FORMAT_ONLY)  # type: ignore[arg-type]  # values, as `key` has them

    return replace(scalar, key=key, others=None, turned=None, same_keys=same_keys, reach=None)


_BEST_FIRST = (CORRECT, FORMAT_ONLY, WRONG_VALUE, FORMAT_ERROR)


def accepting(scalar: Scalar, rule: FieldRule) -> Scalar:
    """Return the same comparison, for which a rule's `any_of` values are right as well.

    >>> from harness import score
    >>> score({"by": "J. Roe"}, {"by": "Jane Roe"}, rules={"by": {"any_of": ["Jane Roe"]}}).f1
    1.0
    """
    readings = rule.any_of
    if readings is None:
        return scalar
    keys = [key for key in map(scalar.key, readings) if key is not None]
    judge_one, same_one, comparator_one = scalar.judge, scalar.same_keys, scalar.comparator_of

    def judge(expected: Json, predicted: Json) -> int:
        codes = {judge_one(reading, predicted) for reading in (expected, *readings)}
        return next(code for code in _BEST_FIRST if code in codes)

    def same_keys(expected: Key, predicted: Key) -> bool:
        return any(
            key == predicted or (same_one is not None and same_one(key, predicted))
            for key in (expected, *keys)
        )

    def comparator_of(expected: Json) -> Comparator:
        return _nearest(comparator_one(expected), readings)

    return replace(
        scalar,
        judge=judge,
        same_keys=same_keys,
        comparator_of=comparator_of,
        reach=None,
    )


def _nearest(comparator: Comparator, readings: tuple[Json, ...]) -> Comparator:
    """Return a comparator that says how near the nearest reading is."""
    read, near_one = comparator.read, comparator.near
    keys = [key for key in map(read, readings) if key is not None]

    def near(expected: Key, predicted: Key) -> float:
        return max(near_one(key, predicted) for key in (expected, *keys))

    return replace(comparator, near=near)
