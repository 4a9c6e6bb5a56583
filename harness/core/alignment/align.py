"""List alignment: pair the items of two lists. Every item is judged later, paired or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.alignment.assignment import assign
from harness.core.alignment.clear_pairs import clear_pairs
from harness.core.alignment.columns import rows_of
from harness.core.alignment.equal_items import NOT_KEYS
from harness.core.alignment.pair_worth import worth_of
from harness.core.alignment.weigh_pairs import Pairing
from harness.core.fields.field import EXPECTED, PREDICTED, ItemCells, Leaf, List
from harness.core.fields.scalar import Loose, Spare, untyped_scalar
from harness.core.fields.verdict_ledger import Ledger
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json, value_at

Pairs: TypeAlias = Sequence[tuple[int, int]]
"""Index in the truth and index in the prediction, in the truth's order."""


def align(
    field: List, expected: Sequence[Json], predicted: Sequence[Json], ledger: Ledger
) -> Pairs:
    """Pair the items of two lists by the field's rule; an answer once found is kept."""
    known = (id(field), id(expected), id(predicted))
    pairs = ledger.pairings.get(known)
    if pairs is None:
        how = field.rule.align or "best"
        if how in ("best", "sequence") and _are_same_texts(field, expected, predicted):
            pairs = [(i, i) for i in range(len(expected))]
        elif (
            len(expected) == len(predicted) == 1
            and how in ("best", "sequence")
            and field.rule.threshold is None
        ):
            worth = worth_of(field.item, expected[0], predicted[0], ledger)
            pairs = [(0, 0)] if worth.correct or worth.lenient else []
        elif how == "best" and (same := _distinct_scalars(field, expected, predicted)) is not None:
            pairs = same
        elif how == "position":
            pairs = [(i, i) for i in range(min(len(expected), len(predicted)))]
        elif how == "key":
            pairs = _by_key(field, expected, predicted, ledger)
        elif how == "sequence":
            pairs = sequence(Pairing(field, expected, predicted, ledger))
        else:
            pairs = best(field, expected, predicted, ledger)
        ledger.pairings[known] = pairs
    return pairs


def _are_same_texts(field: List, expected: Sequence[Json], predicted: Sequence[Json]) -> bool:
    """Tell whether two lists hold the same texts in the same order, none of them blank."""
    leaf = getattr(field.item, "leaf", field.item)
    return (
        expected == predicted
        and isinstance(leaf, Leaf)
        and leaf.plain
        and all(isinstance(one, str) and "!" <= one[:1] <= "~" for one in expected)
        and [*map(type, expected)] == [*map(type, predicted)]
    )


def _distinct_scalars(
    field: List, expected: Sequence[Json], predicted: Sequence[Json]
) -> Pairs | None:
    """Return the pairs of two lists of scalars of one type, no two of a list the same.

    Each has one partner at the most: the one that reads the same. None for any other lists.
    """
    leaf = getattr(field.item, "leaf", field.item)
    kind = expected[0].__class__ if expected else None
    if (
        kind not in _UNLIKE_OTHERS
        or not isinstance(leaf, Leaf)
        or not leaf.plain
        or leaf.scalar.is_tolerant
        or field.rule.threshold is not None
        or {*map(type, expected), *map(type, predicted)} != {kind}
        or (kind is str and "{" in "".join(predicted))  # type: ignore[arg-type]  # texts
    ):
        return None
    read = leaf.known[kind].__getitem__
    left, right = [*map(read, expected)], [*map(read, predicted)]
    places = {cell: j for j, cell in enumerate(right)}
    cells = {*left, *right}
    is_distinct = len(places) == len(right) and len({*left}) == len(left)
    if not is_distinct or None in cells or not NOT_KEYS.isdisjoint(map(type, cells)):
        return None
    return [(i, places[cell]) for i, cell in enumerate(left) if cell in places]


_UNLIKE_OTHERS: Final = frozenset((str, int, float))
"""Types whose scalars are no containers and have no other type's scalars among them."""


def best(field: List, expected: Sequence[Json], predicted: Sequence[Json], ledger: Ledger) -> Pairs:
    """Return the one-to-one pairing with the most correct leaves, recursively.

    Ties go to more leaves right once read leniently, then to more shared paths, to higher
    similarity, to fewer format errors, and to the nearer index. A pair has at least one right leaf,
    or reaches the similarity that a rule gives.
    """
    fixed = clear_pairs(field.item, expected, predicted)
    pairing = Pairing(field, expected, predicted, ledger, fixed)
    fixed.extend(pairing.peel())
    fixed.extend(pairing.dominant())
    fixed.extend(assign(pairing.weights()).items())
    fixed.extend(pairing.rest(fixed))
    return sorted(fixed)


def sequence(pairing: Pairing) -> Pairs:
    """Return the best pairing that keeps both orders: the heaviest increasing subsequence."""
    ends = pairing.ends()
    pairing.in_order()
    tree: list[tuple[int, Chain]] = [(0, None)] * (pairing.width + 1)
    top: tuple[int, Chain] = (0, None)
    for i, edges in sorted(pairing.weights().items()):
        heads = [(j, w, _best_before(tree, j)) for j, w in edges]
        for j, weight, (worth, chain) in heads:
            entry = (worth + weight, ((i, j), chain))
            top = max(top, entry, key=lambda pair: pair[0])
            at = j + 1
            while at < len(tree):
                if entry[0] > tree[at][0]:
                    tree[at] = entry
                at += at & -at
    return sorted([*ends, *_unchain(top[1])])


Chain: TypeAlias = "tuple[tuple[int, int], Chain] | None"


def _best_before(tree: Sequence[tuple[int, Chain]], end: int) -> tuple[int, Chain]:
    """Return the heaviest chain that ends before a column (a prefix maximum, Fenwick 1994)."""
    best: tuple[int, Chain] = (0, None)
    while end > 0:
        if tree[end][0] > best[0]:
            best = tree[end]
        end -= end & -end
    return best


def _unchain(chain: Chain) -> Iterable[tuple[int, int]]:
    while chain is not None:
        pair, chain = chain
        yield pair


def _by_key(field: List, e: Sequence[Json], p: Sequence[Json], ledger: Ledger) -> Pairs:
    """Pair items that read the same under the rule's key; those without a key, as is best.

    Among items of one key the best pairing is taken. A key of another JSON type serves where no
    item has it in the right one.
    """
    keys = field.rule.key or ()
    names = {field.path.item().key(key).name: key for key in keys}
    names |= {f"{field.path.name}[].{key}": key for key in keys}
    names |= {field.item.path.key(key).name: key for key in keys}
    rows = rows_of(field.item, e, EXPECTED), rows_of(field.item, p, PREDICTED)
    sides = [_key_parts(some, names) for some in rows]
    every = [parts for side in sides for parts in side.values()]
    lost = [key for key in keys if not any(key in parts for parts in every)]
    for values, side in zip((e, p), sides, strict=True):
        _read_ignored(field, lost, values, side)
    expected, predicted = (_keyed(side, keys) for side in sides)
    lost_e, lost_p = expected.pop(None, []), predicted.pop(None, [])
    pairs: list[tuple[int, int]] = []
    otherwise = {_written(key): key for key in predicted if key not in expected}
    groups = [(lost_e, lost_p)]
    for key, left in expected.items():
        match = key if key in predicted else otherwise.pop(_written(key), None)
        right = predicted.get(match, [])
        if len(left) == len(right) == 1:
            pairs.append((left[0], right[0]))
        else:
            groups.append((left, right))
    for left, right in groups:
        if left and right:
            chosen = best(field, [e[i] for i in left], [p[j] for j in right], ledger)
            pairs.extend((left[i], right[j]) for i, j in chosen)
    return sorted(pairs)


def _written(key: tuple[object, ...] | None) -> tuple[str, ...]:
    """Return a key without the JSON types of its parts: 1 and "1" are written the same."""
    return tuple(str(part[-1] if isinstance(part, tuple) else part) for part in key or ())


def _key_parts(
    rows: Mapping[int, ItemCells], names: Mapping[str, str]
) -> dict[int, dict[str, object]]:
    """Return what each row says of every part of the key."""
    key_parts: dict[int, dict[str, object]] = {}
    for index, row in rows.items():
        parts = key_parts[index] = {}
        for place, cell in row.items():
            field = place[0] if isinstance(place, tuple) else place
            if field.path.name in names and not isinstance(cell, (list, Spare)):
                parts[names[field.path.name]] = cell.key if isinstance(cell, Loose) else cell
    return key_parts


def _read_ignored(
    field: List,
    keys: Sequence[str],
    values: Sequence[Json],
    key_parts: dict[int, dict[str, object]],
) -> None:
    """Add the parts of the key that no cell tells: a field may be ignored, and still name items."""
    read, named = untyped_scalar(FieldRule()).key, getattr(field.item, "named", _named)
    for key in keys:
        for index, parts in key_parts.items():
            part = read(named(values[index], key))
            if part is not None:
                parts[key] = part


def _named(item: Json, key: str) -> Json:
    """Return what an item says of a field, or of one further down: `seller.name`."""
    for step in key.split("."):
        item = value_at(item, step)
    return item


def _keyed(
    rows: Mapping[int, Mapping[str, object]], keys: Sequence[str]
) -> dict[tuple[object, ...] | None, list[int]]:
    """Group row indexes by key; None where a part of the key is absent or cannot be read."""
    groups: dict[tuple[object, ...] | None, list[int]] = {}
    for index, parts in rows.items():
        whole = tuple(parts.get(key) for key in dict.fromkeys(keys))
        groups.setdefault(None if None in whole else whole, []).append(index)
    return groups
