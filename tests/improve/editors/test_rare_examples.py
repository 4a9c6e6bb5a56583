"""Examples are chosen for the fields that are neglected: rare ones that are mostly wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.records import Case, Document, TruthReview
from harness.core.values import Json
from harness.improve.editors.example_selection import ranked
from harness.improve.trial.measurement import CaseMark


def case(name: str, truth: Json) -> Case:
    return Case(name, (Document(f"{name}.txt", "0" * 64, "text"),), truth, None)


@pytest.mark.parametrize("many", [30, 3_000])
def test_a_rare_field_that_is_always_wrong_outranks_a_frequent_one_now_and_then(many: int) -> None:
    frequent = [case(f"c{n:04}", {"total": n + 1}) for n in range(many)]
    rare = case("z", {"total": 1, "surcharge": 2})
    marks = [CaseMark(0.5, 1, {"total": 1}) for _ in range(many // 3)]
    marks.append(CaseMark(0.5, 1, {"surcharge": 1}))
    first, *_ = ranked([*frequent, rare], marks, ())
    assert first.id == "z"
    assert ranked([*frequent, rare], marks, {"z"})[0].id == "c0000"


@pytest.mark.parametrize("many", [3, 3_000])
def test_a_truth_with_a_field_that_nobody_reviewed_is_no_example(many: int) -> None:
    whole, part = TruthReview(frozenset({()}), (2, 2)), TruthReview(frozenset({("a",)}), (1, 2))
    cases = [
        replace(case(f"c{n:04}", {"a": 1, "b": 2}), review=whole if n == many - 1 else part)
        for n in range(many)
    ]
    found = ranked(cases, [CaseMark(0.5, 1, {"b": 1})], ())
    assert [each.id for each in found] == [f"c{many - 1:04}"]
