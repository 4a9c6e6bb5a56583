"""What answers took: time, tokens, money. Nothing is said of what nobody measured."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report import numbers
from harness.report.verdicts import Record


@dataclass(frozen=True, slots=True)
class Effort:
    """One figure of what a run took."""

    name: str
    figure: str
    note: str
    """What it is per case, or how it spreads; empty where there is nothing to add."""


def effort_of(case: Record) -> list[str]:
    """Return what one case took, as words.

    >>> effort_of({"seconds": 2.5, "usage": {"input_tokens": 1200, "output_tokens": 80,
    ...     "cached_tokens": None, "usd": 0.0012}})[0]
    '2.5 s'
    """
    seconds = case.get("seconds")
    usage = case.get("usage") or {}
    said = [numbers.seconds(seconds)] if seconds else []
    for key, word in (("input_tokens", "token in"), ("output_tokens", "token out")):
        if usage.get(key) is not None:
            noun, way = word.split(" ")
            said.append(f"{numbers.counted(usage[key], noun)} {way}")
    if usage.get("usd") is not None:
        said.append(numbers.money(usage["usd"]))
    return said


def efforts(aggregate: Record, cases: int) -> tuple[Effort, ...]:
    """Return what a run took in all, as far as it was measured."""
    found = []
    latency, usage = aggregate.get("latency") or {}, aggregate.get("usage") or {}
    if latency.get("p50") is not None:
        slow = latency.get("p95")
        note = "" if slow is None else f"{numbers.seconds(slow)} for the slowest twentieth"
        found.append(Effort("Time for an answer", numbers.seconds(latency["p50"]), note))
    found += [
        Effort(name, numbers.count(usage[key]), _each(usage[key], cases))
        for key, name in (
            ("input_tokens", "Tokens in"),
            ("cached_tokens", "of them cached"),
            ("output_tokens", "Tokens out"),
        )
        if usage.get(key) is not None
    ]
    if usage.get("usd") is not None:
        each = f"{numbers.money(usage['usd'] / cases)} a case" if cases else ""
        found.append(Effort("Cost", numbers.money(usage["usd"]), each))
    return tuple(found)


def _each(total: int, cases: int) -> str:
    return f"{numbers.count(round(total / cases))} a case" if cases else ""
