"""Holdout split: stratified, grouped, and the same whoever makes it.

No seed and no clock: the order within a stratum is that of the documents' digests.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.cases.discovery.splits import DEV, HOLDOUT, Frozen, split_keys
from harness.core.records import Case

SHARE: Final = 0.3
"""Share of the documents that is held out."""
FEWEST: Final = 12
"""Documents below which none is held out."""
MANY: Final = 30
"""Documents from which the held-out share says something by itself."""
LEAST: Final = 6
"""Documents that are held out at the least."""


@dataclass(frozen=True, slots=True)
class SplitUnit:
    """Cases that are never divided: they share a group or a document."""

    cases: tuple[str, ...]
    keys: tuple[str, ...]
    """Of their documents, in order."""
    tags: tuple[str, ...]


def holdout_size(documents: int) -> int:
    """Return how many documents to hold out.

    >>> [holdout_size(n) for n in (5, 11, 12, 20, 29, 30, 100)]
    [0, 0, 6, 6, 9, 9, 30]
    """
    if documents < FEWEST:
        return 0
    return max(LEAST, round(SHARE * documents))


def claim_split(documents: int, *, held_out: bool) -> str:
    """Return what a better score on so many documents can prove."""
    if documents < FEWEST and not held_out:
        return (
            f"Regression suite: with {documents} documents and none held out, a better score says "
            "that these documents are answered better, and not that others will be."
        )
    if not held_out:
        return (
            "Nothing is held out: what is won here was also looked at here. "
            "Freeze a holdout before the next edit: harness split"
        )
    if documents < MANY:
        return (
            f"{documents} documents: enough to tell an effect from run-to-run noise; of other "
            "documents only the holdout speaks, and so small a one shows large effects alone."
        )
    return "The holdout confirms or refutes what is won here: harness holdout SUITE"


def units_of(cases: Iterable[Case]) -> tuple[SplitUnit, ...]:
    """Return cases in units, whatever their order."""
    by_name: dict[str, list[Case]] = defaultdict(list)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    listed = sorted(cases, key=lambda case: case.id)
    for case in listed:
        names = [*split_keys(case), *([f"group:{case.group}"] if case.group else [])]
        for name in names[1:]:
            parent[root(name)] = root(names[0])
    for case in listed:
        by_name[root(split_keys(case)[0])].append(case)
    return tuple(map(_unit, by_name.values()))


def _unit(cases: Sequence[Case]) -> SplitUnit:
    keys = sorted({key for case in cases for key in split_keys(case)})
    tags = sorted({tag for case in cases for tag in case.tags})
    return SplitUnit(tuple(case.id for case in cases), tuple(keys), tuple(tags))


def freeze(cases: Sequence[Case], frozen: Frozen) -> Frozen:
    """Return splits with every document assigned; what was assigned or shown stays where it is.

    Documents are taken at even distances from a list in which those with the same tags stand
    together, so that every stratum gives its share. Nothing is held out of a small suite.
    """
    units = units_of(cases)
    split_of_case = {case.id: case.split for case in cases if case.split in (DEV, HOLDOUT)}
    splits = {**frozen.splits}
    free: list[SplitUnit] = []
    for unit in units:
        known = _known(unit, split_of_case, frozen)
        if known is None:
            free.append(unit)
        else:
            splits = {**dict.fromkeys(unit.keys, known), **splits}
    documents = sum(len(unit.keys) for unit in units)
    held = sum(splits.get(key) == HOLDOUT for unit in units for key in unit.keys)
    chosen = _evenly(_stratified(free), holdout_size(documents) - held)
    for unit in free:
        splits.update(dict.fromkeys(unit.keys, HOLDOUT if unit in chosen else DEV))
    if HOLDOUT not in splits.values():
        return Frozen(frozen.splits, frozen.seen_documents)
    return Frozen(MappingProxyType(splits), frozen.seen_documents)


def _known(unit: SplitUnit, split_of_case: Mapping[str, str | None], frozen: Frozen) -> str | None:
    """Return where a unit belongs already; None if it is free."""
    splits = {frozen.splits[key] for key in unit.keys if key in frozen.splits}
    splits |= {split for case in unit.cases if (split := split_of_case.get(case))}
    if any(key in frozen.seen_documents for key in unit.keys) or DEV in splits:
        return DEV
    return next(iter(splits), None)


def _stratified(units: Sequence[SplitUnit]) -> list[SplitUnit]:
    """Return units so that those with the same tags stand together, commonest tags outermost."""
    common = Counter(tag for unit in units for tag in unit.tags)

    def place(unit: SplitUnit) -> tuple[list[tuple[int, str]], str]:
        digest = hashlib.sha256("\n".join(unit.keys).encode()).hexdigest()
        return sorted((-common[tag], tag) for tag in unit.tags), digest

    return sorted(units, key=place)


def _evenly(units: Sequence[SplitUnit], wanted: int) -> set[SplitUnit]:
    """Return units at even distances that hold about so many documents."""
    total = sum(len(unit.keys) for unit in units)
    due, taken, chosen = 0.0, 0, set[SplitUnit]()
    for unit in units if wanted > 0 else ():
        size = len(unit.keys)
        due += size * min(1.0, wanted / total)
        if due - taken >= size / 2:
            chosen.add(unit)
            taken += size
    return chosen
