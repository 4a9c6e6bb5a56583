"""What confidences of scored runs are worth: refusals, broken promises, thresholds, routing.

    python benchmarks/confidence.py RUN [RUN...] [--source votes] [--by label] [--splits 1000]

A RUN is a scored run folder with confidences (an ensemble, `--repeat 5`, lines with `confidences`).
For each it prints a table: how often shuffled confidences are refused (A/A), what a promised risk
comes to on documents that did not make it, F1 at 0.5, tuned in the sample, out of fold and on the
other half of the documents, and the share of errors found within 5, 10, 20 and 50 % of the values.
For an ensemble, its F1 stands beside its best single member's.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import replace
from math import fsum
from pathlib import Path
from typing import Final

from harness.confidence.accept import accepted_by, figures_of
from harness.confidence.choose_threshold import (
    Goal,
    candidates,
    discrimination,
    threshold_refusal,
)
from harness.confidence.observations import By, Observations
from harness.confidence.risk_control import controlled_threshold, losses
from harness.confidence.routing import caught_by_effort
from harness.confidence.tuned_runs import observe_runs
from harness.confidence.tuning import Tuning, tune
from harness.core.number_text import percent
from harness.errors import HarnessError
from harness.run import store

SHUFFLES: Final = 100
RISKS: Final = (0.02, 0.03, 0.05)
EFFORTS: Final = (0.05, 0.1, 0.2, 0.5)


def shuffled(observed: Observations, draw: random.Random) -> Observations:
    """Return observations whose confidences are dealt anew: they know nothing any more."""
    shares = [one.confidence for one in observed.values]
    draw.shuffle(shares)
    dealt = zip(observed.values, shares, strict=True)
    return replace(observed, values=tuple(replace(v, confidence=s) for v, s in dealt))


def refused(observed: Observations) -> str:
    """Return how often shuffled confidences carry no threshold."""
    goal = Goal.parse("precision=0.99")
    met = 0
    for seed in range(SHUFFLES):
        dealt = shuffled(observed, random.Random(seed))
        met += threshold_refusal(discrimination(dealt.judged, seed), goal) is not None
    return f"{met} of {SHUFFLES} refused"


def promises(observed: Observations, splits: int) -> Iterator[tuple[str, str]]:
    """Yield, for each risk, what half of the documents promise and the other half shows."""
    documents = sorted(observed.fields)
    for risk in RISKS:
        made, above = [], 0
        for seed in range(splits):
            drawn = documents.copy()
            random.Random(seed).shuffle(drawn)
            half = len(drawn) // 2
            known = observed.within(frozenset(drawn[:half]))
            threshold = controlled_threshold(known, risk, candidates(known.judged, "quantiles"))
            if threshold is None:
                continue
            fresh = losses(observed.within(frozenset(drawn[half:])), threshold)
            made.append(fsum(fresh) / len(fresh))
            above += made[-1] > risk
        if not made:
            yield f"risk {risk:g}", f"none of {splits} splits can promise it"
            continue
        mean = fsum(made) / len(made)
        word = "kept" if mean <= risk else "BROKEN"
        yield (
            f"risk {risk:g}",
            (
                f"{word}: {percent(mean)} on average over {len(made)} of {splits} splits; "
                f"above it in {percent(above / len(made))} of them"
            ),
        )


def halves(observed: Observations, by: By) -> Iterator[tuple[str, str]]:
    """Yield macro F1 at 0.5 and tuned: in the sample, out of fold, on the other half."""
    documents = sorted(observed.fields)
    random.Random(0).shuffle(documents)
    half = len(documents) // 2
    known = observed.within(frozenset(documents[:half]))
    fresh = observed.within(frozenset(documents[half:]))
    try:
        tuned = tune(known, Tuning(Goal.parse("f1"), by), "")
    except HarnessError as error:
        yield "thresholds", f"refused: {error.problems[0].what}"
        return

    def least(entry: str) -> float | None:
        field, _, label = entry.partition("=")
        return tuned.of(field, label or None)

    at_half = figures_of(accepted_by(fresh, lambda _: 0.5).values())
    after = figures_of(accepted_by(fresh, least).values())
    yield "F1 at 0.5", f"macro {percent(at_half.macro_f1)} on the other half"
    yield "tuned", f"macro {percent(tuned.in_sample.macro_f1)} on the half that chose"
    yield "out of fold", f"macro {percent(tuned.out_of_fold.macro_f1)} on the same half"
    yield "fresh", f"macro {percent(after.macro_f1)} on the other half"


def routing(observed: Observations) -> Iterator[tuple[str, str]]:
    """Yield the share of the errors that an effort finds, beside values in any order."""
    for found in caught_by_effort(observed, EFFORTS):
        yield (
            f"{percent(found.effort)} effort",
            f"{percent(found.caught)} of the errors, {percent(found.at_random)} in any order",
        )


def members(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield an ensemble's macro F1 beside its members'; nothing for other runs."""
    run = store.read_run(folder)
    names = [str(name) for name in run.get("members") or ()]
    found = store.read_results(folder)["aggregate"]["macro"]["f1"]
    single = [
        store.read_results(folder.parent / name)["aggregate"]["macro"]["f1"] or 0.0
        for name in names
        if (folder.parent / name).is_dir()
    ]
    if single:
        yield (
            "ensemble",
            f"macro {percent(found)}, best of {len(single)} alone {percent(max(single))}",
        )


def main() -> None:
    """Print a table for each run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--source")
    parser.add_argument("--by", choices=("suite", "field", "label"), default="field")
    parser.add_argument("--splits", type=int, default=1000)
    said = parser.parse_args()
    for folder in said.runs:
        observed, _ = observe_runs([folder], said.source, said.by)
        values = f"{len(observed.values)} values, {len(observed.fields)} documents"
        print(f"\n{folder.name}: {observed.source}, {values}")
        rows = [
            *members(folder),
            ("shuffled", refused(observed)),
            *promises(observed, said.splits),
            *halves(observed, said.by),
            *routing(observed),
        ]
        for name, text in rows:
            print(f"  {name:14}{text}")


if __name__ == "__main__":
    main()
