"""What a careful reader takes from a reply, and where they would rather ask."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.suite import Limits
from harness.core.records import Answer, Failure, FailureKind
from harness.core.values import Json
from harness.extract.reply.read_reply import read_reply
from tests.extract.shapes import failed, failure_of, value_in

RENT: Json = {"rent": 900}

READ: dict[str, tuple[str | bytes, Json, tuple[str, ...]]] = {
    "plain JSON": ('{"rent": 900}', RENT, ()),
    "white space around it": ('\n\t {"rent": 900} \r\n', RENT, ()),
    "a bare number": ("42", 42, ()),
    "a bare string": ('"x"', "x", ()),
    "a bare null": ("null", None, ()),
    "a bare array of numbers": ("[797]", [797], ()),
    "a fence": ('```json\n{"rent": 900}\n```', RENT, ("code_fence",)),
    "a fence without a language": ('```\n{"rent": 900}\n```', RENT, ("code_fence",)),
    "tildes": ('~~~json\n{"rent": 900}\n~~~', RENT, ("code_fence",)),
    "a fence on one line": ('```json {"rent": 900} ```', RENT, ("code_fence",)),
    "a fence never closed": ('```json\n{"rent": 900}', RENT, ("code_fence",)),
    "a fenced scalar": ("```json\nnull\n```", None, ("code_fence",)),
    "a fenced empty array": ("```json\n[]\n```", [], ("code_fence",)),
    "a fenced citation is no citation": (
        "Ids:\n```\n[797]\n```",
        [797],
        ("code_fence", "prose_around"),
    ),
    "prose around it": ('Here you are: {"rent": 900}. Enjoy!', RENT, ("prose_around",)),
    "prose around a fence": (
        'Here:\n```json\n{"rent": 900}\n```\nI took it from page 2.',
        RENT,
        ("code_fence", "prose_around"),
    ),
    "citations around it": (
        'Based on fragment [797] and [798, 799] ([1] says so):\n{"rent": 900}\nSee [797].',
        RENT,
        ("prose_around",),
    ),
    "braces in the prose": ('{see below} \\text{a: b}\n{"rent": 900}', RENT, ("prose_around",)),
    "an unclosed bracket in the prose": (
        'In [0, 1) we have {"rent": 900}',
        RENT,
        ("prose_around",),
    ),
    "a quote in brackets in the prose": (
        '[5" pipe] so "that" {"rent": 900}',
        RENT,
        ("prose_around",),
    ),
    "a bracket too many": ('{"rent": 900}}', RENT, ("prose_around",)),
    "braces doubled by a template": ('{{"rent": 900}}', RENT, ("prose_around",)),
    "fences inside strings": (
        'So: {"note": "```json {} ```"}',
        {"note": "```json {} ```"},
        ("prose_around",),
    ),
    "the same twice": ('{"rent": 900}\n{"rent": 900.0}', RENT, ("repeated",)),
    "an array of objects": ('Two: [{"rent": 900}]', [RENT], ("prose_around",)),
    "an empty object behind a colon": ("Answer: {}", {}, ("prose_around",)),
    "an array alone on its line": ('Names:\n["a", "b"]\nDone.', ["a", "b"], ("prose_around",)),
    "reasoning": ('<think>{"rent": 1}? {</think>\n{"rent": 900}', RENT, ("reasoning_removed",)),
    "reasoning twice": (
        "<think>a</think> <Thinking>b</Thinking>7",
        7,
        ("reasoning_removed",),
    ),
    "reasoning opened in the prompt": (
        'Maybe {"rent": 1}\n</think>\n\n{"rent": 900}',
        RENT,
        ("reasoning_removed",),
    ),
    "a tag in a string": ('{"tag": "<think>"}', {"tag": "<think>"}, ()),
    "a byte-order mark": (b'\xef\xbb\xbf{"rent": 900}', RENT, ("byte_order_mark",)),
    "UTF-16": ('{"rent": 900}'.encode("utf-16"), RENT, ("byte_order_mark",)),
    "UTF-32": ('{"rent": 900}'.encode("utf-32"), RENT, ("byte_order_mark",)),
    "a trailing comma": ('{"a": [1, 2, ], }', {"a": [1, 2]}, ("trailing_comma",)),
    "a comma in a string": ('{"a": ",]",}', {"a": ",]"}, ("trailing_comma",)),
    "comments": (
        '{"a": 1, // one "quoted\n/* {two} */ "b": "//x"}',
        {"a": 1, "b": "//x"},
        ("comment",),
    ),
    "a line end in a string": ('{"a": "x\ny"}', {"a": "x\ny"}, ("control_character",)),
    "NaN": ('{"a": NaN}', {"a": "NaN"}, ("nan_as_text",)),
    "infinities": ("[-Infinity, Infinity]", ["-Infinity", "Infinity"], ("nan_as_text",)),
    "a number beyond a double": ('{"a": -1e999}', {"a": "-1e999"}, ("overflow_as_text",)),
    "a number of 5,000 digits": ("9" * 5000, "9" * 5000, ("overflow_as_text",)),
    "a number of 300 digits": ("9" * 300, 10**300 - 1, ()),
    "half a surrogate pair": (
        r'{"\ud800": "\udc00\\"}',
        {r"\ud800": "\\udc00\\"},
        ("lone_surrogate",),
    ),
    "a whole surrogate pair": (r'"\ud83d\ude00 \\ud800"', "\U0001f600 \\ud800", ()),
    "a surrogate in the text": ('{"a": "\ud800"}', {"a": r"\ud800"}, ("lone_surrogate",)),
    "a key twice, the same": ('{"a": [1], "a": [1.0]}', {"a": [1.0]}, ("duplicate_key",)),
    "a key twice, different": ('{"a": 1, "a": true}', {"a": True}, ("duplicate_key_conflict:a",)),
}

NOT_READ: dict[str, tuple[str | bytes, FailureKind, str]] = {
    "nothing": ("", FailureKind.EMPTY, "empty"),
    "white space": (" \n\t\ufeff"[:3], FailureKind.EMPTY, "empty"),
    "nothing but reasoning": ("<think>hm</think>\n", FailureKind.EMPTY, "empty"),
    "a placeholder": ("n/a", FailureKind.NOT_JSON, "'n/a'"),
    "nothing but a citation": ("See [797].", FailureKind.NOT_JSON, "no JSON object or array"),
    "a citation ends the line": ("Sources: [797]", FailureKind.NOT_JSON, "no JSON object"),
    "an empty array in a sentence": ("An int[] is not it", FailureKind.NOT_JSON, "no JSON object"),
    "a refusal": ("I'm sorry, but I can't help with that.", FailureKind.REFUSAL, "refused"),
    "a curly refusal": ("I\u2019m unable to assist.", FailureKind.REFUSAL, "refused"),
    "an AI's refusal": (
        "As an AI language model, I cannot share it",
        FailureKind.REFUSAL,
        "refused",
    ),
    "not found is no refusal": ("I cannot find a rent.", FailureKind.NOT_JSON, "no JSON"),
    "a long text is no refusal": ("I cannot help. " * 99, FailureKind.NOT_JSON, "no JSON"),
    "JSON with a refusal": ('{"a": I cannot help}', FailureKind.NOT_JSON, "expecting value"),
    "cut in a string": ('{"a": 1, "b', FailureKind.TRUNCATED, "begins at offset 0 (line 1"),
    "cut in a word": ('So:\n{"a": tru', FailureKind.TRUNCATED, "offset 4 (line 2, column 1)"),
    "cut in a number": ('{"a": 12.', FailureKind.TRUNCATED, "ends inside"),
    "cut in an exponent": ('{"a": 1.2e', FailureKind.TRUNCATED, "ends inside"),
    "cut in an escape": (r'{"a": "\u12', FailureKind.TRUNCATED, "ends inside"),
    "cut behind an array with an object in it": (
        '[["x", {"a": 1}], ["y"',
        FailureKind.TRUNCATED,
        "offset 0",
    ),
    "cut after a whole value": ('{"a": 1}\n{"a": ', FailureKind.TRUNCATED, "offset 9 (line 2"),
    "cut in a fence": ('```json\n[{"a": 1},', FailureKind.TRUNCATED, "offset 8 (line 2"),
    "cut in reasoning": ('<think> so {"a": 1}', FailureKind.TRUNCATED, "inside its reasoning"),
    "a brace that is missing": ('{"a": {"b": 1]}', FailureKind.NOT_JSON, "at offset 13"),
    "a bracket for a brace": ('[1, {"a": 1}}', FailureKind.NOT_JSON, "offset 12"),
    "a comma that is missing": (
        '{"a": 1 "b": 2}',
        FailureKind.NOT_JSON,
        "',' delimiter at offset 8",
    ),
    "a comma with nothing before": ("[,]", FailureKind.NOT_JSON, "no JSON"),
    "two trailing commas": ('{"a": 1,,}', FailureKind.NOT_JSON, "offset 8"),
    "single quotes": ("{'a': 1}", FailureKind.NOT_JSON, "Python literal at offset 1"),
    "an object in single quotes": ("{'a': {\"b\": 1}}", FailureKind.NOT_JSON, "Python literal"),
    "a Python constant": ('{"a": None}', FailureKind.NOT_JSON, "Python literal at offset 6"),
    "bare keys": ('{a: {"b": 1}}', FailureKind.NOT_JSON, "double quotes at offset 1"),
    "two values": (
        '{"a": 1} or {"a": 2}',
        FailureKind.AMBIGUOUS,
        "offset 0 (line 1, column 1), offset 12",
    ),
    "lines of values": ('{"a": 1}\n{"a": true}', FailureKind.AMBIGUOUS, "offset 9 (line 2"),
    "a value and a misspelt one": ('{"a": 1}, not {"a": x}', FailureKind.AMBIGUOUS, "offset 14"),
    "two faint values": ('["a"]\n["b"]', FailureKind.AMBIGUOUS, "different"),
    "101 levels": ("[" * 101 + "]" * 101, FailureKind.TOO_DEEP, "100 levels at offset 100"),
    "bytes that are not text": (b'{"a": "\xff"}', FailureKind.NOT_JSON, "byte 7"),
    "an odd half of UTF-16": (b"\xff\xfe{", FailureKind.NOT_JSON, "utf-16"),
}


@pytest.mark.parametrize("shape", READ)
def test_what_is_certain_is_read_and_what_was_done_is_recorded(shape: str) -> None:
    reply, value, repairs = READ[shape]
    read = value_in(reply)
    assert read == (value, repairs)
    assert json.dumps(read[0]) == json.dumps(value)  # true is not 1
    json.dumps(read[0], ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("shape", NOT_READ)
def test_what_is_not_certain_is_a_failure_that_says_what_and_where(shape: str) -> None:
    reply, kind, message = NOT_READ[shape]
    got = failure_of(reply)
    assert got[0] == kind
    assert message in got[1]


def test_the_limit_on_depth_is_the_last_depth_that_is_read() -> None:
    value, _ = value_in("[" * 100 + "]" * 100)
    assert isinstance(value, list)


def test_no_limit_on_depth_can_exhaust_the_stack() -> None:
    kind, message = failed(read_reply("[" * 100_000, Limits(reply_depth=10**9)))
    assert kind is FailureKind.TOO_DEEP
    assert "deeper than 200 levels" in message


def test_an_answer_keeps_the_reply_as_it_came() -> None:
    reply = 'Sure!\n```json\n{"a": 1,}\n```'
    assert read_reply(reply, Limits()) == Answer(
        {"a": 1}, reply, ("code_fence", "prose_around", "trailing_comma")
    )


def test_a_failure_keeps_both_ends_of_a_long_reply_and_says_how_much_is_missing() -> None:
    reply = "first" + "x" * 100_000 + "last"
    failure = read_reply(reply, Limits())
    assert isinstance(failure, Failure)
    assert failure.raw is not None
    assert failure.raw.startswith("first")
    assert failure.raw.endswith("last")
    assert f"[... {100_009 - 64_000} characters left out ...]" in failure.raw


@pytest.mark.parametrize(
    "reply", ['{"a": "x"}', b'{"a": "x"}', '{"a": "\u00e9"}'], ids=["text", "bytes", "accent"]
)
def test_the_limit_on_size_counts_bytes(reply: str | bytes) -> None:
    size = len(reply.encode() if isinstance(reply, str) else reply)
    assert isinstance(read_reply(reply, Limits(reply_bytes=size)), Answer)
    kind, message = failed(read_reply(reply, Limits(reply_bytes=size - 1)))
    assert kind is FailureKind.TOO_LARGE
    assert f"at most {size - 1} are read" in message


def test_fifty_megabytes_are_refused_and_only_their_ends_are_kept() -> None:
    failure = read_reply(b"[" + b"1," * 25_000_000 + b"2]", Limits())
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TOO_LARGE
    assert len(failure.raw or "") < 5_000
    assert (failure.raw or "").endswith("1,2]")


def test_more_brackets_than_anyone_can_sort_out_are_given_up() -> None:
    kind, message = failure_of("[1 a] " * 10_000)
    assert kind is FailureKind.NOT_JSON
    assert "too many brackets" in message


@pytest.mark.parametrize(
    "piece",
    ["[", "{", '"', "```", '{"', '["\\"', '[1 "\\" ', "[1}", "[]", "/*", "<think></think>", "~~~"],
)
def test_a_megabyte_of_the_same_ends_soon(piece: str) -> None:
    assert isinstance(read_reply(piece * (1_000_000 // len(piece)), Limits()), Failure)


@pytest.mark.parametrize("start", ['{"k": "', '[1, "a" ', "<think>"])
def test_five_megabytes_behind_an_opening_that_never_closes_end_soon(start: str) -> None:
    assert isinstance(read_reply(start + '\\"a" ' * 1_000_000, Limits()), Failure)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
PROSE = st.text(st.characters(exclude_characters="[]{}`~<", exclude_categories=["Cs"]), max_size=40)
PIECES = (
    """{ } [ ] " ' , : \\ \\u d800 1 e9 NaN true a // /* */ ``` json <think> </think> {"a":1}"""
)
MESS = st.lists(st.sampled_from([*PIECES.split(" "), "\n", " ", "\ud800"]), max_size=30).map(
    "".join
)


@given(MESS | st.text(st.characters()) | st.binary())
def test_no_reply_raises_and_every_value_can_be_stored(reply: str | bytes) -> None:
    read = read_reply(reply, Limits(reply_bytes=200, reply_depth=5))
    if isinstance(read, Answer):
        json.dumps(read.value, ensure_ascii=False, allow_nan=False).encode()
    (read.raw or "").encode()


@given(JSON, st.booleans())
def test_a_json_text_is_read_as_it_is(value: Json, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    reply = json.dumps(value, ensure_ascii=ascii_only)
    assert value_in(reply) == (json.loads(reply), ())


@given(JSON, PROSE, PROSE)
def test_a_fenced_container_is_read_whatever_prose_is_around(
    value: Json, before: str, after: str
) -> None:
    reply = f"{before}\n```json\n{json.dumps([value], indent=1)}\n```\n{after}"
    read, repairs = value_in(reply)
    assert read == [value]
    assert set(repairs) <= {"code_fence", "prose_around", "byte_order_mark"}
    assert "code_fence" in repairs


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=4), st.data())
def test_an_object_cut_anywhere_is_truncated_never_another_value(
    value: dict[str, Json], data: st.DataObject
) -> None:
    text = json.dumps(value)
    cut = data.draw(st.integers(min_value=1, max_value=len(text) - 1))
    assert failure_of(text[:cut])[0] is FailureKind.TRUNCATED
