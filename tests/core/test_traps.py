"""Cases on which scorers in use disagree, each with the one answer this project gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import harness

TRAPS = [
    json.loads(line)
    for line in Path(__file__).with_name("traps.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: f"{t['id']} {t['title']}")
def test_a_trap_gets_the_answer_written_beside_it(trap: dict[str, Any]) -> None:
    result = harness.score(trap["expected"], trap["predicted"], trap["schema"], trap.get("rules"))
    told = [
        " ".join([d.path, d.outcome, *(["value_equal"] if d.value_equal else []), *d.tags])
        for d in result.diffs
        if d.outcome is not harness.Outcome.CORRECT
    ]
    assert told == trap["errors"]
    assert result.counts.correct == trap["correct"]
    assert result.counts.true_negatives == trap["true_negatives"]


def _trap(name: str) -> harness.CaseResult:
    trap = next(t for t in TRAPS if t["id"] == name)
    return harness.score(trap["expected"], trap["predicted"], trap["schema"])


def test_similarity_is_shown_but_decides_nothing() -> None:
    assert [_trap(name).diffs[0].similarity for name in ("T42a", "T42b")] == [0.5, 0.4]
    assert [_trap(name).f1 for name in ("T42a", "T42b", "T43")] == [0.0, 0.0, 0.0]


def test_a_vacuous_case_has_no_score_and_is_a_perfect_document() -> None:
    assert _trap("T48").f1 is None
    assert _trap("T48").is_perfect


def test_one_row_of_five_is_perfect_where_only_its_key_was_right_in_the_others() -> None:
    assert _trap("T20").rows == harness.Ratio(1, 5)


def test_three_wrong_header_fields_hardly_show_in_the_micro_f1_of_a_long_list() -> None:
    assert _trap("T49").f1 == 2 * 100 / (2 * 100 + 3 + 3)


def test_a_missing_row_is_one_missing_item() -> None:
    assert _trap("T18").items == {"r": (3, 0, 1)}
    assert _trap("T19").items == {"r": (4, 1, 0)}
