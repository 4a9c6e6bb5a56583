"""Equal items: what two items of a list share that read the same in every field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from harness.core.comparators.by_name import exact_key
from harness.core.fields.field import Column, Field, ItemCells, Leaf, List
from harness.core.fields.scalar import Loose, Spare
from harness.core.values import Json

ItemSignature: TypeAlias = "frozenset[object] | None"
"""Equal for equal items; None where equality alone does not say that two belong together."""


def signature(row: ItemCells, side: int, *, tolerant: bool) -> ItemSignature:
    """Return what equal items share, nested lists included.

    None where a tolerance is declared, unless `tolerant`: what is near one value may be far from
    its equals, so that pairing equals may cost another pair. None also where references count.
    """
    if NOT_KEYS.isdisjoint(map(type, row.values())):
        return frozenset(row.items()) if tolerant or not any(map(is_tolerant, row)) else None
    parts: list[object] = []
    for place, cell in row.items():
        field = place[0] if isinstance(place, tuple) else place
        if isinstance(cell, Spare):
            continue
        if isinstance(cell, list):
            whole = None if isinstance(field, Leaf) else _list(field, cell, side, tolerant)
            if whole is None:
                return None
            parts.append((place, whole))
            continue
        if not tolerant and is_tolerant(place):
            return None
        key = ("broken", exact_key(cell.value)) if isinstance(cell, Loose) else cell
        parts.append((place, key))
    return frozenset(parts)


NOT_KEYS: Final = frozenset((list, Loose, Spare))
"""What cells of an item are that are no keys of its scalars."""


def is_tolerant(place: Column) -> bool:
    """Tell whether different values of a column may be the same."""
    field = place[0] if isinstance(place, tuple) else place
    return isinstance(field, Leaf) and field.scalar.is_tolerant


def _list(field: List, values: Sequence[Json], side: int, tolerant: bool) -> object:  # noqa: FBT001  # passed on
    """Return what equal lists share: their items as a bag, or in order where order counts."""
    if field.rule.align == "entity" or field.rule.cumulative:
        return None
    ordered = field.rule.align not in (None, "best")
    signatures: list[object] = []
    for index, value in enumerate(values):
        row: ItemCells = {}
        item_at(field, index).cells(value, side, (), row)
        if row or ordered:
            whole = signature(row, side, tolerant=tolerant)
            if whole is None:
                return None
            signatures.append(whole)
    return tuple(signatures) if ordered else frozenset(Counter(signatures).items())


def item_at(field: List, index: int) -> Field:
    """Return the field of a list's item, which in a tuple depends on where it stands."""
    if field.rule.align != "position":
        return field.item
    position = getattr(field.item, "at", None)
    item: Field = field.item if position is None else position(index)
    return item


def equal_pairs(
    left: Iterable[tuple[int, ItemCells]], right: Sequence[tuple[int, ItemCells]], *, tolerant: bool
) -> list[tuple[int, int]]:
    """Return pairs of equal items, first with first."""
    waiting: dict[ItemSignature, list[int]] = {}
    for j, row in reversed(right):
        row_signature = signature(row, 1, tolerant=tolerant)
        if row_signature is not None:
            waiting.setdefault(row_signature, []).append(j)
    pairs = []
    for i, row in left:
        queue = waiting.get(signature(row, 0, tolerant=tolerant)) if waiting else None
        if queue:
            pairs.append((i, queue.pop()))
    return pairs
