"""Read an endpoint's response: the model's answer, or the reason why there is none."""

from __future__ import annotations

import json
import re
from typing import Final

from harness.core.records import Failure, FailureKind, Usage
from harness.core.values import Json
from harness.extract.dialects.dialect import Dialect, ModelAnswer, NotSpokenError, member
from harness.extract.dialects.event_stream import from_stream, is_stream, json_beside, read_json
from harness.extract.dialects.vendor_errors import Hopeless, as_reported, error_in, hopeless
from harness.extract.reply.excerpt import bytes_excerpt, excerpt
from harness.extract.reply.read_reply import SHOWN
from harness.extract.transport import Response

_SAID: Final = 500
"""Characters of an endpoint's own words that a message repeats."""
FREE: Final = Usage(0, 0)
"""What a refused request took."""
_CHARSET: Final = re.compile(
    r'charset="?((?:iso-8859|windows|utf|gb|big5|shift_jis|euc)[\w-]*)', re.IGNORECASE
)
_FILTERED: Final = (
    *("content_filter", "content management policy", "content_policy"),
    *("content filtering policy", "data_inspection_failed"),
)
_HINTS: Final = {
    401: "check the key",
    402: "the account has no money left",
    403: "this key may not use this model",
    404: "check the model's name and base_url",
    405: "check base_url",
    407: "the proxy wants a name and a password",
}
_PAGE: Final = "a web page"
_LAST_REDIRECT: Final = 399
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_HOPELESS_HINTS: Final = {
    Hopeless.BILLING: "the account has no money left",
    Hopeless.DAILY: "the quota is used up: --resume goes on when there is a new one",
    Hopeless.PLACE: "the endpoint does not serve this place",
    Hopeless.KEY: "check the key",
    Hopeless.MODEL: "check the model's name and base_url",
}


_BEFORE_STATUS: Final = frozenset({Hopeless.PLACE, Hopeless.BILLING})
"""Reasons that say more than the status they come with."""


def answer_in(received: Response, dialect: Dialect) -> ModelAnswer | Failure:
    """Return what a response says; every kind of response that says nothing is a Failure."""
    if not received.is_whole:
        came = len(received.body) if received.size is None else received.size
        message = f"the response has {came:,} bytes or more, which is more than is read"
        return Failure(FailureKind.TOO_LARGE, message, bytes_excerpt(received.body, SHOWN))
    received = as_reported(received)
    body = _json(received)
    if not received.is_success:
        return refused(received, body)
    excerpt_kept = bytes_excerpt(received.body)
    if body is None:
        return Failure(FailureKind.TRANSPORT, _no_json(received), excerpt_kept)
    if error_in(body):
        message = f"the endpoint reports an error: {excerpt(error_in(body), _SAID)}"
        return Failure(FailureKind.TRANSPORT, message, excerpt_kept)
    try:
        model_answer = dialect.read(body)
    except NotSpokenError as error:
        message = f"the response is not of the {dialect.name} dialect: {error}"
        return Failure(FailureKind.TRANSPORT, message, excerpt_kept)
    return _complete(model_answer)


def _complete(model_answer: ModelAnswer) -> ModelAnswer | Failure:
    """Return what was said, unless it is cut off, refused or nothing at all."""
    text = excerpt(model_answer.text)
    if model_answer.ended == "refused":
        message = f"the model refused: {excerpt(model_answer.why, _SAID)}"
        return Failure(FailureKind.REFUSAL, message, text, usage=model_answer.usage)
    if model_answer.ended == "length":
        took = model_answer.usage.output_tokens
        after = f" after {took} tokens" if took is not None else ""
        message = f"the answer was cut off{after}; max_tokens sets the limit"
        if model_answer.reasoning_tokens:
            message += (
                f", and {model_answer.reasoning_tokens} of them were reasoning: raise max_tokens"
            )
            message += " or lower reasoning_effort"
        return Failure(FailureKind.TRUNCATED, message, text, usage=model_answer.usage)
    if model_answer.ended == "nothing":
        message = f"the response has no answer: {excerpt(model_answer.why, _SAID)}"
        return Failure(FailureKind.EMPTY, message, usage=model_answer.usage)
    return model_answer


def refused(received: Response, body: Json) -> Failure:
    """Return the failure for a status that is no success."""
    status = received.status
    about = words(received).strip() or "no reason given"
    excerpt_kept = bytes_excerpt(received.body) or None
    if status <= _LAST_REDIRECT:
        place = received.headers.get("location", "nowhere")
        message = f"the endpoint redirects ({status}) to {place}: set base_url to where it is"
        return Failure(FailureKind.TRANSPORT, message, excerpt_kept)
    answered = f"reports an error ({status})" if received.is_in_body else f"answered {status}"
    why = hopeless(received)
    if why is Hopeless.TOO_LONG:
        message = f"the document is too long for the model ({status}): {about}"
        return Failure(FailureKind.TOO_LONG, message, excerpt_kept)
    spoken = f"{about} {member(body, 'error', 'code')} {member(body, 'error', 'type')}".lower()
    if any(word in spoken for word in _FILTERED):
        return Failure(FailureKind.REFUSAL, f"the endpoint's filter refused: {about}", excerpt_kept)
    advice = _HOPELESS_HINTS.get(why, "") if why in _BEFORE_STATUS else ""
    advice = advice or _HINTS.get(status) or (_HOPELESS_HINTS[why] if why else "")
    if about.startswith(_PAGE) and status == 403:  # noqa: PLR2004
        advice = "something before the endpoint turned it away: a firewall, a proxy"
    if "v1/responses" in about:
        advice = "set base_url to the address that ends in /v1/responses"
    hint = f" ({advice})" if advice else ""
    kind = FailureKind.RATE_LIMIT if status == 429 else FailureKind.TRANSPORT  # noqa: PLR2004
    return Failure(kind, f"the endpoint {answered}: {about}{hint}", excerpt_kept)


def words(received: Response) -> str:
    """Return what a response that is no answer says, in its own words."""
    message = excerpt(error_in(_json(received)), _SAID)
    if message or b"<html" not in received.body[:_SAID].lower():
        return message or bytes_excerpt(received.body, _SAID)
    title = _TITLE.search(received.body.decode("utf-8", "replace"))
    name = " ".join(title[1].split()) if title else "without a title"
    return f"{_PAGE}, {excerpt(name, _SAID)}"


def _json(received: Response) -> Json:
    """Return a response's JSON; None where it has none. It is UTF-8, whatever else is said of it.

    Where it cannot be, it is what the response says it is: an answer that was paid for is read.
    """
    try:
        is_events = is_stream(received.body)
        parsed = from_stream(received.body) if is_events else read_json(received.body)
    except UnicodeDecodeError:
        return _in_its_charset(received)
    except (ValueError, RecursionError):
        return json_beside(received.body)
    return parsed


def _in_its_charset(received: Response) -> Json:
    charset = _CHARSET.search(received.headers.get("content-type", ""))
    try:
        parsed = read_json(received.body.decode(charset[1] if charset else "utf-8"))
    except (LookupError, ValueError, RecursionError):
        return None
    return parsed


def _no_json(received: Response) -> str:
    content_type = received.headers.get("content-type", "no content type").partition(";")[0]
    if not received.body:
        return f"the endpoint answered {received.status} with nothing: is base_url right?"
    if is_stream(received.body):
        return f"the stream of events breaks off, after {len(received.body)} bytes"
    if "json" not in content_type:
        return f"the endpoint answered with {content_type}, not with JSON: is base_url right?"
    return _broken(received)


def _broken(received: Response) -> str:
    """Say where JSON ends that is none."""
    try:
        read_json(received.body)
    except RecursionError:
        return "the response is nested too deeply to be read"
    except UnicodeDecodeError:
        return "the response is not in UTF-8, nor in an encoding that it names"
    except json.JSONDecodeError as error:
        if error.pos < len(error.doc.rstrip()) and "Unterminated" not in error.msg:
            return f"the response is no JSON: {error.msg.lower()} at character {error.pos}"
    return f"the response is not whole: its JSON ends early, after {len(received.body)} bytes"
