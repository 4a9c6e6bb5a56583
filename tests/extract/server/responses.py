"""What is sent for each fault that is a response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.extract.server.behaviour import Asked, Behaviour, Fault
from tests.extract.server.envelopes import enveloped, error, without_choices

HUGE = 10_000_000
UPSTREAM = {"code": 502, "message": "Provider returned error: bad gateway"}
REFUSAL = "I'm sorry, but I can't help with that."


@dataclass(frozen=True)
class Response:
    """A status, a body, headers beside the usual ones."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"


def ok(body: dict[str, Any]) -> Response:
    """Return a response that went well, as HTTP sees it."""
    return Response(200, json.dumps(body).encode())


def refused(status: int, message: str, code: str | None = None) -> Response:
    """Return an error."""
    return Response(status, json.dumps(error(status, message, code)).encode())


def rate_limited(retry_after: str | None) -> Response:
    """Return 429, with or without a word on when to come back."""
    limited = refused(429, "Rate limit reached", "rate_limit_exceeded")
    if retry_after is None:
        return limited
    headers = (
        ("retry-after", retry_after),
        ("x-ratelimit-limit-requests", "100"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", f"{retry_after}s"),
    )
    return replace(limited, headers=headers)


def unauthorised(asked: Asked) -> Response:
    """Return 401, and blurt out the key that was given."""
    return refused(401, f"Incorrect API key provided: {', '.join(keys(asked))}.")


def keys(asked: Asked) -> list[str]:
    """Return every key a request came with."""
    names = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
    return [asked.headers[n].removeprefix("Bearer ") for n in names if n in asked.headers]


def faulty(fault: Fault, asked: Asked, behaviour: Behaviour) -> Response:
    """Return the response of a fault that is one."""
    if fault is Fault.RATE_LIMIT:
        return rate_limited(behaviour.retry_after or "1")
    return _FAULTY[fault](asked, behaviour.answer(asked))


def detailed(message: str, quota: str, delay: str) -> Response:
    """Return 429 whose details name a quota and a wait, with no header on it."""
    details = [
        {"@type": "QuotaFailure", "violations": [{"quotaId": quota}]},
        {"@type": "RetryInfo", "retryDelay": delay},
    ]
    body = {"error": {"code": 429, "message": message, "details": details}}
    return Response(429, json.dumps(body).encode())


def _choice(asked: Asked, text: str, end: str, said: dict[str, Any] | None) -> Response:
    """Return a response of status 200 whose one choice ended badly."""
    body = enveloped(replace(asked, dialect="openai", mode="text"), text)
    body["choices"][0] |= {"finish_reason": end} | ({"error": said} if said else {})
    return ok(body)


def _message_error(asked: Asked) -> Response:
    """Return a response of status 200 whose message is an error of the upstream's."""
    body = enveloped(replace(asked, dialect="openai", mode="text"), "")
    body["choices"][0]["message"]["error"] = UPSTREAM
    return ok(body)


def _odd_stream(_asked: Asked, text: str) -> Response:
    """Return an answer as events that are written as the standard allows and few do."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text[at : at + 3]}}]}
        for at in range(0, len(text), 3)
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    written = [json.dumps(chunk, indent=1, ensure_ascii=False).splitlines() for chunk in chunks]
    events = ["\r\n".join(f"data: {line}" for line in lines) for lines in written]
    body = "\ufeff: waiting\r\n\r\n" + "".join(f"{event}\r\n\r\n" for event in events)
    return Response(200, f"{body}data: [DONE]\r\n\r\n".encode(), content_type="text/event-stream")


def _half(asked: Asked, text: str) -> Response:
    whole = ok(enveloped(asked, text)).body
    return Response(200, whole[: len(whole) // 2])


def _as_text(asked: Asked, text: str, end: str = "stop") -> Response:
    """Return an answer that need not be JSON, whatever form was asked for."""
    return ok(enveloped(replace(asked, mode="text"), text, end))


_FAULTY: Mapping[Fault, Callable[[Asked, str], Response]] = {
    Fault.BARE_RATE_LIMIT: lambda _, __: rate_limited(None),
    Fault.QUOTA: lambda _, __: refused(429, "You exceeded your quota", "insufficient_quota"),
    Fault.SERVER_ERROR: lambda _, __: refused(500, "The server had an error"),
    Fault.UNAVAILABLE: lambda _, __: refused(503, "Overloaded"),
    Fault.UNAUTHORISED: lambda asked, _: unauthorised(asked),
    Fault.BAD_REQUEST: lambda _, __: refused(400, "Unknown parameter"),
    Fault.TOO_LONG: lambda _, __: refused(400, "Too many tokens", "context_length_exceeded"),
    Fault.TRUNCATED_JSON: _half,
    Fault.CONTENT_TYPE: lambda _, __: Response(
        200, b"<html><script>alert(1)</script>", content_type="text/html"
    ),
    Fault.ERROR_200: lambda _, __: ok(error(502, "The upstream failed")),
    Fault.ERROR_429_IN_200: lambda _, __: ok(error(429, "Provider is rate-limited")),
    Fault.OVERLOADED_IN_200: lambda _, __: ok(error(200, "Overloaded", "overloaded_error")),
    Fault.CHOICE_ERROR: lambda asked, _: _choice(asked, "", "error", UPSTREAM),
    Fault.CHOICE_ERROR_PARTIAL: lambda asked, text: _choice(asked, text[:-2], "error", UPSTREAM),
    Fault.FINISH_ERROR: lambda asked, _: _choice(asked, "", "error", None),
    Fault.NO_RESOURCE: lambda asked, text: _choice(
        asked, text[:-2], "insufficient_system_resource", None
    ),
    Fault.MESSAGE_ERROR: lambda asked, _: _message_error(asked),
    Fault.FINISH_OVERLOADED: lambda asked, _: _choice(asked, "", "engine_overloaded", None),
    Fault.ERROR_LIST: lambda _, __: Response(
        200, json.dumps([error(503, "The model is overloaded")]).encode()
    ),
    Fault.NULL_CHOICES: lambda _, __: ok({"id": "x", "choices": None}),
    Fault.BARE_ERROR: lambda _, __: ok({"code": 50505, "message": "Model service overloaded"}),
    Fault.LOADING: lambda _, __: ok({"error": "Model m is currently loading", "estimated_time": 9}),
    Fault.CLIENT_GONE: lambda _, __: refused(499, "Client closed request"),
    Fault.ODD_STREAM: _odd_stream,
    Fault.PLACE: lambda _, __: refused(400, "User location is not supported for the API use."),
    Fault.SPENT: lambda _, __: refused(403, "Your team doesn't have any credits yet."),
    Fault.BILLING: lambda _, __: refused(429, "Billing is not active", "billing_not_active"),
    Fault.DEPLETED: lambda _, __: refused(429, "Your prepayment credits are depleted."),
    Fault.MANY_TOKENS: lambda _, __: refused(
        429, "Too many tokens, please wait before trying again."
    ),
    Fault.RETIRED: lambda _, __: refused(400, "The model `m` has been decommissioned"),
    Fault.DAILY: lambda _, __: detailed("Quota exceeded", "GenerateRequestsPerDayPerModel", "34s"),
    Fault.TOO_LARGE: lambda _, __: refused(
        429, "Request too large for m on tokens per min: Limit 30000, Requested 45000"
    ),
    Fault.BODY_DELAY: lambda _, __: detailed("Quota exceeded", "PerMinutePerModel", "0.01s"),
    Fault.BODY_WORDS: lambda _, __: refused(429, "Rate limit reached. Please try again in 10ms."),
    Fault.ZERO: lambda _, __: rate_limited("0"),
    Fault.NO_CREDIT: lambda _, __: refused(400, "Your credit balance is too low"),
    Fault.BAD_KEY: lambda _, __: refused(400, "API key not valid", "API_KEY_INVALID"),
    Fault.NO_MODEL: lambda _, __: refused(400, "The model does not exist", "model_not_found"),
    Fault.NOT_FOUND: lambda _, __: refused(404, "Not Found"),
    Fault.FORBIDDEN_PAGE: lambda _, __: Response(
        403, b"<html><title>Access denied</title>" + b"<p>x" * 999, content_type="text/html"
    ),
    Fault.EMPTY_CHOICES: lambda asked, _: ok(without_choices(asked)),
    Fault.NO_CONTENT: lambda asked, _: ok(enveloped(asked, None)),
    Fault.REFUSAL: lambda asked, _: ok(enveloped(asked, REFUSAL, "refusal", REFUSAL)),
    Fault.LENGTH: lambda asked, text: _as_text(asked, text[: len(text) // 2], "length"),
    Fault.PROSE: lambda asked, _: _as_text(asked, "The rent is nine hundred."),
    Fault.HUGE: lambda asked, _: _as_text(asked, '{"a": "' + "x" * HUGE + '"}'),
    Fault.REDIRECT: lambda _, __: Response(307, b"", (("location", "http://localhost:9/v1"),)),
}
