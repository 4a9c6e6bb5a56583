"""No input hangs the scorer: patterns, very long texts, schemas that fan out."""

from __future__ import annotations

import re
import warnings
from random import Random
from typing import Any

import pytest

import harness
from harness.core.reading.similarity_measures import Similarity
from harness.core.reading.text import similar, similarity
from harness.core.rules.rule_settings import _CHOICES
from harness.core.schema.patterns import pattern_matcher

EXPLOSIVE = [
    (r"^(\w+\s?)*$", "abcdefghijklmnopqrstuvwxyzabcdef!"),
    (r"^([a-zA-Z0-9]+[._-]?)+@x$", "a" * 60),
    (r"^(a|aa)+$", "a" * 60 + "b"),
    (r"^(\d+)*x", "1" * 60),
    (r"(.*)*$x", "y" * 60),
    (r"^((\s|\w)+\S*)+!$", "word " * 20),
]
LETTERS = "abxy12 \n\t\u00e9_@.-\u0663\u00b2\u00a0!AB"
ORDINARY = [
    *(r"^\S+@\S+$", r"\d{2,}", r"^[^\s@]+$", r"a|b", r"[\w-]+?x", r"^(?=.*\d).{3,}$", r"(a)\1"),
    *(r"\bab\b", r"x{0,3}y*$", r"[[a]", r"^\W$", r"^$", r"(?P<n>x)", r"(?i)AB", r"^-?\d+(\.\d+)?$"),
]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(("pattern", "text"), EXPLOSIVE)
def test_a_pattern_takes_no_longer_than_its_text(pattern: str, text: str, size: int) -> None:
    schema: dict[str, Any] = {"properties": {"a": {"type": "string", "pattern": pattern}}}
    counts = harness.score({"a": "x"}, {"a": text * size}, schema).counts
    assert counts.format_error == 1
    keyed = {"patternProperties": {pattern: {"type": "string"}}}
    assert harness.score({text * size: "x"}, {text * size: "x"}, keyed).f1 == 1.0


@pytest.mark.parametrize("pattern", ORDINARY)
def test_a_pattern_means_what_python_makes_of_it(pattern: str) -> None:
    rng = Random(len(pattern))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = re.compile(pattern)
    found = pattern_matcher(pattern)
    for _ in range(1000):
        text = "".join(
            rng.choice("abxy12 \n\t\u00e9_@.-\u0663\u00b2\u00a0!AB")
            for _ in range(rng.randrange(7))
        )
        assert found(text) == bool(plain.search(text)), text


def test_a_pattern_that_could_take_for_ever_is_refused_with_a_hint() -> None:
    for pattern in (r"^(?=a)(\w+\s?)*$", r"(a|aa)+\1", r"^(\w+)*(?!b)"):
        with pytest.raises(harness.HarnessError, match="could take for ever") as caught:
            harness.score(
                {"a": "x"},
                {"a": "x"},
                {"properties": {"a": {"type": "string", "pattern": pattern}}},
            )
        assert caught.value.problems[0].hint is not None


@pytest.mark.parametrize("measure", _CHOICES["similarity"])
def test_texts_of_a_hundred_kilobytes_are_compared_and_not_flattered(measure: Similarity) -> None:
    rng = Random(1)
    words = ["".join(rng.choice("abcdef") for _ in range(6)) for _ in range(3000)]
    one, other = (" ".join(rng.choice(words) for _ in range(15_000)) for _ in range(2))
    rule = {"a": {"similarity": measure, "threshold": 0.9}}
    assert harness.score({"a": one}, {"a": other}, None, rule).f1 == 0.0
    assert harness.score({"a": one}, {"a": one.upper() + " x"}, None, rule).f1 == 1.0
    assert harness.score([one], [other], None, {"[]": rule["a"]}).counts.correct == 0
    assert [at for at, _ in similar(one, [other, one], 0.9, measure)] == [1]


def test_texts_that_differ_far_behind_are_not_alike() -> None:
    shared = "word " * 100_000
    assert similarity(shared + "a " * 100_000, shared + "b " * 100_000) < 0.6


@pytest.mark.parametrize("depth", [2, 12])
def test_a_schema_that_fans_out_is_walked_only_where_values_are(depth: int) -> None:
    named: dict[str, Any] = {
        f"n{level}": {
            "type": "object",
            "properties": {
                **{f"c{k}": {"$ref": f"#/$defs/n{level + 1}"} for k in range(3)},
                "v": {"type": "string"},
            },
        }
        for level in range(depth)
    }
    named[f"n{depth}"] = {"type": "object", "properties": {"v": {"type": "string"}}}
    value = {"v": "x", "c0": {"c1": {"v": "y"}}}
    result = harness.score(value, value, {"$ref": "#/$defs/n0", "$defs": named})
    assert (result.counts.correct, result.counts.total) == (2, 2)
    assert result.counts.true_negatives < 10_000


@pytest.mark.parametrize("shape", ["lists", "objects", "both"])
@pytest.mark.parametrize("rule", [{"blank": []}, {"blank": ["missing"]}, {"placeholders": ["-"]}])
def test_blanks_in_deep_nests_are_looked_at_once(rule: dict[str, object], shape: str) -> None:
    deep: Any = None
    for level in range(80):
        deep = [deep] if shape == "lists" or (shape == "both" and level % 2) else {"a": deep}
    rules: dict[str, object] = {"**": rule}
    for one, other in (({}, deep), (deep, {}), (deep, deep), ("x", deep), (deep, "x")):
        counts = harness.score({"v": one}, {"v": other}, rules=rules).counts
        assert counts.total <= 2


@pytest.mark.parametrize("nothing", [{}, {"t": []}, {"s": ""}], ids=str)
def test_blank_items_that_nobody_expects_are_judged_in_time_proportional_to_them(
    nothing: dict[str, Any],
) -> None:
    """A list of 30,000 would take minutes if each looked at those before it."""
    row = {"properties": {"s": {"type": "string"}, "t": {"items": {"type": "string"}}}}
    schema = {"properties": {"r": {"items": row}}}
    ruled: list[dict[str, Any]] = [
        {},
        {"r[].t[]": {"blank": []}},
        {"**": {"placeholders": ["N/A"]}},
    ]
    for rules in ruled:
        for expected in ([{"s": "A"}], []):
            counts = harness.score({"r": expected}, {"r": [nothing] * 30_000}, schema, rules).counts
            assert (counts.correct, counts.expected) == (0, len(expected))


@pytest.mark.parametrize("size", [3, 3_000, 300_000])
def test_a_text_of_many_digits_behind_a_sign_is_read_in_time_proportional_to_it(size: int) -> None:
    digits = "9" * size
    for text in (f"-{digits}", f"{digits}-", f"\u2212{digits}", f"-{digits}\u00bd x"):
        counts = harness.score({"n": 5}, {"n": text}).counts
        assert counts.format_error == 1


def _namesakes(families: int, size: int, rng: Random, gone: int | None = None) -> dict[str, Any]:
    """Return people of one name in chains, each the parent of the next, but for one of them."""
    new = rng.sample(range(10 * families * size), families * size)
    people = [
        {"id": new[n], "name": "A", "parents": [new[n - 1]] if n % size else []}
        for n in range(families * size)
        if n != gone
    ]
    return {"people": rng.sample(people, len(people))}


@pytest.mark.parametrize(
    ("families", "size"), [(1, 3), (1, 300), (1, 3_000), (1_000, 3), (3_000, 1)]
)
def test_thousands_of_linked_namesakes_are_told_apart(families: int, size: int) -> None:
    rng = Random(size)
    rules: dict[str, Any] = {
        "people": {"align": "entity", "match": {"name": 1, "parents": 0}},
        "people[].parents[]": {"refers_to": "people"},
    }
    truth, count = _namesakes(families, size, rng), families * size
    leaves = 2 * count - families
    result = harness.score(truth, _namesakes(families, size, rng), None, rules)
    assert (result.counts.correct, result.counts.total) == (leaves, leaves)
    last = harness.score(truth, _namesakes(families, size, rng, gone=size - 1), None, rules)
    assert last.items["people"] == (count - 1, 0, 1)
    assert last.counts.correct == leaves - (2 if size > 1 else 1)
    assert (last.approximate == ("people",)) == (count > 1_000)
