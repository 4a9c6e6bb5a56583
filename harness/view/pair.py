"""Any number of runs side by side, whatever they share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.report.comparison.comparison_page import render_runs
from harness.report.words.comparison_claims import labels
from harness.run.comparison.compare import compare_arms
from harness.run.comparison.side import read_arm
from harness.run.comparison.verdict import Terms


def render_compared(folders: Sequence[Path], out: Path, *, allow_unlike: bool = False) -> str:
    """Return the page that compares run folders with the first of them, to be shown at `out`.

    Raises HarnessError where the runs asked different questions, unless that is allowed.
    """
    base, *news = map(read_arm, folders)
    comparisons = compare_arms(base, news, Terms(allow_unlike=allow_unlike))
    return render_runs(comparisons, labels(base, news), folders, out)
