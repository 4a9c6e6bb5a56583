"""Paired list items, read off the ledger of a scored case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.core.differ.aligned_maps import MapField
from harness.core.differ.containers import Dynamic, ListField, ObjectField
from harness.core.differ.entity_scope import EntityScope
from harness.core.differ.forwarding_fields import Later, Positions
from harness.core.differ.statements import Statements
from harness.core.fields.field import Field, Leaf
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import Tag
from harness.core.values import INDEX, FieldPath, Steps

Range: TypeAlias = tuple[int, int]
"""Where the verdicts of one pair of items start and end."""


@dataclass(frozen=True, slots=True)
class PairPlace:
    """One list on the way to a verdict, and the verdict's item in it."""

    hole: int
    """Which hole of the field's path the item's index fills."""
    steps: tuple[str | int, ...]
    """The list's own path, with holes."""
    pair: Range | None
    """The verdicts of the pair of items; None where the item stands alone."""


def rows_around(ledger: Ledger, index: int) -> list[Range]:
    """Return the pairs of items a verdict is inside of, outermost first."""
    rows = [row for row in ledger.rows if row[0] <= index < row[1]]
    return sorted(rows, key=lambda row: row[0] - row[1])


def places(ledger: Ledger, index: int, rows: Sequence[Range]) -> list[PairPlace]:
    """Return the lists on the way to a verdict, outermost first.

    `rows` are the pairs the verdict is inside of, outermost first.
    """
    steps = ledger.verdicts[index][1].path.steps
    lists: list[tuple[int, tuple[str | int, ...]]] = []
    hole = 0
    for at, step in enumerate(steps):
        if isinstance(step, str):
            continue
        if step == INDEX:
            lists.append((hole, steps[:at]))
        hole += 1
    skipped = len(lists) - len(rows) if ledger.marks.get(index) is Tag.UNWRAPPED else 0
    pairs: list[Range | None] = [*[None] * skipped, *rows, *[None] * len(lists)]
    return [PairPlace(*each, pair) for each, pair in zip(lists, pairs, strict=False)]


def filled(steps: Sequence[str | int], at: Steps) -> FieldPath:
    """Return a path with its holes filled: object keys and list indexes from the root.

    >>> filled(("rooms", 0, "area"), (3,))
    ('rooms', 3, 'area')
    """
    holes = iter(at)
    return tuple(step if isinstance(step, str) else next(holes) for step in steps)


def partners(ledger: Ledger, place: PairPlace, index: int) -> dict[int, tuple[int, Range]]:
    """Return the pairs of the list that a verdict's item is in.

    From an expected item's index to its partner's, and where the verdicts of the two stand.
    """
    _, _, at_expected, at_predicted, _, _ = ledger.verdicts[index]
    hole, size = place.hole, len(place.steps)
    pairs: dict[int, tuple[int, Range]] = {}
    for row in (row for row in ledger.rows if row[0] < row[1]):
        _, leaf, expected, predicted, _, _ = ledger.verdicts[row[0]]
        same = leaf.path.steps[:size] == place.steps and len(leaf.path.steps) > size
        if (
            not same
            or expected[:hole] != at_expected[:hole]
            or predicted[:hole] != at_predicted[:hole]
            or len(expected) <= hole
        ):
            continue
        i, before = int(expected[hole]), pairs.get(int(expected[hole]))
        if before is None or before[1][1] - before[1][0] < row[1] - row[0]:
            pairs[i] = int(predicted[hole]), row
    return pairs


def paired_items(ledger: Ledger) -> dict[FieldPath, dict[int, int]]:
    """Return the pairs of every list by its path in the truth: expected index to predicted index.

    >>> from harness.core.differ.plan import Plan
    >>> ledger = Plan().diff({"a": ["x", "y"]}, {"a": ["y", "x"]})
    >>> paired_items(ledger)
    {('a',): {0: 1, 1: 0}}
    """
    pairs_by_list: dict[FieldPath, dict[int, int]] = {}
    for index, rows in enumerate(_all_rows(ledger)):
        if not rows:
            continue
        _, _, at_expected, at_predicted, _, _ = ledger.verdicts[index]
        for place in places(ledger, index, rows):
            if place.pair is not None:
                pairs = pairs_by_list.setdefault(filled(place.steps, at_expected), {})
                pairs[int(at_expected[place.hole])] = int(at_predicted[place.hole])
    return pairs_by_list


def _all_rows(ledger: Ledger) -> Iterator[list[Range]]:
    """Yield for every verdict the pairs of items it is inside of, outermost first."""
    begins: Mapping[int, list[Range]] = defaultdict(list)
    for row in sorted(ledger.rows, key=lambda row: row[0] - row[1]):
        begins[row[0]].append(row)
    inside: list[Range] = []
    for index in range(len(ledger.verdicts)):
        inside = [row for row in inside if index < row[1]] + begins.get(index, [])
        yield inside


def list_at(root: Field, path: FieldPath) -> ListField:
    """Return the list of a plan at a path where some value has one."""
    for step in path:
        root = _step(root, step)
    field = _bare(root)
    items = field.items() if isinstance(field, Dynamic) else field
    assert isinstance(items, ListField)  # noqa: S101  # by its values, a list stands there
    return items


def _bare(field: Field) -> Field:
    """Return what judges a field, whatever it is wrapped in."""
    if isinstance(field, EntityScope | Statements):
        return _bare(field.field)
    if isinstance(field, MapField):
        return _bare(field.plain)
    if isinstance(field, Later):
        return _bare(field.grown())
    if isinstance(field, Leaf):
        below = field.dynamic or field.make(field.path)
        return below if isinstance(below, Leaf) else _bare(below)
    return field


def _step(field: Field, step: str | int) -> Field:
    if isinstance(field, EntityScope | Statements):
        return _step(field.field, step)
    if isinstance(field, MapField) and isinstance(step, str):
        return field.value
    here = _bare(field)
    if isinstance(step, int):
        listed = here.items() if isinstance(here, Dynamic) else here
        item = listed.item if isinstance(listed, ListField) else here
        return item.at(step) if isinstance(item, Positions) else item
    if isinstance(here, ObjectField):
        here.grown()
        return here.known.get(step) or here.rest(step)
    if isinstance(here, Dynamic):
        return here.key(step) if here.shape is None else _step(here.shape, step)
    return here
