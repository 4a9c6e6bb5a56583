"""Figures made of fields (micro, weighted, focus, floor): their differences, tested by document."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Literal, TypeAlias

from harness.core.statistics.intervals import LEVEL, Interval
from harness.core.statistics.paired_tests import Alternative, bca_of_sums
from harness.core.statistics.permutation import Permutation, drawn_share

FieldTotals: TypeAlias = Mapping[str, tuple[float, float]]
"""By field, the numerator and the denominator of its F1, in one answer or over several."""

_LISTED: Final = 1 << 12
"""Ways to deal all documents' answers up to which every one is tried."""
_DRAWS: Final = 1_999
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class FieldFigure:
    """A figure of all fields together."""

    kind: Literal["pooled", "mean", "floor"]
    """F1 of all counts, mean of the fields' F1 by weight, or the lowest of them."""
    weights: tuple[tuple[str, float], ...] = ()
    """By field; one with weight 0 is left out."""
    otherwise: float = 1.0
    """What every field weighs that is not listed."""

    def of(self, totals: FieldTotals) -> float | None:
        """Return the figure; None where no field that counts has anything to judge.

        >>> totals = {"a": (2.0, 2.0), "b": (0.0, 2.0)}
        >>> [FieldFigure(kind).of(totals) for kind in ("pooled", "mean", "floor")]
        [0.5, 0.5, 0.0]
        >>> FieldFigure("mean", (("b", 0.0),)).of(totals)
        1.0
        """
        return self._of(totals, totals)

    def difference(self, base: FieldTotals, new: FieldTotals) -> float:
        """Return how much the figure of the new is above that of the base; 0 without either.

        An empty field where nothing is expected counts as right if the other side filled it.

        >>> FieldFigure("mean").difference({"a": (0.0, 2.0)}, {"a": (2.0, 2.0)})
        1.0
        """
        before, after = self._of(base, new), self._of(new, base)
        return 0.0 if before is None or after is None else after - before

    def parts(self, totals: FieldTotals) -> FieldTotals:
        """Return the totals that the figure is made of: those of fields that count, or their sum.

        >>> FieldFigure("pooled").parts({"a": (1.0, 2.0), "b": (2.0, 2.0)})
        {'': (3.0, 4.0)}
        >>> FieldFigure("mean", (("a", 1.0),), 0.0).parts({"a": (1.0, 2.0), "b": (2.0, 2.0)})
        {'a': (1.0, 2.0)}
        """
        weights = dict(self.weights)
        known = {name: pair for name, pair in totals.items() if weights.get(name, self.otherwise)}
        if self.kind != "pooled" or weights or not known:
            return known
        hits, of = zip(*known.values(), strict=True)
        return {"": (math.fsum(hits), math.fsum(of))}

    def _of(self, mine: FieldTotals, other: FieldTotals) -> float | None:
        weights = dict(self.weights)
        hits = of = whole = mean = 0.0
        least = math.inf
        for name in sorted(mine.keys() | other.keys()):
            weight = weights.get(name, self.otherwise)
            mine_hits, mine_of = mine.get(name, (0.0, 0.0))
            if not weight or not (mine_of or other.get(name, (0.0, 0.0))[1]):
                continue
            f1 = mine_hits / mine_of if mine_of else 1.0
            hits, of = hits + mine_hits, of + mine_of
            whole, mean, least = whole + weight, mean + weight * f1, min(least, f1)
        if not whole:
            return None
        match self.kind:
            case "pooled":
                return hits / of if of else 1.0
            case "mean":
                return mean / whole
            case "floor":
                return least


def added(totals: Iterable[FieldTotals]) -> dict[str, tuple[float, float]]:
    """Return the sums of several answers.

    >>> added([{"a": (1, 2)}, {"a": (2, 2), "b": (0, 1)}])
    {'a': (3.0, 4.0), 'b': (0.0, 1.0)}
    """
    sums: dict[str, tuple[float, float]] = {}
    for each in totals:
        for name, (hits, of) in each.items():
            before = sums.get(name, (0.0, 0.0))
            sums[name] = before[0] + hits, before[1] + of
    return sums


def average_totals(replicates: Sequence[FieldTotals]) -> dict[str, tuple[float, float]]:
    """Return what one answer of a document has on average."""
    size = len(replicates)
    return {name: (hits / size, of / size) for name, (hits, of) in added(replicates).items()}


DocumentTotals: TypeAlias = Sequence[Sequence[FieldTotals]]
"""The replicates of every document."""


def figure_difference(figure: FieldFigure, base: DocumentTotals, new: DocumentTotals) -> float:
    """Return the difference of a figure between two sides, a document the same in both."""
    return figure.difference(added(map(average_totals, base)), added(map(average_totals, new)))


def influences(figure: FieldFigure, base: DocumentTotals, new: DocumentTotals) -> list[float]:
    """Return what each document alone moves the figure by, as it goes from one side to the other.

    Of a mean over documents these add up to the difference; of other figures, nearly.
    """
    before, after = [average_totals(d) for d in base], [average_totals(d) for d in new]
    whole = added(before)
    return [
        figure.difference(whole, added([whole, _less(b), a]))
        for b, a in zip(before, after, strict=True)
    ]


def _less(totals: FieldTotals) -> dict[str, tuple[float, float]]:
    return {name: (-hits, -of) for name, (hits, of) in totals.items()}


def figure_permutation(
    figure: FieldFigure,
    base: DocumentTotals,
    new: DocumentTotals,
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> float:
    """Return the p-value of `figure_test`.

    >>> six = [[{"a": (0.0, 2.0)}]] * 6, [[{"a": (2.0, 2.0)}]] * 6
    >>> figure_permutation(FieldFigure("mean"), *six, alternative="greater")
    0.015625
    """
    return figure_test(figure, base, new, alternative, seed).p_value


def figure_test(
    figure: FieldFigure,
    base: DocumentTotals,
    new: DocumentTotals,
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> Permutation:
    """Return the test of a figure's difference, by dealing each document's answers anew.

    If neither side is better, the answers to one document might as well have changed sides. With
    one answer a side, documents are swapped, as for `pooled_swap`. Every way is tried where there
    are few; else some are drawn with a seed, what was seen being one of them (Phipson and Smyth
    2010).

    >>> six = [[{"a": (0.0, 2.0)}]] * 6, [[{"a": (2.0, 2.0)}]] * 6
    >>> figure_test(FieldFigure("mean"), *six)
    Permutation(p_value=0.03125, draws=None, error=0.0)
    """
    split = [_split(b, n) for b, n in zip(base, new, strict=True)]
    moved = [(b, n) for _, b, n in split if b and n]
    if not moved:
        return Permutation(1.0)
    fixed = added(steady for steady, _, _ in split)
    observed = figure_difference(figure, base, new)
    reached = _reached(alternative, observed)
    ways = math.prod(math.comb(len(b) + len(n), len(n)) for b, n in moved)
    if ways <= _LISTED:
        deals: Iterator[Sequence[_Deal]] = product(*(list(_deals(b, n)) for b, n in moved))
        met = sum(reached(_dealt(figure, fixed, deal)) for deal in deals)
        return Permutation(min(1.0, met / ways))
    luck = random.Random(seed)
    met = sum(
        reached(_dealt(figure, fixed, [_drawn(b, n, luck) for b, n in moved]))
        for _ in range(_DRAWS)
    )
    return drawn_share(met, _DRAWS)


def _split(
    base: Sequence[FieldTotals], new: Sequence[FieldTotals]
) -> tuple[FieldTotals, Sequence[FieldTotals], Sequence[FieldTotals]]:
    """Return the fields that are alike in all answers to a document, and the rest of each side."""
    every = [*base, *new]
    names = {name for each in every for name in each}
    nothing = (0.0, 0.0)
    steady = {
        name: every[0].get(name, nothing)
        for name in names
        if all(each.get(name, nothing) == every[0].get(name, nothing) for each in every)
    }
    if len(steady) == len(names):
        return steady, (), ()
    rest = [{n: v for n, v in each.items() if n not in steady} for each in every]
    return steady, rest[: len(base)], rest[len(base) :]


_Deal: TypeAlias = tuple[FieldTotals, FieldTotals]
"""What a document has on average on either side."""


def _reached(alternative: Alternative, observed: float) -> Callable[[float], bool]:
    if alternative == "two-sided":
        return lambda drawn: abs(drawn) >= abs(observed) - _ROUNDING
    sign = 1 if alternative == "greater" else -1
    return lambda drawn: sign * drawn >= sign * observed - _ROUNDING


def _deals(base: Sequence[FieldTotals], new: Sequence[FieldTotals]) -> Iterator[_Deal]:
    pooled = [*base, *new]
    for chosen in combinations(range(len(pooled)), len(new)):
        rest = [pooled[i] for i in range(len(pooled)) if i not in chosen]
        yield average_totals(rest), average_totals([pooled[i] for i in chosen])


def _drawn(base: Sequence[FieldTotals], new: Sequence[FieldTotals], luck: random.Random) -> _Deal:
    pooled = luck.sample([*base, *new], len(base) + len(new))
    return average_totals(pooled[: len(base)]), average_totals(pooled[len(base) :])


def _dealt(figure: FieldFigure, fixed: FieldTotals, deal: Sequence[_Deal]) -> float:
    base = added([fixed, *(before for before, _ in deal)])
    return figure.difference(base, added([fixed, *(after for _, after in deal)]))


def figure_interval(
    figure: FieldFigure, base: DocumentTotals, new: DocumentTotals, level: float = LEVEL
) -> Interval | None:
    """Return the BCa interval of a figure's difference, by drawing whole documents; None of one."""
    before, after = ([figure.parts(average_totals(d)) for d in side] for side in (base, new))
    names = sorted({name for each in (*before, *after) for name in each})
    columns = [
        [document.get(name, (0.0, 0.0))[part] for document in side]
        for side in (before, after)
        for name in names
        for part in (0, 1)
    ]

    def difference(sums: Sequence[float]) -> float:
        half = len(names) * 2
        sides = sums[:half], sums[half:]
        first, second = (
            {name: (side[2 * i], side[2 * i + 1]) for i, name in enumerate(names)} for side in sides
        )
        return figure.difference(first, second)

    return bca_of_sums(columns, difference, level) if columns else None
