"""OpenAI's Responses API, the only one for some models."""

from __future__ import annotations

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
    joined_text,
    member,
)
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.schema_subsets import OPENAI_SUBSET
from harness.extract.messages import ImagePart, Message, TextPart


def body(asking: Inquiry) -> Body:
    """Return the body of a request. Nothing of it is kept by the vendor."""
    parameters = asking.parameters
    messages: list[Json] = [_message(message) for message in asking.messages]
    effort: Json = {"effort": parameters.reasoning_effort} if parameters.reasoning_effort else None
    whole: Body = {
        "model": asking.model,
        "input": messages,
        "store": False,
        "max_output_tokens": parameters.max_tokens,
        "temperature": parameters.temperature,
        "top_p": parameters.top_p,
        "reasoning": effort,
    }
    return given(whole | _form(asking.form) | dict(parameters.extra))


def _message(message: Message) -> Json:
    kind = "output_text" if message.role == "assistant" else "input_text"
    return {"role": message.role, "content": [_part(part, kind) for part in message.parts]}


def _part(part: TextPart | ImagePart, kind: str) -> Json:
    if isinstance(part, TextPart):
        return {"type": kind, "text": part.text}
    url = f"data:{part.media_type};base64,{b64encode(part.data).decode()}"
    return {"type": "input_image", "image_url": url}


def _form(form: AnswerForm) -> Body:
    match form.mode:
        case Mode.JSON_SCHEMA:
            named: Body = {"type": "json_schema", "name": ANSWER_NAME, "strict": form.strict}
            return {"text": {"format": named | {"schema": form.schema}}}
        case Mode.TOOL:
            tool: Body = {"type": "function", "name": ANSWER_NAME, "parameters": form.schema}
            return {
                "tools": [tool | {"strict": form.strict}],
                "tool_choice": {"type": "function", "name": ANSWER_NAME},
            }
        case Mode.JSON_OBJECT:
            return {"text": {"format": {"type": "json_object"}}}
        case _:
            return {}


def read(response: Json) -> ModelAnswer:
    """Return what a response says. Raises NotSpokenError where it is none."""
    output = member(response, "output")
    if not isinstance(output, list):
        raise NotSpokenError("no `output`")
    usage = Usage(
        count_or_none(response, "usage", "input_tokens"),
        count_or_none(response, "usage", "output_tokens"),
        count_or_none(response, "usage", "input_tokens_details", "cached_tokens"),
    )
    messages = [each for each in output if member(each, "type") == "message"]
    parts = [part for each in messages for part in _listed(member(each, "content"))]
    calls: list[Json] = [each for each in output if member(each, "type") == "function_call"]
    called = called_with(calls, ANSWER_NAME, "arguments")
    written = joined_text(parts) if called is None else called
    text = written or ""
    refusals = [member(part, "refusal") for part in parts if member(part, "type") == "refusal"]
    if refusals:
        return ModelAnswer(text, "refused", str(refusals[0]), usage)
    ended = str(member(response, "incomplete_details", "reason") or member(response, "status"))
    if ended == "content_filter":
        return ModelAnswer(text, "refused", ended, usage)
    if ended in ("max_output_tokens", "incomplete"):
        thought = count_or_none(response, "usage", "output_tokens_details", "reasoning_tokens")
        return ModelAnswer(text, "length", ended, usage, reasoning_tokens=thought)
    return ModelAnswer(text, "done" if written is not None else "nothing", ended, usage)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


RESPONSES: Final = Dialect(
    name="openai responses",
    base_url=OPENAI.base_url,
    key_env=OPENAI.key_env,
    key_header=OPENAI.key_header,
    headers=(),
    modes=(Mode.JSON_SCHEMA, Mode.TOOL, Mode.JSON_OBJECT, Mode.TEXT),
    subset=OPENAI_SUBSET,
    unknown=frozenset({"seed", "logprobs"}),
    path=lambda _: "/responses",
    body=body,
    read=read,
)
