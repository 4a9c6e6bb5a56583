"""Two runs side by side, whatever they share."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from harness.report.comparison.comparison_page import render_comparison, sheet
from harness.report.comparison.comparison_view import page
from harness.report.words.comparison_claims import labels
from harness.run.comparison.compare import compare_arms
from harness.run.comparison.side import read_arm
from harness.run.comparison.verdict import Terms

_FLIPS: Final = 500
"""Flips of each kind that are shown."""


def render_pair(base: Path, new: Path, out: Path) -> str:
    """Return the page that compares two run folders, to be shown at `out`.

    Raises HarnessError where the runs asked different questions.
    """
    before, after = read_arm(base), read_arm(new)
    [found] = compare_arms(before, [after], Terms())
    named, other = labels(before, [after])
    return render_comparison([sheet(page(found, (named, other), _FLIPS), base, new, out)])
