"""Confidences in answers: taken out in every spelling, and never a field by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.records import Answer, Case
from harness.core.rules.field_rule import NO_RULES
from harness.core.values import Json
from harness.extract.reply.stated_confidence import without_stated
from harness.run.scored_files.score_files import score_files
from harness.run.scored_files.standalone_rules import Ruler, ruler
from harness.scale.stream import How, score_lines

SCHEMA: Json = {
    "type": "object",
    "properties": {"total": {"type": "number"}, "tags": {"type": "array"}},
    "additionalProperties": False,
}
VALUE: Json = {"total": 5, "tags": ["x", "y"]}
SPELLINGS: tuple[Json, ...] = (
    {"total": {"value": 5, "confidence": 0.9}, "tags": ["x", {"value": "y", "confidence": 0.5}]},
    {"total": 5, "total__confidence": 0.9, "tags": ["x", "y"], "tags__confidence": [0.7, 0.5]},
    {"total": 5, "tags": ["x", "y"], "__confidence": {"total": 0.9, "tags": [0.7, 0.5]}},
    {"value": VALUE, "confidences": {"total": 0.9, "tags[1]": 0.5}},
)


def judge() -> Ruler:
    return ruler(SCHEMA, NO_RULES, None, None)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_leaves_the_same_value_and_the_same_confidences(spelling: Json) -> None:
    read = without_stated(Answer(spelling), Case("a", (), VALUE, SCHEMA))
    assert isinstance(read, Answer)
    assert (read.value, read.confidence_source) == (VALUE, "stated")
    known = dict(read.confidences)
    assert (known["total"], known["tags[1]"]) == (0.9, 0.5)


@pytest.mark.parametrize("key", ["confidence", "total__confidence"])
def test_a_confidence_that_is_a_field_of_the_truth_stays(key: str) -> None:
    said = Answer({"a": {"value": 1, "confidence": 0.5}, "total": 1, "total__confidence": 0.5})
    assert without_stated(said, Case("a", (), {"a": {"value": 1, key: 0.5}})) is said


def test_a_percentage_is_no_confidence() -> None:
    said = Answer({"total": 1, "total__confidence": 90})
    assert without_stated(said, Case("a", (), {"total": 1})) is said


@pytest.mark.parametrize("cases", [3, 3_000])
def test_confidences_count_for_nothing_in_a_score_streamed_or_not(
    tmp_path: Path, cases: int
) -> None:
    truths, said = tmp_path / "truths.jsonl", tmp_path / "said.jsonl"
    ids = [f"c{number:04}" for number in range(cases)]
    truths.write_text("\n".join(json.dumps({"id": each, "value": VALUE}) for each in ids))
    spelt = [SPELLINGS[number % len(SPELLINGS)] for number in range(cases)]
    lines = [{"id": i, "value": v} for i, v in zip(ids, spelt, strict=True)]
    said.write_text("\n".join(map(json.dumps, lines)))
    held, _ = score_files((truths, said), judge())
    streamed = score_lines((truths, said), judge(), How(1), lambda _done, _cases: None).results
    for results in (held, streamed):
        aggregate = results["aggregate"]
        assert isinstance(aggregate, dict)
        counts = aggregate["counts"]
        assert isinstance(counts, dict)
        assert counts["correct"] == 3 * cases
        assert counts["hallucination"] == counts["wrong_value"] == counts["omission"] == 0
