"""JSON files: what is refused, with its line."""

# messages are quoted whole

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.files.strict_json import (
    decoded_text,
    line_of_offset,
    parse_json,
    strict_json_lines,
)
from harness.core.values import Json
from harness.errors import HarnessError

FILE = Path("t.json")

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def _refusal(text: str) -> str:
    with pytest.raises(HarnessError) as caught:
        parse_json(text, FILE)
    return str(caught.value)


@pytest.mark.parametrize("before", ["", " ", "\n", "\ufeff", "x"])
@pytest.mark.parametrize("after", ["", "\n", "\r\n", " \t\n", "\u00a0", "\n{}", "}", ","])
@pytest.mark.parametrize("value", ['{"a": [1]}', "[1]", "{", "{}", "5", ""])
def test_a_text_is_decoded_as_the_decoder_does(before: str, value: str, after: str) -> None:
    decoder, text = json.JSONDecoder(), before + value + after

    def outcome(decode: Callable[[str], Json]) -> object:
        try:
            return decode(text)
        except json.JSONDecodeError as error:
            return error.lineno

    assert outcome(lambda each: decoded_text(decoder, each)) == outcome(decoder.decode)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.json: is empty, not JSON [bad-json]"),
        (
            '{"a": 1\n"b": 2}',
            "t.json:2: is not JSON: expecting ',' delimiter (column 1) [bad-json]",
        ),
        ('{"a": 1} {}', "t.json:1: is not JSON: extra data (column 10) [bad-json]"),
        (
            "{'a': 1}",
            (
                "t.json:1: is not JSON: expecting property name enclosed in double quotes "
                "(column 2) [bad-json]\n  hint: JSON strings stand in double quotes"
            ),
        ),
        (
            '{"a": [\n1, NaN]}',
            (
                "t.json:2: a[1]: NaN is not JSON [not-a-number]"
                "\n  hint: write null where there is no number"
            ),
        ),
        ('{"a": 1e999}', "t.json:1: a: 1e999 is beyond any number [not-a-number]"),
        ("9" * 5000, "t.json:1: $: an integer of 5,000 digits [not-a-number]"),
        (
            '{"a": {"b": 1,\n"b": 2}, "a": 3}',
            (
                "t.json:2: a.b: the key is given twice, first in line 1 [duplicate-key]\n"
                "t.json:2: a: the key is given twice, first in line 1 [duplicate-key]"
            ),
        ),
        (
            '{"a": "x\\ud800"}',
            (
                "t.json:1: a: half a character (\\ud...) [lone-surrogate]\n"
                "  hint: a character was cut in half, often by an earlier export: write it whole"
            ),
        ),
        ("[" * 101 + "]" * 101, "t.json: is nested more than 100 levels deep [too-deep]"),
        ("[" * 100_000, "t.json: is nested more than 100 levels deep [too-deep]"),
        ('{"a":' * 200 + "1" + "}" * 200, "t.json: is nested more than 100 levels deep [too-deep]"),
    ],
)
def test_what_is_not_json_is_told(text: str, said: str) -> None:
    assert _refusal(text) == said


def test_marks_that_a_merge_left_are_told_with_the_way_out() -> None:
    text = '{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> bo\n}\n'
    said = _refusal(text)
    assert said.startswith("t.json:2: a merge left marks [merge]")
    assert "keep either side whole" in said
    assert "harness truth settle" in said
    assert parse_json('{"a": "<<<<<<< HEAD"}', FILE) == {"a": "<<<<<<< HEAD"}


def test_whole_surrogate_pairs_and_a_hundred_levels_are_fine() -> None:
    assert parse_json('"\\ud83d\\ude00"', FILE) == "\U0001f600"
    assert parse_json("[" * 100 + "]" * 100, FILE)


@given(json_values)
def test_what_json_writes_is_read_back(value: Json) -> None:
    assert parse_json(json.dumps(value), FILE) == value
    assert parse_json(json.dumps(value, indent=1, ensure_ascii=False), FILE) == value


@given(st.dictionaries(st.text(), json_values, max_size=3))
def test_every_key_of_a_file_has_its_line(value: dict[str, Json]) -> None:
    text = "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n}"
    lines = strict_json_lines(text)
    assert [lines[key,] for key in value] == list(range(2, 2 + len(value)))
    assert all(line_of_offset(lines, (key, "missing", 3)) == lines[key,] for key in value)
