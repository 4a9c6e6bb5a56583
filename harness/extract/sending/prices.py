"""Token prices by model: a rough table with its date; a user's own table goes before it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.core.records import Usage
from harness.core.values import show
from harness.errors import HarnessError, Problem, Where

_MILLION: Final = 1_000_000
_DATED: Final = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
"""A version of a model, at the end of its name, which costs what the model costs."""
YOURS: Final = "your table"
OURS: Final = "our table, approximate and unchecked,"
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]
TokenShare = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    input: Dollars
    output: Dollars
    cached: Dollars | None = None
    batch: TokenShare | None = None
    """Of these prices, what a line of a batch costs; the table's where it is left out."""
    date: str | None = None
    """When it was looked at, where that is not the table's date."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    date: str
    batch: TokenShare = 1.0
    """Of a price, what a line of a batch costs: 0.5 is half of it."""
    models: dict[str, _Row]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens."""

    input: float
    output: float
    cached: float
    """For input tokens the endpoint has seen before."""
    date: str
    """When it was looked at."""
    model: str = ""
    """Whose price it is, by its name in the table."""
    table: str = YOURS
    batch: float = 1.0
    """Of the price, what a line of a batch costs."""
    is_of_batch: bool = False
    """It is the price of a line of a batch."""

    @property
    def in_batch(self) -> Price:
        """Price of a line of a batch.

        >>> Price(2.0, 8.0, 1.0, "2026-01-31", batch=0.5).in_batch.output
        4.0
        """
        if self.is_of_batch:
            return self
        share = self.batch
        less = replace(self, input=self.input * share, output=self.output * share)
        return replace(less, cached=self.cached * share, is_of_batch=True)

    def told(self) -> str:
        """Return which price it is, so that nobody counts by another than he thinks."""
        how = f" in batches ({self.batch:g} of the price)" if self.is_of_batch else ""
        return (
            f"${self.input:g} in, ${self.output:g} out a million tokens{how}: "
            f"{self.model} in {self.table} of {self.date}"
        )

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """Return the dollars for so many tokens, none of them seen before."""
        return (input_tokens * self.input + output_tokens * self.output) / _MILLION

    def of(self, usage: Usage) -> Usage:
        """Return the usage with its dollars, unless it has them or a count is missing."""
        if usage.usd is not None or usage.input_tokens is None or usage.output_tokens is None:
            return usage
        cached_tokens = min(usage.cached_tokens or 0, usage.input_tokens)
        usd = self.most(usage.input_tokens - cached_tokens, usage.output_tokens)
        return replace(usage, usd=round(usd + cached_tokens * self.cached / _MILLION, 9))


Prices = Mapping[str, Price]


def price_of(model: str, *tables: Prices) -> Price | None:
    """Return a model's price by the first table that has it; None where none has."""
    undated = _DATED.sub("", model)
    for table in tables:
        for name in (model, undated):
            if name in table:
                return table[name]
    return None


def read_prices(path: Path) -> Prices:
    """Return a user's table. Raises HarnessError with all that is wrong with it."""
    try:
        return _parsed(path.read_text(encoding="utf-8"), YOURS)
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise HarnessError(Problem(what, "bad-prices", Where(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HarnessError(Problem(f"not TOML: {error}", "bad-prices", Where(path))) from None
    except ValidationError as error:
        hint = 'write `date = "2026-01-31"`, then `[models."NAME"]` with input and output'
        problems = [
            Problem(f"{show(each['loc'])}: {each['msg'].lower()}", "bad-prices", Where(path), hint)
            for each in error.errors()
        ]
        raise HarnessError(*problems) from None


@cache
def shipped_prices() -> Prices:
    """Return our table: what models cost at their vendors."""
    text = files("harness.extract").joinpath("prices.toml").read_text(encoding="utf-8")
    return _parsed(text, OURS)


def _parsed(text: str, whose: str) -> Prices:
    table = _Table.model_validate(tomllib.loads(text))
    prices: dict[str, Price] = {}
    for name, row in table.models.items():
        cached_price = row.input if row.cached is None else row.cached
        batch = table.batch if row.batch is None else row.batch
        date = row.date or table.date
        prices[name] = Price(row.input, row.output, cached_price, date, name, whose, batch)
    return prices
