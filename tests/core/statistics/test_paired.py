"""Paired statistics: worked examples, laws, and brute force over every combination."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.statistics.paired_tests import (
    Alternative,
    bca,
    bca_of_sums,
    clustered_mcnemar,
    holm,
    label_permutation,
    mcnemar,
    sign_flip,
    sign_flip_test,
    smallest_detectable,
)
from harness.core.statistics.permutation import share_at_least

DIFFERENCES = st.lists(st.sampled_from([-0.3, -0.1, 0.0, 0.1, 0.2, 1 / 3, 0.7]), max_size=9)
SIDES: list[Alternative] = ["two-sided", "greater", "less"]


def brute(differences: Sequence[float], alternative: Alternative) -> float:
    sums = [math.fsum(s * d for s, d in zip(signs, differences, strict=True))
            for signs in product((1, -1), repeat=len(differences))]  # fmt: skip
    seen = math.fsum(differences)
    greater = sum(s >= seen - 1e-9 for s in sums) / len(sums)
    less = sum(s <= seen + 1e-9 for s in sums) / len(sums)
    two = min(1.0, 2 * min(greater, less))
    return {"two-sided": two, "greater": greater, "less": less}[alternative]


@given(DIFFERENCES, st.sampled_from(SIDES))
def test_a_sign_flip_counts_every_combination_of_signs(
    differences: list[float], alternative: Alternative
) -> None:
    assert sign_flip(differences, alternative) == pytest.approx(
        brute(differences, alternative), abs=1e-12
    )


@given(DIFFERENCES)
def test_swapping_the_runs_swaps_the_sides(differences: list[float]) -> None:
    swapped = [-d for d in differences]
    assert sign_flip(differences) == sign_flip(swapped)
    assert sign_flip(differences, "greater") == sign_flip(swapped, "less")


def test_sums_that_differ_by_rounding_alone_are_equal() -> None:
    # 0.1 + 0.2 > 0.3 in binary; of 8 sums, +-0 (4 of them) and 0.2, 0.4, 0.6 and their mirrors
    assert sign_flip([0.1, 0.2, -0.3]) == 1.0
    assert sign_flip([(0.1 + 0.2) / 2 - 0.15] * 8 + [0.0]) == 1.0


def test_five_documents_cannot_reach_a_twentieth_and_six_can() -> None:
    assert sign_flip([0.1] * 5) == 2 / 2**5 > 0.05
    assert sign_flip([0.1] * 6) == 2 / 2**6 < 0.05


def test_a_thousand_documents_of_few_kinds_are_counted_exactly() -> None:
    differences = [1.0] * 530 + [-1.0] * 470
    tail = sum(math.comb(1000, k) for k in range(530, 1001)) / 2**1000
    assert sign_flip(differences, "greater") == pytest.approx(tail, rel=1e-12)


def test_forty_unlike_documents_are_drawn_with_a_seed_and_never_impossible() -> None:
    draw = random.Random(3)
    differences = [draw.random() for _ in range(40)]
    assert sign_flip(differences, "greater") == 1 / 20_001
    noise = [draw.gauss(0.1, 0.4) for _ in range(40)]
    assert sign_flip(noise) == sign_flip(noise)
    assert sign_flip(noise, seed=1) == pytest.approx(sign_flip(noise, seed=2), abs=0.01)


def test_many_choices_are_drawn_block_by_block() -> None:
    choices = [{number * number: 1, -number * number: 1} for number in range(1, 101)]
    assert share_at_least(choices, 0).p_value == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("documents", [3, 3_000, 10_000])
def test_documents_of_one_kind_are_counted_exactly_at_any_size(documents: int) -> None:
    up = documents // 2 + math.isqrt(documents) // 2 + 1
    found = sign_flip_test([1.0] * up + [-1.0] * (documents - up))
    ways = [1]
    for k in range(documents):
        ways.append(ways[-1] * (documents - k) // (k + 1))
    assert (found.draws, found.error) == (None, 0.0)
    assert found.p_value == pytest.approx(2 * sum(ways[up:]) / (1 << documents), rel=1e-12)


@pytest.mark.parametrize("documents", [3_000, 10_000])
@pytest.mark.parametrize("kinds", [40, None])
def test_a_drawn_p_value_is_within_its_error_of_the_normal_tail(
    documents: int, kinds: int | None
) -> None:
    luck = random.Random(documents)
    steps = [luck.random() for _ in range(kinds or documents)]
    differences = [luck.choice(steps) * luck.choice((-1, 1)) for _ in range(documents)]
    found = sign_flip_test(differences)
    deviation = math.sqrt(math.fsum(d * d for d in differences))
    tail = math.erfc(abs(math.fsum(differences)) / deviation / math.sqrt(2))
    assert found.draws is not None
    assert 0 < found.error < 0.025
    assert found.p_value == pytest.approx(tail, abs=4 * found.error)
    assert found == sign_flip_test(differences)


@pytest.mark.parametrize("documents", [3, 12, 28])
def test_as_many_unlike_documents_as_can_be_listed_are_counted_exactly(documents: int) -> None:
    found = sign_flip_test([2.0**n for n in range(documents)])
    assert (found.p_value, found.draws) == (2 / 2**documents, None)


SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=3)


@given(st.lists(st.tuples(SCORES, SCORES), max_size=3))
def test_permuted_labels_count_every_way_to_deal_the_replicates(
    documents: list[tuple[list[float], list[float]]],
) -> None:
    seen = math.fsum(math.fsum(n) / len(n) - math.fsum(b) / len(b) for b, n in documents)
    dealt = []
    for base, new in documents:
        pooled = base + new
        ways = []
        for chosen in combinations(range(len(pooled)), len(new)):
            mine = [pooled[i] for i in chosen]
            rest = [pooled[i] for i in range(len(pooled)) if i not in chosen]
            ways.append(math.fsum(mine) / len(mine) - math.fsum(rest) / len(rest))
        dealt.append(ways)
    sums = [math.fsum(way) for way in product(*dealt)]
    expected = sum(s >= seen - 1e-9 for s in sums) / len(sums)
    base_side = [base for base, _ in documents]
    new_side = [new for _, new in documents]
    assert label_permutation(base_side, new_side, "greater") == pytest.approx(expected, abs=1e-12)


def hypergeometric(base: Sequence[int], new: Sequence[int], asked: int) -> float:
    """The exact p-value where each document is right so often on either side of so many askings."""
    chances = {0: 1.0}
    for right in map(sum, zip(base, new, strict=True)):
        ways = {k: math.comb(right, k) * math.comb(2 * asked - right, asked - k)
                for k in range(min(right, asked) + 1)}  # fmt: skip
        whole = sum(ways.values())
        found: dict[int, float] = {}
        for total, chance in chances.items():
            for k, way in ways.items():
                found[total + k] = found.get(total + k, 0.0) + chance * way / whole
        chances = found
    return math.fsum(chance for total, chance in chances.items() if total >= sum(new))


def rights(counts: Sequence[int], asked: int) -> list[list[float]]:
    return [[1.0] * right + [0.0] * (asked - right) for right in counts]


@pytest.mark.parametrize("asked", [4, 6, 7, 15, 50])
def test_any_number_of_replicates_is_dealt_and_the_more_are_drawn(asked: int) -> None:
    base, new = [asked // 2, 1, 0], [asked // 2 + 2, 1, 3]
    found = label_permutation(rights(base, asked), rights(new, asked), "greater")
    exact = hypergeometric(base, new, asked)
    assert found == pytest.approx(exact, abs=1e-12 if asked <= 6 else 0.02)


def test_drawn_deals_are_as_rarely_convincing_as_they_say() -> None:
    luck = random.Random(5)
    ps = []
    for seed in range(100):
        scores = [luck.random() for _ in range(14)]
        ps.append(label_permutation([scores[:7]], [scores[7:]], "greater", seed))
    assert 2 < sum(p <= 0.1 for p in ps) <= 20  # 10 expected
    assert 30 < sum(p <= 0.5 for p in ps) < 70


def test_what_no_deal_is_as_good_as_has_a_p_of_one_deal() -> None:
    assert label_permutation([[0.0] * 50], [[1.0] * 50], "greater") == 1 / 1000


def test_one_replicate_each_makes_permuted_labels_a_sign_flip() -> None:
    base, new = [0.5, 0.2, 0.9], [0.6, 0.5, 0.8]
    differences = [n - b for b, n in zip(base, new, strict=True)]
    assert label_permutation([[b] for b in base], [[n] for n in new]) == sign_flip(differences)


def test_replicates_buy_what_documents_cannot() -> None:
    # 5 documents, 3 replicates a side, all steady: 1 of C(6, 3)^5 deals is as good
    assert label_permutation([[0.5] * 3] * 5, [[0.6] * 3] * 5, "greater") == 1 / 20**5


def test_mcnemar_doubles_the_smaller_tail() -> None:
    assert mcnemar(9, 2) == 2 * (1 + 11 + 55) / 2**11
    assert mcnemar(0, 0) == 1.0


def test_flips_that_share_documents_prove_less_than_flips_that_do_not() -> None:
    per_document = [3, 3, 2, 1, -2]  # 9 fixed, 2 broken
    found = clustered_mcnemar(per_document)
    assert found.exact > mcnemar(9, 2) > 0.05
    assert found.chi2 == 49 / 27
    assert clustered_mcnemar([0, 0]) == (1.0, None, None)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_makes_a_p_value_smaller_and_keeps_their_order(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))
    ranked = sorted(range(len(ps)), key=ps.__getitem__)
    assert [adjusted[i] for i in ranked] == sorted(adjusted)


def test_one_document_has_no_interval_and_no_detectable_effect() -> None:
    assert bca([0.3]) is None
    assert smallest_detectable(1, 0.1) is None


def test_an_interval_holds_the_mean_and_repeats() -> None:
    values = [0.0] * 30 + [0.1, 0.2, 0.9, -0.1]
    low, high = bca(values) or (1, 0)
    assert low < sum(values) / len(values) < high
    assert bca(values) == (low, high)


@pytest.mark.parametrize("documents", [5, 12, 20])
def test_intervals_of_few_documents_hold_the_true_difference(documents: int) -> None:
    luck = random.Random(documents)
    held = 0
    for _ in range(150):
        differences = [luck.betavariate(8, 2) - luck.betavariate(8, 2) for _ in range(documents)]
        low, high = bca(differences) or (0, 0)
        held += low <= 0 <= high
    assert held >= 135, "at least 90 % of 150; with the tails of a bootstrap 82 % of five documents"


@pytest.mark.parametrize("documents", [2, 3, 3000])
def test_an_interval_of_any_number_of_documents_is_one(documents: int) -> None:
    low, high = bca([n % 3 / 10 for n in range(documents)]) or (1, 0)
    assert 0 <= low <= high < 0.21


def test_an_interval_of_a_ratio_of_sums_is_not_that_of_a_mean_of_ratios() -> None:
    hits, of = [1, 0, 50], [1, 1, 100]
    found = bca_of_sums((hits, of), lambda sums: sums[0] / sums[1])
    assert found is not None
    assert 0 <= found.low < 51 / 102 <= found.high <= 1


@pytest.mark.parametrize(
    ("documents", "deviation", "one", "two"),
    [(5, 0.05, 0.068, 0.084), (5, 0.18, 0.245, 0.303), (10, 0.10, 0.085, 0.100),
     (20, 0.05, 0.029, 0.033), (50, 0.18, 0.064, 0.073), (200, 0.10, 0.018, 0.020)],
)  # fmt: skip
def test_the_smallest_detectable_effect_is_that_of_the_planning_table(
    documents: int, deviation: float, one: float, two: float
) -> None:
    assert round(smallest_detectable(documents, deviation, "greater") or 0, 3) == one
    assert round(smallest_detectable(documents, deviation) or 0, 3) == two


def test_two_documents_and_ten_thousand_can_be_planned_with() -> None:
    assert (smallest_detectable(2, 0.1) or 0) > 1
    normal = (1.959964 + 0.841621) * 0.1 / 100
    assert smallest_detectable(10_000, 0.1) == pytest.approx(normal, rel=1e-3)
