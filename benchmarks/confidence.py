"""What confidences of scored runs are worth: refusals, broken promises, thresholds, routing.

    python benchmarks/confidence.py --data DIR            # the public sets that DIR has a folder of
    python benchmarks/confidence.py RUN [RUN...] [--source votes] [--by label] [--splits 1000]

A RUN is a scored run folder with confidences (an ensemble, `--repeat 5`, lines with `confidences`).
For each it prints a table: how often shuffled confidences are refused (A/A), what a promised risk
comes to on documents that did not make it, F1 at 0.5 and tuned, on those who chose, out of fold and
on documents never used, the gap between these two over many halves, and the share of errors found
within 5, 10, 20 and 50 % of the values. An ensemble stands beside its best single member. Last,
what merging takes, beside scoring.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from math import fsum
from pathlib import Path
from statistics import fmean, stdev
from typing import Final

import numpy as np
from confidence_sets import LABELS, MERGED, labels_runs, merged_run

from harness.cli.decide.tune_command import lines
from harness.confidence.accept import ThresholdOf, accepted_by, added_by_entry, figures_of
from harness.confidence.choose_threshold import (
    Goal,
    Strategy,
    candidates,
    discrimination,
    threshold_refusal,
)
from harness.confidence.combined import combined
from harness.confidence.ensemble.merge_answers import Member, merge_answers
from harness.confidence.observations import COMBINED, By, Observations, ValueKind
from harness.confidence.risk_control import losses
from harness.confidence.routing import caught_by_effort
from harness.confidence.tuned_runs import observe_routed, observe_runs, require_gain
from harness.confidence.tuning import Tuning, folds, out_of_fold, tune
from harness.core.differ.plan import Plan
from harness.core.number_text import percent
from harness.core.values import Json
from harness.errors import HarnessError
from harness.run import store
from harness.run.results.threshold_file import NEVER, Thresholds

SHUFFLES: Final = 100
SHUFFLED: Final = 300
"""Documents whose confidences are shuffled, at most."""
FORMS: Final[Mapping[str, Callable[[random.Random], float]]] = {
    "log-probabilities": lambda draw: draw.random() ** 0.05,
    "stated": lambda draw: draw.choice((0.8, 0.85, 0.9, 0.95, 1.0)),
    "votes": lambda draw: draw.randint(1, 6) / 6,
    "extractor": random.Random.random,
}
"""Confidences that know nothing, of the form that those of each source have."""
RISKS: Final = (0.02, 0.03, 0.05)
EFFORTS: Final = (0.05, 0.1, 0.2, 0.5)
GAP_GOALS: Final = ("f1", "precision=0.95")
PLAIN_GOALS: Final = ("precision=0.95", "precision=0.98", "risk=0.03", "risk=0.01")
RARE: Final = (100, 300)
"""Rows a label is expected in, where groups of labels end."""
STRATEGIES: Final[tuple[Strategy, ...]] = ("grid", "quantiles")
SLIPS: Final = 0.05
GOALS: Final = {
    "finrag_table": "ensemble at least 97 %, 80 % of the errors within 20 % effort",
    "docubench": "ensemble at least the best single member",
    "goemotions": "from 27 % at 0.5 to at least 43 %, out of fold within 2 points of never used",
    "A/A": "at least 95 of 100 refused",
}


def shuffled(observed: Observations, draw: random.Random) -> Observations:
    """Return observations whose rights and wrongs are dealt anew: no confidence knows of them."""
    kinds = [one.kind for one in observed.values]
    draw.shuffle(kinds)
    dealt = zip(observed.values, kinds, strict=True)
    return replace(observed, values=tuple(replace(v, kind=kind) for v, kind in dealt))


def refusals(observed: Observations) -> Iterator[tuple[str, str]]:
    """Yield how often confidences that know nothing carry no threshold, source by source.

    The same for all goals but risk. Which values are right is dealt anew, so that fields and the
    values around, which a combination goes by, know nothing either; besides the run's own
    confidences there are made-up ones of the form that each source has.
    """
    few = observed.within(frozenset(sorted(observed.fields)[:SHUFFLED]))
    met: Counter[str] = Counter()
    for seed in range(SHUFFLES):
        draw = random.Random(seed)
        dealt = shuffled(few, draw)
        met["shuffled"] += _is_refused(dealt, seed)
        for name, form in FORMS.items():
            some = tuple(replace(one, confidence=form(draw)) for one in dealt.values)
            met[f"A/A {name}"] += _is_refused(replace(dealt, values=some), seed)
        several = tuple(
            replace(one, sources={name: form(draw) for name, form in FORMS.items()})
            for one in dealt.values
        )
        both = replace(dealt, source=COMBINED, values=several)
        parts = folds(sorted(both.fields), 5, seed)
        made = combined(both, parts).observed
        try:
            require_gain(both, made)
            met["A/A combined"] += _is_refused(made, seed)
        except HarnessError:
            met["A/A combined"] += 1
    for name, number in met.items():
        yield name, f"{number} of {SHUFFLES} refused"


def _is_refused(observed: Observations, seed: int) -> bool:
    goal = Goal.parse("precision=0.99")
    return threshold_refusal(discrimination(observed.judged, seed), goal) is not None


def promises(observed: Observations, splits: int) -> Iterator[tuple[str, str]]:
    """Yield, for each risk, what half of the documents promise and the other half shows.

    A loss never grows with its threshold, so that all splits share one table of losses.
    """
    tried = [*candidates(observed.judged, "quantiles"), NEVER]
    table = np.array([losses(observed, threshold) for threshold in tried])
    size = table.shape[1]
    half = size // 2
    draw = np.random.default_rng(0)
    halves = [draw.permutation(size) for _ in range(splits)]
    for risk in RISKS:
        made = []
        for order in halves:
            known = (table[:, order[:half]].sum(axis=1) + 1) / (half + 1)
            kept = np.flatnonzero(known <= risk)
            if len(kept):
                made.append(float(table[kept[0], order[half:]].mean()))
        if not made:
            yield f"risk {risk:g}", f"none of {splits} splits can promise it"
            continue
        mean, above = fsum(made) / len(made), sum(one > risk for one in made)
        word = "kept" if mean <= risk else "BROKEN"
        yield (
            f"risk {risk:g}",
            (
                f"{word}: {percent(mean)} on average over {len(made)} of {splits} splits; "
                f"above it in {percent(above / len(made))} of them"
            ),
        )


def halved(observed: Observations, seed: int = 0) -> tuple[Observations, Observations]:
    """Return the two halves of the documents, drawn with a seed."""
    documents = sorted(observed.fields)
    random.Random(seed).shuffle(documents)
    half = len(documents) // 2
    known, fresh = frozenset(documents[:half]), frozenset(documents[half:])
    return observed.within(known), observed.within(fresh)


def thresholds(known: Observations, fresh: Observations, by: By) -> Iterator[tuple[str, str]]:
    """Yield macro F1 at 0.5 and tuned: on those who chose, out of fold, on documents never used."""
    yield "F1 at 0.5", f"macro {percent(_macro(fresh, lambda _: 0.5))} on documents never used"
    for strategy in STRATEGIES:
        try:
            tuned = tune(known, Tuning(Goal.parse("f1"), by, strategy), "")
        except HarnessError as error:
            yield strategy, f"refused: {error.problems[0].what}"
            continue

        yield (
            strategy,
            (
                f"macro {percent(_macro(fresh, _least(tuned)))} on documents never used; "
                f"out of fold {percent(tuned.out_of_fold.macro_f1)}, on those who chose "
                f"{percent(tuned.in_sample.macro_f1)}"
            ),
        )


def plain(observed: Observations, by: By) -> Iterator[tuple[str, str]]:
    """Yield what `harness tune` would say in plain words for usual goals, or why it refuses."""
    for goal in PLAIN_GOALS:
        try:
            said = [*lines(tune(observed, Tuning(Goal.parse(goal), by), ""))]
        except HarnessError as error:
            yield goal, f"refused: {error.problems[0].what}"
            continue
        told = (line for line in said if line.startswith(("In plain words: ", "Promise: ")))
        yield goal, " ".join(line.partition(": ")[2] for line in told)


def optimism(observed: Observations, by: By, splits: int) -> Iterator[tuple[str, str]]:
    """Yield how far results out of fold are from those of documents never used, over many halves.

    Both are of the same answers: only then does the difference say what folds are worth.
    """
    for goal in GAP_GOALS:
        found, refusal = [], ""
        for seed in range(splits):
            known, fresh = halved(observed, seed)
            try:
                tuned = tune(known, Tuning(Goal.parse(goal), by), "")
            except HarnessError as error:
                refusal = error.problems[0].what
                continue
            there = _macro(fresh, _least(tuned))
            if tuned.out_of_fold.macro_f1 is not None and there is not None:
                found.append((tuned.out_of_fold.macro_f1, there))
        if len(found) < 2:  # no spread of one
            yield f"gap, {goal}", f"{len(found)} of {splits} halves tuned: {refusal}"
            continue
        gaps = [100 * (apart - there) for apart, there in found]
        apart, there = (fmean(column) for column in zip(*found, strict=True))
        yield (
            f"gap, {goal}",
            (
                f"out of fold {percent(apart)}, never used {percent(there)}: {fmean(gaps):+.1f} "
                f"points, {stdev(gaps):.1f} from half to half ({len(found)} of {splits} tuned)"
            ),
        )


def rarity(known: Observations, fresh: Observations, by: By) -> Iterator[tuple[str, str]]:
    """Yield F1 out of fold beside fresh rows, of labels by how often they are expected."""
    tuning = Tuning(Goal.parse("f1"), by)
    apart = added_by_entry(out_of_fold(known, tuning)[0])
    there = accepted_by(fresh, _least(tune(known, tuning, "")))
    for low, high in pairwise((0, *RARE, sys.maxsize)):
        some = [
            name
            for name, one in apart.items()
            if low <= one.right + one.wrong + one.lost < high and name in there
        ]
        if some:
            means = (fmean(each[name].f1 or 0.0 for name in some) for each in (apart, there))
            first, second = (percent(mean) for mean in means)
            yield (
                f"from {low} rows",
                f"{len(some)} labels: out of fold {first}, never used {second}",
            )


def _least(tuned: Thresholds) -> ThresholdOf:
    def least(entry: str) -> float | None:
        field, _, label = entry.partition("=")
        return tuned.of(field, label or None)

    return least


def _macro(observed: Observations, least: ThresholdOf) -> float | None:
    return figures_of(accepted_by(observed, least).values()).macro_f1


def routing(folder: Path, source: str | None) -> Iterator[tuple[str, str]]:
    """Yield the share of the errors that an effort finds, beside values in any order."""
    observed = observe_routed(folder, source or COMBINED).observed
    yield from _routed("", observed)
    if any(one.broken for one in observed.values):
        unchecked = (replace(one, broken=0) for one in observed.values)
        yield from _routed(" without checks", replace(observed, values=tuple(unchecked)))
    surest = max(one.confidence for one in observed.values)
    wrong = [one for one in observed.values if one.kind is not ValueKind.RIGHT]
    sure = sum(one.confidence == surest for one in wrong)
    yield "told by none", f"{sure} of {len(wrong)} errors have the highest confidence there is"


def _routed(about: str, observed: Observations) -> Iterator[tuple[str, str]]:
    for found in caught_by_effort(observed, EFFORTS):
        yield (
            f"{percent(found.effort)} effort",
            (
                f"{percent(found.caught)} of the errors{about}, {percent(found.at_random)} in any "
                f"order, {percent(found.at_best)} at best"
            ),
        )


def routed_rest(known: Observations, fresh: Observations, by: By) -> Iterator[tuple[str, str]]:
    """Yield the same of what thresholds tuned on other documents accept."""
    least = _least(tune(known, Tuning(Goal.parse("f1"), by), ""))
    kept = [
        one
        for one in fresh.values
        if (level := least(one.entry)) is None or one.confidence >= level
    ]
    kept = [replace(one, sources={known.source: one.confidence}) for one in kept]
    yield from _routed(f" in {len(kept)} accepted values", replace(fresh, values=tuple(kept)))


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


def merging() -> Iterator[tuple[str, str]]:
    """Yield what merging eight answers takes, beside scoring one of them."""
    plan = Plan()
    for size in (22, 800):
        answers = [_lines(size, seed) for seed in range(8)]
        start = time.process_time()
        merge_answers(plan, [Member(one) for one in answers])
        merged = time.process_time() - start
        start = time.process_time()
        plan.score(answers[0], answers[1])
        once = time.process_time() - start
        yield f"8 x {size} items", f"{merged:.2f} s, {merged / once:.0f} times scoring one of them"


def _lines(size: int, seed: int) -> Json:
    draw = random.Random(seed)
    rows: list[Json] = [
        {"sku": f"S{n}", "text": f"article {n} of {n * 7 % 13}", "qty": n % 9, "amount": n + 0.5}
        if draw.random() > SLIPS
        else {"sku": f"S{n}", "text": "", "qty": draw.randrange(99)}
        for n in range(size)
    ]
    draw.shuffle(rows)
    return {"lines": rows}


def show(folder: Path, said: argparse.Namespace, by: By, fresh: Path | None = None) -> None:
    """Print all there is to say of one run; `fresh` is another whose documents were not used."""
    observed, _ = observe_runs([folder], said.source, by)
    values = f"{len(observed.values)} values, {len(observed.fields)} documents"
    print(f"\n{folder.name}: {observed.source}, {values}")
    pair = halved(observed)
    if fresh is not None:
        pair = observed, observe_runs([fresh], said.source, by)[0]
    asked = pair[1] if fresh else observed
    for rows in (
        members(folder),
        refusals(observed),
        promises(asked, said.splits),
        thresholds(*pair, by),
        rarity(*pair, by) if fresh else (),
        optimism(asked, by, said.halves),
        routing(fresh or folder, said.source),
        routed_rest(*pair, by) if fresh else (),
        plain(asked, by),
    ):
        for name, text in rows:
            print(f"  {name:20}{text}", flush=True)


def main() -> None:
    """Print a table for each run, or for each set of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--data", type=Path, help="folder of public sets, by name")
    parser.add_argument("--only", action="append", help="this set of the folder")
    parser.add_argument("--source")
    parser.add_argument("--by", choices=("suite", "field", "label"), default="field")
    parser.add_argument("--splits", type=int, default=1000)
    parser.add_argument("--halves", type=int, default=20, help="for out of fold against fresh")
    said = parser.parse_args()
    for folder in said.runs:
        show(folder, said, said.by)
    if said.data is not None:
        for name in said.only or (*MERGED, LABELS):
            with tempfile.TemporaryDirectory() as scratch:
                print(f"\n{name}: {GOALS.get(name, 'no goal of its own')}", end="", flush=True)
                if name == LABELS:
                    train, dev = labels_runs(said.data, Path(scratch) / name)
                    show(train, said, "label", dev)
                else:
                    show(merged_run(said.data, name, Path(scratch) / name), said, "field")
    print(f"\nmerging: under 1 s and 10 s; A/A: {GOALS['A/A']}")
    for size, text in merging():
        print(f"  {size:14}{text}")


if __name__ == "__main__":
    main()
