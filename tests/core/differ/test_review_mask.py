"""Tests of leaving unreviewed fields out."""

from __future__ import annotations

import random

import pytest

from harness.cases.decisions.truth_fields import truth_fields
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.differ.review_mask import reviewed_only
from harness.core.records import ITEMS, TruthReview
from harness.core.values import FieldPath, Json

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "city": {"type": "string"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "qty": {"type": "integer"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
TRUTH: Json = {
    "total": 5,
    "lines": [{"sku": "AX", "qty": 1, "tags": ["red"]}, {"sku": "BX", "qty": 2}],
}
ANSWER: Json = {
    "total": 6,
    "city": "Oslo",
    "lines": [{"sku": "BX", "qty": 2}, {"sku": "CX", "qty": 9, "tags": ["new"]}],
}


def masked(truth: Json, answer: Json, *reviewed: FieldPath) -> CaseResult:
    review = TruthReview(frozenset(reviewed), (len(reviewed), 9))
    return CaseResult(reviewed_only(Plan(SCHEMA).diff(truth, answer), review))


def paths(result: CaseResult) -> list[str]:
    return [f"{diff.path} {diff.outcome}" for diff in result.diffs]


def test_what_nobody_reviewed_is_neither_right_nor_wrong() -> None:
    assert paths(masked(TRUTH, ANSWER)) == []
    assert paths(masked(TRUTH, ANSWER, ("total",))) == ["total wrong_value"]
    assert masked(TRUTH, ANSWER, ("lines", 1)).f1 == 1.0
    whole = masked(TRUTH, ANSWER, ())
    assert whole.counts == Plan(SCHEMA).score(TRUTH, ANSWER).counts


def test_a_hallucination_counts_once_somebody_stated_that_there_is_nothing() -> None:
    assert paths(masked(TRUTH, ANSWER, ("total",), ("city",))) == [
        "total wrong_value",
        "city hallucination",
    ]


def test_an_extra_item_counts_once_the_list_is_known_to_be_whole() -> None:
    item: FieldPath = ("lines", 0)
    assert masked(TRUTH, ANSWER, item, ("lines", 1)).items == {
        "lines": (1, 0, 1),
        "lines[].tags": (0, 0, 1),
    }
    found = masked(TRUTH, ANSWER, item, ("lines", 1), ("lines", ITEMS))
    assert found.items == {"lines": (1, 1, 1), "lines[].tags": (0, 1, 1)}
    assert found.counts.hallucination == 3
    assert masked(TRUTH, ANSWER, ("lines",)).counts == found.counts


def test_rows_of_which_nothing_is_reviewed_are_no_rows() -> None:
    found = masked(TRUTH, ANSWER, ("lines", 0, "sku"))
    assert found.items["lines"] == (0, 0, 1)
    assert (found.rows.hits, found.rows.of) == (0, 1)


@pytest.mark.parametrize("size", [3, 3_000])
def test_parts_that_are_reviewed_apart_add_up_to_the_whole(size: int) -> None:
    # So many fields; an item has four.
    draw = random.Random(size)

    def value() -> Json:
        lines: list[Json] = [
            {"sku": f"S{n}", "qty": draw.choice([None, 1, 2]), "tags": draw.sample("abc", 2)}
            for n in range(max(3, size // 4))
            if draw.random() < 0.9
        ]
        return {"total": draw.choice([1, 2]), "lines": lines}

    truth, answer = value(), value()
    plan = Plan(SCHEMA)
    ledger = plan.diff(truth, answer)
    keys: list[FieldPath] = [
        (*field.path, ITEMS) if field.is_list and field.is_present else field.path
        for field in truth_fields(plan, truth)
    ]
    mine = frozenset(key for key in keys if draw.random() < 0.5)
    parts = [
        CaseResult(reviewed_only(ledger, TruthReview(part, (1, 2))))
        for part in (mine, frozenset(keys) - mine)
    ]
    whole = CaseResult(ledger)
    assert parts[0].counts + parts[1].counts == whole.counts
    assert 0 < parts[0].counts.total < whole.counts.total
    for name in ("lines", "lines[].tags"):
        for one, other, both in zip(
            parts[0].items[name], parts[1].items[name], whole.items[name], strict=True
        ):
            assert max(one, other) <= both <= one + other
