"""`harness.compare`: two reports or run folders, what changed and what may be claimed of it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from harness.run.comparison.compare import Comparison, compare_arms
from harness.run.comparison.side import Arm, read_arm
from harness.run.comparison.verdict import Terms
from harness.run.evaluation.corpus_report import Report

ReportOrFolder: TypeAlias = "Report | str | PathLike[str]"


def compare(
    base: ReportOrFolder,
    new: ReportOrFolder,
    *,
    margin: float = 0.01,
    allow_unlike: bool = False,
) -> Comparison:
    """Return what changed from one report to another; either may be a run's folder.

    Cases are paired by id. `margin` is the largest difference of macro F1 that counts as none; with
    `allow_unlike` the cases both have are compared though truths, rules or schemas differ.
    Raises HarnessError where a folder holds no scored run, or the two asked different questions.

    >>> from harness import evaluate
    >>> truths = [{"a": n, "b": 1} for n in range(8)]
    >>> base = evaluate(truths, [{"a": 0, "b": 1} for _ in truths])
    >>> found = compare(base, evaluate(truths, truths))
    >>> found.verdict.value, found.macro.delta
    ('improved', 0.4375)
    """
    arms = _arm(base, "base"), _arm(new, "new")
    return compare_arms(arms[0], [arms[1]], Terms(margin, allow_unlike))[0]


def _arm(of: ReportOrFolder, name: str) -> Arm:
    if not isinstance(of, Report):
        return read_arm(Path(of))
    with TemporaryDirectory() as scratch:
        return read_arm(of.save(Path(scratch) / name, extractor=of.extractor or name))
