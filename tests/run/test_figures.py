"""The figures beside the headline, by hand-worked arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest import approx  # noqa: PT013  # read as a word of its own

from harness.core.comparators.own_functions import NO_FUNCTIONS
from harness.core.records import Answer, Case, Failure, FailureKind, Prediction, Usage
from harness.core.rules.field_rule import NO_RULES, parse_rules
from harness.core.scores.conventions import ALL
from harness.core.values import Json
from harness.run.results.rescore import ScoreOptions, score_run
from harness.run.results.results_document import ScoringSettings
from tests.run.stored_examples import Asked, one, results
from tests.run.test_results import ALL_RIGHT, THREE, VACUOUS
from tests.run.test_results_schema import VALIDATOR

STATE: Json = {
    "type": "object",
    "properties": {
        "state": {"enum": ["open", "paid", "late"]},
        "big": {"type": "boolean"},
        "moods": {"type": "array", "items": {"enum": ["joy", "love", "fear"]}},
    },
}


def classified(*pairs: tuple[Json, Json], schema: Json = STATE) -> dict[str, Any]:
    told = [
        (Case(f"c{n:02}", (), truth, schema), Answer(said)) for n, (truth, said) in enumerate(pairs)
    ]
    return {found["field"]: found for found in results(told)["classification"]}


# --- conventions --------------------------------------------------------------------------------


def test_every_convention_is_there_and_the_headline_is_one_of_them() -> None:
    found = results(THREE)
    assert list(found["conventions"]) == list(ALL)
    standard = found["conventions"][found["convention"]]
    assert standard["macro"] == found["aggregate"]["macro"]
    assert standard["micro"] == found["aggregate"]["micro"]
    for part in ("macro", "micro"):
        guide = found["aggregate"]["guide-code"][part]
        assert found["conventions"]["guide-code"][part] == guide
    # 5 right, to be changed 1 + 1 + 3 + 2
    assert found["conventions"]["correction-cost"]["micro"]["f1"] == 5 / 12


@pytest.mark.parametrize("empty", ["skip", "zero", "one"])
def test_a_vacuous_case_is_worth_the_same_under_every_convention(empty: Any) -> None:  # noqa: ANN401
    found = results([*ALL_RIGHT, *VACUOUS], empty=empty)
    wanted = {"skip": 1.0, "zero": 0.5, "one": 1.0}[empty]
    assert found["aggregate"]["macro"]["f1"] == wanted
    assert {c["macro"]["f1"] for c in found["conventions"].values()} == {wanted}
    alone = results(VACUOUS, empty=empty)["conventions"]["similarity"]
    assert alone["macro"]["f1"] == {"skip": None, "zero": 0.0, "one": 1.0}[empty]
    assert alone["micro"]["f1"] is None


# --- exact match, items of lists ----------------------------------------------------------------


def test_exact_are_answers_that_equal_the_truth_and_no_failures() -> None:
    failed = (Case("f", (), {}), Failure(FailureKind.REFUSAL, "no"))
    loose = (Case("l", (), {"a": "x y"}), Answer({"a": "X  Y"}))
    assert results([*ALL_RIGHT, *VACUOUS, failed, loose])["exact_match"] == {"hits": 2, "of": 4}


def test_lists_of_objects_say_how_many_items_were_found() -> None:
    truth: Json = {"rows": [{"k": 1}, {"k": 2}, {"k": 3}], "tags": ["a"]}
    found = one(truth, {"rows": [{"k": 2}, {"k": 3}, {"k": 4}], "tags": ["b"]})["entities"]
    row = {"paired": 2, "extra": 1, "missing": 1}
    scores = {"precision": 2 / 3, "recall": 2 / 3, "f1": 4 / 6}
    assert found["types"] == [{"field": "rows", "is_entity": False, **row, **scores}]
    assert found["pooled"] == {**row, **scores}
    assert one({"a": 1}, {})["entities"] == {"pooled": None, "types": []}


PEOPLE: dict[str, Any] = {
    "people": {"align": "entity", "match": ["name"]},
    "people[].parents[]": {"refers_to": "people"},
}


def test_entities_pool_apart_from_other_lists_and_their_attributes_count_on_matched_pairs() -> None:
    truth: Json = {
        "people": [
            {"id": 1, "name": "Ann", "mood": "up"},
            {"id": 2, "name": "Bo", "mood": "up", "parents": [1]},
            {"id": 3, "name": "Cid", "mood": "down", "parents": [1]},
        ],
        "notes": [{"n": 1}],
    }
    said: Json = {
        "people": [
            {"id": 7, "name": "Bo", "mood": "down", "parents": [8]},
            {"id": 8, "name": "Ann", "mood": "up"},
            {"id": 9, "name": "Dot", "mood": "up"},
        ],
        "notes": [{"n": 2}],
    }
    found = results([(Case("a", (), truth), Answer(said))], PEOPLE)
    assert found["entities"]["pooled"]["f1"] == approx(2 * 2 / (3 + 3))
    assert [(t["field"], t["is_entity"]) for t in found["entities"]["types"]] == [
        ("notes", False),
        ("people", True),
    ]
    attributes = {a["field"]: a for a in found["attributes"]}
    # Ann is up and said to be, Bo is up and said to be down; Cid and Dot have no counterpart.
    mood = attributes["people[].mood"]
    assert (mood["coded"], mood["agreement"], mood["agreed"]) == (2, 0.5, {"hits": 1, "of": 2})
    assert mood["macro_f1"] == approx((2 / 3 + 0) / 2)
    assert mood["pooled_f1"] == 2 / 4
    parents = attributes["people[].parents[]"]
    assert (parents["coded"], parents["agreement"], parents["macro_f1"]) == (1, 1, None)


def test_a_link_that_a_matched_entity_lacks_counts_against_it() -> None:
    truth: Json = {
        "people": [
            {"id": 1, "name": "A"},
            {"id": 2, "name": "B"},
            {"id": 3, "name": "C", "parents": [1, 2]},
        ]
    }
    said: Json = {
        "people": [
            {"id": 1, "name": "A"},
            {"id": 2, "name": "B"},
            {"id": 3, "name": "C", "parents": [1]},
        ]
    }
    (parents,) = (
        a
        for a in results([(Case("a", (), truth), Answer(said))], PEOPLE)["attributes"]
        if a["field"] == "people[].parents[]"
    )
    assert (parents["coded"], parents["agreement"]) == (2, 0.5)


def test_statements_are_scored_once_more_as_their_sum() -> None:
    rules = {
        "statements": {"cumulative": True, "align": "position"},
        "statements[].people": {"align": "entity", "match": ["name"]},
    }
    truth: Json = {"statements": [{"people": [{"id": 1, "name": "Ann"}]}, {"people": [{"id": 1, "name": "Ann", "age": 9}]}]}  # fmt: skip # noqa: E501
    said: Json = {"statements": [{"people": [{"id": 5, "name": "Ann", "age": 9}]}, {"people": []}]}
    found = results([(Case("a", (), truth), Answer(said))], rules)["cumulative"]
    assert (found["cases"], found["micro"]["f1"]) == (1, 1)
    assert found["exact_match"] == {"hits": 1, "of": 1}
    assert found["entities"]["pooled"]["paired"] == 1
    assert results(THREE)["cumulative"] is None


# --- labels -------------------------------------------------------------------------------------


def test_enums_and_booleans_have_a_confusion_matrix() -> None:
    found = classified(
        ({"state": "open", "big": True}, {"state": "open", "big": True}),
        ({"state": "open", "big": False}, {"state": "paid", "big": True}),
        ({"state": "open"}, {}),
        ({"state": "late"}, {"state": "late"}),
        ({}, {"state": "paid"}),
    )
    state = found["state"]
    assert state["labels"] == ["open", "late", "paid", None]
    assert state["matrix"] == [[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    # TP 2; predicted 4 (FP 2), expected 4 (FN 2); of five present on either side two are right.
    assert (state["micro_f1"], state["accuracy"]) == (2 * 2 / 8, 2 / 5)
    assert state["macro_f1"] == approx((2 / 4 + 1 + 0) / 3)
    assert state["weighted_f1"] == approx((3 * 2 / 4 + 1) / 4)
    assert (state["majority"], state["kind"]) == ("open", "single-label")
    assert found["big"]["labels"][:2] == ["false", "true"]


def test_a_wrong_format_is_a_wrong_label_that_can_be_told_from_the_right_one() -> None:
    found = classified(({"state": "open", "big": True}, {"state": "OPEN", "big": "true"}))
    assert found["state"]["labels"] == ["open", '"OPEN"']
    assert found["big"]["labels"] == ["true", '"true"']
    assert found["big"]["accuracy"] == 0


def test_without_a_schema_only_truths_that_are_all_booleans_are_labels() -> None:
    assert set(classified(({"a": True, "b": "x"}, {"a": False, "b": "y"}), schema=None)) == {"a"}
    assert not classified(({"a": True}, {"a": True}), ({"a": "x"}, {}), schema=None)


def test_lists_of_labels_are_sets_and_empty_ones_count_as_right() -> None:
    found = classified(
        ({"moods": ["joy", "love"]}, {"moods": ["joy"]}),
        ({"moods": ["fear"]}, {"moods": ["joy"]}),
        ({"moods": []}, {"moods": []}),
    )["moods"]
    assert (found["kind"], found["items"], found["matrix"]) == ("multi-label", 3, None)
    # joy 1 hit, 1 false alarm; love and fear missed: TP 1, FP 1, FN 2
    assert found["micro_f1"] == 2 / (2 + 1 + 2)
    assert found["macro_f1"] == approx((2 / 3 + 0 + 0) / 3)
    assert found["right"] == {"hits": 1, "of": 3}
    assert found["samples_f1"] == approx((2 / 3 + 0) / 2)
    assert found["hamming_loss"] == 3 / 9


def test_a_missing_row_and_an_extra_one_are_not_taken_for_one_right_row() -> None:
    schema: Json = {
        "properties": {
            "rows": {
                "items": {
                    "properties": {
                        "k": {"type": "string"},
                        "moods": {"type": "array", "items": {"enum": ["joy", "fear"]}},
                    }
                },
                "x-match": {"align": "key", "key": ["k"]},
            }
        }
    }
    truth: Json = {"rows": [{"k": "a", "moods": ["joy"]}]}
    said: Json = {"rows": [{"k": "b", "moods": ["joy"]}]}
    found = classified((truth, said), schema=schema)["rows[].moods"]
    assert (found["items"], found["micro_f1"], found["right"]["hits"]) == (2, 0, 0)


def test_an_answer_with_too_many_labels_gets_no_matrix() -> None:
    pairs: list[tuple[Json, Json]] = [({"state": "open"}, {"state": f"x{n}"}) for n in range(60)]
    found = classified(*pairs)["state"]
    assert found["matrix"] is None
    assert len(found["labels"]) == 61
    assert len(found["classes"]) == 61


# --- marks on fields ----------------------------------------------------------------------------


def test_focus_weight_and_critical_are_said_where_a_rule_asks() -> None:
    rules = {"total": {"focus": True, "weight": 3}, "dose": {"critical": True}}
    both: Asked = [
        (Case("a", (), {"total": 1, "note": "x", "dose": 5}), Answer({"total": 1, "dose": 5})),
        (Case("b", (), {"total": 1, "note": "x", "dose": 5}), Answer({"note": "x", "dose": 6})),
    ]
    found = results(both, rules)
    # F1: total 2/3, note 2/3, dose 1/2
    assert found["focus"] == {
        "fields": ["total"],
        "f1": approx(2 / 3),
        "guard": approx((2 / 3 + 1 / 2) / 2),
    }
    assert found["weighted_f1"] == approx((3 * 2 / 3 + 2 / 3 + 1 / 2) / 5)
    assert found["critical"] == {
        "fields": ["dose"],
        "intact": {"hits": 1, "of": 2},
        "broken": ["b"],
    }
    plain = results(both)
    own = replace(both[1][0], rules=parse_rules({"dose": {"critical": True}})), both[1][1]
    assert results([both[0], own])["critical"] == found["critical"]
    assert (plain["focus"], plain["weighted_f1"], plain["critical"]) == (None, None, None)


# --- replicates, what answers took, confidences -------------------------------------------------


def asked(*said: Prediction) -> dict[str, Any]:
    """Return the results of two cases that are asked twice."""
    cases = [Case("a", (), {"x": 1, "y": 2}), Case("b", (), {"x": 1, "y": 2})]
    by_name = {(one.case_id, one.replicate): one for one in said}
    found: Any = score_run(
        ScoringSettings("s", "0", NO_RULES), NO_FUNCTIONS, cases, by_name, ScoreOptions(2)
    )
    document: dict[str, Any] = found
    return document


def test_each_replicate_is_a_case_of_its_own_and_means_are_over_all_of_them() -> None:
    half: Json = {"x": 1}
    whole: Json = {"x": 1, "y": 2}
    usage = Usage(100, 10, None, 0.5)
    found = asked(
        Prediction("a", Answer(whole, usage=usage), 1.0, 1, 1),
        Prediction("a", Answer(half, usage=usage), 3.0, 2, 2),
        Prediction("b", Answer(whole, usage=Usage(50)), 2.0, 1, 1),
        Prediction("b", Answer(whole, usage=usage), 9.0, 2, 0, cached=True),
    )
    assert (found["replicates"], found["complete"]) == (2, True)
    names = [(case["id"], case["replicate"], case["seconds"]) for case in found["cases"]]
    assert names == [("a", 1, 1.0), ("a", 2, 3.0), ("b", 1, 2.0), ("b", 2, 9.0)]
    # F1 of the four: 1, 2/3, 1, 1
    assert found["aggregate"]["macro"]["f1"] == approx((3 + 2 / 3) / 4)
    assert found["aggregate"]["latency"] == {"p50": 2.0, "p95": 3.0}
    assert found["aggregate"]["usage"] == {
        "input_tokens": 350,
        "output_tokens": 30,
        "cached_tokens": None,
        "usd": 1.5,
        "paid_usd": 1.0,
        "answers": 4,
        "counted": 4,
        "priced": 3,
        "cached": 1,
        "calls": 4,
    }
    assert found["cases"][2]["usage"]["usd"] is None
    VALIDATOR.validate(found)


def test_a_replicate_that_was_never_asked_is_missing() -> None:
    found = asked(Prediction("a", Answer({"x": 1, "y": 2}), 1.0))
    assert (found["complete"], found["aggregate"]["missing_cases"]) == (False, 3)


def test_confidences_are_judged_by_whether_the_value_is_right() -> None:
    def said(**sure: float) -> Answer:
        known = tuple(sure.items())
        return Answer({"x": 1, "y": 3}, confidences=known, confidence_source="logprobs")

    case = Case("a", (), {"x": 1, "y": 2})
    found = results([(case, said(x=0.9, y=0.4)), (case, said(x=0.8))])
    judged = found["confidence"]["logprobs"]
    whole = judged["all"]
    assert (whole["values"], whole["right"], whole["auroc"]) == (3, 2, 1.0)
    assert whole["brier"] == approx((0.01 + 0.16 + 0.04) / 3)
    assert [(f["field"], f["auroc"]) for f in judged["fields"]] == [
        ("x", None),
        ("y", None),
    ]
    VALIDATOR.validate(found)
    assert results(THREE)["confidence"] is None


def test_each_verdict_says_how_sure_its_answer_was_and_whence_that_is_known() -> None:
    sure = (("x", 0.9), ("y", 0.4), ("z", 0.7))
    said = Answer({"x": 1, "y": 3}, confidences=sure, confidence_source="stated")
    found = results([(Case("a", (), {"x": 1, "y": 2, "z": 3}), said)])
    known = {diff["path"]: diff["confidences"] for diff in found["cases"][0]["diffs"]}
    assert known == {"x": {"stated": 0.9}, "y": {"stated": 0.4}, "z": {"stated": 0.7}}
    VALIDATOR.validate(found)


def test_replicates_vote_on_each_field_and_on_what_is_left_out() -> None:
    found = asked(
        Prediction("a", Answer({"x": 1, "y": 2}), 1.0, 1),
        Prediction("a", Answer({"x": 1.0}), 1.0, 2),
        Prediction("b", Answer({"x": 1, "y": 7}), 1.0, 1),
        Prediction("b", Failure(FailureKind.REFUSAL, "no"), 1.0, 2),
    )
    known = [
        {diff["path"]: diff.get("confidences") for diff in case["diffs"]} for case in found["cases"]
    ]
    assert known == [
        {"x": {"votes": 1.0}, "y": {"votes": 0.5}},
        {"x": {"votes": 1.0}, "y": {"votes": 0.5}},
        {"x": {"votes": 0.5}, "y": {"votes": 0.5}},  # a refusal agrees with nobody
        {"x": None, "y": None},
    ]
    whole = found["confidence"]["votes"]["all"]
    # values: both of a's first, x of its second, both of b's; y of b is wrong
    assert (whole["values"], whole["right"]) == (5, 4)
    VALIDATOR.validate(found)


def test_one_vote_says_nothing() -> None:
    found = asked(Prediction("a", Answer({"x": 1, "y": 2}), 1.0, 1))
    assert found["confidence"] is None
    assert all("confidences" not in diff for diff in found["cases"][0]["diffs"])


def test_a_row_that_was_left_out_takes_no_confidence_from_the_row_in_its_place() -> None:
    case = Case("a", (), {"rows": [{"k": "one", "v": 1}, {"k": "two", "v": 2}]})
    sure = (("rows[0].k", 0.9), ("rows[0].v", 0.8))
    said = Answer({"rows": [{"k": "two", "v": 2}]}, confidences=sure, confidence_source="logprobs")
    diffs = results([(case, said)])["cases"][0]["diffs"]
    known = {(d["path"], d["outcome"]): d.get("confidences") for d in diffs}
    assert known == {
        ("rows[0].k", "omission"): None,
        ("rows[0].v", "omission"): None,
        ("rows[1].k", "correct"): {"logprobs": 0.9},
        ("rows[1].v", "correct"): {"logprobs": 0.8},
    }
