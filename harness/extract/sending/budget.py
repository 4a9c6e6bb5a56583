"""Budget of a run: hard caps on calls, tokens and dollars, reserved before each call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from harness.core.records import Usage
from harness.extract.sending.prices import Price

_LEAST: Final = 1e-9
"""Dollars below any price: what adding up floats may be off by."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most a run may take, all its resumptions together; None where nothing is said."""

    usd: float | None = None
    calls: int | None = None
    tokens: int | None = None

    @property
    def are_given(self) -> bool:
        """True where there is any cap."""
        return (self.usd, self.calls, self.tokens) != (None, None, None)

    def passed(self, cost: Cost) -> str | None:
        """Return the cap that a cost is over, as it was given; None if it is within all."""
        if self.calls is not None and cost.calls > self.calls:
            return f"--max-calls {self.calls}"
        if self.tokens is not None and cost.tokens > self.tokens:
            return f"--max-tokens {self.tokens}"
        if self.usd is not None and cost.usd > self.usd + _LEAST:
            return f"--max-usd {self.usd:g}"
        return None


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost in calls, tokens and dollars, taken or at most to be taken."""

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.calls + other.calls, self.tokens + other.tokens, self.usd + other.usd)


@dataclass(slots=True)
class Budget:
    """Budget of a run: what it has taken, and what those in flight may yet take."""

    caps: Caps
    price: Price | None
    """Of the model; a cap in dollars needs it."""
    spent: Cost = Cost()
    held: list[Cost] = field(default_factory=list)
    """The most each call in flight may take."""
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def reserve(self, input_tokens: int, output_tokens: int) -> Cost | str:
        """Reserve the most a call may take, or return the cap that it would exceed.

        While calls in flight may turn out cheaper than they could have been, it waits for them.
        """
        usd = self.price.most(input_tokens, output_tokens) if self.price else 0.0
        cost = Cost(1, input_tokens + output_tokens, usd)
        while self.caps.passed(sum(self.held, self.spent + cost)) is not None:
            passed = self.caps.passed(self.spent + Cost(len(self.held)) + cost)
            if passed is not None:
                return passed
            self._settled.clear()
            await self._settled.wait()
        self.held.append(cost)
        return cost

    def settle(self, held: Cost, usage: Usage | None) -> Cost:
        """Settle a reservation by what the call took, or its upper bound where that is unknown."""
        self.held.remove(held)
        cost = held if usage is None else taken(usage, held)
        self.spent += cost
        self._settled.set()
        return cost

    def release(self, held: Cost) -> None:
        """Forget a call that was never made."""
        self.held.remove(held)
        self._settled.set()


def taken(usage: Usage, most: Cost) -> Cost:
    """Return what a call took; the most it could have taken stands for what it does not say."""
    known = usage.input_tokens is not None and usage.output_tokens is not None
    tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0) if known else most.tokens
    return Cost(1, tokens, most.usd if usage.usd is None else usage.usd)
