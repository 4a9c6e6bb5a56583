"""Clusters share out all errors, and say exactly what fixing them would win."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from harness.core.counts import Counts
from harness.core.outcomes import Outcome
from harness.core.values import Json
from harness.improve.diagnosis.clusters import analyse
from harness.improve.diagnosis.headroom import Headroom
from tests.improve.exams import analysis, replicates, sitting
from tests.laws.strategies import anything, near_misses

Pair = tuple[Json, Json]


@given(near_misses, near_misses, anything)
def test_every_error_is_in_exactly_one_cluster(one: Pair, other: Pair, odd: Json) -> None:
    found = analysis([one, other, (odd, one[0]), (one[1], odd)])
    errors = sum(exam.result.counts.total - exam.result.counts.correct for exam in found.exams)
    assert sum(cluster.errors for cluster in found.clusters) == errors
    assert len({cluster.id for cluster in found.clusters}) == len(found.clusters)
    assert all(cluster.rows for cluster in found.clusters)


@given(near_misses, near_misses)
def test_without_all_clusters_everything_is_right(one: Pair, other: Pair) -> None:
    found = analysis([one, other])
    macro, gain = found.room.macro_f1, found.room.gain([c.fixes for c in found.clusters])
    assert macro is None or abs(macro + gain - 1) < 1e-12


@given(near_misses, near_misses)
def test_fixing_a_cluster_never_costs_anything(one: Pair, other: Pair) -> None:
    assert all(cluster.headroom >= -1e-12 for cluster in analysis([one, other]).clusters)


def test_headroom_is_counted_again_and_not_estimated() -> None:
    found = analysis([({"a": 1, "b": 2}, {"a": "1", "b": 2}), ({"a": 3}, {"a": "3"})])
    (only,) = found.clusters
    # Before: (1/2 + 0/1) / 2. After: both are right.
    assert found.room.macro_f1 == (0.5 + 0.0) / 2
    assert only.headroom == 1.0 - 0.25


def test_what_two_clusters_win_together_is_not_the_sum() -> None:
    room = Headroom((Counts(correct=1, omission=1, hallucination=2),))
    one, other = {0: {Outcome.OMISSION: 1}}, {0: {Outcome.HALLUCINATION: 2}}
    # f1 is 2/5 now; 4/6 without the omission, 2/3 without the hallucinations, 1 without both.
    assert round(room.gain([one]) + room.gain([other]), 9) == round(
        (4 / 6 - 0.4) + (2 / 3 - 0.4), 9
    )
    assert round(room.gain([one, other]), 9) == 0.6


def test_clusters_of_equal_headroom_stand_in_the_order_of_the_guide() -> None:
    truth: Json = {"a": "Oslo", "b": "Rome", "c": 7, "d": None}
    said: Json = {"b": "Cairo", "c": "7", "d": "Lima"}
    found = analysis([(truth, said)])
    same = Counter(round(c.headroom, 9) for c in found.clusters)
    listed = [c.outcome.value for c in found.clusters]
    assert max(same.values()) == 2
    assert listed.index("omission") < listed.index("hallucination")
    assert listed.index("wrong_value") < listed.index("format_error")


def test_a_row_says_in_how_many_replicates_it_is_wrong() -> None:
    found = analyse(replicates({"a": "Oslo"}, [{"a": "Rome"}, {"a": "Oslo"}, {"a": "Rome"}]).exams)
    (row,) = found.clusters[0].rows
    assert (row.wrong, row.of) == (2, 3)


def test_a_truth_is_suspect_if_only_the_stable_answer_stands_in_the_document() -> None:
    text = "The seat of the company is Bergen."
    stable = analyse(replicates({"a": "Oslo"}, [{"a": "Bergen"}] * 2, text).exams)
    shaky = analyse(replicates({"a": "Oslo"}, [{"a": "Bergen"}, {"a": "Oslo"}], text).exams)
    assert stable.clusters[0].rows[0].is_suspect
    assert not shaky.clusters[0].rows[0].is_suspect


def test_canaries_are_the_cases_in_which_the_field_is_right() -> None:
    found = analysis([({"a": 1}, {"a": "1"}), ({"a": 2}, {"a": 2}), ({"b": 2}, {"b": 2})])
    assert found.clusters[0].canaries == ("case-1",)


def test_a_case_nobody_could_answer_is_no_mistake() -> None:
    found = sitting([({"a": 1}, {"a": 1})])
    assert found.unanswered == ()
