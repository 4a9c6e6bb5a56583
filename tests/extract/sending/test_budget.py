"""Caps are checked before each call, against the most it can take, and never passed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.records import Usage
from harness.errors import HarnessError
from harness.extract.sending.budget import Budget, Caps, Cost
from harness.extract.sending.prices import Price, price_of, read_prices, shipped_prices

DOLLAR = Price(1_000_000.0, 2_000_000.0, 500_000.0, "2026-01-01")
"""A dollar a token, two for output, half for what was seen before."""


async def spend(budget: Budget, times: int, usage: Usage | None) -> list[str]:
    """Make so many calls at once, each of at most 10 and 5 tokens; return what was refused."""
    refused: list[str] = []

    async def call() -> None:
        cost = await budget.reserve(10, 5)
        if isinstance(cost, str):
            refused.append(cost)
            return
        await asyncio.sleep(0)  # lets the others ask; takes no time
        budget.settle(cost, usage)

    await asyncio.gather(*(call() for _ in range(times)))
    return refused


def test_exactly_as_many_calls_are_made_as_are_allowed() -> None:
    budget = Budget(Caps(calls=7), None)
    refused = asyncio.run(spend(budget, 20, Usage(1, 1)))
    assert budget.spent.calls == 7
    assert refused == ["--max-calls 7"] * 13


def test_calls_in_flight_are_waited_for_since_they_may_turn_out_cheaper() -> None:
    budget = Budget(Caps(tokens=45), None)
    refused = asyncio.run(spend(budget, 100, Usage(2, 1)))
    assert budget.spent == Cost(11, 33, 0.0), "at 33 the next could take 15 and pass 45"
    assert set(refused) == {"--max-tokens 45"}


def test_what_nobody_counted_is_booked_at_the_most_it_can_have_been() -> None:
    budget = Budget(Caps(tokens=45), None)
    asyncio.run(spend(budget, 100, None))
    assert budget.spent == Cost(3, 45, 0.0)


def test_dollars_are_never_passed() -> None:
    budget = Budget(Caps(usd=50.0), DOLLAR)
    asyncio.run(spend(budget, 100, DOLLAR.of(Usage(4, 1))))
    assert budget.spent == Cost(6, 30, 36.0), "another could cost 10 + 2 * 5 and make 56"


def test_a_call_that_was_never_made_costs_nothing() -> None:
    async def run() -> Budget:
        budget = Budget(Caps(calls=1), None)
        cost = await budget.reserve(1, 1)
        assert isinstance(cost, Cost)
        budget.release(cost)
        return budget

    assert asyncio.run(run()).spent == Cost()


def test_tokens_seen_before_cost_less_and_the_endpoints_own_word_counts_most() -> None:
    assert DOLLAR.of(Usage(10, 1, 4)).usd == 10 - 4 + 2 + 2
    assert DOLLAR.of(Usage(10, 1, 4, usd=0.5)).usd == 0.5
    assert DOLLAR.of(Usage(10, None)).usd is None


def test_a_price_is_found_by_the_models_name_and_its_dated_versions() -> None:
    ours = shipped_prices()
    price = price_of("gpt-4o-mini", ours)
    assert price is not None
    assert price_of("gpt-4o-mini-2024-07-18", ours) == price
    assert price_of("claude-3-5-haiku-latest", ours) == price_of("claude-3-5-haiku-20241022", ours)
    assert price_of("gpt-4o-mini-tuned", ours) is None
    assert price_of("gpt-4o-mini", {"gpt-4o-mini": DOLLAR}, ours) == DOLLAR


def test_a_table_of_ones_own_is_read_and_all_its_mistakes_are_named(tmp_path: Path) -> None:
    table = tmp_path / "prices.toml"
    table.write_text('date = "2026-01-01"\n[models."a/b"]\ninput = 1\noutput = 2.5\n')
    assert read_prices(table) == {"a/b": Price(1.0, 2.5, 1.0, "2026-01-01", "a/b")}
    table.write_text('[models.a]\ninput = -1\n[models.b]\ninput = 1\noutput = "x"\n')
    with pytest.raises(HarnessError) as caught:
        read_prices(table)
    assert len(caught.value.problems) == 4
    for content in (b"date =", b"\xff\xfe"):
        table.write_bytes(content)
        with pytest.raises(HarnessError, match="bad-prices"):
            read_prices(table)
    with pytest.raises(HarnessError, match="bad-prices"):
        read_prices(tmp_path / "nowhere.toml")
