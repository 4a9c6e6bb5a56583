"""How each dialect wraps an answer, and how a request of each is recognised."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.extract.server.behaviour import Asked

Body = dict[str, Any]


def understood(path: str, headers: Mapping[str, str], content: bytes) -> Asked:
    """Return a request as the dialect of its path reads it; KeyError where there is none."""
    body = json.loads(content)
    digest = hashlib.sha256(path.encode() + b"\0" + content).hexdigest()
    text = "\n".join(_texts(body))
    if path.endswith("/chat/completions"):
        return Asked("openai", _openai_mode(body), text, body, headers, digest)
    if path.endswith("/responses"):
        form = body.get("text", {}).get("format", {}).get("type", "text")
        return Asked("responses", "tool" if "tools" in body else form, text, body, headers, digest)
    if path.endswith("/messages"):
        return Asked("anthropic", _anthropic_mode(body), text, body, headers, digest)
    if path.endswith(":generateContent"):
        return Asked("gemini", _gemini_mode(body), text, body, headers, digest)
    raise KeyError(path)


def _texts(value: object) -> Iterator[str]:
    """Yield every string under `text` or `content`, in order."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                if key in ("text", "content", "system"):
                    yield item
            else:
                yield from _texts(item)


def _openai_mode(body: Body) -> str:
    form = body.get("response_format", {"type": "text"})
    if "tools" in body:
        return "tool"
    if form["type"] == "json_object" and "schema" in form:
        return "json_object_schema"
    return str(form["type"])


def _anthropic_mode(body: Body) -> str:
    if "output_config" in body and "format" in body["output_config"]:
        return "json_schema"
    return "tool" if "tools" in body else "text"


def _gemini_mode(body: Body) -> str:
    form = body.get("generationConfig", {})
    if "responseJsonSchema" in form:
        return "json_schema"
    return "json_object" if "responseMimeType" in form else "text"


def enveloped(asked: Asked, text: str | None, end: str = "stop", refusal: str = "") -> Body:
    """Return the response that carries a text; `end` is `stop`, `length` or `refusal`."""
    usage = (len(asked.text) // 4, len(text or "") // 4)
    if asked.dialect == "responses":
        return _responses(text, usage)
    if asked.dialect == "anthropic":
        return _anthropic(asked, text, end, usage)
    if asked.dialect == "gemini":
        return _gemini(text, end, usage)
    message: Body = {"role": "assistant", "content": text}
    if refusal:
        message |= {"content": None, "refusal": refusal}
    elif asked.mode == "tool" and text is not None:
        name = asked.body["tools"][0]["function"]["name"]
        call = {"id": "c", "type": "function", "function": {"name": name, "arguments": text}}
        message |= {"content": None, "tool_calls": [call]}
    choice: Body = {"index": 0, "message": message, "finish_reason": end.replace("refusal", "stop")}
    if asked.body.get("logprobs") and text is not None:
        tokens = re.findall(r"\w+|\W", text)
        listed = [{"token": t, "logprob": _logprob(t), "bytes": list(t.encode())} for t in tokens]
        choice["logprobs"] = {"content": listed}
    return {
        "id": "x",
        "object": "chat.completion",
        "model": asked.body.get("model", ""),
        "choices": [choice],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]},
    }


def _logprob(token: str) -> float:
    """Return what the server thinks of a token: the longer, the less sure."""
    return -0.01 * len(token)


def _responses(text: str | None, usage: tuple[int, int]) -> Body:
    message = {"type": "message", "content": [{"type": "output_text", "text": text}]}
    counted = {"input_tokens": usage[0], "output_tokens": usage[1]}
    output = [{"type": "reasoning", "summary": []}, message]
    return {"id": "x", "status": "completed", "output": output, "usage": counted}


def _anthropic(asked: Asked, text: str | None, end: str, usage: tuple[int, int]) -> Body:
    content: list[Body] = [] if text is None else [{"type": "text", "text": text}]
    if asked.mode == "tool" and text is not None:
        name = asked.body["tools"][0]["name"]
        content = [{"type": "tool_use", "id": "c", "name": name, "input": json.loads(text)}]
    ends = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    return {
        "id": "x",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": ends[end],
        "usage": {"input_tokens": usage[0], "output_tokens": usage[1]},
    }


def _gemini(text: str | None, end: str, usage: tuple[int, int]) -> Body:
    counted = {"promptTokenCount": usage[0], "candidatesTokenCount": usage[1]}
    if end == "refusal":
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": counted}
    parts = [] if text is None else [{"text": text}]
    ends = {"stop": "STOP", "length": "MAX_TOKENS"}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": ends[end]}
    return {"candidates": [candidate], "usageMetadata": counted}


def without_choices(asked: Asked) -> Body:
    """Return a response that has no answer at all."""
    names = {"openai": "choices", "anthropic": "content", "gemini": "candidates"}
    return enveloped(asked, "") | {names[asked.dialect]: []}


def error(status: int, message: str, code: str | None = None) -> Body:
    """Return what the dialects call an error, alike enough for all of them."""
    return {
        "type": "error",
        "error": {"message": message, "type": "error", "code": code or status},
    }
