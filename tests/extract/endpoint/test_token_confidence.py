"""Where leaves stand in a reply, and how probable their tokens make them."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.values import FieldPath, Json
from harness.extract.dialects.dialect import Token
from harness.extract.endpoint.token_confidence import from_tokens
from harness.extract.reply.spans import spans
from harness.extract.reply.stated_confidence import stated

scalars = st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
containers = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=4)


def at(value: Json, path: FieldPath) -> Json:
    for step in path:
        assert isinstance(value, (dict, list))
        value = value[step]  # type: ignore[index]  # the path is the value's own
    return value


@given(containers, st.booleans(), st.booleans())
def test_every_leaf_is_found_where_its_text_is(value: Json, ascii_: bool, fenced: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, ensure_ascii=ascii_, indent=1)
    whole = (f"It is [2]:\n```json\n{text}\n```" if fenced else text).encode(errors="surrogatepass")
    for span in spans(whole, value):
        if not span.is_closing:
            said = whole[span.start : span.end]
            leaf = at(value, span.path)
            assert (
                json.loads(b'"' + said + b'"' if leaf and isinstance(leaf, str) else said) == leaf
            )


@given(containers, st.data())
def test_however_a_text_is_cut_into_tokens_no_confidence_is_over_one(
    value: Json, data: st.DataObject
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    raw = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw)), max_size=9)) | {len(raw)})
    tokens = [Token(raw[a:b], -0.1 * (b - a)) for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]
    found = from_tokens(text, value, tokens, None)
    assert all(0 <= chance <= 1 for _, chance in found)
    assert len(found) == sum(not span.is_closing for span in spans(raw, value))


def test_a_leaf_has_the_product_of_its_tokens_and_of_no_others() -> None:
    half = math.log(0.5)
    pieces = [b'{"a', b'": "', b"12", b"3", b'", "b', b'": null', b"}"]
    tokens = [Token(piece, half) for piece in pieces]
    text = '{"a": "123", "b": null}'
    assert from_tokens(text, json.loads(text), tokens, None) == (("a", 0.25), ("b", 0.5))


def test_an_absent_key_of_an_item_gets_the_brace_that_closes_it() -> None:
    text = '{"rows": [{"n": 1}, {"n": 2}]}'
    tokens = [Token(c.encode(), math.log(0.5) if c == "}" else 0.0) for c in text]
    schema: Json = {
        "properties": {"rows": {"items": {"$ref": "#/$defs/row"}}, "total": {}},
        "$defs": {"row": {"properties": {"n": {}, "unit": {}}}},
    }
    assert dict(from_tokens(text, json.loads(text), tokens, schema)) == {
        "rows[0].n": 1.0,
        "rows[0].unit": 0.5,
        "rows[1].n": 1.0,
        "rows[1].unit": 0.5,
        "total": 0.5,
    }


@pytest.mark.parametrize("reply", ["{'a': 1}", '{"a": 1,}', "[", "", "a" * 10_000 + "[" * 5_000])
def test_a_reply_that_had_to_be_mended_has_no_confidences(reply: str) -> None:
    assert from_tokens(reply, {"a": 1}, [Token(reply.encode(), -0.1)], None) == ()


def test_tokens_that_do_not_spell_the_text_are_not_believed() -> None:
    assert from_tokens('{"a": 1}', {"a": 1}, [Token(b'{"a": 2}', -0.1)], None) == ()


@pytest.mark.parametrize(
    "value",
    [
        {"value": 5, "confidence": 0.9},
        {"a": {"value": 5, "confidence": 1.5}},
        {"a": {"value": 5, "confidence": True}},
        {"a": {"value": 5, "confidence": 0.5, "unit": "m"}},
        {"a__confidence": 0.5},
        {"a": 1, "a__confidence": "high"},
    ],
)
def test_what_only_looks_like_a_stated_confidence_stays_in_the_answer(value: Json) -> None:
    found = stated(value)
    assert (found.value, found.confidences) == (value, ())
