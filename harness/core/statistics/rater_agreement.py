"""Agreement between raters: Cohen's and Fleiss' kappa, Krippendorff's alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product
from typing import Final, Literal, TypeAlias

Metric: TypeAlias = Literal["nominal", "ordinal", "interval"]
"""How far apart two values are: equal or not, by rank, by difference."""


def cohen_kappa(ratings: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return Cohen's kappa of two raters (Cohen 1960): agreement beyond chance, at most 1.

    None where it is undefined: without ratings, or where both only ever gave one same answer.

    >>> round(cohen_kappa([("y", "y"), ("y", "n"), ("n", "n"), ("n", "n")]), 4)
    0.5
    """
    size = len(ratings)
    if not size:
        return None
    first, second = Counter(one for one, _ in ratings), Counter(other for _, other in ratings)
    observed = sum(one == other for one, other in ratings) / size
    chance = sum(count * second[answer] for answer, count in first.items()) / size**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def fleiss_kappa(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Return Fleiss' kappa (Fleiss 1971) of units that all were rated equally often.

    None where it is undefined: fewer than two ratings a unit, not as many for each, one answer.

    >>> round(fleiss_kappa([["y", "y", "n"], ["n", "n", "n"], ["y", "y", "y"]]), 4)
    0.55
    """
    raters = len(units[0]) if units else 0
    if raters < 2 or any(len(unit) != raters for unit in units):  # noqa: PLR2004  # nobody agrees
        return None
    counts = [Counter(unit) for unit in units]
    each = [sum(n * (n - 1) for n in count.values()) / (raters * (raters - 1)) for count in counts]
    whole = Counter(answer for unit in units for answer in unit)
    chance = sum((n / (len(units) * raters)) ** 2 for n in whole.values())
    return None if chance == 1 else (sum(each) / len(units) - chance) / (1 - chance)


def krippendorff_alpha(
    units: Sequence[Sequence[Hashable]], metric: Metric = "nominal"
) -> float | None:
    """Return Krippendorff's alpha (Krippendorff 2011); units hold the ratings there are of each.

    Values are numbers for `ordinal` and `interval`. Units with fewer than two ratings do not
    count. None where it is undefined: nothing to compare, or one value throughout.

    >>> round(krippendorff_alpha([[1, 1], [2, 2], [3, 2], [4, 4], [1]]), 4)
    0.6957
    """
    pairs: Counter[tuple[Hashable, Hashable]] = Counter()
    for unit in units:
        if len(unit) > 1:
            for (i, one), (j, other) in product(enumerate(unit), repeat=2):
                if i != j:
                    pairs[one, other] += 1 / (len(unit) - 1)  # type: ignore[assignment]  # shares
    totals: Counter[Hashable] = Counter()
    for (one, _), share in pairs.items():
        totals[one] += share
    size = sum(totals.values())
    if metric == "nominal":  # the same in one pass: text has many values
        differ = sum(share for (one, other), share in pairs.items() if one != other)
        by_chance = size**2 - sum(count**2 for count in totals.values())
        return 1 - (size - 1) * differ / by_chance if by_chance > _ROUNDING else None
    distance = _DISTANCES[metric](totals)
    observed = sum(share * distance(one, other) for (one, other), share in pairs.items())
    chance = sum(
        totals[one] * totals[other] * distance(one, other) for one, other in product(totals, totals)
    )
    return None if not chance else 1 - (size - 1) * observed / chance


_ROUNDING: Final = 1e-9

_Distance: TypeAlias = Callable[[Hashable, Hashable], float]


def _interval(_: Mapping[Hashable, float]) -> _Distance:
    return lambda one, other: float(one - other) ** 2  # type: ignore[operator]  # numbers


def _ordinal(totals: Mapping[Hashable, float]) -> _Distance:
    ranks: dict[Hashable, float] = {}
    below = 0.0
    for value in sorted(totals):  # type: ignore[type-var]  # numbers
        ranks[value] = below + totals[value] / 2
        below += totals[value]
    return lambda one, other: (ranks[one] - ranks[other]) ** 2


_DISTANCES: Final[Mapping[str, Callable[[Mapping[Hashable, float]], _Distance]]] = {
    "ordinal": _ordinal,
    "interval": _interval,
}
