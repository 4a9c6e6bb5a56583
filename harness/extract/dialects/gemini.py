"""Gemini's `generateContent` API."""

from __future__ import annotations

from base64 import b64encode
from typing import Final
from urllib.parse import quote

from harness.core.records import Usage
from harness.core.values import Json
from harness.extract.dialects.dialect import (
    AnswerForm,
    Body,
    Dialect,
    Inquiry,
    Mode,
    ModelAnswer,
    NotSpokenError,
    count_or_none,
    given,
    joined_text,
    member,
    sum_of_known,
    tokens_of,
)
from harness.extract.dialects.schema_subsets import GEMINI_SUBSET
from harness.extract.messages import ImagePart, Message, TextPart

_REFUSED: Final = frozenset(
    {
        *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"),
        *("IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "LANGUAGE"),
    }
)
_BUDGETS: Final = {"none": 0, "minimal": 1_024, "low": 1_024, "medium": 8_192, "high": 24_576}
"""Tokens that stand for a level, as the vendor's own compatible interface has them."""
_JSON: Final = "application/json"


def body(asking: Inquiry) -> Body:
    """Return the body of a request."""
    parameters = asking.parameters
    system = [_parts(message) for message in asking.messages if message.role == "system"]
    turns: list[Json] = [
        {"role": "model" if message.role == "assistant" else "user", "parts": _parts(message)}
        for message in asking.messages
        if message.role != "system"
    ]
    config = {
        "temperature": parameters.temperature,
        "topP": parameters.top_p,
        "seed": asking.seed,
        "maxOutputTokens": parameters.max_tokens,
        "thinkingConfig": _thinking(asking.model, parameters.reasoning_effort),
        "responseLogprobs": True if parameters.logprobs else None,
    }
    whole: Body = {"contents": turns}
    if system:
        whole["systemInstruction"] = {"parts": [part for parts in system for part in parts]}
    extra = dict(parameters.extra)
    more = extra.pop("generationConfig", None)
    own = more if isinstance(more, dict) else {}
    whole["generationConfig"] = given(config | _form(asking.form) | own)
    return given(whole | extra)


def _thinking(model: str, effort: str | None) -> Json:
    """Return how much is to be thought: a level, or for the 2.5 family a budget of tokens."""
    if effort is None:
        return None
    if "gemini-2.5" not in model:
        return {"thinkingLevel": effort}
    return {"thinkingBudget": _BUDGETS.get(effort, _BUDGETS["medium"])}


def _parts(message: Message) -> list[Json]:
    return [_part(part) for part in message.parts]


def _part(part: TextPart | ImagePart) -> Json:
    if isinstance(part, TextPart):
        return {"text": part.text}
    return {"inlineData": {"mimeType": part.media_type, "data": b64encode(part.data).decode()}}


def _form(form: AnswerForm) -> Body:
    match form.mode:
        case Mode.JSON_SCHEMA:
            return {"responseMimeType": _JSON, "responseJsonSchema": form.schema}
        case Mode.JSON_OBJECT:
            return {"responseMimeType": _JSON}
        case _:
            return {}


def read(response: Json) -> ModelAnswer:
    """Return what a response says. Raises NotSpokenError where it is none."""
    counted = "usageMetadata"
    usage = Usage(
        count_or_none(response, counted, "promptTokenCount"),
        sum_of_known(
            count_or_none(response, counted, "candidatesTokenCount"),
            count_or_none(response, counted, "thoughtsTokenCount"),
        ),
        count_or_none(response, counted, "cachedContentTokenCount"),
    )
    blocked = member(response, "promptFeedback", "blockReason")
    if isinstance(blocked, str):
        return ModelAnswer("", "refused", blocked, usage)
    candidates = member(response, "candidates")
    if not isinstance(candidates, list):
        raise NotSpokenError("no `candidates`")
    candidate = member(candidates, 0)
    if candidate is None:
        return ModelAnswer("", "nothing", "no candidates", usage)
    written = joined_text(member(candidate, "content", "parts"))
    text = written or ""
    ended = str(member(candidate, "finishReason"))
    message = member(candidate, "finishMessage")
    why = f"{ended}: {message}" if isinstance(message, str) and message else ended
    if ended in _REFUSED:
        return ModelAnswer(text, "refused", why, usage)
    if ended == "MAX_TOKENS":
        thought = count_or_none(response, counted, "thoughtsTokenCount")
        return ModelAnswer(text, "length", ended, usage, reasoning_tokens=thought)
    listed = member(candidate, "logprobsResult", "chosenCandidates")
    tokens = tokens_of(listed, "token", "logProbability")
    return ModelAnswer(text, "done" if written is not None else "nothing", why, usage, tokens)


GEMINI: Final = Dialect(
    name="gemini",
    base_url="https://generativelanguage.googleapis.com/v1beta",
    key_env="GEMINI_API_KEY",
    key_header=("x-goog-api-key", ""),
    headers=(),
    modes=(Mode.JSON_SCHEMA, Mode.JSON_OBJECT, Mode.TEXT),
    subset=GEMINI_SUBSET,
    unknown=frozenset(),
    path=lambda model: f"/models/{quote(model, safe='')}:generateContent",
    body=body,
    read=read,
)
