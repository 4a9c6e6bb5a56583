"""Server-sent events as one response: for endpoints that only stream (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from typing import Final

from harness.core.values import Json
from harness.extract.dialects.dialect import Body, member

_DONE: Final = "[DONE]"
_WHOLE: Final = ("choices", 0, "message")


class NotWholeError(ValueError):
    """A stream that ends before it says so."""


def is_stream(body: bytes) -> bool:
    """Tell whether bytes are server-sent events rather than JSON.

    >>> is_stream(b'data: {}'), is_stream(b': waiting'), is_stream(b'{"data": 1}')
    (True, True, False)
    """
    return body.lstrip().startswith((b"data:", b"event:", b"id:", b":"))


def from_stream(body: bytes) -> Json:
    """Return the one response that a stream adds up to, in the form of one that is not streamed.

    Comments between events are left out; JSON that is no event is read as it is.

    Raises:
        NotWholeError: the stream breaks off.
        ValueError: it is no stream of JSON.
    """
    events, bare, is_done = _events(body.decode("utf-8"))
    if not events:
        return read_json("\n".join(bare))
    for event in events:
        if member(event, "error"):
            return event
        if isinstance(member(event, *_WHOLE), dict):
            return event
        whole = member(event, "response")
        if member(event, "type") in _LAST and isinstance(whole, dict):
            return whole
    if isinstance(member(events[0], "choices"), list):
        return _completion(events, is_done=is_done)
    if any(member(event, "type") == "message_start" for event in events):
        return _message(events)
    raise NotWholeError


def read_json(text: str | bytes) -> Json:
    """Return JSON. Raises ValueError if it is none.

    A number of more digits than Python takes for one is the nearest float: what it counts is of no
    matter where the answer beside it was paid for.

    >>> read_json('{"prompt_tokens": 1' + 5000 * "0" + "}")
    {'prompt_tokens': inf}
    """
    parsed: Json = json.loads(text, parse_int=_number)
    return parsed


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _DIGITS else float(digits)


_DIGITS: Final = 4_000
_LAST: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def _events(text: str) -> tuple[list[Json], list[str], bool]:
    events: list[Json] = []
    bare: list[str] = []
    is_done = False
    for line in text.splitlines():
        name, _, field_value = line.partition(":")
        if name == "data" and field_value.strip() == _DONE:
            is_done = True
        elif name == "data":
            events.append(read_json(field_value))
        elif name not in ("", "event", "id", "retry"):
            bare.append(line)
    return events, bare, is_done


def _completion(events: list[Json], *, is_done: bool) -> Body:
    """Add up chunks of a chat completion."""
    texts: dict[str, list[str]] = {"content": [], "refusal": [], "reasoning_content": []}
    calls: dict[int, tuple[str, list[str]]] = {}
    tokens: list[Json] = []
    ended: Json = None
    usage: Json = None
    for event in events:
        usage = member(event, "usage") or usage
        choice = member(event, "choices", 0)
        ended = member(choice, "finish_reason") or ended
        listed = member(choice, "logprobs", "content")
        tokens += listed if isinstance(listed, list) else []
        for key, pieces in texts.items():
            part = member(choice, "delta", key)
            pieces.extend([part] if isinstance(part, str) else [])
        called = member(choice, "delta", "tool_calls")
        for each in called if isinstance(called, list) else ():
            at, name = member(each, "index"), member(each, "function", "name")
            part = member(each, "function", "arguments")
            known = calls.setdefault(at if isinstance(at, int) else 0, (str(name or ""), []))
            known[1].extend([part] if isinstance(part, str) else [])
    if ended is None and not is_done:
        raise NotWholeError
    message: Body = {key: "".join(parts) for key, parts in texts.items() if parts}
    if calls:
        message["tool_calls"] = [
            {"function": {"name": name, "arguments": "".join(call)}}
            for name, call in calls.values()
        ]
    choice = {"message": message, "finish_reason": ended or "stop"}
    return {
        "choices": [choice | ({"logprobs": {"content": tokens}} if tokens else {})],
        "usage": usage,
    }


def _message(events: list[Json]) -> Body:
    """Add up the events of a message of Anthropic's."""
    whole: Body = {}
    blocks: list[Body] = []
    pieces: list[list[str]] = []
    is_done = False
    for event in events:
        kind = member(event, "type")
        if kind == "message_start":
            started = member(event, "message")
            whole = dict(started) if isinstance(started, dict) else {}
        elif kind == "content_block_start":
            block = member(event, "content_block")
            blocks.append(dict(block) if isinstance(block, dict) else {})
            pieces.append([])
        elif kind == "content_block_delta" and pieces:
            for key in ("text", "partial_json"):
                part = member(event, "delta", key)
                pieces[-1] += [part] if isinstance(part, str) else []
        elif kind == "message_delta":
            whole["stop_reason"] = member(event, "delta", "stop_reason")
            whole["usage"] = _joined(whole.get("usage"), member(event, "usage"))
        is_done = is_done or kind == "message_stop"
    if not is_done:
        raise NotWholeError
    for block, texts in zip(blocks, pieces, strict=True):
        text = "".join(texts)
        is_tool = block.get("type") == "tool_use"
        block["input" if is_tool else "text"] = json.loads(text or "{}") if is_tool else text
    whole["content"] = list(blocks)
    return whole


def _joined(one: Json, other: Json) -> Json:
    return (one if isinstance(one, dict) else {}) | (other if isinstance(other, dict) else {})
