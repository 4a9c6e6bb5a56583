"""Tags of a report and mistakes of feedback explain one error alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.outcomes import FieldDiff, Tag
from harness.core.values import Json
from harness.improve.diagnosis.mistakes import Mistake
from tests.improve.exams import only

MISTAKES_OF = {
    Tag.SCALE: {Mistake.SCALE},
    Tag.SIGN: {Mistake.SIGN},
    Tag.CASE_ONLY: {Mistake.CASE},
    Tag.TRUNCATED: {Mistake.TRUNCATED},
    Tag.SUPERSET: {Mistake.TEXT_ADDED},
    Tag.SUBSET: {Mistake.START_LOST, Mistake.END_LOST, Mistake.PART_LOST},
}
"""The same explanation in both families, either way; feedback says it in more detail."""


def explanations(pairs: list[tuple[Json, Json]]) -> list[tuple[set[Tag], Mistake]]:
    """Return the tags and the mistake of every pair that is a wrong value."""
    schema: Json = {"type": "object", "properties": {"v": {"type": ["number", "string"]}}}
    rules = {"v": {"compare": "exact"}}
    explained = []
    for expected, predicted in pairs:
        diffs: tuple[FieldDiff, ...] = harness.score(
            {"v": expected}, {"v": predicted}, schema, rules
        ).diffs
        if [diff.outcome.value for diff in diffs] != ["wrong_value"]:
            continue
        cluster = only(({"v": expected}, {"v": predicted}), schema, rules)
        explained.append((set(diffs[0].tags), cluster.signature.mistake))
    return explained


def assert_alike(pairs: list[tuple[Json, Json]]) -> None:
    for tags, mistake in explanations(pairs):
        for tag, mistakes in MISTAKES_OF.items():
            assert (tag in tags) == (mistake in mistakes), (tags, mistake)


def test_the_examples_are_explained_alike() -> None:
    pairs: list[tuple[Json, Json]] = [
        *((18378, 18.4), (1200, 1.2), (3_000_000_000, 3), (20, 199), (12, -12), (12.5, 125)),
        *(("Acme Corp", "ACME CORP"), ("O\u2019Brien", "O'Brien"), ("cat", "concatenate")),
        *(("pressure relief valve", "pressure rel..."), ("Acme Corp", "Acme")),
        *(("Oslo", "Oslo, Norway"), ("007", "7"), ("1.5 mg", "15 mg"), ("A+", "A-")),
    ]
    assert len(explanations(pairs)) == len(pairs)
    assert_alike(pairs)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000)),
            st.tuples(st.text("aB 1.-", max_size=6), st.text("aB 1.-", max_size=6)),
        ),
        max_size=30,
    )
)
def test_any_two_values_are_explained_alike(pairs: list[tuple[Json, Json]]) -> None:
    assert_alike(pairs)


def test_a_rounded_figure_on_another_scale_is_so_explained_in_three_thousand_rows() -> None:
    truth: Json = {"rows": [{"id": f"r{n}", "v": 1_000_000 + 1370 * n} for n in range(3000)]}
    said: Json = {"rows": [{"id": f"r{n}", "v": round(1000 + 1.37 * n)} for n in range(3000)]}
    diffs = [d for d in harness.score(truth, said).diffs if d.outcome.value == "wrong_value"]
    assert len(diffs) == 3000
    assert all(Tag.SCALE in diff.tags for diff in diffs)
