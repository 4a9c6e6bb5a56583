"""One set of verdicts, several conventions."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from harness.core.scores.conventions import ALL, Credit, Relation, relation, under

TRUTH: dict[str, Any] = {
    "name": "Acme Corp",
    "city": "Oslo",
    "total": 12,
    "street": "Main St",
    "country": "Norway",
}
SAID: dict[str, Any] = {
    "name": "Acme Corp of Delaware",
    "city": "Rome",
    "total": "12",
    "road": "Main St",
    "country": "Norway",
}


def f1(convention: str) -> float:
    _, micro = under([harness.score(TRUTH, SAID)], convention)
    assert micro is not None
    return micro.f1


@pytest.mark.parametrize(
    ("convention", "points"),
    [
        # country is the same; name shares words; city differs; total is right as text; the street
        # stands under another key. Five expected, five predicted: F1 = 2 x points / 10.
        ("standard", 1),
        ("semeval-strict", 1),
        ("semeval-exact", 1 + 1 + 1),
        ("semeval-partial", 1 + 1 + 1 + 0.5),
        ("semeval-type", 1 + 1),
    ],
)
def test_each_convention_gives_its_own_points_for_the_same_verdicts(
    convention: str, points: float
) -> None:
    assert f1(convention) == pytest.approx(2 * points / 10)


def test_the_guides_code_forgets_wrong_values_in_recall() -> None:
    # TP 1, FP 3 wrong + 1 stray, FN 1 omission
    assert f1("guide-code") == pytest.approx(2 / (2 + 4 + 1))


def test_similarity_gives_points_from_one_half_on_out_of_the_fields_of_both_sides() -> None:
    # country 1, total "12" as text 1, name 9/21 < 0.5 and city 0; the street is lost on both sides
    assert f1("similarity") == pytest.approx((1 + 1) / 6)


def test_correction_cost_counts_changes() -> None:
    assert f1("correction-cost") == pytest.approx(1 / 6)


def test_all_conventions_agree_on_a_perfect_answer_and_on_silence() -> None:
    for convention in ALL:
        perfect = under([harness.score(TRUTH, TRUTH)], convention)[1]
        silent = under([harness.score(TRUTH, {})], convention)[1]
        assert perfect is not None
        assert silent is not None
        assert (perfect.f1, silent.f1) == (1.0, 0.0), convention


def test_vacuous_cases_are_left_out_and_unknown_names_refused() -> None:
    assert under([harness.score({}, {})], "similarity") == (None, None)
    with pytest.raises(KeyError):
        under([harness.score(TRUTH, SAID)], "nobody")


def test_every_verdict_stands_in_one_relation() -> None:
    diffs = harness.score(TRUTH, SAID).diffs
    assert [diff.path for diff in diffs if diff.value_equal] == ["total"]
    found = {diff.path: relation(diff) for diff in diffs}
    assert found == {
        "name": Relation.OVERLAPPING,
        "city": Relation.DIFFERENT,
        "total": Relation.RESHAPED,
        "street": Relation.ELSEWHERE,
        "road": Relation.SPURIOUS,
        "country": Relation.SAME,
    }


def test_very_long_texts_take_the_similarity_of_their_comparator() -> None:
    # 3,000 letters are missing: 1 - 3/15 by Levenshtein, 24/27 by the comparator's own measure.
    result = harness.score({"text": "a" * 15_000}, {"text": "a" * 12_000})
    _, micro = under([result], "similarity")
    assert micro is not None
    assert micro.f1 == result.diffs[0].similarity == pytest.approx(24 / 27)


def test_credit_for_nothing_is_nothing() -> None:
    assert (Credit().precision, Credit().recall, Credit().f1) == (0.0, 0.0, 0.0)
    assert Credit(0.0, 2, 0).precision == Credit(0.0, 0, 2).recall == 0.0
