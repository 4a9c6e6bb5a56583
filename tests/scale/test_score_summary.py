"""Summaries add up in any order, and lose nothing on the way."""

from __future__ import annotations

import math
import tracemalloc
from array import array
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.counts import Counts, scores
from harness.core.scores.scorecard import average
from harness.run.results.results_document import ScoringSettings
from harness.scale.exact_mean import exact_mean, scaled
from harness.scale.score_summary import VARIANTS, CaseRows, Summary, Totals, case_sums, merged
from harness.scale.short_list import MOST_LISTED, ShortList
from harness.scale.streamed_document import streamed_results

NUMBER = st.integers(0, 10**6)
NAME = st.sampled_from("abc")
COUNTS = st.builds(lambda c, o, h, f, w, v: Counts(c, o, h, f + v, w, v), *[st.integers(0, 40)] * 6)
FLAWS = st.lists(st.tuples(NUMBER, NAME, NAME, NAME, st.just(-1)), max_size=80).map(ShortList.of)


def summaries(first: int) -> st.SearchStrategy[Summary]:
    """Return summaries of shards; each shard's cases have numbers of their own."""
    rows = st.lists(NUMBER, max_size=4).map(lambda n: CaseRows(array("I", n), array("I", n)))
    return st.builds(
        Summary,
        st.builds(Totals, *[NUMBER] * 12),
        st.dictionaries(NAME, st.tuples(*[NUMBER] * 7)),
        st.dictionaries(NAME, st.tuples(NUMBER, NAME)),
        st.dictionaries(NAME, st.tuples(*[NUMBER] * 3)),
        st.frozensets(NAME),
        st.dictionaries(
            st.sampled_from(sorted(VARIANTS)), st.tuples(*[st.integers(0, 2**140)] * 3)
        ),
        st.integers(0, 2**256 - 1),
        rows.map(lambda r: {first: r}),
        st.frozensets(NAME),
        st.lists(st.tuples(NAME, NAME, NAME), max_size=80).map(ShortList.of),
        FLAWS,
        FLAWS,
    )


@settings(max_examples=25)
@given(summaries(0), summaries(1), summaries(2))
def test_summaries_merge_in_any_grouping_and_order(a: Summary, b: Summary, c: Summary) -> None:
    one = a.merge(b).merge(c)
    assert one == a.merge(b.merge(c)) == c.merge(a).merge(b) == merged([b, c, a])
    assert one.to_json() == c.merge(b).merge(a).to_json()
    assert a.merge(Summary()) == Summary().merge(a) == a


@settings(max_examples=25)
@given(summaries(7))
def test_a_summary_comes_back_from_json_as_it_was(summary: Summary) -> None:
    assert Summary.from_json(summary.to_json()) == summary


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1))
def test_a_mean_of_exact_sums_is_the_rounded_mean_of_the_floats(
    quotients: list[tuple[int, int]],
) -> None:
    values = [min(a, b) / b for a, b in quotients]
    exact = exact_mean(sum(map(scaled, values)), len(values))
    assert exact == math.fsum(values) / len(values)


@given(st.lists(COUNTS, min_size=1))
def test_a_macro_average_of_sums_is_that_of_the_cases(cases: list[Counts]) -> None:
    sums = [case_sums(case) for case in cases]
    defined = sum(scores(case) is not None for case in cases)
    for name in VARIANTS.keys() - {"correction-cost"}:
        counts = [c.lenient if name == "lenient" else c.under(name) for c in cases]
        macro = average(counts).macro
        means = [exact_mean(sum(s[name][part] for s in sums), defined) for part in range(3)]
        assert means == ([None] * 3 if macro is None else [macro.precision, macro.recall, macro.f1])


@given(st.lists(COUNTS, min_size=1))
def test_a_macro_correction_cost_of_sums_is_that_of_the_cases(cases: list[Counts]) -> None:
    values = [cost for case in cases if (cost := case.correction_cost.value) is not None]
    sums = [case_sums(case)["correction-cost"][2] for case in cases]
    assert exact_mean(sum(sums), len(values)) == (
        math.fsum(values) / len(values) if values else None
    )


@given(st.lists(st.tuples(NUMBER)), st.lists(st.tuples(NUMBER)))
def test_a_list_keeps_the_smallest_and_counts_all(
    one: list[tuple[int]], other: list[tuple[int]]
) -> None:
    of = partial(ShortList[tuple[int]].of)
    both = of(one) + of(other)
    assert both == of(other) + of(one) == of([*one, *other])
    assert both.first == tuple(sorted([*one, *other])[:MOST_LISTED])
    assert both.left_out == max(0, len(one) + len(other) - MOST_LISTED)


@pytest.mark.parametrize("count", [3, 3_000, 300_000])
def test_results_are_made_in_a_few_bytes_a_case(count: int) -> None:
    rows = CaseRows(array("I", [n % 40 for n in range(count)]), array("I", [40] * count))
    summary = Summary(Totals(cases=count), rows={0: rows})
    settings_of = ScoringSettings("set", "0" * 64, {})
    tracemalloc.start()
    try:
        results = streamed_results(settings_of, summary, None, count)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert results["aggregate"]["intervals"]["documents"] == count
    assert peak < 30 * count + 1_000_000
