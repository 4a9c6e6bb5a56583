"""Anthropic's Messages API."""

from __future__ import annotations

import json
import re
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
    sum_of_known,
)
from harness.extract.dialects.schema_subsets import ANTHROPIC_SUBSET
from harness.extract.messages import ImagePart, Message, TextPart

_BEFORE_EFFORT: Final = re.compile(
    r"claude-(?:3|(?:sonnet|haiku)-4(?:-[0-5]\b|-\d{8}|$)|opus-4(?:-[01]\b|-\d{8}|$))"
)
"""Families that think by a budget of tokens and know no effort."""
_BUDGETS: Final = {"minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}
_LEAST_BUDGET: Final = 1_024


def body(asking: Inquiry) -> Body:
    """Return the body of a request."""
    parameters = asking.parameters
    system = [_text_of(message) for message in asking.messages if message.role == "system"]
    turns: list[Json] = [_turn(message) for message in asking.messages if message.role != "system"]
    sampling: Body = {
        "system": "\n\n".join(system) or None,
        "temperature": parameters.temperature,
        "top_p": parameters.top_p,
    }
    whole: Body = {
        "model": asking.model,
        "max_tokens": parameters.max_tokens,
        "messages": turns,
    }
    takes_effort = not _BEFORE_EFFORT.search(asking.model)
    output: Body = {}
    if parameters.reasoning_effort and takes_effort:
        output["effort"] = parameters.reasoning_effort
    elif parameters.reasoning_effort and parameters.reasoning_effort != "none":
        budget = _BUDGETS.get(parameters.reasoning_effort, _BUDGETS["medium"])
        whole["thinking"] = {
            "type": "enabled",
            "budget_tokens": max(_LEAST_BUDGET, min(budget, parameters.max_tokens - _LEAST_BUDGET)),
        }
    if asking.form.mode is Mode.JSON_SCHEMA:
        output["format"] = {"type": "json_schema", "schema": asking.form.schema}
    if output:
        whole["output_config"] = output
    return given(whole | sampling | _tool(asking.form) | dict(parameters.extra))


def _text_of(message: Message) -> str:
    return "\n".join(part.text for part in message.parts if isinstance(part, TextPart))


def _turn(message: Message) -> Json:
    return {"role": message.role, "content": [_part(part) for part in message.parts]}


def _part(part: TextPart | ImagePart) -> Json:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    source: Json = {
        "type": "base64",
        "media_type": part.media_type,
        "data": b64encode(part.data).decode(),
    }
    return {"type": "image", "source": source}


def _tool(form: AnswerForm) -> Body:
    if form.mode is not Mode.TOOL:
        return {}
    tool: Body = {"name": ANSWER_NAME, "input_schema": form.schema}
    if form.strict:
        tool["strict"] = True
    return {
        "tools": [tool],
        "tool_choice": {"type": "tool", "name": ANSWER_NAME, "disable_parallel_tool_use": True},
    }


def read(response: Json) -> ModelAnswer:
    """Return what a response says. Raises NotSpokenError where it is none."""
    content = member(response, "content")
    if not isinstance(content, list):
        raise NotSpokenError("no `content`")
    cached_tokens = count_or_none(response, "usage", "cache_read_input_tokens")
    written = count_or_none(response, "usage", "cache_creation_input_tokens")
    usage = Usage(
        sum_of_known(count_or_none(response, "usage", "input_tokens"), cached_tokens, written),
        count_or_none(response, "usage", "output_tokens"),
        cached_tokens,
    )
    own_text = _text(content)
    text = own_text or ""
    ended = str(member(response, "stop_reason"))
    if ended == "refusal":
        return ModelAnswer(text, "refused", ended, usage)
    if ended in ("max_tokens", "model_context_window_exceeded", "pause_turn"):
        return ModelAnswer(text, "length", ended, usage)
    return ModelAnswer(text, "done" if own_text is not None else "nothing", ended, usage)


def _text(content: list[Json]) -> str | None:
    uses: list[Json] = [
        {"name": member(part, "name"), "input": _input(member(part, "input"))}
        for part in content
        if member(part, "type") == "tool_use"
    ]
    called = called_with(uses, ANSWER_NAME, "input")
    own_text = joined_text(content)
    return own_text if called is None or is_idle(called, own_text) else called


def _input(written: Json) -> Json:
    """Return arguments as JSON text; a text among them is JSON text inside JSON text."""
    return json.dumps(written, ensure_ascii=False) if isinstance(written, str) else written


ANTHROPIC: Final = Dialect(
    name="anthropic",
    base_url="https://api.anthropic.com/v1",
    key_env="ANTHROPIC_API_KEY",
    key_header=("x-api-key", ""),
    headers=(("anthropic-version", "2023-06-01"),),
    modes=(Mode.JSON_SCHEMA, Mode.TOOL, Mode.TEXT),
    subset=ANTHROPIC_SUBSET,
    unknown=frozenset({"seed", "logprobs"}),
    path=lambda _: "/messages",
    body=body,
    read=read,
)
