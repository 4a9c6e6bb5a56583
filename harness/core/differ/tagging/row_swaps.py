"""Row swaps: values of another item's row, reported only with evidence of a swap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from harness.core.comparators.comparator import as_text
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    VALUE_EXPECTED,
    VALUE_PREDICTED,
    Ledger,
    Verdict,
)
from harness.core.outcomes import ABSTENTION, FORMAT_ERROR, HALLUCINATION, WRONG_VALUE

RowPlace: TypeAlias = object
"""Where an item stands in the truth."""
SwapCell: TypeAlias = tuple[int, object]
"""A column, by identity, and a value as it was read."""

_RARE: Final = 0.8
"""Share of different values from which a column tells its rows apart."""
_ROWS: Final = 3
_TELLING: Final = 3
"""Characters from which a value is not met by chance."""
_FEW: Final = 2
"""Rows that may share a value that is still rare."""


def row_swaps(ledger: Ledger, wrong: Sequence[tuple[int, Verdict]]) -> Iterator[int]:
    """Yield the verdicts whose predicted value belongs to another item of the same list.

    A value that stands elsewhere in its column is evidence only if it is the only one of a column
    that tells its rows apart, if two rows have exchanged it, or if several fields come of one row.

    >>> from harness.core.differ.plan import Plan
    >>> truth = {"r": [{"n": n, "q": q} for n, q in (("a", 3), ("b", 4), ("c", 7), ("d", 4))]}
    >>> wrong = {"r": [{"n": n, "q": q} for n, q in (("a", 4), ("b", 3), ("c", 4), ("d", 4))]}
    >>> ledger = Plan().diff(truth, wrong)
    >>> swapped = row_swaps(ledger, [(i, v) for i, v in enumerate(ledger.verdicts) if v[0] == 4])
    >>> sorted(ledger.verdicts[i][2] for i in swapped)
    [(0,), (1,)]
    """
    candidates = [
        (index, verdict)
        for index, verdict in wrong
        if verdict[CODE] in (WRONG_VALUE, FORMAT_ERROR)
        and verdict[PLACE_EXPECTED]
        and not isinstance(verdict[VALUE_PREDICTED], list | dict | bool)
    ]
    if not candidates:
        return
    owners = _owners(ledger, {id(verdict[FIELD]) for _, verdict in candidates})
    foreign = {
        index: owners.get(_cell(verdict), set()) - {verdict[PLACE_EXPECTED]}
        for index, verdict in candidates
    }
    index_of: dict[tuple[RowPlace, SwapCell], int] = {
        (verdict[PLACE_EXPECTED], _cell(verdict)): index for index, verdict in candidates
    }
    columns = _columns(owners)
    rows = _rows(candidates, foreign)
    for index, verdict in candidates:
        others = foreign[index]
        if not others:
            continue
        alone = len(others) == 1 and _is_rare(verdict, columns[id(verdict[FIELD])])
        if alone or _is_exchanged(verdict, others, index_of) or rows.get(index):
            yield index


def _cell(verdict: Verdict) -> SwapCell:
    return id(verdict[FIELD]), verdict[FIELD].scalar.key(verdict[VALUE_PREDICTED])


def _owners(ledger: Ledger, columns: AbstractSet[int]) -> Mapping[SwapCell, set[RowPlace]]:
    """Return the rows of the truth that hold a value, by column, of those given, and value."""
    owners: dict[SwapCell, set[RowPlace]] = defaultdict(set)
    for code, leaf, at_expected, _, expected, _ in ledger.verdicts:
        if id(leaf) in columns and at_expected and code not in (HALLUCINATION, ABSTENTION):
            key = leaf.scalar.key(expected)
            if key is not None:
                owners[id(leaf), key].add(at_expected)
    return owners


def _columns(owners: Mapping[SwapCell, set[RowPlace]]) -> Mapping[int, Counter[str]]:
    """Return how many different values and cells each column has."""
    columns: dict[int, Counter[str]] = defaultdict(Counter)
    for (column, _), rows in owners.items():
        columns[column]["values"] += 1
        columns[column]["cells"] += len(rows)
    return columns


def _is_rare(verdict: Verdict, column: Counter[str]) -> bool:
    """Tell whether a value can hardly be met by chance: neither short nor one off."""
    expected, predicted = verdict[VALUE_EXPECTED], verdict[VALUE_PREDICTED]
    tells = column["cells"] >= _ROWS and column["values"] >= _RARE * column["cells"]
    counted = all(isinstance(v, int) and not isinstance(v, bool) for v in (expected, predicted))
    if counted and abs(expected - predicted) == 1:  # type: ignore[operator]  # both are integers
        return False
    return tells and len(as_text(predicted) or "") >= _TELLING


def _is_exchanged(
    verdict: Verdict, others: set[RowPlace], index_of: Mapping[tuple[RowPlace, SwapCell], int]
) -> bool:
    """Tell whether another row has this one's value: next to it, or a value few rows have."""
    own = id(verdict[FIELD]), verdict[FIELD].scalar.key(verdict[VALUE_EXPECTED])
    return any(
        (other, own) in index_of
        and (len(others) <= _FEW or _are_neighbours(verdict[PLACE_EXPECTED], other))
        for other in others
    )


def _are_neighbours(one: RowPlace, other: RowPlace) -> bool:
    if not isinstance(one, tuple) or not isinstance(other, tuple) or one[:-1] != other[:-1]:
        return False
    return all(isinstance(r[-1], int) for r in (one, other)) and abs(one[-1] - other[-1]) == 1


def _rows(
    candidates: Sequence[tuple[int, Verdict]], foreign: Mapping[int, set[RowPlace]]
) -> Mapping[int, bool]:
    """Return which verdicts have their value from a row that other fields have theirs from."""
    rows: dict[int, bool] = {}
    by_row: dict[RowPlace, list[tuple[int, Verdict]]] = defaultdict(list)
    for index, verdict in candidates:
        if foreign[index]:
            by_row[verdict[PLACE_EXPECTED]].append((index, verdict))
    for cells in by_row.values():
        sources = Counter(row for index, _ in cells for row in foreign[index])
        for index, _ in cells:
            shared = [row for row in foreign[index] if sources[row] > 1]
            rows[index] = 0 < len(shared) <= _FEW
    return rows
