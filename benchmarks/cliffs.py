"""Draw F1 against rows across every budget of list alignment: no row may cost more than itself.

`python benchmarks/cliffs.py` walks over all budgets, some minutes; `--quick` over the first ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isqrt
from pathlib import Path
from random import Random
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import Plan
from harness.core.alignment.agreements import COMPARISONS, PAIR_BUDGET
from harness.core.alignment.weigh_pairs import CLOSE_BUDGET, NEST_BUDGET, TIE_BUDGET
from harness.core.rules.field_rule import parse_rules
from tests.laws.long_lists import SHAPES, misread

BUDGETS: Final[Mapping[str, int]] = {
    "nested lists": NEST_BUDGET,
    "ties": TIE_BUDGET,
    "similar pairs": CLOSE_BUDGET,
    "common values": PAIR_BUDGET,
    "tolerant keys": COMPARISONS,
}
LONGER: Final = (2_000, 5_000)
UNEVEN: Final = ((50, 4_999), (50, 5_000), (50, 9_999), (50, 10_000))
BAR: Final = 30
QUICK: Final = 200
WIDE: Final = 2.5
"""What a row more may change F1 by, in rows: itself on both sides, and what it is paired with."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A kind of document: from a number of rows to both sides of it."""

    make: Callable[[int], tuple[list[Any], list[Any]]]
    rules: Mapping[str, object] = field(default_factory=dict)


def _shape(name: str) -> Curve:
    def make(size: int) -> tuple[list[Any], list[Any]]:
        rows = SHAPES[name].rows(Random(4), size)
        other = [misread(Random(1000 + n), row, 0.1) for n, row in enumerate(rows)]
        return rows, other

    return Curve(make, SHAPES[name].rules)


def _constant(size: int) -> tuple[list[Any], list[Any]]:
    """Rows that have but a constant in common."""
    rows = [{"name": f"n{n}", "amount": n, "currency": "USD"} for n in range(size)]
    return rows, [{**row, "name": f"m{n}", "amount": -1 - n} for n, row in enumerate(rows)]


def _fuzzy(size: int) -> tuple[list[Any], list[Any]]:
    """Rows of a description that is nearly read, an amount off by one, and one currency."""
    luck = Random(9)
    words = [" ".join(luck.choices(_WORDS, k=4)) + f" {n}" for n in range(size)]
    rows: list[Any] = [
        {"text": text, "amount": 1000 + 7 * n, "currency": "USD"} for n, text in enumerate(words)
    ]
    return rows, [{**row, "text": f"{row['text']}.", "amount": row["amount"] + 1} for row in rows]


_WORDS: Final = ("steel", "bolt", "hex", "long", "zinc", "nut", "washer", "plate", "rod", "brass")

CURVES: Final[Mapping[str, Curve]] = {
    **{name: _shape(name) for name in SHAPES},
    "a constant in common": Curve(_constant),
    "nearly the same texts": Curve(_fuzzy, {"rows[].text": {"threshold": 0.8}}),
}


def sizes(*, quick: bool) -> list[int]:
    """Return the lengths on both sides of every budget, for lists of equal length."""
    edges = {isqrt(budget) for budget in BUDGETS.values()}
    found = {n + step for n in edges for step in (-1, 0, 1, 2)} | {3, 30}
    return sorted(n for n in found if n <= QUICK) if quick else [*sorted(found), *LONGER]


def f1_of(curve: Curve, expected: list[Any], predicted: list[Any]) -> tuple[float, bool]:
    """Return the F1 of a document of such rows, and whether its alignment is approximate."""
    plan, shuffled = Plan(None, parse_rules(curve.rules)), predicted[:]
    Random(1).shuffle(shuffled)
    result = plan.score({"rows": expected}, {"rows": shuffled})
    return float(result.f1 or 0.0), bool(result.approximate)


def walk(name: str, *, quick: bool) -> Iterator[tuple[str, float, bool, float | None]]:
    """Yield each length's F1, and how many rows' worth of it the last row changed."""
    curve, last = CURVES[name], 0
    before: float | None = None
    for size in sizes(quick=quick):
        f1, approximate = f1_of(curve, *curve.make(size))
        added = size - last
        rows = None if before is None else abs(f1 - before) * size / added
        yield str(size), f1, approximate, rows if added == 1 else None
        before, last = f1, size
    if quick:
        return
    before = None
    for left, right in UNEVEN:
        expected, predicted = curve.make(right)
        f1, approximate = f1_of(curve, expected[:left], predicted)
        rows = None if before is None else abs(f1 - before) * left
        yield f"{left} x {right:,}", f1, approximate, rows if right in (5_000, 10_000) else None
        before = f1


def main() -> int:
    """Print the curves; return 1 if a row costs more than it is worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first budgets only")
    parser.add_argument("--only", choices=sorted(CURVES), action="append", help="this kind of rows")
    asked = parser.parse_args()
    names = ", ".join(
        f"{name} {budget:,} (n = {isqrt(budget)})" for name, budget in BUDGETS.items()
    )
    print(f"# F1 against rows\n\nBudgets, in pairs: {names}.\n")
    steep = 0
    for name in asked.only or CURVES:
        start = time.process_time()
        print(f"## {name}\n\n| rows | F1 | | of one row more, in rows | approximate |")
        print("|---|---|---|---|---|")
        for label, f1, approximate, rows in walk(name, quick=asked.quick):
            is_steep = rows is not None and rows > WIDE
            steep += is_steep
            told = "" if rows is None else f"{rows:.2f}{' **cliff**' if is_steep else ''}"
            bar = "#" * round(f1 * BAR)
            print(f"| {label} | {f1:.4f} | `{bar:<{BAR}}` | {told} | {'yes' * approximate} |")
        print(f"\n{time.process_time() - start:.1f} s\n", flush=True)
    print(f"{steep} cliffs")
    return int(steep > 0)


if __name__ == "__main__":
    sys.exit(main())
