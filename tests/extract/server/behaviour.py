"""What the server does, decided by what is asked and how often: never by the order of requests."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MODES = ("json_schema", "json_object_schema", "tool", "json_object", "text")


class Fault(StrEnum):
    """One way to go wrong."""

    RATE_LIMIT = "429"
    """Retry-After and rate-limit headers are given."""
    BARE_RATE_LIMIT = "429-bare"
    """Not a word on when to come back."""
    QUOTA = "429-quota"
    """The money is gone: asking again cannot help."""
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    UNAUTHORISED = "401"
    """The error's text repeats the key it was given."""
    BAD_REQUEST = "400"
    TOO_LONG = "400-context"
    """The prompt is longer than the model reads."""
    DRIP = "drip"
    """The whole answer, a few bytes at a time."""
    HANG = "hang"
    """Nothing, until the client gives up."""
    CUT = "cut"
    """The connection breaks before any byte of a response."""
    CUT_BODY = "cut-body"
    """The connection breaks in the middle of the body."""
    TRUNCATED_JSON = "truncated-json"
    """A whole HTTP response whose JSON envelope ends early."""
    CONTENT_TYPE = "content-type"
    """200 and a page of HTML."""
    ERROR_200 = "error-200"
    """200, and the body is an error."""
    ERROR_429_IN_200 = "error-200-429"
    """200, and the body is a router's rate limit."""
    OVERLOADED_IN_200 = "overloaded-200"
    CHOICE_ERROR = "choice-error"
    """200, and the choice carries the upstream's error."""
    CHOICE_ERROR_PARTIAL = "choice-error-partial"
    """The same behind half an answer."""
    FINISH_ERROR = "finish-error"
    """200, no text, `finish_reason` is `error`."""
    NO_RESOURCE = "no-resource"
    """200, half an answer, the server ran out of resources."""
    MESSAGE_ERROR = "message-error"
    """200, and the message carries the upstream's error."""
    FINISH_OVERLOADED = "finish-overloaded"
    """200, no text, `finish_reason` is a word of its own for a fault."""
    ERROR_LIST = "error-list-200"
    """200, and the body is a list with an error."""
    NULL_CHOICES = "null-choices"
    BARE_ERROR = "bare-error-200"
    """200, and the body is an error by its code and message alone."""
    LOADING = "loading-200"
    """200, and the model is still being loaded."""
    CLIENT_GONE = "499"
    """A proxy before the endpoint says that we went away."""
    ODD_STREAM = "odd-stream"
    """The whole answer as events: a byte-order mark, CRLF, events of several lines."""
    BILLING = "429-billing"
    DEPLETED = "429-depleted"
    """Nothing is left of what was paid in advance, with the word for too many requests."""
    MANY_TOKENS = "429-many-tokens"
    """Too many tokens in a minute, in the words for a prompt that is too long."""
    DAILY = "429-daily"
    """The quota of the day, with a wait that does not help."""
    TOO_LARGE = "429-too-large"
    """One request is over the limit of a minute: no waiting helps."""
    BODY_DELAY = "429-body-delay"
    """The wait stands in the error's details."""
    BODY_WORDS = "429-body-words"
    """The wait stands in the error's text."""
    ZERO = "429-zero"
    """Retry-After: 0."""
    NO_CREDIT = "400-credit"
    BAD_KEY = "400-key"
    NO_MODEL = "400-model"
    RETIRED = "400-retired"
    """The model is not served any more."""
    NOT_FOUND = "404"
    PLACE = "400-place"
    """The country is not served."""
    SPENT = "403-spent"
    """No credits, said with 403."""
    FORBIDDEN_PAGE = "403-page"
    """A page of HTML from whatever stands before the endpoint."""
    EMPTY_CHOICES = "empty-choices"
    NO_CONTENT = "no-content"
    """A choice whose text is null."""
    REFUSAL = "refusal"
    LENGTH = "length"
    """The answer was cut at the limit of output tokens."""
    PROSE = "prose"
    """An answer without JSON."""
    HUGE = "huge"
    """10 MB of answer."""
    REDIRECT = "redirect"
    """To another host, where no key belongs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server understood it."""

    dialect: str
    """`openai`, `anthropic` or `gemini`."""
    mode: str
    """How the answer's form was asked for: one of MODES."""
    text: str
    """All text of all messages."""
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    digest: str
    """sha256 of path and body: what counts as one content."""


def answer_in(asked: Asked) -> str:
    """Return what the document itself says is the answer: the line after `ANSWER `, or a digest."""
    told = re.findall(r"^ANSWER (.+)$", asked.text, flags=re.MULTILINE)
    return told[-1] if told else json.dumps({"asked": asked.digest[:12]})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the server treats what it is asked."""

    latency: float = 0.0
    """Seconds before anything is answered."""
    script: tuple[Fault | None, ...] = ()
    """What the first calls of every content get, in order; None is a good answer."""
    faults: Mapping[Fault, float] = field(default_factory=dict)
    """Share of the calls after those that get each fault, drawn by seed, content and count."""
    seed: int = 0
    per_second: int | None = None
    """Requests admitted in any one second; the rest get 429."""
    clock: Callable[[], float] = time.monotonic
    """What says when a second is over."""
    retry_after: str | None = "1"
    """What 429 says of it; None: nothing, with no other header either."""
    modes: frozenset[str] = frozenset(MODES)
    """Forms of answer it can be asked for."""
    refuses_modes_with: int = 400
    """Status for another mode; llama.cpp's server answers 500."""
    key: str | None = None
    """The key it wants; anything else is 401, with the key in the text."""
    drip_seconds: float = 0.02
    status: int = 200
    """Of a good answer."""
    counted: int | None = None
    """Tokens it says the prompt has; None: what it has, about."""
    answer: Callable[[Asked], str] = answer_in
    refuses: Callable[[Asked], str | None] = lambda _asked: None
    """Why a request is answered with 400; None where it is not."""

    def fault(self, asked: Asked, count: int) -> Fault | None:
        """Return what goes wrong when a content is asked for the `count`-th time, from 0."""
        if count < len(self.script):
            return self.script[count]
        token = f"{self.seed}:{asked.digest}:{count}".encode()
        drawn = int.from_bytes(hashlib.sha256(token).digest()[:8]) / 2**64
        for fault, share in self.faults.items():
            if drawn < share:
                return fault
            drawn -= share
        return None
