"""Merged answers: votes over values, in any order of members, never outvoted by spelling."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.confidence.ensemble.merge_answers import Member, merge_answers
from harness.core.differ.plan import Plan
from harness.core.values import Json

SCHEMA: Json = {
    "properties": {
        "vendor": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "total": {"type": "number"},
        "lines": {
            "items": {
                "properties": {
                    "sku": {"type": "string"},
                    "amount": {"type": "number"},
                    "tags": {"items": {"type": "string"}},
                }
            }
        },
    }
}
PLAN = Plan(SCHEMA)

lines = st.fixed_dictionaries(
    {},
    optional={
        "sku": st.sampled_from(("A", "B", "C")),
        "amount": st.sampled_from((1, 2, "2.0")),
        "tags": st.lists(st.sampled_from(("x", "y")), max_size=2),
    },
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "vendor": st.sampled_from(("Acme", "ACME", "Zeta")),
        "total": st.sampled_from((5, "5.0", 7, None)),
        "lines": st.lists(lines, max_size=4),
    },
)


@given(st.lists(answers, min_size=1, max_size=5), st.randoms())
def test_the_order_of_members_changes_nothing(values: list[Json], draw: random.Random) -> None:
    members = [Member(value) for value in values]
    shuffled = members[:]
    draw.shuffle(shuffled)
    assert merge_answers(PLAN, members) == merge_answers(PLAN, shuffled)


@given(answers, st.integers(1, 4))
def test_members_that_agree_are_merged_into_what_they_say(value: Json, number: int) -> None:
    merged = merge_answers(PLAN, [Member(value)] * number)
    result = harness.score(value, merged.value, schema=SCHEMA)
    assert result.counts.lenient.f1.value in (None, 1)
    assert set(merged.shares.values()) <= {1.0}


@given(answers, st.lists(answers, max_size=2))
def test_three_of_a_kind_outvote_two_others(value: Json, others: list[Json]) -> None:
    merged = merge_answers(PLAN, [*[Member(value)] * 3, *map(Member, others)], keep=0.6)
    result = harness.score(value, merged.value, schema=SCHEMA)
    assert result.counts.omission == 0
    assert result.counts.hallucination == 0


def test_spelling_divides_no_votes_and_the_schema_says_how_it_is_spelled() -> None:
    values: list[Json] = [{"total": "1,234.50"}, {"total": "1234.5"}, {"total": 99}]
    merged = merge_answers(PLAN, [Member(value) for value in values])
    assert merged.value == {"total": 1234.5}
    assert merged.shares == {"total": 0.666667}
    dates: list[Json] = [{"date": "31 March 2024"}, {"date": "March 31, 2024"}]
    assert merge_answers(PLAN, [Member(value) for value in dates]).value == {"date": "2024-03-31"}


def test_a_member_without_an_answer_weakens_every_vote() -> None:
    merged = merge_answers(PLAN, [Member({"total": 5})] * 2, silent=2.0)
    assert merged.shares == {"total": 0.5}


def test_items_are_kept_where_enough_members_have_them() -> None:
    both: Json = {"lines": [{"sku": "A", "amount": 1}, {"sku": "B", "amount": 2}]}
    one: Json = {"lines": [{"sku": "B", "amount": 2}]}
    members = [Member(both), Member(one), Member(one)]
    assert merge_answers(PLAN, members).value == one
    kept = merge_answers(PLAN, members, keep=0.3).value
    assert harness.score(both, kept, schema=SCHEMA).f1 == 1


@pytest.mark.parametrize("size", [3, 400])
def test_slips_of_single_members_are_outvoted_in_tables_of_any_size(size: int) -> None:
    truth: Json = {"lines": [{"sku": f"S{n}", "amount": n + 0.5} for n in range(size)]}
    members = []
    for seed in range(3):
        draw = random.Random(seed)
        rows: list[Json] = [{"sku": f"S{n}", "amount": n + 0.5} for n in range(size)]
        slip = seed % size
        rows[slip] = {"sku": f"S{slip}", "amount": -1}
        draw.shuffle(rows)
        members.append(Member({"lines": rows}))
    merged = merge_answers(PLAN, members)
    assert harness.score(truth, merged.value, schema=SCHEMA).f1 == 1


@pytest.mark.parametrize("schema", [None, {}, {"properties": {"price": {}}}])
@pytest.mark.parametrize("size", [3, 300])
def test_texts_whose_type_nobody_stated_stay_texts(schema: Json, size: int) -> None:
    texts = ("17500", "1,234.50", "2 May 2024", "007")
    answer: Json = {"price": "17500", "lines": [{"x": texts[n % 4]} for n in range(size)]}
    assert merge_answers(Plan(schema), [Member(answer)] * 3).value == answer
