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


@pytest.mark.parametrize("rows", [3, 3_000])
def test_near_misses_of_other_scripts_are_told(rows: int) -> None:
    pairs = [
        (
            "\u682a\u5f0f\u4f1a\u793e\u30c8\u30e8\u30bf",
            "\u30c8\u30e8\u30bf\u682a\u5f0f\u4f1a\u793e",
        ),
        ("\u30c8\u30e8\u30bf", "\u30c8\u30e8\u30bf\u682a\u5f0f\u4f1a\u793e"),
        ("\uc0bc\uc131\uc804\uc790", "\uc0bc\uc131\uc804\uc790(\uc8fc)"),
        ("\u817e\u8baf", "\u817e\u8baf\u6709\u9650\u516c\u53f8"),
        (
            "\u0634\u0631\u0643\u0629 \u0623\u062d\u0645\u062f",
            "\u0634\u0631\u0643\u0647 \u0627\u062d\u0645\u062f",
        ),
        ("\u05db\u05d4\u05df", '\u05db\u05d4\u05df \u05d1\u05e2"\u05de'),
        (
            "\u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430",
            "\u0420\u043e\u043c\u0430\u0448\u043a\u0430",
        ),
        ("\u0141\u00f3d\u017a", "Lodz"),
        ("\u00d8deg\u00e5rd", "Odegard"),
    ]
    chosen = [pairs[n % len(pairs)] for n in range(rows)]
    found = harness.score({"l": [a for a, _ in chosen]}, {"l": [b for _, b in chosen]}).diffs
    near = [d for d in found if "near_miss" in d.tags]
    told = [d for d in found if d.outcome.value in ("omission", "hallucination")]
    assert near == told
    assert len(near) >= rows
    for one, other in (
        ("\u5317\u4eac", "\u4e1c\u4eac"),
        ("\u05d3\u05df", "\u05d3\u05e0\u05d4"),
        ("Lod", "Lodz"),
    ):
        wrong = harness.score({"l": ["x", one]}, {"l": ["x", other]}).diffs
        assert not any("near_miss" in d.tags for d in wrong)
