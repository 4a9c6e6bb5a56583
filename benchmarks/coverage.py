"""How often 95 % intervals hold the true figure: simulated documents of six kinds.

Four are of one size, so the mean of their scores is meant; of the others, whose sizes differ, the
share over all their fields (micro).

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
Size = Callable[[random.Random], int]


def one(_: random.Random) -> int:
    """Return the size of documents that are all alike."""
    return 1


KINDS: tuple[tuple[str, Draw, float, Size], ...] = (
    ("scores like beta(8, 2)", lambda luck: luck.betavariate(8, 2), 0.8, one),
    (
        "85 % perfect",
        lambda luck: 1.0 if luck.random() < 0.85 else luck.betavariate(8, 2),
        0.85 + 0.15 * 0.8,
        one,
    ),
    (
        "one document in ten fails badly",
        lambda luck: 0.1 if luck.random() < 0.1 else luck.betavariate(40, 2),
        0.1 * 0.1 + 0.9 * 40 / 42,
        one,
    ),
    (
        "nearly perfect, one in twenty is lost",
        lambda luck: 0.0 if luck.random() < 0.05 else 1 - luck.random() / 100,
        0.95 * 0.995,
        one,
    ),
    (
        "beta(8, 2), any size",
        lambda luck: luck.betavariate(8, 2),
        0.8,
        lambda luck: max(1, int(luck.lognormvariate(2.5, 1.2))),
    ),
    (
        "beta(8, 2), one in twenty a giant",
        lambda luck: luck.betavariate(8, 2),
        0.8,
        lambda luck: 1000 if luck.random() < 0.05 else 10,
    ),
)


def percentile(
    hits: Sequence[float], sizes: Sequence[int], luck: random.Random
) -> tuple[float, float]:
    """Return the percentile bootstrap interval, for comparison."""
    documents = range(len(hits))
    means = []
    for _ in range(200):
        drawn = luck.choices(documents, k=len(hits))
        means.append(math.fsum(hits[i] for i in drawn) / sum(sizes[i] for i in drawn))
    means.sort()
    return means[5], means[194]


def main() -> None:
    """Print the coverage of our intervals and of the percentile bootstrap, side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=1000)
    simulations = parser.parse_args().simulations
    print(f"{'share of intervals that hold it':46}" + "".join(f"{n:>8}" for n in SIZES))
    for name, draw, truth, size_of in KINDS:
        rows = {"ours": [0] * len(SIZES), "percentile": [0] * len(SIZES)}
        luck = random.Random(0)
        for column, documents in enumerate(SIZES):
            for _ in range(simulations):
                sizes = [size_of(luck) for _ in range(documents)]
                hits = [draw(luck) * size for size in sizes]
                interval = ratio_interval(hits, sizes)
                if interval is not None:
                    rows["ours"][column] += interval.low <= truth <= interval.high
                low, high = percentile(hits, sizes, luck)
                rows["percentile"][column] += low <= truth <= high
        for method, held in rows.items():
            shares = "".join(f"{count / simulations:>8.3f}" for count in held)
            print(f"{name + ', ' + method:46}{shares}")


if __name__ == "__main__":
    main()
