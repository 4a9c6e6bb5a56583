"""Responses that are no JSON say what they are; one in another encoding is read."""

from __future__ import annotations

import json

import pytest

from harness.core.records import Failure
from harness.extract.dialects.dialect import ModelAnswer
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.responses import answer_in
from harness.extract.dialects.vendor_errors import Hopeless, as_reported, hopeless
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


@pytest.mark.parametrize(
    "around",
    ["{}<!-- cached by proxy -->", ")]}',\n{}", "{}\n{}", "\ufeff{}", "   {}\x00", "{}\n\n"],
)
def test_an_answer_with_something_beside_it_is_read(around: str) -> None:
    found = said(around.replace("{}", BODY).encode())
    assert isinstance(found, ModelAnswer)
    assert found.text == ANSWER


def test_two_responses_that_differ_are_none() -> None:
    other = json.dumps({"choices": [{"message": {"content": '{"name": "x"}'}}]})
    assert isinstance(said(f"{BODY}\n{other}".encode()), Failure)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": 50505, "message": "Model service overloaded", "data": None}, 529),
        ({"code": 500, "msg": "internal error", "success": False}, 500),
        ({"base_resp": {"status_code": 1002, "status_msg": "rate limit"}, "choices": None}, 429),
        ({"error_code": 336100, "error_msg": "Server high load"}, 529),
        ({"code": "Throttling.RateQuota", "message": "slow down"}, 429),
        ({"success": False, "errors": [{"code": 3040, "message": "no"}], "result": None}, 502),
        ({"error": "Model m is currently loading", "estimated_time": 20.0}, 529),
        ({"object": "error", "message": "Not Found", "code": 404}, 404),
        ({"detail": "Rate limit reached"}, 429),
        ({"errors": [{"message": "upstream", "status": 504}]}, 504),
        ({"fault": {"faultstring": "Rate limit quota violation"}}, 429),
    ],
)
def test_an_error_of_any_vendor_in_a_200_has_the_status_it_means(
    body: dict[str, object], status: int
) -> None:
    reported = as_reported(Response(200, {}, json.dumps(body).encode(), 0.1))
    assert (reported.status, reported.is_in_body) == (status, True)
    found = said(json.dumps(body).encode())
    assert isinstance(found, Failure)
    assert found.kind.is_missing


@pytest.mark.parametrize("rows", [3, 3_000])
def test_an_error_that_repeats_the_document_is_not_taken_at_its_word(rows: int) -> None:
    echoed = "Insufficient balance; your credit balance is too low; invalid api key. " * rows
    body = {"detail": [{"msg": "bad type", "input": echoed}], "body": {"messages": [echoed]}}
    received = Response(422, {}, json.dumps(body).encode(), 0.1)
    assert hopeless(received) is None
    plain = Response(400, {}, json.dumps({"message": echoed[:70]}).encode(), 0.1)
    assert hopeless(plain) is Hopeless.BILLING
