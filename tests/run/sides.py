"""Runs to compare, made of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.run.comparison.side import Arm, StoredQuestion, arm_of
from tests.report.records import Record, case, diff, results, run

RIGHT = "right"
GONE = "gone"
"""The case was never answered."""


def verdicts(**said: object) -> list[Record]:
    """Return the verdict on each field: `RIGHT`, None for an omission, or the wrong value said."""
    found = []
    for name, value in said.items():
        if value == RIGHT:
            found.append(diff(name, "correct", expected=1, predicted=1))
        elif value is None:
            found.append(diff(name, "omission", expected=1))
        else:
            found.append(diff(name, "wrong_value", expected=1, predicted=value))
    return found


def side(
    said: Mapping[str, Sequence[list[Record]] | str], name: str = "one", *, split: str | None = None
) -> Arm:
    """Return a run out of each case's verdicts, a list for each replicate, or `GONE`."""
    cases = []
    for case_id, replicates in said.items():
        if isinstance(replicates, str):
            failure = {"kind": "transport", "message": "no route", "missing": True}
            cases.append(case(case_id, [], failure=failure))
        else:
            for number, diffs in enumerate(replicates, start=1):
                cases.append(case(case_id, diffs, replicate=number, tags=["odd"]))
    questions = {case_id: StoredQuestion(case_id, split) for case_id in said}
    record, scored = run(), results(cases)
    record["run_id"], scored["extractor"] = f"run-{name}", name
    return arm_of(record, scored, questions)
