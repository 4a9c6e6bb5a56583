"""Endpoints that limit how much they are asked, and runs against them played in no time."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from harness.extract.sending.pace import Ceilings, Pace, Pass


class Limited(Protocol):
    """An endpoint that turns requests away."""

    def admits(self, now: float) -> bool: ...

    def left(self) -> None: ...


@dataclass
class Bucket:
    """So many a second, and so many at once after a rest."""

    per_second: float
    most: float
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.most

    def admits(self, now: float) -> bool:
        self.tokens = min(self.most, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def left(self) -> None:
        """Nobody counts who is inside."""


@dataclass
class Sliding:
    """No more than so many in any stretch of time."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def admits(self, now: float) -> bool:
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) >= self.most:
            return False
        self.times.append(now)
        return True

    def left(self) -> None:
        """Nobody counts who is inside."""


@dataclass
class Crowded:
    """No more than so many at once."""

    most: int
    inside: int = 0

    def admits(self, now: float) -> bool:
        del now
        if self.inside >= self.most:
            return False
        self.inside += 1
        return True

    def left(self) -> None:
        self.inside -= 1


@dataclass
class Played:
    """What came of it."""

    seconds: float = 0.0
    refusals: int = 0
    sent_at: list[float] = field(default_factory=list)
    most_in_flight: int = 0


def played(
    endpoint: Limited,
    ceilings: Ceilings,
    cases: int,
    latency: float = 0.2,
    says: Callable[[float], float | None] = lambda _now: None,
) -> Played:
    """Ask about every case until all are answered. `says` is what a refusal says of waiting."""
    pace, found = Pace(ceilings, random.Random(0)), Played()
    left, now = cases, 0.0
    flights: list[tuple[float, int, bool]] = []
    while left or flights:
        wait = pace.wait(now) if left else None
        if wait == 0:
            pace.send(now, 100)
            is_in = endpoint.admits(now)
            found.sent_at.append(now)
            found.most_in_flight = max(found.most_in_flight, pace.in_flight)
            back = now + (latency if is_in else 0.005)
            heapq.heappush(flights, (back, len(found.sent_at), is_in))
            left -= 1
            continue
        leaves = float("inf") if wait is None else now + wait
        if not flights or leaves < flights[0][0]:
            now = max(leaves, now + 1e-9)
            continue
        now, number, is_in = heapq.heappop(flights)
        pace.back()
        if is_in:
            endpoint.left()
            pace.admitted()
        else:
            found.refusals += 1
            left += 1
            pace.refused(Pass(found.sent_at[number - 1], 100), now, says(now))
    found.seconds = now
    return found
