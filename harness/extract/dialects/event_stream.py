"""Server-sent events as one response: for endpoints that only stream (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

from harness.core.values import Json
from harness.extract.dialects.dialect import Body, joined_text, member

_DONE: Final = "[DONE]"
_WHOLE: Final = ("choices", 0, "message")
_LINE_END: Final = re.compile(r"\r\n|[\r\n]")
"""Ends of lines in a stream; others, as U+2028, stand in its texts."""
_MARK: Final = b"\xef\xbb\xbf"
_GUARD: Final = ")]}'"
"""What some servers put before JSON, so that no browser runs it."""
_THOUGHTS: Final = ("reasoning_content", "reasoning")


class NotWholeError(ValueError):
    """A stream that ends before it says so."""


def is_stream(body: bytes) -> bool:
    """Tell whether bytes are server-sent events rather than JSON.

    >>> is_stream(b'data: {}'), is_stream(b': waiting'), is_stream(b'{"data": 1}')
    (True, True, False)
    """
    return body.removeprefix(_MARK).lstrip().startswith((b"data:", b"event:", b"id:", b":"))


def from_stream(body: bytes) -> Json:
    """Return the one response that a stream adds up to, in the form of one that is not streamed.

    Comments between events are left out; JSON that is no event is read as it is.

    Raises:
        NotWholeError: the stream breaks off.
        ValueError: it is no stream of JSON.
    """
    events, bare, is_done = _events(body.decode("utf-8-sig"))
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


def json_beside(body: bytes) -> Json:
    """Return the JSON of a response with something else beside it; None where that is not certain.

    A guard against scripts before it, markup behind it, the same response twice, or one chunk of a
    stream a line.

    >>> json_beside(b'{"a": 1}<!-- cached -->'), json_beside(b'{"a": 1}{"a": 2}')
    ({'a': 1}, None)
    """
    try:
        values = _values_in(body.decode("utf-8-sig").strip().removeprefix(_GUARD).lstrip(", \n\r"))
        is_stream_of = len(values) > 1 and all(_is_chunk(value) for value in values)
        if is_stream_of:
            return _completion(values, is_done=False)
    except (ValueError, RecursionError):
        return None
    return values[0] if values and all(value == values[0] for value in values) else None


def _values_in(text: str) -> list[Json]:
    """Return the objects a text begins with, one after another; none where more may follow."""
    decoder = json.JSONDecoder(parse_int=_number)
    values: list[Json] = []
    at = 0
    while text.startswith("{", at):
        value, at = decoder.raw_decode(text, at)
        values.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return [] if "{" in text[at:] else values


def _is_chunk(value: Json) -> bool:
    is_listed = isinstance(member(value, "choices"), list)
    return is_listed and member(value, "choices", 0, "message") is None


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _DIGITS else float(digits)


_DIGITS: Final = 4_000
_LAST: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def _events(text: str) -> tuple[list[Json], list[str], bool]:
    """Return the events of a stream, the lines of it that are none, and whether it is done."""
    events: list[Json] = []
    bare: list[str] = []
    data: list[str] = []
    named = ""
    is_done = False
    for line in (*_LINE_END.split(text), ""):
        name, _, field_value = line.partition(":")
        if name == "data" and field_value.strip() == _DONE:
            is_done = True
        elif name == "data":
            data.append(field_value)
        elif name == "event":
            named = field_value.strip()
        elif not line.strip():
            events += _event(data, named)
            data, named = [], ""
        elif name not in ("", "id", "retry"):
            bare.append(line)
    return events, bare, is_done


def _event(data: list[str], named: str) -> list[Json]:
    """Return what the lines of one event say; a server that leaves out blank lines says several."""
    data = [line for line in data if line.strip()]
    if not data:
        return []
    try:
        values = [read_json("\n".join(data))]
    except ValueError:
        values = [read_json(line) for line in data]
    if named != "error":
        return values
    return [each if member(each, "error") else {"error": each} for each in values]


@dataclass(slots=True)
class _Call:
    """A call of a tool, in pieces."""

    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Chunks:
    """Sum of the chunks of a chat completion."""

    texts: dict[str, list[str]] = field(
        default_factory=lambda: {key: [] for key in ("content", "refusal", *_THOUGHTS)}
    )
    calls: dict[int, _Call] = field(default_factory=dict)
    tokens: list[Json] = field(default_factory=list)
    ended: Json = None

    def add(self, choice: Json) -> None:
        """Take in the choice of one chunk."""
        self.ended = member(choice, "finish_reason") or self.ended
        listed = member(choice, "logprobs", "content")
        self.tokens += listed if isinstance(listed, list) else []
        delta = member(choice, "delta")
        for key, pieces in self.texts.items():
            pieces.extend(_pieces(member(delta, key)))
        self.texts["content"] += _pieces(member(choice, "text"))
        called = member(delta, "tool_calls")
        for each in called if isinstance(called, list) else ():
            self._call(member(each, "index"), member(each, "function"))
        self._call(0, member(delta, "function_call"))

    def _call(self, at: Json, function: Json) -> None:
        name = member(function, "name")
        if function is None:
            return
        if not isinstance(at, int):  # a new call has a name; without one it goes on
            at = len(self.calls) if name else max(0, len(self.calls) - 1)
        known = self.calls.setdefault(at, _Call())
        known.name = known.name or str(name or "")
        known.arguments += _pieces(member(function, "arguments"))

    def message(self) -> Body:
        """Return the whole message."""
        message: Body = {key: "".join(parts) for key, parts in self.texts.items() if parts}
        if self.calls:
            message["tool_calls"] = [
                {"function": {"name": call.name, "arguments": "".join(call.arguments)}}
                for call in self.calls.values()
            ]
        return message


def _pieces(part: Json) -> list[str]:
    """Return the text in a piece: as it is, in parts, or JSON that a server has parsed."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, list):
        return [joined_text(part) or ""]
    return [json.dumps(part, ensure_ascii=False)] if isinstance(part, dict) and part else []


def _completion(events: list[Json], *, is_done: bool) -> Body:
    """Add up chunks of a chat completion; of several choices the first."""
    chunks = _Chunks()
    usage: Json = None
    for event in events:
        usage = member(event, "usage") or usage
        choices = member(event, "choices")
        for choice in choices if isinstance(choices, list) else ():
            if member(choice, "index") in (0, None):
                chunks.add(choice)
    if chunks.ended is None and not is_done:
        raise NotWholeError
    whole: Body = {"message": chunks.message(), "finish_reason": chunks.ended or "stop"}
    if chunks.tokens:
        whole["logprobs"] = {"content": chunks.tokens}
    return {"choices": [whole], "usage": usage}


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
