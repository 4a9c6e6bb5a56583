"""The figures beside the headline: goals, effort, past runs, classes, entities, slices."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report.page.classes import Things, classified, things
from harness.report.page.footer import footer
from harness.report.page.headline import panels
from harness.report.page.measures.effort import effort_of, efforts
from harness.report.page.measures.goals import tiers_in_fields, tiers_in_points
from harness.report.page.past_runs import field_spark, past_runs, run_spark
from harness.report.page.where import by_part, matrix, slices_by_tag
from tests.report.letters import realistic
from tests.report.records import Record, case, diff, results, run


def made(**more: object) -> Record:
    wrong = [diff(f"x{n}", "omission", expected=1) for n in range(2)]
    right = [diff(f"y{n}", "correct", expected=1, predicted=1) for n in range(6)]
    return {**results([case("a", wrong + right, tags=["t"])]), **more}


# --- goals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "reached", "distance"),
    [
        (0.8, True, "reached"),
        (0.9, False, "1 more correct field"),
        (1.0, False, "2 more correct fields"),
    ],
)
def test_the_target_says_how_many_fields_are_missing(
    target: float,
    reached: bool,  # noqa: FBT001
    distance: str,
) -> None:
    # tp 6, fn 2: F1 = 12/14 = 85.7 %; one more gives 14/15 = 93.3 %, two 100 %
    (tier,) = tiers_in_fields(made(target_f1=target))
    assert (tier.name, tier.reached, tier.distance) == ("target", reached, distance)


def test_macro_is_that_many_points_away() -> None:
    found = tiers_in_points(made(), 0.85)
    assert [tier.distance for tier in found] == ["5.0 points to go"]


def test_without_a_score_no_goal_is_near_or_far() -> None:
    nothing = results([])
    assert tiers_in_fields(nothing) == tiers_in_points(nothing, None) == ()


def test_each_stored_convention_is_a_way_of_counting_once() -> None:
    three = {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    more: dict[str, Any] = {"lenient": {}, "similarity": {"macro": three, "micro": None}}
    assert [panel.name for panel in panels(made(conventions=more))] == ["strict", "lenient"]
    small_print = footer(run(), made(conventions=more)).averages
    assert [each.name for each in small_print] == ["strict", "lenient", "guide-code", "similarity"]
    assert (small_print[-1].macro[2], small_print[-1].micro[2]) == ("50.0 %", "n/a")


# --- effort ------------------------------------------------------------------------------------

USAGE: Record = {
    "input_tokens": 12_000, "output_tokens": 600, "usd": 0.3, "paid_usd": 0.1,
    "answers": 8, "counted": 6, "priced": 6,
}  # fmt: skip


def test_what_a_run_took_is_said_with_how_much_of_it_is_known() -> None:
    aggregate: Record = {"latency": {"p50": 2.0, "p95": 9.0}, "usage": USAGE}
    found = efforts(aggregate)
    assert [(e.name, e.figure.replace("\u202f", " ")) for e in found] == [
        ("Typical time for an answer", "2.0 s"),
        ("Tokens in", "12 000"),
        ("Tokens out", "600"),
        ("Cost", "$0.30"),
    ]
    assert found[3].note == (
        "$0.05 an answer, known of 6 of 8; $0.10 of it now, the rest was paid for earlier"
    )


def test_of_what_nobody_measured_nothing_is_said() -> None:
    tokens = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens", "usd"))
    nothing: Record = {}
    untold: Record = {
        "latency": {"p50": 0.0001, "p95": 0.0002},
        "usage": {**tokens, "paid_usd": None, "answers": 3, "counted": 0, "priced": 0},
    }
    case: Record = {"seconds": None, "usage": tokens}
    assert efforts(nothing) == ()
    assert efforts(untold) == ()
    assert effort_of(case) == []


# --- past runs ---------------------------------------------------------------------------------


def past(started: str, f1: float, **more: object) -> Record:
    scored = made()
    aggregate = {**scored["aggregate"], "macro": {"f1": f1}}
    return {
        "run_id": f"run-{started}",
        "suite": "s", "extractor": "e", "started": started, "signature": scored["signature"],
        "headline": {"aggregate": aggregate, "fields": {"x": f1}}, **more,
    }  # fmt: skip


def test_past_runs_are_those_of_the_same_suite_and_extractor_before_this_one() -> None:
    run = past("2025-03", 0.9)
    others = [
        past("2025-02", 0.7), past("2025-01", 0.5), past("2025-04", 0.1),
        past("2025-01", 0.2, suite="other"), past("2025-01", 0.3, headline=None),
    ]  # fmt: skip
    assert [one["f1"] for one in past_runs(run, made(), others)] == [0.5, 0.7]


def test_a_run_under_other_rules_is_hollow_and_breaks_the_line() -> None:
    other = {**made()["signature"], "rules": "changed"}
    runs = [past("1", 0.5, signature=other), past("2", 0.6), past("3", 0.7)]
    found = run_spark(past_runs(past("4", 0.8), made(), runs), 0.8)
    assert found is not None
    assert [dot.is_alike for dot in found.dots] == [False, True, True, True]
    assert len(found.lines) == 1
    assert len(found.lines[0].split(" ")) == 3
    assert found.words == "4 runs: from 50.0 % to 80.0 %"


def test_a_field_has_a_line_of_its_own_and_none_without_a_past() -> None:
    earlier = past_runs(past("2", 0.8), made(), [past("1", 0.6)])
    found = field_spark(earlier, "x", 0.8)
    assert found is not None
    assert found.words == "2 runs: from 60.0 % to 80.0 %"
    assert field_spark(earlier, "new", 0.8) is None
    assert run_spark((), 0.8) is None


# --- classes and entities ----------------------------------------------------------------------

STATUS = {
    "field": "status", "kind": "multiclass", "labels": ["open", "paid", None],
    "matrix": [[3, 2, 1], [0, 4, 0], [0, 0, 0]], "accuracy": 0.7,
    "right": {"hits": 7, "of": 10}, "macro_f1": 0.8, "baseline_f1": None, "warning": None,
    "classes": [
        {"label": "paid", "precision": 0.6, "recall": 1.0, "f1": 0.8, "support": 4},
        {"label": "open", "precision": 1.0, "recall": 0.5, "f1": 0.7, "support": 6},
    ],
}  # fmt: skip


def test_a_field_of_labels_shows_which_was_taken_for_which() -> None:
    scored: Record = {"classification": [STATUS]}
    found = classified(scored)["status"]
    assert found.right == "70.0 % (7/10)"
    assert [one.label for one in found.classes] == ["open", "paid"], "most frequent first"
    assert found.confusion is not None
    assert [[cell.count for cell in row] for row in found.confusion.rows] == [
        ["3", "2", "1"], ["", "4", ""], ["", "", ""],
    ]  # fmt: skip
    assert [cell.shade for cell in found.confusion.rows[0]] == [0, 4, 2], "right is never dark"


@pytest.mark.parametrize("labels", [["only"], [str(n) for n in range(13)]])
def test_a_matrix_of_one_or_of_too_many_labels_is_not_drawn(labels: list[str]) -> None:
    square = [[1] * len(labels) for _ in labels]
    scored: Record = {"classification": [{**STATUS, "labels": labels, "matrix": square}]}
    assert classified(scored)["status"].confusion is None


def test_entities_and_attributes_stand_worst_first() -> None:
    def entity(name: str, f1: float) -> Record:
        scores = {"precision": f1, "recall": f1, "f1": f1}
        return {"field": name, "paired": 1, "extra": 2, "missing": 3, **scores}

    scored: Record = {
        "entities": {"pooled": entity("", 0.5), "types": [entity("a", 0.9), entity("b", 0.1)]},
        "attributes": [
            {"field": "a[].x", "coded": 4, "agreement": 1.0, "macro_f1": 1.0},
            {"field": "b[].y", "coded": 4, "agreement": 0.5, "macro_f1": None},
        ],
    }
    found = things(scored)
    assert [row.name for row in found.entities] == ["b", "a", "all together"]
    assert [(row.name, row.macro_f1) for row in found.attributes] == [
        ("b[].y", "n/a"), ("a[].x", "100 %"),
    ]  # fmt: skip


def test_older_results_have_no_such_tables() -> None:
    assert classified(made()) == {}
    assert things(made()) == Things((), ())


# --- where -------------------------------------------------------------------------------------


def test_errors_are_crossed_by_field_and_tag_with_what_was_judged() -> None:
    cases = [
        case("a", [diff("x", "omission", expected=1), diff("y", "omission", expected=1)],
             tags=["scan"]),
        case("b", [diff("x", "omission", expected=1), diff("y", "correct", expected=1,
             predicted=1)], tags=["scan", "long"]),
    ]  # fmt: skip
    found = matrix(results(cases))
    assert found is not None
    assert found.tags == ("scan", "long")
    assert [(row.name, [cell.words for cell in row.crossings]) for row in found.rows] == [
        ("x", ["2 of 2 wrong", "1 of 1 wrong"]),
        ("y", ["1 of 2 wrong", "0 of 1 wrong"]),
    ]
    assert [cell.shade for cell in found.rows[0].crossings] == [4, 2], "by number, not by share"


def test_one_tag_or_one_field_makes_no_matrix() -> None:
    assert matrix(made()) is None


def test_parts_of_the_answer_pool_their_fields() -> None:
    found = by_part(realistic().results)
    assert found[0].name == "revenues[]"
    assert next(part for part in found if part.name == "company").size == "2 fields"
    assert by_part(made()) == (), "a part for every field would say nothing new"


def test_tags_stand_by_their_errors() -> None:
    found = slices_by_tag(realistic().results)
    assert [tag.name for tag in found] == ["table", "two-pages"]
    assert found[1].size == "5 cases"
