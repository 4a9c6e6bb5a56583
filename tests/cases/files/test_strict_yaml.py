"""YAML without surprises, and no file that ends the process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.files.strict_yaml import parse_yaml
from harness.core.values import Json
from harness.errors import HarnessError

FILE = Path("s.yaml")


def _refusal(text: str) -> str:
    with pytest.raises(HarnessError) as caught:
        parse_yaml(text, FILE)
    return str(caught.value)


def test_only_what_json_would_read_as_such_is_a_number_or_a_word() -> None:
    text = "[no, on, 2024-01-31, 12:30, 007, 0x1F, 1_000, .nan, +5, 5, -1.5, 1e3, true, null, ~]"
    assert parse_yaml(text, FILE).value == [
        *("no", "on", "2024-01-31", "12:30", "007", "0x1F", "1_000", ".nan", "+5"),
        *(5, -1.5, 1000.0, True, None, None),
    ]


def test_quotes_and_tags_make_text() -> None:
    assert parse_yaml("['5', \"true\", !!str 5, ! 6]", FILE).value == ["5", "true", "5", "6"]


def test_keys_are_text() -> None:
    assert parse_yaml("{1: a, true: b, ~: c}", FILE).value == {"1": "a", "true": "b", "~": "c"}


def test_anchors_and_merges_work() -> None:
    text = "a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\n"
    value = {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 2}, "c": {"p": 1, "q": 3}}
    assert parse_yaml(text, FILE).value == value


def test_lines_are_those_of_keys_and_items() -> None:
    lines = parse_yaml("a:\n  - x\n  - y: 1\n    z: [2,\n      3]\n", FILE).lines
    assert lines == {
        ("a",): 1,
        ("a", 0): 2,
        ("a", 1): 3,
        ("a", 1, "y"): 3,
        ("a", 1, "z"): 4,
        ("a", 1, "z", 0): 4,
        ("a", 1, "z", 1): 5,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n---\nb: 2", "s.yaml:2: holds more than one YAML document [bad-yaml]"),
        ("a: *x", "s.yaml:1: alias *x stands for nothing before it [bad-yaml]"),
        ("a: &x [*x]", "s.yaml:1: alias *x stands for nothing before it [bad-yaml]"),
        (
            "a: !!python/object:x {}",
            "s.yaml:1: tag tag:yaml.org,2002:python/object:x is not known here [bad-yaml]",
        ),
        ("a: !foo 5", "s.yaml:1: tag !foo is not known here [bad-yaml]"),
        ("? [1, 2]\n: x", "s.yaml:1: a key must be plain text [bad-yaml]"),
        ("<<: 5", "s.yaml:1: `<<` takes a mapping [bad-yaml]"),
        ("a: b\n\x07", "s.yaml:2: is not YAML: the character '\\x07' is not allowed [bad-yaml]"),
        ("[" * 100_000, "s.yaml:1: is nested more than 50 levels deep [bad-yaml]"),
        (
            "a: 1\na: 2\nb: {c: 1, c: 2}",
            (
                "s.yaml:2: a: the key is given twice, first in line 1 [duplicate-key]\n"
                "s.yaml:3: b.c: the key is given twice, first in line 3 [duplicate-key]"
            ),
        ),
    ],
)
def test_what_is_not_plain_yaml_is_told(text: str, said: str) -> None:
    assert _refusal(text) == said


def test_a_small_file_that_unfolds_into_a_huge_one_is_refused() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert _refusal("\n".join(lines)).endswith("unfolds into too much [bad-yaml]")


@given(
    st.recursive(
        st.text("ab1.-: #'\"\\\n\té\U0001f600[]{},&*!|>%@`?~") | st.integers() | st.booleans(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner),
        max_leaves=12,
    )
)
def test_what_is_written_as_json_is_yaml_too(value: Json) -> None:
    assert parse_yaml(json.dumps(value, ensure_ascii=False), FILE).value == value
