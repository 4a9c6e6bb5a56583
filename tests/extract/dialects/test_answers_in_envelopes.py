"""Answers arrive in every place endpoints put them, and none of them is lost or guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.cases.suite import Limits
from harness.core.records import Answer, Failure, FailureKind
from harness.extract.dialects.anthropic import ANTHROPIC
from harness.extract.dialects.dialect import Dialect
from harness.extract.dialects.gemini import GEMINI
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.openai_responses import RESPONSES
from harness.extract.dialects.responses import answer_in
from harness.extract.reply.read_reply import read_reply
from harness.extract.transport import Response

RENT = {"rent": 900}
TEXT = json.dumps(RENT)


def call(arguments: object, name: str = "answer") -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def chat(message: dict[str, Any], end: str = "stop") -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": end}]}


def read(body: dict[str, Any], dialect: Dialect = OPENAI) -> Answer | Failure:
    said = answer_in(Response(200, {}, json.dumps(body).encode(), 0.1), dialect)
    return said if isinstance(said, Failure) else read_reply(said.text, Limits())


@pytest.mark.parametrize(
    "message",
    [
        {"content": "", "tool_calls": [call(RENT)]},
        {"content": None, "tool_calls": [call(TEXT)]},
        {"content": None, "function_call": {"name": "answer", "arguments": TEXT}},
        {"content": TEXT, "tool_calls": [call("")]},
        {"content": RENT},
        {"content": None, "tool_calls": [call('{"q": 1}', "search"), call(TEXT)]},
        {"content": TEXT, "tool_calls": [call('{"q": 1}', "search")]},
        {"content": None, "tool_calls": [call(TEXT), call(TEXT)]},
        {"content": None, "tool_calls": [call(TEXT, "functions.answer:0")]},
        {"content": None, "tool_calls": [call(TEXT, "Answer")]},
        {"content": None, "tool_calls": [call(TEXT, " answer<|channel|>commentary")]},
        {"content": TEXT, "tool_calls": [call("{}")]},
        {"content": None, "tool_calls": [{"name": "answer", "arguments": TEXT}]},
        {"content": None, "tool_calls": {"function": {"name": "answer", "parameters": RENT}}},
        {"content": None, "parsed": RENT},
        {"content": [{"type": "reasoning", "text": '{"rent": 1}'}, {"type": "text", "text": TEXT}]},
    ],
)
def test_an_answer_is_read_wherever_it_stands(message: dict[str, Any]) -> None:
    found = read(chat(message))
    assert isinstance(found, Answer)
    assert (found.value, found.repairs) == (RENT, ())


def test_a_call_with_nothing_stands_where_the_text_beside_it_is_no_answer() -> None:
    found = read(chat({"content": "Nothing was found.", "tool_calls": [call("{}")]}))
    assert isinstance(found, Answer)
    assert found.value == {}


def test_text_beside_an_idle_use_of_a_tool_is_the_answer_at_anthropic_too() -> None:
    use = {"type": "tool_use", "name": "answer", "input": {}}
    found = read(
        {"content": [{"type": "text", "text": TEXT}, use], "stop_reason": "tool_use"}, ANTHROPIC
    )
    assert isinstance(found, Answer)
    assert found.value == RENT


@pytest.mark.parametrize("text", ["", "I shall call the tool."])
@pytest.mark.parametrize("others", [1, 3_000])
def test_an_answer_is_found_in_whichever_choice_a_gateway_put_it(text: str, others: int) -> None:
    empty = {"message": {"content": text}, "finish_reason": "tool_calls"}
    called = {"message": {"tool_calls": [call(TEXT)]}, "finish_reason": "tool_calls"}
    found = read({"choices": [*[empty] * others, called]})
    assert isinstance(found, Answer)
    assert found.value == RENT


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelled", "failed"])
def test_a_response_that_is_not_finished_is_no_empty_answer(status: str) -> None:
    found = read({"id": "r", "status": status, "output": []}, RESPONSES)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.TRANSPORT
    assert f"the response is {status}" in found.message


def test_arguments_that_are_json_text_twice_are_one_recorded_repair() -> None:
    twice = json.dumps(TEXT)
    uses = {"content": [{"type": "tool_use", "name": "answer", "input": TEXT}], "stop_reason": "x"}
    for found in (read(chat({"tool_calls": [call(twice)]})), read(uses, ANTHROPIC)):
        assert isinstance(found, Answer)
        assert (found.value, found.repairs) == (RENT, ("json_in_json",))


def test_calls_that_differ_are_ambiguous_as_objects_in_text_are() -> None:
    many = [call(json.dumps({"rent": number})) for number in range(3_000)]
    uses = [{"type": "tool_use", "name": "answer", "input": {"rent": n}} for n in range(3)]
    for found in (
        read(chat({"tool_calls": many[:2]})),
        read(chat({"tool_calls": many})),
        read({"content": uses, "stop_reason": "tool_use"}, ANTHROPIC),
    ):
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.AMBIGUOUS


def test_a_call_of_another_tool_is_no_answer_and_is_named() -> None:
    found = read(chat({"content": None, "tool_calls": [call(TEXT, "search")]}, "tool_calls"))
    assert isinstance(found, Failure)
    assert found.message == (
        "the response has no answer: tool_calls; the model called the tool 'search'"
    )


def test_text_among_the_reasoning_is_pointed_at_and_not_read() -> None:
    found = read(chat({"content": None, "reasoning_content": TEXT}))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.EMPTY
    assert "`reasoning_content` has 13 characters" in found.message


def test_reasoning_that_ate_the_output_is_said() -> None:
    body = chat({"content": ""}, "length") | {
        "usage": {
            "completion_tokens": 4096,
            "completion_tokens_details": {"reasoning_tokens": 4096},
        }
    }
    gemini = {
        "candidates": [{"content": {"parts": []}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": {"thoughtsTokenCount": 4096},
    }
    for found in (read(body), read(gemini, GEMINI)):
        assert isinstance(found, Failure)
        assert "4096 of them were reasoning: raise max_tokens" in found.message


@pytest.mark.parametrize("choice", [{"text": TEXT}, {"delta": {"content": TEXT}}])
def test_the_text_of_a_completion_and_a_whole_delta_are_answers(choice: dict[str, Any]) -> None:
    found = read({"choices": [choice | {"finish_reason": "stop"}]})
    assert isinstance(found, Answer)
    assert found.value == RENT


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("max_tokens", FailureKind.TRUNCATED),
        ("MAX_TOKENS", FailureKind.TRUNCATED),
        ("model_length", FailureKind.TRUNCATED),
        ("SAFETY", FailureKind.REFUSAL),
        ("sensitive", FailureKind.REFUSAL),
        ("recitation", FailureKind.REFUSAL),
        ("network_error", FailureKind.TRANSPORT),
        ("timeout", FailureKind.TRANSPORT),
        ("cancelled", FailureKind.TRANSPORT),
    ],
)
def test_the_words_of_other_vendors_for_how_an_answer_ended_are_known(
    end: str, kind: FailureKind
) -> None:
    found = read(chat({"content": TEXT[:5]}, end))
    assert isinstance(found, Failure)
    assert found.kind is kind


@pytest.mark.parametrize("key", ["thinking", "reasoning", "reasoning_details"])
@pytest.mark.parametrize("thought", [TEXT, {"text": TEXT}, [{"text": TEXT}]])
def test_whatever_field_reasoning_stands_in_it_is_pointed_at(key: str, thought: object) -> None:
    found = read(chat({"content": "", key: thought}))
    assert isinstance(found, Failure)
    assert f"`{key}` has" in found.message


@pytest.mark.parametrize("count", [lambda n: n, str, float])
def test_counts_and_costs_that_are_texts_are_numbers(count: Callable[[int], object]) -> None:
    usage = {"prompt_tokens": count(10), "completion_tokens": count(5), "cost": "0.25"}
    said = answer_in(
        Response(200, {}, json.dumps(chat({"content": TEXT}) | {"usage": usage}).encode(), 0.1),
        OPENAI,
    )
    assert not isinstance(said, Failure)
    assert (said.usage.input_tokens, said.usage.output_tokens, said.usage.usd) == (10, 5, 0.25)
