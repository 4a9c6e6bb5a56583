"""Effort: time, tokens and money of answers. Nothing is said of what nobody measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.core import number_text
from harness.report.tables.result_tables import costs_table
from harness.run.stored.stored_results import (
    AggregateRecord,
    CaseRecord,
    LatencyRecord,
    ResultsDocument,
    UsageTotals,
)

_TOLD: Final = 0.01
"""Seconds from which a duration is worth a word: what is recorded answers at once."""


@dataclass(frozen=True, slots=True)
class Effort:
    """One figure of what a run took."""

    name: str
    figure: str
    note: str
    """What it is per case, or how it spreads; empty where there is nothing to add."""


def effort_of(case: CaseRecord) -> list[str]:
    """Return what one case took, as words.

    >>> effort_of({"seconds": 2.5, "usage": {"input_tokens": 1200, "output_tokens": 80,
    ...     "cached_tokens": None, "usd": 0.0012}})[0]
    '2.5 s'
    """
    seconds, usage = case.get("seconds"), case.get("usage")
    words = [number_text.seconds(seconds)] if seconds and seconds >= _TOLD else []
    if usage is None:
        return words
    for tokens, way in ((usage.get("input_tokens"), "in"), (usage.get("output_tokens"), "out")):
        if tokens is not None:
            words.append(f"{number_text.counted(tokens, 'token')} {way}")
    usd = usage.get("usd")
    if usd is not None:
        words.append(number_text.money(usd))
    return words


def efforts(aggregate: AggregateRecord) -> tuple[Effort, ...]:
    """Return what a run took in all, as far as it was measured."""
    latency, usage = aggregate.get("latency"), aggregate.get("usage")
    times = _times(latency) if latency else ()
    return (*times, *_taken(usage)) if usage else tuple(times)


def _times(latency: LatencyRecord) -> Iterator[Effort]:
    typical, slow = latency["p50"], latency["p95"] or 0
    if typical is not None and slow >= _TOLD:
        note = f"one in twenty takes over {number_text.seconds(slow)}"
        yield Effort("Typical time for an answer", number_text.seconds(typical), note)


def _taken(usage: UsageTotals) -> Iterator[Effort]:
    answers, counted, priced = usage["answers"], usage["counted"], usage["priced"]
    tokens = ("Tokens in", usage["input_tokens"]), ("Tokens out", usage["output_tokens"])
    for name, number in tokens:
        if number is not None and counted:
            each = f"{number_text.count(round(number / counted))} an answer"
            yield Effort(name, number_text.count(number), each + _known(counted, answers))
    usd, paid = usage["usd"], usage.get("paid_usd")
    if usd is not None and priced:
        each = f"{number_text.money(usd / priced)} an answer{_known(priced, answers)}"
        if paid is not None and paid != usd:
            each += f"; {number_text.money(paid)} of it now, the rest was paid for earlier"
        yield Effort("Cost", number_text.money(usd), each)
    for form, number in usage.get("forms", {}).items():
        yield Effort("Asked for", form, number_text.counted(number, "answer"))


@dataclass(frozen=True, slots=True)
class CostRow:
    """Cost of one field, list or the rest."""

    name: str
    is_field: bool
    answers: str
    values: str
    tokens: str
    """Out."""
    usd: str
    each: str
    share: str


@dataclass(frozen=True, slots=True)
class CostOfFields:
    """Costs of answers, by field."""

    rows: tuple[CostRow, ...]
    is_priced: bool
    note: str
    """By what convention it is allocated, and of how many answers it is known."""


def cost_of_fields(results: ResultsDocument) -> CostOfFields | None:
    """Return what each field took; None where nobody counted."""
    costs = results.get("field_costs")
    if costs is None:
        return None
    table = costs_table(costs)
    shown = {column.key: column.show for column in table.columns}
    names = {cost["field"] for cost in costs["fields"]}

    def cell(row: Mapping[str, Any], key: str) -> str:
        value = row.get(key)
        return shown[key](value) if key in shown and value is not None else ""

    rows = tuple(
        CostRow(
            row["field"],
            row["field"] in names,
            *(cell(row, key) for key in _COST_KEYS),
        )
        for row in table.rows
    )
    usage = results["aggregate"].get("usage")
    known = _known(costs["answers"], usage["answers"]) if usage else ""
    note = f"Allocation: {costs['allocation']}{known}."
    return CostOfFields(rows, costs["priced"] > 0, note)


_COST_KEYS: Final = ("answers", "values", "output_tokens", "usd", "usd_each", "share")


def _known(some: int, every: int) -> str:
    """Say of how many answers a figure is known, unless of all."""
    if some >= every:
        return ""
    return f", known of {number_text.count(some)} of {number_text.count(every)}"
