"""Near misses in lists of texts are tagged on both sides; verdicts stay as they are."""

from __future__ import annotations

import pytest

import harness
from harness.core.outcomes import Tag

EXACT = {"names[]": {"compare": "exact"}}


def near(result: harness.CaseResult) -> list[str]:
    """Return the outcome and path of what is tagged."""
    return [f"{d.outcome} {d.path}" for d in result.diffs if Tag.NEAR_MISS in d.tags]


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ("NIKE, Inc.", "Nike Inc"),
        ("Nike", "NIKE, Incorporated"),
        ("Café Noir", "Cafe Noir"),
        ("MOF 802", "MOF-802"),
        ("Muster GmbH & Co. KG", "Muster GmbH & Co KG"),
    ],
)
def test_a_text_that_differs_in_looks_only_is_a_near_miss_on_both_sides(
    expected: str, predicted: str
) -> None:
    result = harness.score({"names": [expected]}, {"names": [predicted]}, rules=EXACT)
    assert near(result) == ["omission names[0]", "hallucination names[0]"]
    # 1 omission, 1 hallucination: as without the tag.
    assert (result.counts.omission, result.counts.hallucination) == (1, 1)


@pytest.mark.parametrize(
    ("expected", "predicted"), [("-5", "5"), ("1.5", "15"), ("C#", "C"), ("Oslo", "Bergen")]
)
def test_a_text_that_says_something_else_is_none(expected: str, predicted: str) -> None:
    assert near(harness.score({"names": [expected]}, {"names": [predicted]}, rules=EXACT)) == []


@pytest.mark.parametrize("count", [3, 3_000])
def test_every_near_miss_of_a_list_is_tagged_once_at_any_length(count: int) -> None:
    expected = {"names": [f"Firm {n}x, Inc." for n in range(count)]}
    predicted = {"names": [f"FIRM {n}X" for n in reversed(range(count))] + ["FIRM 0X"]}
    result = harness.score(expected, predicted, rules=EXACT)
    assert len(near(result)) == 2 * count
    assert result.counts.hallucination == count + 1


def test_texts_of_other_lists_and_fields_are_no_near_misses() -> None:
    expected = {"a": ["Nike"], "b": [], "x": [{"n": "Nike", "k": 1}]}
    predicted = {"a": [], "b": ["NIKE, Inc."], "x": [{"n": "NIKE Inc", "k": 1}]}
    assert near(harness.score(expected, predicted)) == []


@pytest.mark.parametrize("rows", [3, 3_000])
def test_texts_in_two_items_without_counterpart_are_no_near_misses_of_each_other(rows: int) -> None:
    expected = {"x": [{"k": f"a{n}", "names": [f"Firm {n}x, Inc."]} for n in range(rows)]}
    predicted = {"x": [{"k": f"b{n}", "names": [f"FIRM {n}X"]} for n in range(rows)]}
    assert near(harness.score(expected, predicted)) == []
    for row in predicted["x"]:
        row["k"] = f"a{str(row['k'])[1:]}"
    assert len(near(harness.score(expected, predicted))) == 2 * rows
