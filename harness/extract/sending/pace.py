"""Rate limiting: a state that records requests and returns how long the next has to wait.

It never waits itself and never looks at a clock, so that a whole run can be played in no time.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Final

_CAUTION: Final = 0.03
"""Share of a learnt rate that is left free at first."""
_DARING: Final = 0.2
"""Share by which it is gone beyond when it has held as long again."""
_BOLDNESS: Final = 1.25
"""How much more is tried than a first burst lets hope for: one refusal costs little."""
_SLOTS: Final = 2
"""Requests that all are held back for when one was refused at a rate that was learnt."""
_RECENT: Final = 16
_INSTANT: Final = 1e-3
_RAISE: Final = 1.3
"""How much a guessed rate is raised in a second, or with a request if that takes longer."""
_ENOUGH: Final = 8
"""Requests let in from which on a rate is more than a guess."""
_SETTLING: Final = (5.0, 20.0)
"""A learnt rate is reached again after so many seconds, or so many requests if that is longer."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
"""Seconds all wait where a refusal does not say how long; doubled while nothing gets through."""
_JITTER: Final = 0.05
"""Share by which waits differ, so that several runs that were sent away do not stay in step."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Rate limits that the user sets; None for what only the endpoint limits."""

    in_flight: int
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to send one request."""

    sent_at: float
    tokens: int


@dataclass(slots=True)
class _Slots:
    """Even spacing: what has left occupies the time ahead."""

    free_at: float = 0.0

    def take(self, now: float, seconds: float) -> None:
        self.free_at = max(now, self.free_at) + seconds


@dataclass(slots=True)
class _Learnt:
    """The rate an endpoint admits, learnt from how much it took before it refused.

    Learnt from few requests it is a guess, and is raised steadily until it is refused. Otherwise
    it is near the truth: a little less at first, then along a cubic, which is flat around it and
    steep once it has held long.
    """

    rate: float
    """Requests a second."""
    since: float
    is_guess: bool

    def at(self, now: float) -> float:
        if self.is_guess:
            raises = min(1.0, self.rate) * (now - self.since)
            return self.rate * math.pow(_RAISE, raises)
        seconds, requests = _SETTLING
        plateau = max(seconds, requests / self.rate)
        beyond = (now - self.since) / plateau - 1
        return self.rate * (1 + (_CAUTION if beyond < 0 else _DARING) * beyond**3)


@dataclass(slots=True)
class Pace:
    """Ceilings, a limit in flight that adapts, a learnt rate, and a pause that all share."""

    ceilings: Ceilings
    random: random.Random
    in_flight: int = 0
    limit: float = field(init=False)
    """How many may be in flight now: halved by a refusal, one more for each round that is not."""
    paused_until: float = 0.0
    _requests: _Slots = field(default_factory=_Slots)
    _tokens: _Slots = field(default_factory=_Slots)
    _spacing: _Slots = field(default_factory=_Slots)
    _learnt: _Learnt | None = None
    _refused_at: float | None = None
    """The refusal whose pause still lasts, or has ended with nothing sent since."""
    _last_refusal: float = float("-inf")
    _counting_since: float | None = None
    _admitted: int = 0
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """When the last requests were sent."""
    _fruitless: int = 0
    """Pauses in a row that nothing got through between."""

    def __post_init__(self) -> None:
        self.limit = float(self.ceilings.in_flight)

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may leave, 0 for now; None until another returns."""
        if self.in_flight >= max(1, int(self.limit)):
            return None
        slots = (self._requests.free_at, self._tokens.free_at, self._spacing.free_at)
        return max(0.0, self.paused_until - now, *(free_at - now for free_at in slots))

    def send(self, now: float, tokens: int) -> Pass:
        """Book a request that leaves now."""
        if self._refused_at is not None:
            self._learn(now)
        if self._counting_since is None:
            self._counting_since = now
        self.in_flight += 1
        self._recent.append(now)
        if self.ceilings.requests_per_minute is not None:
            self._requests.take(now, 60 / self.ceilings.requests_per_minute)
        if self.ceilings.tokens_per_minute is not None:
            self._tokens.take(now, tokens * 60 / self.ceilings.tokens_per_minute)
        if self._learnt is not None:
            spread = 1 + self.random.uniform(-_JITTER, _JITTER)
            self._spacing.take(now, spread / self._learnt.at(now))
        return Pass(now, tokens)

    def back(self) -> None:
        """Book a request that has returned, whatever with."""
        self.in_flight -= 1

    def admitted(self) -> None:
        """Book that a request was let in: the limit may grow by one in a whole round of these."""
        self._admitted += 1
        self._fruitless = 0
        self.limit = min(float(self.ceilings.in_flight), self.limit + 1 / self.limit)

    def refused(self, sent: Pass, now: float, seconds: float | None) -> None:
        """Book a refusal for asking too much, and how long it says to wait, if it does.

        What was sent before the last refusal came is refused for the same reason: it makes the
        pause longer if it says so, and nothing else. One refusal at a rate that was learnt makes
        all a little slower; only a second one with nothing let in between is a pause for all.
        """
        if sent.sent_at <= self._last_refusal:
            if seconds is not None:
                self._pause(now, seconds)
            return
        self._last_refusal = now
        self._refused_at = now
        if self._learnt is None or self._fruitless:
            self.limit = max(1.0, min(self.limit, self.in_flight + 1) / 2)
        if self._learnt is not None and not self._fruitless:
            slots = _SLOTS / self._learnt.at(now)
            seconds = min(_FIRST_PAUSE if seconds is None else seconds, slots)
        elif seconds is None:
            seconds = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**self._fruitless)
        self._fruitless += 1
        self._pause(now, seconds)

    def hold(self, now: float, seconds: float) -> None:
        """Send nothing for a while, because the endpoint says that nothing is left."""
        self.paused_until = max(self.paused_until, now + seconds)

    def took(self, sent: Pass, tokens: int) -> None:
        """Book the tokens a request really took, less or more than was thought."""
        if self.ceilings.tokens_per_minute is not None:
            self._tokens.free_at += (tokens - sent.tokens) * 60 / self.ceilings.tokens_per_minute

    def _pause(self, now: float, seconds: float) -> None:
        spread = 1 + self.random.uniform(0, _JITTER)
        self.paused_until = max(self.paused_until, now + seconds * spread)

    def _learn(self, now: float) -> None:
        """After a pause, take for the endpoint's rate what it has just admitted.

        Those still in flight have been let in: a refusal would have come back by now. After a first
        burst that is all it admitted, pause included; later, how fast the last ones were sent.
        """
        admitted = self._admitted + self.in_flight
        if self._learnt is not None and admitted >= _ENOUGH:
            lasted = max(self._last_refusal - self._recent[0], _INSTANT)
            self._learnt = _Learnt((len(self._recent) - 1) / lasted, now, is_guess=False)
        elif self._learnt is not None:
            self._learnt = _Learnt(self._learnt.at(now), now, is_guess=True)
        elif admitted > 0:
            start = now if self._counting_since is None else self._counting_since
            rate = _BOLDNESS * admitted / max(now - start, _INSTANT)
            self._learnt = _Learnt(rate, now, admitted < _ENOUGH)
        self._spacing.free_at = now
        self._refused_at = None
        self._counting_since, self._admitted = now, -self.in_flight
        self._recent.clear()
