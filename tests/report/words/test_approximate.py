"""A list that was paired approximately is named wherever a score is printed."""

from __future__ import annotations

from harness.report.words.lead_sentences import paired_approximately
from tests.report.records import case, diff, results
from tests.report.test_terminal import printed, small


def test_no_list_is_named_where_every_pairing_is_the_best() -> None:
    assert "approximate" not in printed(small())


def test_lists_of_which_another_pairing_may_be_better_are_named() -> None:
    made = results([{**case("a", [diff("n", "correct")]), "approximate": ["rows", "lines"]}])
    made["aggregate"]["approximate_cases"] = 1
    told = "lines, rows in 1 case: too long to try every pairing; another may have more right"
    assert paired_approximately(made) == told
