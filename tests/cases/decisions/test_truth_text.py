"""Tests of the truth text."""

from __future__ import annotations

import json
from pathlib import Path

from harness.cases.decisions.truth_text import truth_text, write_truth
from harness.cases.load import load_suites

ROOT = Path(__file__).parents[3]


def test_truths_that_ship_stay_as_they_are_but_for_the_order_of_keys_and_line_breaks() -> None:
    for suite in load_suites(ROOT / "evals"):
        for case in suite.cases:
            before = suite.truth_files[case.id].read_text("utf-8")
            text = truth_text(case.truth, case.schema, before)
            assert json.loads(text) == case.truth
            assert truth_text(json.loads(text), case.schema, text) == text


def test_one_change_is_one_line_of_a_diff_and_other_numbers_keep_their_zeros() -> None:
    before = '{\n  "a": 12.50,\n  "b": [\n    1,\n    "x"\n  ]\n}\n'
    after = truth_text({"a": 12.5, "b": [2, "x"]}, None, before)
    changed = zip(before.split("\n"), after.split("\n"), strict=True)
    assert [pair for pair in changed if pair[0] != pair[1]] == [("    1,", "    2,")]


def test_a_truth_that_says_the_same_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.json"
    assert write_truth(file, "{}\n")
    stamp = file.stat().st_mtime_ns
    assert not write_truth(file, "{}\n")
    assert file.stat().st_mtime_ns == stamp
    assert [path.name for path in file.parent.iterdir()] == ["a.json"]
