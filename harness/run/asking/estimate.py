"""Estimate of a run: upper bounds of questions, calls and cost, without sending a request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.records import Failure, FailureKind, Usage
from harness.extract.sending.cache import Cache
from harness.extract.sending.calls import Calling, Question, Reply
from harness.extract.sending.prices import Price
from harness.run.asking.questions import CaseQuestion

_DRY: Final = Failure(FailureKind.INTERRUPTED, "nothing is asked in a dry run")


@dataclass(slots=True)
class Estimate:
    """Upper bounds of what a run takes, if no request has to be repeated."""

    questions: int = 0
    """Cases, each as often as it is asked."""
    cached: int = 0
    """Of these, how many are answered by the cache."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    """Upper bound: the output limit of every request."""
    price: Price | None = None

    @property
    def usd(self) -> float | None:
        """Dollars at most; None where no price is known."""
        return self.price.most(self.input_tokens, self.output_tokens) if self.price else None


@dataclass(frozen=True, slots=True)
class _DryCalls:
    """Calls that are counted and not made."""

    estimate: Estimate
    cache: Cache | None
    replicate: int

    async def ask(self, question: Question) -> Reply | Failure:
        exchange = self.cache.find(question.key, question.replicate) if self.cache else None
        if exchange is not None:
            return Reply(exchange, cached=True, calls=0)
        self.estimate.calls += 1
        self.estimate.input_tokens += question.input_tokens
        self.estimate.output_tokens += question.output_tokens
        return _DRY

    def charge(self, question: Question, usage: Usage) -> Usage:
        del question
        return usage

    async def keep(self, question: Question, reply: Reply) -> None:
        """Do nothing: no reply arrives in a dry run."""


def estimate(
    questions: Sequence[CaseQuestion], extractor: object, price: Price | None, cache: Cache | None
) -> Estimate:
    """Return what asking all this takes at most. Nothing is sent, and nothing is written.

    What extractors take that make their calls themselves nobody knows: it is counted as nothing.
    """
    total = Estimate(questions=len(questions), price=price)

    async def all_of_them() -> None:
        assert isinstance(extractor, Calling)  # noqa: S101  # the only ones that are asked
        for each in questions:
            before = total.calls
            await extractor.extract_with(each.case, _DryCalls(total, cache, each.replicate))
            total.cached += total.calls == before
        await extractor.transport.close()

    if isinstance(extractor, Calling):
        asyncio.run(all_of_them())
    return total
