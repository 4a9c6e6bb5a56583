"""How often 95 % intervals hold the true mean: simulated documents of three kinds.

python benchmarks/coverage.py [--simulations 2000]
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Sequence

from harness.core.statistics.intervals import ratio_interval

SIZES = (5, 12, 20, 50, 200)
Draw = Callable[[random.Random], float]
KINDS: tuple[tuple[str, Draw, float], ...] = (
    ("scores like beta(8, 2)", lambda luck: luck.betavariate(8, 2), 0.8),
    (
        "85 % perfect",
        lambda luck: 1.0 if luck.random() < 0.85 else luck.betavariate(8, 2),
        0.85 + 0.15 * 0.8,
    ),
    (
        "one document in ten fails badly",
        lambda luck: 0.1 if luck.random() < 0.1 else luck.betavariate(40, 2),
        0.1 * 0.1 + 0.9 * 40 / 42,
    ),
)


def percentile(scores: Sequence[float], luck: random.Random) -> tuple[float, float]:
    """Return the percentile bootstrap interval, for comparison."""
    size = len(scores)
    means = sorted(math.fsum(luck.choices(scores, k=size)) / size for _ in range(200))
    return means[5], means[194]


def main() -> None:
    """Print the coverage of our intervals and of the percentile bootstrap, side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1000)
    simulations = parser.parse_args().simulations
    print(f"{'share of intervals that hold the mean':42}" + "".join(f"{n:>8}" for n in SIZES))
    for name, draw, truth in KINDS:
        rows = {"ours": [0] * len(SIZES), "percentile": [0] * len(SIZES)}
        luck = random.Random(0)
        for column, size in enumerate(SIZES):
            for _ in range(simulations):
                scores = [draw(luck) for _ in range(size)]
                found = ratio_interval(scores, [1] * size)
                if found is not None:
                    rows["ours"][column] += found.low <= truth <= found.high
                low, high = percentile(scores, luck)
                rows["percentile"][column] += low <= truth <= high
        for method, held in rows.items():
            shares = "".join(f"{count / simulations:>8.3f}" for count in held)
            print(f"{name + ', ' + method:42}{shares}")


if __name__ == "__main__":
    main()
