"""What must hold of every score, whatever the documents (scoring.md, section 9)."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from random import Random

import pytest
from hypothesis import assume, example, given

from harness import Counts, Outcome, score
from harness.core.outcomes import FieldDiff, Tag
from harness.core.values import Json
from tests.laws.strategies import (
    anything,
    census,
    documents,
    leaves,
    near_misses,
    regular,
    same_shape,
    schema_of,
    seeds,
    shuffled,
    values,
)

BOTH_SIDES = (Outcome.CORRECT, Outcome.FORMAT_ERROR, Outcome.WRONG_VALUE)


def _size(value: Json) -> int:
    return sum(1 for _ in leaves(value))


def _outcomes(counts: Counts) -> tuple[int, ...]:
    return (*(counts[outcome] for outcome in Outcome), counts.value_equal)


@given(anything)
@example(["\u200b"])
def test_identity_is_all_correct(value: Json) -> None:
    result = score(value, deepcopy(value))
    assert _outcomes(result.counts) == (_size(value), 0, 0, 0, 0, 0)
    assert result.is_perfect


@given(documents)
def test_identity_has_only_perfect_rows(value: Json) -> None:
    rows = score(value, deepcopy(value)).rows
    assert rows.hits == rows.of


@given(documents)
def test_identity_is_all_correct_under_the_schema_of_the_value(value: Json) -> None:
    result = score(value, deepcopy(value), schema_of(value))
    assert _outcomes(result.counts) == (_size(value), 0, 0, 0, 0, 0)


@pytest.mark.parametrize("nothing", [None, {}, [], "", " \n"])
@given(value=documents)
def test_an_empty_prediction_is_all_omissions(nothing: Json, value: Json) -> None:
    assert _outcomes(score(value, nothing).counts) == (0, _size(value), 0, 0, 0, 0)
    assert _outcomes(score(value, nothing, schema_of(value)).counts) == (
        0,
        _size(value),
        0,
        0,
        0,
        0,
    )


@pytest.mark.parametrize("nothing", [None, {}, [], "", " \n"])
@given(value=anything)
def test_an_empty_truth_is_all_hallucinations(nothing: Json, value: Json) -> None:
    assert _outcomes(score(nothing, value).counts) == (0, 0, _size(value), 0, 0, 0)


@given(documents, seeds)
def test_swapping_sides_swaps_omissions_and_hallucinations(truth: Json, seed: int) -> None:
    assume(regular(truth))
    prediction = same_shape(truth, Random(seed))
    there, back = score(truth, prediction).counts, score(prediction, truth).counts
    assert (there.correct, there.omission, there.hallucination) == (
        back.correct,
        back.hallucination,
        back.omission,
    )
    assert there.format_error + there.wrong_value == back.format_error + back.wrong_value


def _told_of_truth(diffs: tuple[FieldDiff, ...]) -> Counter[tuple[str, str]]:
    return Counter((d.path, repr(d.expected)) for d in diffs if d.outcome != Outcome.HALLUCINATION)


@given(anything, anything)
def test_every_leaf_of_the_truth_is_told_of_exactly_once(truth: Json, prediction: Json) -> None:
    assert _told_of_truth(score(truth, prediction).diffs) == census(truth)


@given(near_misses)
def test_every_leaf_of_a_nearly_right_truth_is_told_of_exactly_once(
    both: tuple[Json, Json],
) -> None:
    truth, prediction = both
    assert _told_of_truth(score(truth, prediction).diffs) == census(truth)


@given(documents, seeds)
def test_every_predicted_leaf_of_the_right_shape_is_told_of_exactly_once(
    truth: Json, seed: int
) -> None:
    assume(regular(truth))
    prediction = same_shape(truth, Random(seed))
    told = Counter(
        (d.predicted_path or d.path, repr(d.predicted))
        for d in score(truth, prediction).diffs
        if d.outcome != Outcome.OMISSION
    )
    assert told == census(prediction)


@given(near_misses)
def test_no_predicted_leaf_is_lost_where_shapes_differ(both: tuple[Json, Json]) -> None:
    """Where another shape is expected, one format error may tell of a whole container.

    And a single value in the place of a container may be told of by each leaf expected there.
    """
    truth, prediction = both
    told: Counter[str] = Counter()
    for diff in score(truth, prediction).diffs:
        if diff.outcome != Outcome.OMISSION:
            told += values(diff.predicted)
    assert values(prediction) <= told


@given(near_misses)
def test_only_a_wrong_shape_has_containers_in_a_verdict(both: tuple[Json, Json]) -> None:
    for diff in score(*both).diffs:
        assert not isinstance(diff.expected, list | dict)
        if isinstance(diff.predicted, list | dict):
            assert diff.outcome is Outcome.FORMAT_ERROR
            assert not diff.value_equal


@given(near_misses)
def test_diffs_and_counts_tell_the_same(both: tuple[Json, Json]) -> None:
    result = score(*both)
    told = Counter(diff.outcome for diff in result.diffs)
    assert {o: n for o in Outcome if (n := result.counts[o])} == told
    assert sum(diff.value_equal for diff in result.diffs) == result.counts.value_equal
    assert all(d.outcome is Outcome.FORMAT_ERROR for d in result.diffs if d.value_equal)
    assert result.is_perfect == all(o is Outcome.CORRECT for o in told)


@given(near_misses)
def test_a_value_in_a_frame_of_one_is_never_correct(both: tuple[Json, Json]) -> None:
    for diff in score(*both).diffs:
        if {Tag.WRAPPED, Tag.UNWRAPPED} & set(diff.tags):
            assert diff.outcome in (Outcome.FORMAT_ERROR, Outcome.HALLUCINATION)


@given(near_misses, seeds)
def test_key_order_never_matters(both: tuple[Json, Json], seed: int) -> None:
    truth, prediction = both
    rng = Random(seed)
    before = score(truth, prediction).counts
    again = score(shuffled(truth, rng, lists=False), shuffled(prediction, rng, lists=False))
    assert again.counts == before


@given(near_misses, seeds)
def test_item_order_never_matters(both: tuple[Json, Json], seed: int) -> None:
    """Ties between equally good partners go to the nearer one, so what they get wrong may differ.

    Correct, leniently right, omitted and hallucinated leaves are the same in every tie. Of the
    rest, whether it is a wrong value or a format error is settled by similarity, then by order.
    """
    truth, prediction = both
    assume(regular(truth) and regular(prediction))
    rng = Random(seed)
    before = score(truth, prediction).counts
    after = score(shuffled(truth, rng, lists=True), shuffled(prediction, rng, lists=True)).counts
    for name in ("correct", "value_equal", "omission", "expected"):
        assert getattr(after, name) == getattr(before, name), name


@given(near_misses)
def test_true_positives_and_false_negatives_are_the_expected_fields(
    both: tuple[Json, Json],
) -> None:
    counts = score(*both).counts
    assert counts.true_positives + counts.false_negatives == _size(both[0]) == counts.expected


@given(near_misses)
def test_under_guide_code_only_omissions_are_false_negatives(both: tuple[Json, Json]) -> None:
    counts = score(*both).counts
    assert counts.under("guide-code").false_negatives == counts.omission
    assert counts.under("guide-code").precision == counts.precision


@given(near_misses)
def test_reading_leniently_never_lowers_the_score(both: tuple[Json, Json]) -> None:
    result = score(*both)
    strict, lenient = result.counts.f1, result.counts.lenient.f1
    assert lenient.hits >= strict.hits
    assert (lenient.value or 0) >= (strict.value or 0)
    assert result.counts.lenient.expected == result.counts.expected


@given(documents, seeds)
def test_a_schema_of_the_truth_changes_no_well_typed_score(truth: Json, seed: int) -> None:
    """Well typed: every value of the prediction has the type of the truth's value at its place."""
    schema = schema_of(truth)
    prediction = same_shape(truth, Random(seed))
    result, typed = score(truth, prediction), score(truth, prediction, schema)
    assume(regular(truth) and not result.counts.format_error and not typed.counts.format_error)
    assert typed.counts.correct == result.counts.correct


@given(near_misses)
def test_scoring_changes_none_of_its_inputs(both: tuple[Json, Json]) -> None:
    truth, prediction = both
    schema = schema_of(truth)
    given_before = deepcopy((truth, prediction, schema))
    assert score(truth, prediction, schema).diffs is not None
    assert repr((truth, prediction, schema)) == repr(given_before)


@given(near_misses)
def test_a_score_is_the_same_the_second_time(both: tuple[Json, Json]) -> None:
    first, second = score(*both), score(*deepcopy(both))
    assert first.counts == second.counts
    assert first.diffs == second.diffs


@given(near_misses)
def test_sharing_objects_between_the_sides_changes_nothing(both: tuple[Json, Json]) -> None:
    truth, prediction = both
    shared: Json = {"t": truth, "u": truth, "p": prediction}
    other: Json = {"t": prediction, "u": truth, "p": truth}
    assert score(shared, other).counts == score(deepcopy(shared), deepcopy(other)).counts


@given(near_misses, seeds)
def test_fixing_one_field_never_lowers_f1(both: tuple[Json, Json], seed: int) -> None:
    """A field is fixed by putting the whole of a top-level key right."""
    truth, prediction = both
    if not isinstance(truth, dict) or not isinstance(prediction, dict):
        return
    key = Random(seed).choice(sorted(truth))
    fixed: Json = {**prediction, key: truth[key]}
    before, after = score(truth, prediction).counts.f1.value, score(truth, fixed).counts.f1.value
    assert (after or 0.0) >= (before or 0.0) or (before is None)


@given(documents, seeds)
def test_micro_of_a_whole_is_the_sum_of_its_parts(truth: Json, seed: int) -> None:
    prediction = edited_copy(truth, seed)
    if not isinstance(truth, dict) or not isinstance(prediction, dict):
        return
    parts = [
        score({key: truth.get(key)}, {key: prediction.get(key)}).counts
        for key in truth.keys() | prediction.keys()
    ]
    whole = score(truth, prediction).counts
    assert _outcomes(sum(parts, Counts())) == _outcomes(whole)


def edited_copy(truth: Json, seed: int) -> Json:
    return same_shape(truth, Random(seed))


@pytest.mark.parametrize(
    ("expected", "predicted", "hallucinated"),
    [
        ({"vendor": {"name": None}}, {"vendor": "Acme"}, 1),
        ({"vendor": {"name": None}}, {"vendor": ["Acme", "Ajax"]}, 2),
        ({"lines": [None]}, {"lines": "x"}, 1),
        ({"lines": [{"a": ""}]}, {"lines": {"a": "x", "b": 1}}, 2),
    ],
)
def test_what_is_said_where_a_container_holds_nothing_is_a_hallucination(
    expected: Json, predicted: Json, hallucinated: int
) -> None:
    for schema in (None, {"type": "object", "properties": {"vendor": {"type": "object"}}}):
        result = score(expected, predicted, schema)
        assert _outcomes(result.counts) == (0, 0, hallucinated, 0, 0, 0)
        assert not result.is_perfect


@pytest.mark.parametrize("blank", ["", " \n", None, {}, []])
def test_a_blank_in_the_place_of_an_object_is_all_omissions(blank: Json) -> None:
    counts = score({"vendor": {"name": "Acme", "city": "Oslo"}}, {"vendor": blank}).counts
    assert _outcomes(counts) == (0, 2, 0, 0, 0, 0)


@pytest.mark.parametrize("blank", ["", " \n", None, {}, []])
def test_an_object_in_the_place_of_a_blank_is_all_hallucinations(blank: Json) -> None:
    counts = score({"vendor": blank}, {"vendor": {"name": "Acme", "city": "Oslo"}}).counts
    assert _outcomes(counts) == (0, 0, 2, 0, 0, 0)


def test_tags_stay_with_their_field_where_an_extra_item_leaves_something_blank() -> None:
    """`q` is no item of a list: its neighbour `l[0].a` holds nothing and is told of by nobody."""
    diffs = score({"z": 5}, {"z": 6, "l": [{"a": None, "c": [0]}], "q": 1}).diffs
    tags = {diff.path: diff.tags for diff in diffs}
    assert tags == {"z": (), "l[0].c[0]": (Tag.EXTRA_ITEM,), "q": ()}


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2212"])
def test_any_dash_before_a_number_is_a_minus(dash: str) -> None:
    minus, plus = score({"n": -5}, {"n": f"{dash}5"}), score({"n": 5}, {"n": f"{dash}5"})
    assert (minus.counts.value_equal, plus.counts.value_equal) == (1, 0)


@pytest.mark.parametrize("bound", ["<5", "> 5", "\u22645", "~5"])
def test_a_bound_is_not_the_number_it_names(bound: str) -> None:
    assert score({"n": 5}, {"n": bound}).counts.value_equal == 0
