"""Chat completions API of OpenAI, Azure, vLLM, llama.cpp, Ollama, LM Studio and many more."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Final

from harness.core.records import Usage
from harness.core.values import Json
from harness.extract.dialects.dialect import (
    ANSWER_NAME,
    AnswerForm,
    Body,
    Dialect,
    Inquiry,
    Mode,
    ModelAnswer,
    NotSpokenError,
    called_with,
    count_or_none,
    given,
    is_idle,
    joined_text,
    member,
    tokens_of,
)
from harness.extract.dialects.schema_subsets import OPENAI_SUBSET
from harness.extract.messages import ImagePart, Message, TextPart

_REFUSED: Final = frozenset(
    {
        *("content_filter", "safety", "sensitive", "recitation", "blocklist", "moderation"),
        *("prohibited_content", "spii", "guardrail", "guardrail_intervened", "refusal"),
    }
)
_CUT_OFF: Final = frozenset(
    {
        *("length", "max_tokens", "max_output_tokens", "model_length", "max_length"),
        *("token_limit", "repetition_truncation"),
    }
)
_DEAREST: Final = 1_000_000
"""Dollars beyond which what a server reports is no price."""


def body(asking: Inquiry) -> Body:
    """Return the body of a request."""
    parameters = asking.parameters
    form = _form(asking.form)
    sampling = {
        "temperature": parameters.temperature,
        "top_p": parameters.top_p,
        "seed": asking.seed,
        asking.max_tokens_key: parameters.max_tokens,
        "reasoning_effort": parameters.reasoning_effort,
        "logprobs": True if parameters.logprobs else None,
        "top_logprobs": 1
        if parameters.logprobs
        else None,  # without it llama.cpp's server gives none
    }
    messages: list[Json] = [_message(message) for message in asking.messages]
    whole: Body = {"model": asking.model, "messages": messages}
    return given(whole | sampling | form | dict(parameters.extra))


def _message(message: Message) -> Json:
    texts = [part.text for part in message.parts if isinstance(part, TextPart)]
    if len(texts) == len(message.parts):
        return {"role": message.role, "content": "\n".join(texts)}
    return {"role": message.role, "content": [_part(part) for part in message.parts]}


def _part(part: TextPart | ImagePart) -> Json:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    url = f"data:{part.media_type};base64,{b64encode(part.data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _form(form: AnswerForm) -> Body:
    match form.mode:
        case Mode.JSON_SCHEMA:
            named: Json = {"name": ANSWER_NAME, "strict": form.strict, "schema": form.schema}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case Mode.JSON_OBJECT_SCHEMA:
            return {"response_format": {"type": "json_object", "schema": form.schema}}
        case Mode.TOOL:
            function: Body = {"name": ANSWER_NAME, "parameters": form.schema}
            if form.strict:
                function["strict"] = True
            return {
                "tools": [{"type": "function", "function": function}],
                "tool_choice": {"type": "function", "function": {"name": ANSWER_NAME}},
            }
        case Mode.JSON_OBJECT:
            return {"response_format": {"type": "json_object"}}
        case Mode.TEXT:
            return {}


def read(response: Json) -> ModelAnswer:
    """Return what a response says. Raises NotSpokenError where it is none."""
    choices = member(response, "choices")
    if not isinstance(choices, list):
        raise NotSpokenError("no `choices`")
    usage = Usage(
        count_or_none(response, "usage", "prompt_tokens"),
        count_or_none(response, "usage", "completion_tokens"),
        count_or_none(response, "usage", "prompt_tokens_details", "cached_tokens"),
        _cost(member(response, "usage", "cost")),
    )
    if not choices:
        return ModelAnswer("", "nothing", "no choices", usage)
    choice = _choice(choices)
    ended = member(choice, "finish_reason")
    how = ended.lower() if isinstance(ended, str) else ""
    message = _message_of(choice)
    refusal = member(message, "refusal")
    written = _text(message)
    text = written or ""
    tokens = tokens_of(member(choice, "logprobs", "content"), "token", "logprob")
    if isinstance(refusal, str) and refusal:
        return ModelAnswer(text, "refused", refusal, usage)
    if how in _REFUSED:
        return ModelAnswer(text, "refused", how, usage)
    if how in _CUT_OFF:
        thought = count_or_none(response, "usage", "completion_tokens_details", "reasoning_tokens")
        return ModelAnswer(text, "length", "length", usage, reasoning_tokens=thought)
    if not text.strip():
        why = _instead(message)
        if written is None or why:
            return ModelAnswer(text, "nothing", f"{ended}{why}", usage)
    return ModelAnswer(text, "done", str(ended), usage, tokens)


def _choice(choices: list[Json]) -> Json:
    """Return the choice with the answer: gateways put calls and text into one of their own each."""
    messages = [(_message_of(each), each) for each in choices]
    called = (each for message, each in messages if member(message, "tool_calls"))
    written = (each for message, each in messages if _text(message))
    return next(called, None) or next(written, choices[0])


def _message_of(choice: Json) -> Json:
    """Return a choice's message, or where it has ended, a whole delta or a completion's text."""
    message = member(choice, "message")
    if isinstance(message, dict) or not member(choice, "finish_reason"):
        return message
    delta = member(choice, "delta")
    return delta if isinstance(delta, dict) else {"content": member(choice, "text")}


def _text(message: Json) -> str | None:
    """Return an answer: what our tool was called with, or else the content, parsed or not."""
    listed = member(message, "tool_calls")
    each_call = listed if isinstance(listed, list) else [listed]
    calls = [member(each, "function") or each for each in each_call]
    called = called_with([*calls, member(message, "function_call")], ANSWER_NAME, "arguments")
    content = member(message, "content")
    if called is not None and not is_idle(called, content):
        return called
    if content in (None, "") and isinstance(member(message, "parsed"), dict):
        content = member(message, "parsed")
    if content is None or isinstance(content, str):
        return content
    is_parts = isinstance(content, list) and any(
        isinstance(member(part, key), str) for part in content for key in ("type", "text")
    )
    return joined_text(content) if is_parts else json.dumps(content, ensure_ascii=False)


def _instead(message: Json) -> str:
    """Say what a message holds in the place of an answer."""
    for key in ("reasoning_content", "reasoning", "thinking", "reasoning_details"):
        thought = member(message, key)
        if thought and not isinstance(thought, str):
            thought = json.dumps(thought, ensure_ascii=False)
        if isinstance(thought, str) and thought.strip():
            return f"; `{key}` has {len(thought)} characters, which are reasoning and not read"
    other = member(message, "tool_calls", 0, "function", "name")
    return f"; the model called the tool {other!r}" if isinstance(other, str) else ""


def _cost(amount: Json) -> float | None:
    """Return what the endpoint says it charges, in US dollars, as routers do."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        usd = float(amount)
    except (ValueError, OverflowError):
        return None
    return usd if 0 <= usd <= _DEAREST else None


OPENAI: Final = Dialect(
    name="openai",
    base_url="https://api.openai.com/v1",
    key_env="OPENAI_API_KEY",
    key_header=("authorization", "Bearer "),
    headers=(),
    modes=(
        Mode.JSON_SCHEMA,
        Mode.JSON_OBJECT_SCHEMA,
        Mode.TOOL,
        Mode.JSON_OBJECT,
        Mode.TEXT,
    ),
    subset=OPENAI_SUBSET,
    unknown=frozenset(),
    path=lambda _: "/chat/completions",
    body=body,
    read=read,
)
