"""Why a value is misread: found when a run is scored, and stored with its verdict."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.comparators.own_functions import NO_FUNCTIONS
from harness.core.records import Answer, Case, Prediction
from harness.core.rules.field_rule import NO_RULES
from harness.run.results.reasons import misread_reasons
from harness.run.results.rescore import ScoreOptions, score_run
from harness.run.results.results_document import ScoringSettings


def scored(size: int) -> list[dict[str, Any]]:
    """Return the verdicts of cases with one number written as text and one value missed each."""
    schema: Any = {"properties": {"n": {"type": "integer"}, "m": {}}}
    cases = [Case(f"c{k:04}", (), {"n": k, "m": k}, schema) for k in range(size)]
    said = {(c.id, 1): Prediction(c.id, Answer({"n": str(k)}), 0.1) for k, c in enumerate(cases)}
    settings = ScoringSettings("notes", "0" * 64, NO_RULES)
    results: Any = score_run(settings, NO_FUNCTIONS, cases, said, ScoreOptions())
    return [diff for case in results["cases"] for diff in case["diffs"]]


@pytest.mark.parametrize("size", [3, 3_000])
def test_every_misread_value_says_why_and_no_other(size: int) -> None:
    diffs = scored(size)
    assert sum("why" in diff for diff in diffs) == size
    assert all(("why" in diff) == (diff["outcome"] == "format_error") for diff in diffs)
    assert all(diff["why"] for diff in diffs if "why" in diff)


def test_beyond_the_most_the_worst_cases_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misread_reasons, "MOST_REASONS", 2)
    told = [diff["expected"] for diff in scored(5) if "why" in diff]
    assert told == [0, 1]
