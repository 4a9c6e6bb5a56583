"""Several accepted readings of one field: the truth is judged first, then the others."""

from __future__ import annotations

from dataclasses import replace

from harness.core.comparators.comparator import Comparator, Key
from harness.core.outcomes import CORRECT, FORMAT_ERROR, FORMAT_ONLY, WRONG_VALUE
from harness.core.rules import FieldRule
from harness.core.scalars import Scalar
from harness.core.values import Json

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
        exact_integers=False,
    )


def _nearest(comparator: Comparator, readings: tuple[Json, ...]) -> Comparator:
    """Return a comparator that says how near the nearest reading is."""
    read, near_one = comparator.read, comparator.near
    keys = [key for key in map(read, readings) if key is not None]

    def near(expected: Key, predicted: Key) -> float:
        return max(near_one(key, predicted) for key in (expected, *keys))

    return replace(comparator, near=near)
