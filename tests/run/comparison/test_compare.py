"""Comparing two runs: what flipped, what may be claimed, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import HarnessError
from harness.run.comparison.compare import Comparison, compare_arms
from harness.run.comparison.flips import Change
from harness.run.comparison.verdict import ComparisonVerdict, Rung, Terms, power_of
from tests.report.fixtures import HOSTILE
from tests.report.records import Record, diff
from tests.run.sides import GONE, RIGHT, side, verdicts

GOOD = verdicts(a=RIGHT, b=RIGHT)
HALF = verdicts(a=RIGHT, b=2)
BAD = verdicts(a=None, b=2)


def compared(base: object, new: object, **terms: float) -> Comparison:
    """Compare two runs of the same verdicts throughout, eight cases each."""
    arms = [
        side({f"case-{n}": said for n in range(8)}, name)  # type: ignore[misc]
        for name, said in (("one", base), ("two", new))
    ]
    return compare_arms(arms[0], arms[1:], Terms(**terms))[0]  # type: ignore[arg-type]


def test_a_run_compared_with_itself_is_equal() -> None:
    found = compared([HALF], [HALF])
    assert found.verdict is ComparisonVerdict.EQUAL
    assert found.macro.delta == found.micro.delta == 0
    assert found.macro.p_value == found.micro.p_value == 1
    assert all(not case.flips for case in found.cases)
    assert [(c.unchanged_right, c.unchanged_wrong) for c in found.cases] == [(1, 1)] * 8


def test_every_document_better_is_an_improvement_and_the_other_way_round_a_loss() -> None:
    better, worse = compared([HALF], [GOOD]), compared([GOOD], [HALF])
    assert better.macro.delta == 0.5 == -(worse.macro.delta or 0)
    assert better.macro.p_value == 2 / 2**8 == better.micro.p_value
    assert (better.verdict, worse.verdict) == (ComparisonVerdict.IMPROVED, ComparisonVerdict.WORSE)
    assert better.evidence.rung is Rung.POPULATION
    (flip,) = better.cases[0].flips
    assert (flip.path, flip.change) == ("b", Change.FIXED)
    assert flip.base.diff is not None
    assert flip.base.diff["predicted"] == 2
    assert flip.expected["expected"] == 1


def test_a_real_loss_within_the_margin_is_equal() -> None:
    base = side({f"c{n}": [GOOD] for n in range(8)})
    new = side({f"c{n}": [HALF] if n else [GOOD] for n in range(8)}, "two")
    (found,) = compare_arms(base, [new], Terms(margin=0.6))
    assert found.macro.p_value < 0.05
    assert found.verdict is ComparisonVerdict.EQUAL


def test_documents_that_all_moved_alike_do_not_show_that_others_move_as_little() -> None:
    assert compared([GOOD], [HALF], margin=0.6).verdict is ComparisonVerdict.WORSE
    few = [side({"a": [said], "b": [said]}, name) for said, name in ((GOOD, "one"), (HALF, "two"))]
    (found,) = compare_arms(few[0], few[1:], Terms(margin=0.6))
    assert found.verdict is ComparisonVerdict.UNDECIDED


def test_too_few_documents_leave_it_undecided_and_say_what_they_could_tell() -> None:
    base = side({f"c{n}": [HALF] for n in range(5)})
    new = side({f"c{n}": [GOOD] for n in range(5)}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert found.verdict is ComparisonVerdict.UNDECIDED
    assert found.evidence.rung is Rung.POINT
    assert found.power.least_p == 0.0625 == found.macro.p_value
    assert found.power.assumed
    assert found.power.smallest is not None


def test_replicates_tell_noise_on_these_documents_from_a_difference() -> None:
    base = side({f"c{n}": [HALF] * 3 for n in range(5)})
    new = side({f"c{n}": [GOOD] * 3 for n in range(5)}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert found.evidence.rung is Rung.DOCUMENTS
    assert found.evidence.over_replicates == 2 / 20**5
    assert found.cases[0].flips[0].new.right.of == 3


def test_a_field_right_in_most_replicates_is_right() -> None:
    base = side({"c": [GOOD, HALF, HALF]})
    new = side({"c": [GOOD, HALF, GOOD]}, "two")
    (found,) = compare_arms(base, [new], Terms())
    (flip,) = found.cases[0].flips
    assert flip.change is Change.FIXED
    assert (flip.base.right.hits, flip.new.right.hits) == (1, 2)
    assert flip.base.diff is not None
    assert flip.base.diff["outcome"] == "wrong_value"


def test_replicates_count_the_same_however_many_there_are() -> None:
    base = side({"c": [GOOD, HALF], "d": [GOOD]})
    new = side({"c": [HALF], "d": [GOOD, GOOD, GOOD]}, "two")
    (found,) = compare_arms(base, [new], Terms())
    # c: (4 + 2) / 2 = 3 of 4 against 2 of 4; d: 4 of 4
    assert found.micro.base == 7 / 8
    assert found.micro.new == 6 / 8


def test_a_case_nobody_answered_is_missing_and_never_wrong() -> None:
    base = side({"c": [GOOD], "d": [GOOD], "e": GONE})
    new = side({"c": [GOOD], "d": GONE, "e": GONE}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert [(m.case, m.base, m.new) for m in found.missing] == [
        ("d", None, "transport"),
        ("e", "transport", "transport"),
    ]
    assert found.macro.new == 1
    assert found.coverage == 1 / 3
    assert found.verdict is ComparisonVerdict.UNDECIDED


def test_what_is_made_up_is_fixed_when_it_goes_and_broken_when_it_comes() -> None:
    def made_up(*values: object) -> list[list[Record]]:
        items = [
            diff(f"rows[{n}]", "hallucination", predicted=v) | {"field": "rows[]"}
            for n, v in enumerate(values)
        ]
        return [[*GOOD, *items]]

    base, new = side({"c": made_up(7, 8, 9)}), side({"c": made_up(8, 5)}, "two")
    (found,) = compare_arms(base, [new], Terms())
    changes = sorted((f.change, f.base.diff is None) for f in found.cases[0].flips)
    assert changes == [(Change.FIXED, False), (Change.STILL_WRONG, False)]
    assert found.cases[0].unchanged_wrong == 1
    rows = next(f for f in found.fields if f.field == "rows[]")
    assert (rows.fixed, rows.broken, rows.still_wrong, rows.unchanged) == (1, 0, 1, 1)


def test_saying_nothing_where_nothing_is_expected_counts_beside_making_something_up() -> None:
    base = side({"c": [[]], "d": [GOOD], "e": [[]]})
    new = side({"c": [[diff("a", "hallucination", predicted=3)]], "d": [GOOD], "e": [[]]}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert found.macro.base == 1
    assert found.macro.new == 0.5


def test_per_field_p_values_are_adjusted_for_their_number() -> None:
    found = compared([BAD], [GOOD])
    assert [f.test.exact for f in found.fields] == [2 / 2**8] * 2
    assert [f.p_adjusted for f in found.fields] == [4 / 2**8] * 2
    assert [(t.tag, t.cases, t.fixed) for t in found.tags] == [("odd", 8, 16)]


def test_the_more_runs_are_tried_the_more_it_takes() -> None:
    base = side({f"c{n}": [HALF] for n in range(6)})
    new = side({f"c{n}": [GOOD] for n in range(6)}, "two")
    alone = compare_arms(base, [new], Terms())
    among = compare_arms(base, [new, base, base], Terms())
    assert alone[0].verdict is ComparisonVerdict.IMPROVED
    assert among[0].p_adjusted == 3 * 2 / 2**6
    assert among[0].verdict is ComparisonVerdict.UNDECIDED
    assert (alone[0].evidence.rung, among[0].evidence.rung) == (Rung.POPULATION, Rung.POINT)


def test_only_cases_kept_apart_reach_the_highest_rung() -> None:
    base = side({f"c{n}": [HALF] for n in range(8)}, split="holdout")
    new = side({f"c{n}": [GOOD] for n in range(8)}, "two", split="holdout")
    assert compare_arms(base, [new], Terms())[0].evidence.rung is Rung.HOLDOUT


@pytest.mark.parametrize("key", ["rules", "convention", "empty", "harness"])
def test_runs_scored_differently_are_refused_unless_told(key: str) -> None:
    base = side({"c": [GOOD]})
    signed: Record = {**base.results, "signature": {**base.results["signature"], key: "another"}}
    new = replace(base, results=signed)
    with pytest.raises(HarnessError, match="unlike-runs") as refused:
        compare_arms(base, [new], Terms())
    assert refused.value.exit_code == 3
    assert compare_arms(base, [new], Terms(allow_unlike=True))[0].macro.delta == 0


def test_a_changed_truth_and_a_case_of_one_suite_only_are_named() -> None:
    base = side({"c": [GOOD], "d": [GOOD]})
    new = side({"c": [GOOD], "e": [GOOD]}, "two")
    questions = {**new.questions, "c": replace(new.questions["c"], digest="another truth")}
    with pytest.raises(HarnessError) as refused:
        compare_arms(base, [replace(new, questions=questions)], Terms())
    said = [problem.what for problem in refused.value.problems]
    assert said == [
        "only run-one has case 'd'",
        "only run-two has case 'e'",
        "documents, truth, reviews or schema have changed of case 'c'",
    ]
    (found,) = compare_arms(base, [new], Terms(allow_unlike=True))
    assert [(m.case, m.base, m.new) for m in found.missing] == [
        ("d", None, "not in the run"),
        ("e", "not in the run", None),
    ]


def test_results_alone_are_compared_by_their_suites_digest() -> None:
    base = replace(side({"c": [GOOD]}), questions={})
    signed: Record = {
        **base.results,
        "signature": {**base.results["signature"], "suite": "another"},
    }
    with pytest.raises(HarnessError, match="their suites differ"):
        compare_arms(base, [replace(base, results=signed)], Terms())


def test_runs_that_share_no_case_give_no_number() -> None:
    (found,) = compare_arms(side({"c": [GOOD]}), [side({"d": [GOOD]}, "two")],
                            Terms(allow_unlike=True))  # fmt: skip
    assert found.macro.delta is None
    assert found.micro.delta is None
    assert found.coverage == 0
    assert found.verdict is ComparisonVerdict.UNDECIDED


def test_hostile_names_and_a_megabyte_of_text_are_only_texts() -> None:
    def said(value: object) -> list[list[Record]]:
        return [[diff(text, "wrong_value", expected=text, predicted=value) for text in HOSTILE]]

    base = side({text: said("A" * 1_000_000) for text in HOSTILE})
    new = side({text: said("B") for text in HOSTILE}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert {flip.change for case in found.cases for flip in case.flips} == {Change.STILL_WRONG}
    assert found.verdict is ComparisonVerdict.EQUAL


def test_a_difference_on_part_of_the_cases_stands_on_no_rung() -> None:
    some = {f"c{n}": [HALF] for n in range(8)}
    base = side({**some, "gone": [GOOD]})
    new = side({**{c: [GOOD] for c in some}, "gone": GONE}, "two")
    (found,) = compare_arms(base, [new], Terms())
    assert (found.macro.p_value, found.coverage) == (2 / 2**8, 8 / 9)
    assert (found.verdict, found.evidence.rung) == (ComparisonVerdict.UNDECIDED, Rung.POINT)


def test_the_same_scores_are_equal_within_no_margin_at_all() -> None:
    assert compared([HALF], [HALF], margin=0.0).verdict is ComparisonVerdict.EQUAL
    assert compared([HALF], [GOOD], margin=0.0).verdict is ComparisonVerdict.IMPROVED


def test_a_spread_that_is_rounding_alone_promises_no_power() -> None:
    found = power_of([0.1, 0.30000000000000004 - 0.2, 0.7 - 0.6, 0.4 - 0.3, 0.8 - 0.7, 0.1])
    assert (found.assumed, found.deviation) == (True, 0.1)
    assert found.smallest == pytest.approx(0.1437, abs=1e-3)


def test_a_field_keeps_its_f1_where_a_case_was_asked_more_often() -> None:
    base = side({"c": [verdicts(a=RIGHT)] * 3, "d": [verdicts(a=2)]})
    new = side({"c": [verdicts(a=RIGHT)], "d": [verdicts(a=2)] * 3}, "two")
    (found,) = compare_arms(base, [new], Terms())
    (field,) = found.fields
    assert (field.base, field.new, field.delta) == (0.5, 0.5, 0)


def test_runs_that_were_asked_for_the_answers_form_differently_are_unlike() -> None:
    base, new = side({"a": [verdicts(x=RIGHT)]}), side({"a": [verdicts(x=RIGHT)]}, "two")
    asked = []
    for arm, form in ((base, "json_schema strict"), (new, "text"), (new, "json_schema strict")):
        record: Record = {**arm.run, "endpoint": {"forms": {"answers": {form: 1}}}}
        asked.append(replace(arm, run=record))
    with pytest.raises(HarnessError, match="json_schema strict and text"):
        compare_arms(asked[0], [asked[1]], Terms())
    assert compare_arms(asked[0], [asked[2]], Terms())[0].macro.delta == 0
