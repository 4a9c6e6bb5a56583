"""Causes: every error in exactly one, and what they cost adds up to what is lost."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.scores.causes import CauseKey, CauseKind, JudgedCase, Ranking, rank_causes
from harness.core.scores.scorecard import Empty, average
from harness.core.values import Json

SCHEMA: Any = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "day": {"type": "string", "format": "date"},
        "kind": {"enum": ["invoice", "order", "note"]},
        "parts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}},
            },
        },
    },
}
ITEM = st.fixed_dictionaries(
    {}, optional={"sku": st.sampled_from(["a1", "b2", "c3"]), "qty": st.sampled_from([1, 2, "2"])}
)
ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "total": st.sampled_from([1, 2.5, "2.5", None]),
        "day": st.sampled_from(["2024-01-02", "02/01/2024"]),
        "kind": st.sampled_from(["invoice", "order", "bill"]),
        "parts": st.lists(ITEM, max_size=3),
        "Total": st.sampled_from([1, 250]),
    },
)
CASES = st.lists(st.tuples(ANSWER, ANSWER, st.booleans()), max_size=4)


def judged(pairs: list[tuple[Any, Any]], schema: Json = None) -> list[JudgedCase]:
    return [(harness.score(truth, answer, schema), None) for truth, answer in pairs]


def keys(found: Ranking) -> list[CauseKey]:
    return [cause.key for cause in found.causes]


def assert_adds_up(cases: list[JudgedCase], empty: Empty = "skip") -> Ranking:
    found = rank_causes(cases, empty)
    whole = average([result.counts for result, _ in cases], empty)
    micro = math.fsum(cause.micro_f1_lost for cause in found.causes)
    macro = math.fsum(cause.macro_f1_lost for cause in found.causes)
    if whole.micro is not None:
        assert micro == pytest.approx(1 - whole.micro.f1, abs=1e-9)
    if whole.macro is not None:
        assert macro == pytest.approx(1 - whole.macro.f1, abs=1e-9)
    wrong = sum(result.counts.total - result.counts.correct for result, _ in cases)
    assert sum(cause.counts.total for cause in found.causes) == wrong
    assert sum(at is not None for case in found.members for at in case) == wrong
    for (result, _), members in zip(cases, found.members, strict=True):
        for diff, at in zip(result.diffs, members, strict=True):
            assert (at is None) == (diff.outcome == "correct")
            assert at is None or diff.field in found.causes[at].fields
    return found


@given(CASES, st.sampled_from(["skip", "zero", "one"]))
def test_causes_are_disjoint_and_add_up_to_the_whole_loss(
    pairs: list[tuple[Json, Json, bool]], empty: Empty
) -> None:
    assert_adds_up(
        [
            (
                harness.score(truth, None if failed else answer, SCHEMA),
                "refused" if failed else None,
            )
            for truth, answer, failed in pairs
        ],
        empty,
    )


@pytest.mark.parametrize("size", [3, 3_000])
def test_they_add_up_at_any_size(size: int) -> None:
    rng = random.Random(5)
    cases: list[JudgedCase] = []
    for number in range(size):
        truth: Any = {"parts": [{"sku": f"s{n}", "qty": n} for n in range(3)], "total": number}
        answer: Any = {"parts": truth["parts"][rng.randrange(3) :], "total": str(number)}
        failed = rng.random() < 0.05
        result = harness.score(truth, None if failed else answer, SCHEMA)
        cases.append((result, "timeout" if failed else None))
    assert_adds_up(cases)


def test_a_missing_row_is_one_cause_however_many_fields_it_has() -> None:
    truth: Any = {"parts": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}, {"sku": "c", "qty": 3}]}
    found = assert_adds_up(judged([(truth, {"parts": truth["parts"][:1]})], SCHEMA))
    assert keys(found) == [CauseKey(CauseKind.MISSING_ITEMS, "parts[]")]
    assert (found.causes[0].items, found.causes[0].counts.omission) == (2, 4)
    # 2 of 6 are right: F1 is 4/8, all of the other half is lost to the rows
    assert found.causes[0].micro_f1_lost == 0.5
    assert found.causes[0].micro_f1_cured == 1


def test_a_missing_item_is_told_of_the_outermost_list_it_is_missing_from() -> None:
    truth: Any = {"rooms": [{"n": 1, "beds": [{"w": 90}]}, {"n": 2, "beds": [{"w": 80}]}]}
    inner: Any = {"rooms": [{"n": 1, "beds": [{"w": 90}]}, {"n": 2, "beds": []}]}
    outer: Any = {"rooms": [{"n": 1, "beds": [{"w": 90}]}]}
    assert keys(rank_causes(judged([(truth, inner)]))) == [
        CauseKey(CauseKind.MISSING_ITEMS, "rooms[].beds[]")
    ]
    assert keys(rank_causes(judged([(truth, outer)]))) == [
        CauseKey(CauseKind.MISSING_ITEMS, "rooms[]")
    ]


def test_items_given_twice_are_told_from_items_made_up() -> None:
    truth: Any = {"parts": [{"sku": "a", "qty": 1}]}
    twice: Any = {"parts": [{"sku": "a", "qty": 1}, {"sku": "a", "qty": 1}]}
    made_up: Any = {"parts": [{"sku": "a", "qty": 1}, {"sku": "zz", "qty": 77}]}
    assert keys(rank_causes(judged([(truth, twice)]))) == [
        CauseKey(CauseKind.DUPLICATE_ITEMS, "parts[]")
    ]
    assert keys(rank_causes(judged([(truth, made_up)]))) == [
        CauseKey(CauseKind.EXTRA_ITEMS, "parts[]")
    ]


def test_one_way_of_writing_is_one_cause_over_all_fields() -> None:
    schema: Any = {"properties": {n: {"type": "number"} for n in ("a", "b", "c")}}
    found = assert_adds_up(
        judged([({"a": 1, "b": 2, "c": 3}, {"a": "1", "b": "2", "c": 3})], schema)
    )
    assert keys(found) == [CauseKey(CauseKind.FORMAT, "number_as_text")]
    assert found.causes[0].fields == ("a", "b")
    assert found.causes[0].counts.value_equal == 2


def test_a_renamed_object_is_one_cause_with_both_of_its_names() -> None:
    truth = {"buyer": {"name": "Acme Ltd", "city": "Leeds"}, "n": 1}
    answer = {"customer": {"name": "Acme Ltd", "city": "Leeds"}, "n": 1}
    found = assert_adds_up(judged([(truth, answer)]))
    assert keys(found) == [CauseKey(CauseKind.MISPLACED, "buyer", "customer")]
    assert found.causes[0].counts.total == 4


def test_a_label_taken_for_another_is_a_cause_from_the_second_time_on() -> None:
    pair = ({"kind": "invoice"}, {"kind": "order"})
    once = rank_causes(judged([pair], SCHEMA))
    assert keys(once) == [CauseKey(CauseKind.FIELD, "kind")]
    twice = rank_causes(judged([pair, pair], SCHEMA))
    assert keys(twice) == [CauseKey(CauseKind.LABELS, "kind", "invoice \u2192 order")]


def test_a_case_without_an_answer_is_one_cause_whatever_it_should_have_held() -> None:
    truth: Any = {"parts": [{"sku": "a", "qty": 1}], "total": 5}
    result = harness.score(truth, None, SCHEMA)
    assert keys(rank_causes([(result, "timeout")])) == [CauseKey(CauseKind.NO_ANSWER, "timeout")]


def test_a_vacuous_case_that_counts_as_zero_is_a_cause_without_errors() -> None:
    found = assert_adds_up(judged([({}, {}), ({"a": 1}, {"a": 1})]), "zero")
    assert keys(found) == [CauseKey(CauseKind.VACUOUS, "")]
    assert (found.causes[0].macro_f1_lost, found.causes[0].cases) == (0.5, 1)


@pytest.mark.parametrize("times", [1, 1_000])
def test_near_misses_are_causes_of_their_own_with_the_rule_that_would_accept_them(
    times: int,
) -> None:
    truth = [
        f"{name} {n}" for n in range(times) for name in ("Ab-Cd", "Caf\u00e9 Zanzibar", "Left")
    ]
    answer = [f"{name} {n}" for n in range(times) for name in ("AB CD", "Cafe Zanzibar", "Made")]
    result = harness.score({"names": truth}, {"names": answer})
    assert (result.counts.omission, result.counts.hallucination) == (3 * times, 3 * times)
    found = {
        (cause.key.kind.value, cause.key.detail): (cause.items, cause.counts.total)
        for cause in rank_causes([(result, None)]).causes
    }
    assert found == {
        ("near_misses", "compare: identifier"): (times, 2 * times),
        ("near_misses", "threshold: 0.9"): (times, 2 * times),
        ("missing_items", ""): (times, times),
        ("extra_items", ""): (times, times),
    }
    rules = {"names[]": {"compare": "identifier"}}
    assert harness.score({"names": truth}, {"names": answer}, rules=rules).counts.correct == times
