"""Worth of a pair of list items: the fields that pairing them would make correct."""

from __future__ import annotations

from typing import Final, NamedTuple

from harness.core.alignment.equal_items import NOT_KEYS
from harness.core.fields.field import Field, ItemCells, Leaf
from harness.core.fields.scalar import KIND
from harness.core.fields.verdict_ledger import CODE, Ledger, Verdict
from harness.core.outcomes import (
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    WRONG_VALUE,
)
from harness.core.values import Json

WORTH_STEPS: Final = 1000
"""Similarities are weighed in whole steps, so that sums are exact and equal sums are equal."""


class Worth(NamedTuple):
    """Weight of pairing two items, in falling order of importance."""

    correct: int
    lenient: int
    """Leaves that are right once read leniently."""
    shared: int
    """Leaves present on both sides."""
    similarity: int
    """Summed over shared leaves, in steps."""
    in_format: int
    """Shared leaves that are no format error."""
    leaves: int
    """Leaves present on either side; no reason to pair, but what similarity is a share of."""


def worth_of(field: Field, expected: Json, predicted: Json, ledger: Ledger) -> Worth:
    """Judge two values on a scratch ledger and return what pairing them would bring."""
    scratch = Ledger()
    scratch.pairings, scratch.kept = ledger.pairings, ledger.kept
    field.diff(expected, predicted, (), (), scratch)
    codes = [verdict[CODE] for verdict in scratch.verdicts]
    correct, lenient = codes.count(CORRECT), codes.count(FORMAT_ONLY)
    wrong, malformed = codes.count(WRONG_VALUE), codes.count(FORMAT_ERROR)
    near = sum(map(_nearness, scratch.verdicts)) if wrong or malformed else 0
    shared = correct + lenient + wrong + malformed
    return Worth(
        correct,
        lenient,
        shared,
        (correct + lenient) * WORTH_STEPS + near,
        correct + wrong,
        shared + codes.count(OMISSION) + codes.count(HALLUCINATION),
    )


def is_told(item: Json, row: ItemCells) -> bool:
    """Tell whether an item is an object of scalars, and its cells are the keys of all of them."""
    if not isinstance(item, dict) or not _SCALARS.issuperset(map(type, item.values())):
        return False
    present = sum(value is not None for value in item.values())
    return len(row) == present and NOT_KEYS.isdisjoint(map(type, row.values()))


_SCALARS: Final = frozenset(KIND)


def worth_of_cells(expected: ItemCells, predicted: ItemCells) -> Worth | None:
    """Return the worth of pairing two items from the keys of their scalars alone.

    None where values of several types meet, or a tolerance is declared: it takes a judgement.
    """
    correct = shared = similarity = 0
    for place, one in expected.items():
        other = predicted.get(place)
        if other is None:
            continue
        leaf = place[0] if isinstance(place, tuple) else place
        kind = KIND.get(one.__class__)
        if kind != KIND.get(other.__class__) or not isinstance(leaf, Leaf):
            return None
        shared += 1
        if one == other:
            correct += 1
            similarity += WORTH_STEPS
        elif kind is None or leaf.scalar.same_keys is not None:
            return None
        else:
            near = leaf.scalar.comparator_of(one).near(one, other)  # type: ignore[arg-type]  # keys
            similarity += round(WORTH_STEPS * near)
    leaves = len(expected.keys() | predicted.keys())
    return Worth(correct, 0, shared, similarity, shared, leaves)


def _nearness(verdict: Verdict) -> int:
    code, leaf, _, _, expected, predicted = verdict
    if code not in (WRONG_VALUE, FORMAT_ERROR):
        return 0
    return round(WORTH_STEPS * leaf.scalar.closeness(expected, predicted))
