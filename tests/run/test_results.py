"""The results document: every figure of it by hand-worked arithmetic."""

from __future__ import annotations

import pytest
from pytest import approx  # noqa: PT013  # read as a word of its own

from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.scores.scorecard import Empty
from harness.core.values import Json
from tests.run.stored_examples import Asked, document, one, results

# Three cases, worked by hand. The outcomes of their fields:
#
#   case  correct  wrong  format  omitted  extra |  TP  FP  FN |  P    R    F1
#   a     a b c    d                             |   3   1   1 |  3/4  3/4  6/8
#   b     a                       b        x y   |   1   2   1 |  1/3  1/2  2/5
#   c     a               n       c d            |   1   1   3 |  1/2  1/4  2/6
#   all   5        1      1       3        2     |   5   4   5 |  5/9  5/10 10/19
#
# The format error of c has the right value: "5" for 5.
INTEGER: Json = {"properties": {"n": {"type": "integer"}}}
THREE: Asked = (
    (
        Case("b", (), {"a": 1, "b": 2}, tags=("short", "odd")),
        Answer({"a": 1, "x": 3, "y": 4}),
    ),
    (
        Case("a", (), {"a": 1, "b": 2, "c": 3, "d": 4}, tags=("short",)),
        Answer({"a": 1, "b": 2, "c": 3, "d": 5}),
    ),
    (
        Case("c", (), {"a": 1, "n": 5, "c": "k", "d": "m"}, INTEGER),
        Answer({"a": 1, "n": "5"}),
    ),
)

VACUOUS: Asked = ((Case("v", (), {"a": None, "b": []}), Answer({"a": ""})),)
ALL_RIGHT: Asked = ((Case("r", (), {"a": 1}), Answer({"a": 1})),)


def test_macro_is_the_mean_of_the_cases_and_micro_comes_from_summed_counts() -> None:
    found = results(THREE)["aggregate"]
    assert found["macro"] == {
        "precision": approx((3 / 4 + 1 / 3 + 1 / 2) / 3),
        "recall": approx((3 / 4 + 1 / 2 + 1 / 4) / 3),
        "f1": approx((6 / 8 + 2 / 5 + 2 / 6) / 3),
    }
    assert found["micro"] == {"precision": 5 / 9, "recall": 5 / 10, "f1": 10 / 19}
    assert found["total_true_positives"] == 5
    assert found["total_false_positives"] == 4
    assert found["total_false_negatives"] == 5
    assert found["eval_count"] == 3
    assert found["counts"] == {
        "correct": 5,
        "omission": 3,
        "hallucination": 2,
        "format_error": 1,
        "wrong_value": 1,
        "value_equal": 1,
        "true_negatives": 0,
    }


def test_each_case_carries_its_own_figures_in_the_guides_names() -> None:
    found = {case["id"]: case for case in results(THREE)["cases"]}
    assert list(found) == ["a", "b", "c"], "in order of id"
    names = ("precision", "recall", "f1", "true_positives", "false_positives", "false_negatives")
    assert [found["a"][name] for name in names] == [3 / 4, 3 / 4, 6 / 8, 3, 1, 1]
    assert [found["b"][name] for name in names] == [1 / 3, 1 / 2, 2 / 5, 1, 2, 1]
    assert [found["c"][name] for name in names] == [1 / 2, 1 / 4, 2 / 6, 1, 1, 3]
    assert [found[case]["total_gt_fields"] for case in "abc"] == [4, 2, 4]
    assert [found[case]["correct_fields"] for case in "abc"] == [3, 1, 1]


def test_leniently_a_format_error_with_the_right_value_is_correct() -> None:
    document = results(THREE)
    # c becomes TP 2, FP 0, FN 2: F1 = 4/6. All: TP 6, FP 3, FN 4.
    lenient = document["aggregate"]["lenient"]
    assert lenient["macro"]["f1"] == approx((6 / 8 + 2 / 5 + 4 / 6) / 3)
    assert lenient["micro"] == {"precision": 6 / 9, "recall": 6 / 10, "f1": 12 / 19}
    assert [case["lenient_f1"] for case in document["cases"]] == [6 / 8, 2 / 5, 4 / 6]
    (field,) = (field for field in document["fields"] if field["field"] == "n")
    assert (field["f1"], field["lenient_f1"]) == (0, 1)


def test_under_guide_code_only_an_omission_is_a_false_negative() -> None:
    # a: TP 3, FP 1, FN 0; b: 1, 2, 1; c: 1, 1, 2. All: 5, 4, 3.
    found = results(THREE)["aggregate"]["guide-code"]
    assert found["macro"] == {
        "precision": approx((3 / 4 + 1 / 3 + 1 / 2) / 3),
        "recall": approx((3 / 3 + 1 / 2 + 1 / 3) / 3),
        "f1": approx((6 / 7 + 2 / 5 + 2 / 5) / 3),
    }
    assert found["micro"] == {"precision": 5 / 9, "recall": 5 / 8, "f1": 10 / 17}
    totals = [found[f"total_{name}"] for name in ("true_positives", "false_positives", "false_negatives")]  # fmt: skip # noqa: E501
    assert totals == [5, 4, 3]


def test_the_correction_cost_charges_a_wrong_value_once() -> None:
    # 5 correct; to be changed: 1 wrong value, 1 format error, 3 omissions, 2 hallucinations.
    assert results(THREE)["aggregate"]["correction_cost"] == {"hits": 5, "of": 12}


def test_fields_come_worst_first_with_what_they_cost() -> None:
    found = results(THREE)["fields"]
    assert [field["field"] for field in found] == ["d", "n", "b", "c", "x", "y", "a"]
    worst = found[0]
    assert (worst["f1"], worst["support"]) == (0, 2)
    # With both d right: TP 7, FP 3, FN 3: F1 = 14/20.
    assert worst["f1_lost"] == approx(14 / 20 - 10 / 19)
    invented = found[4]
    assert (invented["precision"], invented["recall"], invented["f1"]) == (0, None, 0)
    best = found[-1]
    assert (best["f1"], best["f1_lost"], best["support"]) == (1, 0, 3)


def test_a_field_says_how_its_values_are_compared() -> None:
    schema: Json = {"properties": {"n": {"type": "integer"}, "t": {"type": "string"}}}
    fields = one({"n": 1, "t": "x"}, {"n": 1, "t": "y"}, schema)["fields"]
    assert {field["field"]: field["comparator"] for field in fields} == {"n": "number", "t": "text"}


def test_means_over_fields_count_each_field_once_or_by_how_often_it_is_expected() -> None:
    # F1 by field: a 1, b 2/3, c 2/3, d 0, n 0, x 0, y 0; expected 3, 2, 2, 2, 1, 0, 0 times.
    found = results(THREE)["aggregate"]
    assert found["macro_over_fields"] == approx((1 + 2 / 3 + 2 / 3) / 7)
    assert found["weighted_over_fields"] == approx((3 * 1 + 2 * 2 / 3 + 2 * 2 / 3) / 10)


def test_tags_have_averages_of_their_own() -> None:
    # short: cases a and b, TP 4, FP 3, FN 2. odd: case b alone.
    odd, short = results(THREE)["tags"]
    assert (odd["tag"], odd["cases"], odd["micro"]["f1"]) == ("odd", 1, 2 / 5)
    assert (short["tag"], short["cases"]) == ("short", 2)
    assert short["macro"]["f1"] == approx((6 / 8 + 2 / 5) / 2)
    assert short["micro"] == {"precision": 4 / 7, "recall": 4 / 6, "f1": 8 / 13}


@pytest.mark.parametrize(
    ("empty", "macro"),
    [("skip", 2 / 5), ("zero", (2 / 5 + 0) / 2), ("one", (2 / 5 + 1) / 2)],
)
def test_a_vacuous_case_is_worth_what_the_policy_says(empty: Empty, macro: float) -> None:
    found = results([THREE[0], *VACUOUS], empty=empty)
    aggregate = found["aggregate"]
    assert aggregate["macro"]["f1"] == approx(macro)
    assert aggregate["micro"]["f1"] == 2 / 5, "nothing to add up"
    assert aggregate["vacuous_cases"] == 1
    assert aggregate["eval_count"] == 2
    assert aggregate["perfect_documents"] == {"hits": 1, "of": 2}
    assert found["empty"] == empty == found["signature"]["empty"]
    vacuous = found["cases"][1]
    assert (vacuous["precision"], vacuous["recall"], vacuous["f1"]) == (None, None, None)
    assert vacuous["counts"]["true_negatives"] == 2


def test_a_mean_over_nothing_stays_undefined() -> None:
    nothing = {"precision": None, "recall": None, "f1": None}
    found = results(VACUOUS)["aggregate"]
    assert (found["macro"], found["micro"]) == (nothing, nothing)
    assert found["null_floor"] == 1, "an empty answer is just right"
    found = results(())["aggregate"]
    assert (found["macro"], found["micro"]) == (nothing, nothing)
    assert found["null_floor"] is None
    assert found["macro_over_fields"] is None
    assert found["weighted_over_fields"] is None
    assert found["perfect_documents"] == {"hits": 0, "of": 0}


def test_the_null_floor_is_what_saying_nothing_would_get() -> None:
    """Trap T02: one field is filled and read wrong, four are absent on both sides."""
    nothing: dict[str, Json] = dict.fromkeys("bcde")
    schema: Json = {"properties": {name: {"type": "string"} for name in "abcde"}}
    truth, answer = {"a": "ACME Corporation"}, {"a": "totally different value"}
    found = one({**truth, **nothing}, {**answer, **nothing}, schema)["aggregate"]
    assert found["counts"]["wrong_value"] == 1
    assert found["counts"]["true_negatives"] == 4
    assert found["micro"]["f1"] == 0
    assert found["null_floor"] == 4 / 5


def test_perfect_rows_are_counted_among_expected_and_extra_ones() -> None:
    truth: Json = {"rows": [{"k": 1, "v": "x"}, {"k": 2, "v": "y"}, {"k": 3, "v": "z"}]}
    answer: Json = {"rows": [{"k": 1, "v": "x"}, {"k": 2, "v": "y"}, {"k": 3, "v": "no"}, {"k": 9, "v": "q"}]}  # fmt: skip # noqa: E501
    found = one(truth, answer)
    assert found["aggregate"]["perfect_rows"] == {"hits": 2, "of": 4}
    assert found["cases"][0]["items"] == [{"field": "rows", "paired": 3, "extra": 1, "missing": 0}]


def test_a_perfect_document_has_no_error_and_an_answer() -> None:
    failed = (Case("f", (), {}), Failure(FailureKind.NOT_JSON, "prose"))
    found = results([*ALL_RIGHT, THREE[0], *VACUOUS, failed])["aggregate"]
    assert found["perfect_documents"] == {"hits": 2, "of": 4}


def test_ignored_fields_leave_the_score_and_are_counted() -> None:
    truth: Json = {"a": 1, "b": {"c": 1, "d": 2}}
    case = Case("a", (), truth)
    found = results([(case, Answer({"a": 1, "b": {"c": 9, "e": 3}}))], {"b": {"ignore": True}})
    assert found["aggregate"]["coverage"] == {"evaluated": 1, "ignored": 2}
    assert found["aggregate"]["micro"]["f1"] == 1
    assert [diff["path"] for diff in found["cases"][0]["diffs"]] == ["a"]


def test_a_failure_is_scored_as_nothing_said_and_listed() -> None:
    failed = (Case("f", (), {"a": 1, "b": 2}), Failure(FailureKind.REFUSAL, "I cannot."))
    found = results([*ALL_RIGHT, failed])
    assert found["complete"] is True
    # TP 1, FN 2: F1 = 2/4.
    assert found["aggregate"]["micro"]["f1"] == 2 / 4
    assert found["aggregate"]["failed_cases"] == 1
    assert found["cases"][0]["failure"] == {
        "kind": "refusal",
        "message": "I cannot.",
        "missing": False,
    }
    assert [diff["outcome"] for diff in found["cases"][0]["diffs"]] == ["omission", "omission"]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind.is_missing])
def test_a_case_nobody_answered_is_in_no_figure_and_makes_the_run_incomplete(
    kind: FailureKind,
) -> None:
    missing = (Case("f", (), {"a": 1, "b": None}, tags=("t",)), Failure(kind, "no network"))
    found = results([*ALL_RIGHT, missing])
    assert found["complete"] is False
    aggregate = found["aggregate"]
    assert (aggregate["eval_count"], aggregate["missing_cases"]) == (1, 1)
    assert aggregate["failed_cases"] == 0
    assert aggregate["macro"]["f1"] == aggregate["micro"]["f1"] == 1
    assert aggregate["null_floor"] == 0
    assert found["tags"] == []
    assert found["cases"][0]["f1"] is None
    assert found["cases"][0]["diffs"] == []
    assert found["cases"][0]["failure"]["missing"] is True


def test_null_can_be_told_from_absent_in_what_is_stored() -> None:
    found = one({"a": 1, "b": 2, "d": 4}, {"b": 3, "c": 4, "d": "4"})
    diffs = {diff["field"]: diff for diff in found["cases"][0]["diffs"]}
    assert "predicted" not in diffs["a"]
    assert diffs["a"]["expected"] == 1
    assert "expected" not in diffs["c"]
    assert diffs["c"]["predicted"] == 4
    assert "value_equal" not in diffs["b"]
    assert diffs["d"]["value_equal"] is True


def test_the_order_of_the_cases_changes_nothing() -> None:
    cases = [*THREE, *VACUOUS, *ALL_RIGHT]
    assert results(cases) == results(cases[::-1])


def test_the_signature_names_everything_that_two_scores_must_share() -> None:
    plain, ruled = results(THREE), results(THREE, {"d": {"ignore": True}})
    assert set(plain["signature"]) == {"suite", "rules", "convention", "empty", "harness"}
    assert plain["signature"]["rules"] != ruled["signature"]["rules"]
    assert plain["signature"]["convention"] == "standard"


def test_intervals_need_two_documents_and_hold_the_score() -> None:
    assert results(ALL_RIGHT)["aggregate"]["intervals"]["macro_f1"] is None
    found = results(THREE)["aggregate"]
    low, high = found["intervals"]["macro_f1"]
    assert 0 < low < found["macro"]["f1"] < high < 1


# --- what the documents say ---------------------------------------------------------------------

TEXT = "Invoice 17 of 31 March 2024\nTotal due: 1,234.50 EUR\nto ACME  Corp."


def tags_of(truth: Json, answer: Json, text: str = TEXT) -> list[str]:
    found = one({"v": truth, "k": 17}, {"v": answer, "k": 17}, text=text)
    (diff,) = (diff for diff in found["cases"][0]["diffs"] if diff["field"] == "v")
    return list(diff.get("tags", []))


def test_a_hallucination_says_whether_its_value_stands_in_the_document() -> None:
    assert "grounded" in tags_of(None, "Acme Corp")
    assert "grounded" in tags_of(None, 1234.5)
    assert "grounded" in tags_of(None, "2024-03-31")
    assert "ungrounded" in tags_of(None, "Globex")
    assert "ungrounded" in tags_of(None, 1234)


def test_nobody_claims_to_have_looked_where_there_is_nothing_to_look_for_or_in() -> None:
    for value, text in ((True, TEXT), ("Globex", "")):
        assert not {"grounded", "ungrounded"} & set(tags_of(None, value, text))


def test_a_truth_that_stands_nowhere_is_suspect_if_the_answer_does_stand_there() -> None:
    assert "suspect_ground_truth" in tags_of("Globex", "Acme Corp")
    assert "suspect_ground_truth" not in tags_of("Acme Corp", "Globex"), "the answer is the odd one"
    assert "suspect_ground_truth" not in tags_of("Globex", "Initech"), "neither stands there"
    assert "suspect_ground_truth" not in tags_of(17, 1234.5), "both stand there"
    assert "suspect_ground_truth" not in tags_of("Globex", None), "an omission is no wrong value"
    signs = "Paid in cash: \u00a3155", "GBP", "\u00a3"
    assert "suspect_ground_truth" not in tags_of(*signs[1:], signs[0]), "a sign and its code"


def test_evidence_is_where_each_side_stands() -> None:
    found = one({"v": 1234.5}, {"v": "Globex"}, text=TEXT)
    (diff,) = found["cases"][0]["diffs"]
    start = TEXT.index("1,234.50")
    assert diff["evidence"] == {
        "expected": [{"document": "documents/a.txt", "start": start, "end": start + 8}],
        "predicted": [],
    }


def test_evidence_says_in_which_of_several_documents() -> None:
    documents = (document("nothing here", "one.txt"), document("Acme", "two.txt"))
    found = results([(Case("a", documents, {"v": "Acme"}), Answer({"v": "Acme"}))])
    (diff,) = found["cases"][0]["diffs"]
    assert [span["document"] for span in diff["evidence"]["expected"]] == ["two.txt"]


def test_no_evidence_is_claimed_where_one_document_is_not_at_hand() -> None:
    documents = (document("Globex", "one.txt"), document("", "two.txt"))
    found = results([(Case("a", documents, {"v": None}), Answer({"v": "Acme"}))])
    (diff,) = found["cases"][0]["diffs"]
    assert "evidence" not in diff
    assert "ungrounded" not in diff.get("tags", [])
