"""Responses that are no JSON say what they are; one in another encoding is read."""

from __future__ import annotations

import json

import pytest

from harness.core.records import Failure
from harness.extract.dialects.dialect import ModelAnswer
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.responses import answer_in
from harness.extract.transport import Response

ANSWER = '{"name": "Gr\u00f6\u00dfe"}'
BODY = json.dumps({"choices": [{"message": {"content": ANSWER}}]}, ensure_ascii=False)


def said(body: bytes, kind: str = "application/json", status: int = 200) -> ModelAnswer | Failure:
    return answer_in(Response(status, {"content-type": kind}, body, 0.1), OPENAI)


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", '"ISO-8859-15"'])
def test_an_answer_in_another_encoding_is_read(charset: str) -> None:
    body = BODY.encode(charset.strip('"'))
    found = said(body, f"application/json; charset={charset}")
    assert isinstance(found, ModelAnswer)
    assert found.text == ANSWER


@pytest.mark.parametrize("charset", ["iso-8859-1", "nonsense", "hex"])
def test_utf_8_is_read_whatever_is_said_of_it(charset: str) -> None:
    found = said(BODY.encode(), f"application/json; charset={charset}")
    assert isinstance(found, ModelAnswer)
    assert found.text == ANSWER


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "the endpoint answered 200 with nothing: is base_url right?"),
        (b'{"choices": [', "the response is not whole: its JSON ends early, after 13 bytes"),
        (b'{"choices": "x', "the response is not whole: its JSON ends early, after 14 bytes"),
        (b"data: {}", "the stream of events breaks off, after 8 bytes"),
        (b"[" * 200_000, "the response is nested too deeply to be read"),
        (BODY.encode("iso-8859-1"), "the response is not in UTF-8, nor in an encoding that it"),
    ],
)
def test_what_is_no_json_is_told_from_what_is_cut_off(body: bytes, what: str) -> None:
    found = said(body)
    assert isinstance(found, Failure)
    assert found.message.startswith(what)
