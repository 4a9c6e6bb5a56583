"""Vendor errors: those inside a response of status 200, those no retry mends, and waiting times.

Facts from the vendors' public documentation and from reports about them, by what a body says.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from enum import StrEnum
from typing import Final

from harness.core.values import Json
from harness.extract.dialects.dialect import member
from harness.extract.dialects.event_stream import from_stream, is_stream, read_json
from harness.extract.transport import Response

_LARGEST: Final = 1_000_000
"""Bytes of a response that is looked through for an error."""
_UPSTREAM: Final = 502
_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
_FIRST_ERROR: Final = 400
_LAST_ERROR: Final = 599
_ENDED_BADLY: Final = re.compile(
    r"error|abort|overload|insufficient_system_resource|time_?out|cancell?ed|fail(?:ed|ure)?\b"
    r"|unavailable|preempt|evicted",
    re.IGNORECASE,
)
"""Words in how an answer ended that name a fault of the server's."""
_UNFINISHED: Final = frozenset({"queued", "in_progress", "cancelled", "cancelling", "failed"})
"""Statuses of a response of OpenAI's newer interface that is no answer."""
_NAMED_STATUS: Final = (
    (429, ("rate_limit", "rate limit", "resource_exhausted", "too many requests", "throttl")),
    (529, ("overload", "unavailable", "capacity", "high load", "currently loading", "busy")),
    (504, ("timeout", "timed out")),
    (401, ("authentication", "invalid_api_key", "unauthenticated")),
    (403, ("permission",)),
    (404, ("not_found", "not found")),
    (400, ("invalid_request", "invalid_argument", "context_length")),
)
_ERRORS: Final = (("error",), ("choices", 0, "error"), ("choices", 0, "message", "error"))
"""Where an error stands in a response of status 200."""
_ANSWERS: Final = ("choices", "content", "candidates", "output")
"""Members of a response that has an answer, in one dialect or another."""
_MESSAGES: Final = (
    *("message", "detail", "msg", "error_msg", "error_message", "status_msg", "faultstring"),
)
_CODES: Final = ("code", "status", "status_code", "error_code")
_WITHIN: Final = (("base_resp",), ("errors", 0), ("fault",), ())
"""Where vendors put an error that has no member `error`, from the inside out."""
_BILLING: Final = (
    *("insufficient_quota", "billing_not_active", "billing_hard_limit", "exceeded_current_quota"),
    *("credit balance", "insufficient balance", "insufficient credits", "out of credits"),
    *("account is not active", "arrearage", "insufficient_funds", "check your plan and billing"),
    *("have any credits", "more credits", "budget has been exceeded", "budget_exceeded"),
    *("credits are depleted", "in arrears", "spending limit", "spending cap", "is suspended"),
    *("credit limit exceeded", "\u4f59\u989d\u4e0d\u8db3", "\u6b20\u8d39"),
)
_DAILY: Final = (
    *("perday", "byday", "daily limit", "daily quota", "free-models-per-day", "api usage limits"),
    *("calls / month", "per month", "monthly limit", "monthly quota"),
)
_PER_DAY: Final = re.compile(r"\bper day\b|\((?:rpd|tpd)\)")
_PLACE: Final = (
    *("location is not supported", "country, region, or territory", "unsupported_country"),
    *("not available in your country", "not available in your region"),
)
_KEY: Final = (
    *("api_key_invalid", "api key not valid", "invalid_api_key", "incorrect api key"),
    *("invalid x-api-key", "invalid api key", "api key expired"),
)
_MODEL: Final = re.compile(
    r"model_not_found|model_not_supported|unknown model|not a valid model|invalid model"
    r"|no models loaded|failed to load model|model identifier is invalid|end of its life"
    r"|does not work with the specified model|on-demand throughput"
    r"|\bmodel\b[^.]{0,120}(?:does not exist|not found|is not supported for|not available"
    r"|decommissioned|deprecated|retired|no longer (?:available|supported))"
)
_LENGTHY: Final = (
    *("context_length", "context length", "context window", "maximum context", "request too large"),
    *("prompt is too long", "exceeds the maximum number of tokens", "long context request"),
    *("string_above_max_length", "input is too long", "maximum prompt length", "input token count"),
    *("reduce the length", "max_prompt_tokens", "prompt too long", "exceeds the available context"),
)
_MANY_TOKENS: Final = "too many tokens"
"""A prompt that is too long; with 429, too many requests one after the other."""
_FLAGGED: Final = ("flagged", "moderation", "content_filter", "content policy")
_DELAY: Final = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
_AGAIN_IN: Final = re.compile(
    r"(?:(?:try again|retry|come back)(?: in| after)|\bwait(?: for)?)\s+"
    r"((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|seconds?|secs?|m|min|minutes?|h|hours?)\b\s*)+"
    r"|(?:\d+(?:\.\d+)?(?:ms|s|m|h))+)",
    re.IGNORECASE,
)
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|s|m|h)", re.IGNORECASE)
_SECONDS: Final = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Hopeless(StrEnum):
    """Reasons why asking again cannot help."""

    BILLING = "billing"
    DAILY = "daily quota"
    KEY = "key"
    MODEL = "model"
    PLACE = "place"
    TOO_LONG = "too long"


_HOPELESS_BY_STATUS: Final = {
    401: Hopeless.KEY,
    402: Hopeless.BILLING,
    404: Hopeless.MODEL,
    413: Hopeless.TOO_LONG,
}
_HOPELESS_BY_WORDS: Final = (
    (Hopeless.TOO_LONG, _LENGTHY),
    (Hopeless.BILLING, _BILLING),
    (Hopeless.KEY, _KEY),
    (Hopeless.PLACE, _PLACE),
)
_ECHOED: Final = frozenset({"input", "prompt", "messages", "content", "request", "body"})
"""Members of an error that repeat what was sent: a document may speak of money, too."""


def as_reported(received: Response) -> Response:
    """Return a response of status 200 whose body is an error with the status of that error."""
    if not (received.is_success and received.is_whole) or len(received.body) > _LARGEST:
        return received
    try:
        body = _body_of(received.body)
    except (ValueError, RecursionError):
        return received
    status = _status_within(body)
    return received if status is None else replace(received, status=status, is_in_body=True)


def _body_of(content: bytes) -> Json:
    parsed: Json = from_stream(content) if is_stream(content) else read_json(content)
    return parsed


def _status_within(body: Json) -> int | None:
    if isinstance(body, list) and member(body, 0, "error"):
        body = body[0]
    if not isinstance(body, dict):
        return None
    for place in _ERRORS:
        if error := member(body, *place):
            return _status_of(error)
    if _ended_badly(body) or (body.get("status") in _UNFINISHED and "output" in body):
        return _UPSTREAM
    if all(body.get(key) is None for key in _ANSWERS) and (bare := _bare_status(body)):
        return bare
    if "choices" in body and body["choices"] is None:
        return _UPSTREAM
    is_bare = "usageMetadata" in body and "candidates" not in body
    return _UPSTREAM if is_bare and not member(body, "promptFeedback", "blockReason") else None


def _ended_badly(body: Json) -> str | None:
    """Return how an answer ended, by the server's word, if that is a fault."""
    ended = member(body, "choices", 0, "finish_reason")
    return ended if isinstance(ended, str) and _ENDED_BADLY.search(ended) else None


def _bare_status(body: Json) -> int | None:
    """Return the status of a body that is an error without a member `error`; None for another."""
    if not _bare_message(body):
        return None
    for place in _WITHIN:
        error = member(body, *place)
        status = _own_status(error) if error is not None else None
        if status is not None:
            return status
    is_failed = member(body, "success") is False or member(body, "object") == "error"
    is_failed = is_failed or bool(member(body, "errors")) or member(body, "status") == "failed"
    return _named_status(body) or (_UPSTREAM if is_failed else None)


def _bare_message(body: Json) -> str:
    for place in _WITHIN:
        for key in _MESSAGES:
            message = member(body, *place, key)
            if isinstance(message, str) and message:
                return message
    return ""


def _status_of(error: Json) -> int:
    return _own_status(error) or _named_status(error) or _UPSTREAM


def _own_status(error: Json) -> int | None:
    for key in _CODES:
        own_status = member(error, key)
        if isinstance(own_status, str) and own_status.isdecimal():
            own_status = int(own_status[:4])
        if isinstance(own_status, int) and _FIRST_ERROR <= own_status <= _LAST_ERROR:
            return own_status
    return None


def _named_status(error: Json) -> int | None:
    text = json.dumps(error).lower()
    named = (status for status, words in _NAMED_STATUS if any(word in text for word in words))
    return next(named, None)


def error_in(body: Json) -> str:
    """Return an error's text, wherever the dialects put it; empty where there is none."""
    for error in (*(member(body, *place) for place in _ERRORS), member(body, 0)):
        for message in (member(error, "message"), member(error, "error", "message"), error):
            if isinstance(message, str) and message:
                return message
    if message := _bare_message(body):
        return message
    error = member(body, "error") or member(body, "choices", 0, "error")
    if error:
        return json.dumps(error)
    if ended := _ended_badly(body):
        return f"finish_reason is {ended}"
    if member(body, "status") in _UNFINISHED and member(body, "output") is not None:
        return f"the response is {member(body, 'status')}"
    is_null = isinstance(body, dict) and "choices" in body and body["choices"] is None
    return "`choices` is null" if is_null else ""


def hopeless(received: Response) -> Hopeless | None:
    """Return why asking again cannot help; None where it may, or where all is well.

    >>> hopeless(Response(429, {}, b'{"error": {"code": "insufficient_quota"}}', 0.1))
    <Hopeless.BILLING: 'billing'>
    >>> hopeless(Response(429, {}, b'{"error": "slow down"}', 0.1)) is None
    True
    """
    if received.is_success or len(received.body) > _LARGEST:
        return None
    text = _own_words(received.body)
    if received.status != _TOO_MANY and _MANY_TOKENS in text:
        return Hopeless.TOO_LONG
    for_all = _HOPELESS_BY_STATUS.get(received.status) or next(
        (why for why, words in _HOPELESS_BY_WORDS if any(word in text for word in words)), None
    )
    return for_all or _hopeless_here(received, text)


def _hopeless_here(received: Response, text: str) -> Hopeless | None:
    is_daily = any(word in text for word in _DAILY)
    if received.status == _TOO_MANY:
        is_vague = _PER_DAY.search(text) and told_in_body(received.body) is None
        return Hopeless.DAILY if is_vague or is_daily else None
    if received.status == _FORBIDDEN and not any(word in text for word in _FLAGGED):
        return Hopeless.KEY
    if received.status != _FIRST_ERROR:
        return None
    return Hopeless.DAILY if is_daily else Hopeless.MODEL if _MODEL.search(text) else None


def _own_words(body: bytes) -> str:
    """Return an error's text in lower case, without what it repeats of the request."""
    try:
        parsed = json.loads(body, object_pairs_hook=_without_echo)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace").lower()
    return json.dumps(parsed, ensure_ascii=False).lower()


def _without_echo(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    return {key: value for key, value in pairs if key not in _ECHOED}


def told_in_body(body: bytes) -> float | None:
    """Return the seconds that an error's text or details say to wait; None where they do not.

    >>> told_in_body(b'{"error": {"message": "Please try again in 1m1.5s."}}')
    61.5
    >>> told_in_body(b'{"error": {"details": [{"retryDelay": "3.8s"}]}}')
    3.8
    """
    if len(body) > _LARGEST:
        return None
    delay = _DELAY.search(body)
    if delay is not None:
        return float(delay[1])
    match = _AGAIN_IN.search(body.decode("utf-8", "replace"))
    if match is None:
        return None
    parts = _LENGTH.findall(match[1])
    return sum(float(number) * _SECONDS[unit.lower()] for number, unit in parts) or None
