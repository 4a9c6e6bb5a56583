"""Batches through faults and crashes: no line is lost, none is wrong, none is paid for twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.number_text import count
from tests.extract.batches.batch_server import Faults
from tests.extract.batches.scenarios import (
    CASES,
    CRASHES,
    FAULTS,
    KINDS,
    Outcome,
    after_crash,
    stage,
    through_fault,
)
from tests.posix import needs_posix

MISSING = {
    "a line is refused (400)": (1, ("transport",)),
    "a line meets 500 for good": (1, ("transport",)),
    "half is cancelled": (CASES // 2, ("interrupted",)),
    "the batch fails": (CASES, ("transport",)),
    "submission refused (401)": (CASES, ("transport",)),
    "results not kept": (CASES, ("transport",)),
    "completed, files long after": (CASES, ("interrupted",)),
    "not over in its time": (CASES, ("interrupted",)),
}
"""Faults that leave cases without an answer: how many, and as what kind of failure."""
KILLED = frozenset(
    {
        "before the intent is on disk",
        "after the intent",
        "after the upload, before the batch",
        "batch made, its id not received",
        "while polling",
        "results on their way",
    }
)
"""Crashes of a process that is really killed, a second each: all of them for one dialect here, for
every dialect in benchmarks/batches.py."""
KILLED_EVERYWHERE = "batch made, its id not received"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_lines_missing_at_worst_and_is_made_up_for(
    kind: str, fault: str, tmp_path: Path
) -> None:
    missing, kinds = MISSING.get(fault, (0, ()))
    if kind == "anthropic" and fault in ("the batch fails", "completed, files long after"):
        missing, kinds = 0, ()  # it has no such state
    lost_by_vendor = CASES if fault == "results not kept" else 0
    assert through_fault(tmp_path, kind, fault) == Outcome(
        code=4 if missing else 0,
        missing=missing,
        kinds=kinds,
        wrong=0,
        last=0,
        lost=0,
        twice=lost_by_vendor,
    )


@pytest.mark.parametrize("number", [3, 3_000])
def test_results_of_nobodys_are_counted_and_three_of_them_named(
    number: int, tmp_path: Path
) -> None:
    with stage(tmp_path, "anthropic", Faults(strangers=number)) as on:
        said = on.project.harness("run", "--batch", "--wait", "--poll", "0.02")
        assert said.code == 0, said.err
        told = [line for line in said.err.splitlines() if "result of nobody's" in line]
        assert len(told) == (3 if number == 3 else 4)
        assert number == 3 or count(2_997) in told[-1]
        assert (on.missing(), on.wrong()) == ([], 0)


@needs_posix
@pytest.mark.parametrize(
    ("kind", "crash"),
    [
        (kind, crash)
        for kind in KINDS
        for crash in CRASHES
        if kind == "openai" or crash not in KILLED or crash == KILLED_EVERYWHERE
    ],
)
def test_a_crash_loses_no_line_and_asks_nothing_twice(
    kind: str, crash: str, tmp_path: Path
) -> None:
    outcome = after_crash(tmp_path, kind, crash)
    assert (outcome.wrong, outcome.last, outcome.lost, outcome.twice) == (0, 0, 0, 0)
