"""A stream of events adds up to the response that would have come at once."""

from __future__ import annotations

import json

import pytest

from harness.core.records import Failure, FailureKind
from harness.extract.dialects.anthropic import ANTHROPIC
from harness.extract.dialects.dialect import Dialect, ModelAnswer
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.openai_responses import RESPONSES
from harness.extract.dialects.responses import answer_in
from harness.extract.transport import Response

TEXT = json.dumps({"rents": list(range(3_000))})


def events(*found: object, end: str = "data: [DONE]\n\n") -> bytes:
    lines = [f"data: {json.dumps(each)}\n\n" for each in found]
    return (": keep-alive\n\n" + "".join(lines) + end).encode()


def read(body: bytes, dialect: Dialect = OPENAI) -> ModelAnswer | Failure:
    return answer_in(Response(200, {"content-type": "text/event-stream"}, body, 0.1), dialect)


def delta(said: dict[str, object], end: str | None = None) -> object:
    return {"choices": [{"delta": said, "finish_reason": end}]}


@pytest.mark.parametrize("size", [1, 1_000])
def test_chunks_of_a_chat_completion_are_one_text(size: int) -> None:
    pieces = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    usage = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}}
    said = read(events(*(delta({"content": piece}) for piece in pieces), delta({}, "stop"), usage))
    assert isinstance(said, ModelAnswer)
    assert (said.text, said.usage.output_tokens) == (TEXT, 7)


def test_a_call_in_pieces_is_one_call() -> None:
    half = len(TEXT) // 2
    first = {"index": 0, "function": {"name": "answer", "arguments": TEXT[:half]}}
    more = {"index": 0, "function": {"arguments": TEXT[half:]}}
    said = read(events(delta({"tool_calls": [first]}), delta({"tool_calls": [more]}, "tool_calls")))
    assert isinstance(said, ModelAnswer)
    assert said.text == TEXT


def test_messages_of_anthropic_are_one_message() -> None:
    body = events(
        {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
        {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "delta": {"text": TEXT[at : at + 100]}}
            for at in range(0, len(TEXT), 100)
        ),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
        end="",
    )
    said = read(body, ANTHROPIC)
    assert isinstance(said, ModelAnswer)
    assert (said.text, said.usage.input_tokens) == (TEXT, 3)


def test_a_whole_response_behind_comments_or_as_one_event_is_read_as_it_is() -> None:
    whole = {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
    bare = b": PROCESSING\n\n" + json.dumps(whole).encode()
    for body in (bare, events(whole), events(whole, end="")):
        said = read(body)
        assert isinstance(said, ModelAnswer)
        assert said.text == TEXT


def test_the_last_event_of_the_responses_interface_is_the_response() -> None:
    message = {"type": "message", "content": [{"type": "output_text", "text": TEXT}]}
    last = {"type": "response.completed", "response": {"status": "completed", "output": [message]}}
    said = read(events({"type": "response.created"}, last, end=""), RESPONSES)
    assert isinstance(said, ModelAnswer)
    assert said.text == TEXT


def test_a_stream_that_breaks_off_is_no_answer_and_an_error_in_it_is_one() -> None:
    broken = read(events(delta({"content": '{"a": 1}'}), end=""))
    wrong = read(events(delta({"content": "{"}), {"error": {"code": 502, "message": "gone"}}))
    for found, words in ((broken, "breaks off"), (wrong, "gone")):
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.TRANSPORT
        assert words in found.message


SPELT = json.dumps({"note": "a\u2028b\u0085c\x0bd \u00fc"}, ensure_ascii=False)
"""Text with ends of lines that are none in a stream."""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("repeats", [3, 3_000])
def test_a_stream_is_read_as_the_standard_writes_it(
    end: str, indent: int | None, mark: bytes, repeats: int
) -> None:
    text = json.dumps([json.loads(SPELT)] * repeats, ensure_ascii=False)
    chunks = [delta({"content": text[at : at + 500]}) for at in range(0, len(text), 500)]
    lines = [
        json.dumps(each, ensure_ascii=False, indent=indent).split("\n")
        for each in (*chunks, delta({}, "stop"))
    ]
    body = "".join(end.join(f"data: {line}" for line in event) + end + end for event in lines)
    said = read(mark + f": hi{end}{end}id: 1{end}retry: 5{end}{body}".encode())
    assert isinstance(said, ModelAnswer)
    assert said.text == text


CALL = {"name": "answer", "arguments": {"rent": 900}}
HALVES = ('{"rent"', ": 900}")


@pytest.mark.parametrize(
    "chunks",
    [
        [delta({"tool_calls": [{"index": 0, "function": CALL}]}, "tool_calls")],
        [delta({"function_call": {"name": "answer", "arguments": half}}) for half in HALVES],
        [delta({"content": [{"type": "text", "text": half}]}) for half in HALVES],
        [{"choices": [{"text": half}]} for half in HALVES],
        [
            {"choices": [{"index": at, "delta": {"content": half}} for at in (1, 0)]}
            for half in HALVES
        ],
        [
            delta({"tool_calls": [{"function": {"name": "search", "arguments": "{}"}}]}),
            delta({"tool_calls": [{"function": {"name": "answer", "arguments": HALVES[0]}}]}),
            delta({"tool_calls": [{"function": {"arguments": HALVES[1]}}]}),
        ],
    ],
    ids=["parsed", "function_call", "parts", "completion", "choices", "unnumbered"],
)
def test_whatever_pieces_an_answer_comes_in_it_is_one(chunks: list[object]) -> None:
    said = read(events(*chunks))
    assert isinstance(said, ModelAnswer)
    assert json.loads(said.text) == {"rent": 900}


def test_an_event_named_error_is_an_error() -> None:
    body = events(delta({"content": "{"}), end="") + b'event: error\ndata: {"message": "gone"}\n\n'
    said = read(body)
    assert isinstance(said, Failure)
    assert "gone" in said.message


def test_chunks_a_line_are_a_stream_and_one_that_is_cut_is_none() -> None:
    chunks = [delta({"content": half}) for half in HALVES] + [delta({}, "stop")]
    body = "\n".join(json.dumps(each) for each in chunks).encode()
    said = read(body)
    assert isinstance(said, ModelAnswer)
    assert said.text == "".join(HALVES)
    assert all(isinstance(read(body[:size]), Failure) for size in range(len(body) - 2))
