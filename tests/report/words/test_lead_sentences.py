"""What a run says in words."""

from __future__ import annotations

from harness.report.words import lead_sentences
from tests.report.records import Record, case, diff, missing, results, run


def wrong(field: str, outcome: str = "wrong_value", *, value_equal: bool = False) -> Record:
    return diff(field, outcome, expected=1, predicted=2, value_equal=value_equal)


def right(number: int) -> list[Record]:
    return [diff(f"r{place}", "correct", expected=1, predicted=1) for place in range(number)]


def scored(*diffs: Record, target: float | None = 0.9) -> Record:
    return results([case("a", list(diffs))], target=target)


def test_the_sentence_names_the_field_that_costs_most_and_what_goes_wrong_there() -> None:
    made = scored(*right(5), wrong("a"), wrong("b[0]"), wrong("b[1]"))
    assert str(lead_sentences.lead(made)) == "Most is lost on b[]: 2 wrong values."


def test_a_single_losing_field_takes_all_the_blame() -> None:
    assert str(lead_sentences.lead(scored(*right(5), wrong("a")))) == (
        "All that is lost is lost on a: 1 wrong value."
    )


def test_right_values_in_the_wrong_format_are_told() -> None:
    made = scored(wrong("a"), wrong("b", "format_error", value_equal=True), wrong("c"), wrong("c"))
    assert str(lead_sentences.lead(made)) == (
        "Most is lost on c: 2 wrong values; 1 answer is right but in the wrong format."
    )


def test_a_wrong_value_put_right_counts_twice_in_micro_f1() -> None:
    # 6 of 10 right, 4 misread: 12/20. One more right: 14/20, then 16/20, then 18/20 = 90 %.
    made = scored(*right(6), *(wrong(f"w{place}") for place in range(4)))
    assert lead_sentences.corrections_to_target(made) == 3
    assert lead_sentences.distance_in_fields(made) == "3 more correct fields reach 90 %"


def test_an_omission_put_right_makes_the_whole_larger() -> None:
    # 8 right, 2 omitted: 16/18 = 88.9 %. One found: 18/19 = 94.7 %.
    made = scored(*right(8), *(diff(f"o{p}", "omission", expected=1) for p in range(2)))
    assert lead_sentences.distance_in_fields(made) == "1 more correct field reaches 90 %"


def test_a_target_met_exactly_is_reached() -> None:
    # 9 right of 10: 18/20, and 0.9 in floats is not a reason to ask for more.
    made = scored(*right(9), wrong("w"))
    assert lead_sentences.distance_in_fields(made) == "reaches the target of 90 %"


def test_without_a_target_there_is_no_distance() -> None:
    assert lead_sentences.distance_in_fields(scored(*right(2), target=None)) is None
    assert lead_sentences.distance_in_points(0.5, None) is None


def test_where_nothing_was_judged_no_target_can_be_reached() -> None:
    assert lead_sentences.distance_in_fields(scored()) == "90 % is out of reach: nothing was judged"


def test_under_guide_code_a_wrong_value_put_right_makes_the_whole_larger() -> None:
    # TP 8, FP 2, FN 0: 16/18. One put right: TP 9, FP 1: 18/19.
    made: Record = {**scored(*right(8), wrong("a"), wrong("b")), "convention": "guide-code"}
    made["aggregate"]["total_false_negatives"] = 0
    assert lead_sentences.corrections_to_target(made) == 1


def test_an_incomplete_run_tells_how_much_its_numbers_cover() -> None:
    cases = [case("a", right(1)), case("b", right(1)), missing("c", "transport", "no network")]
    made = results(cases, complete=False)
    assert lead_sentences.incomplete(run(complete=False), made) == (
        "2 of 3 answered; the rest were never answered: these numbers cover 2."
    )


def test_a_run_that_stopped_with_nothing_missing_still_warns() -> None:
    made = results([case("a", right(1))])
    assert lead_sentences.incomplete(run(complete=False), made) == (
        "This run did not finish: these numbers cover 1 case."
    )
