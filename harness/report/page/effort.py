"""What answers took: time, tokens, money. Nothing is said of what nobody measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.report.words.verdicts import Record

_TOLD: Final = 0.01
"""Seconds from which a duration is worth a word: what is recorded answers at once."""


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
    said = [number_text.seconds(seconds)] if seconds and seconds >= _TOLD else []
    for key, word in (("input_tokens", "token in"), ("output_tokens", "token out")):
        if usage.get(key) is not None:
            noun, way = word.split(" ")
            said.append(f"{number_text.counted(usage[key], noun)} {way}")
    if usage.get("usd") is not None:
        said.append(number_text.money(usage["usd"]))
    return said


def efforts(aggregate: Record) -> tuple[Effort, ...]:
    """Return what a run took in all, as far as it was measured."""
    found = []
    latency, usage = aggregate.get("latency") or {}, aggregate.get("usage") or {}
    slow = latency.get("p95") or 0
    if latency.get("p50") is not None and slow >= _TOLD:
        note = f"one in twenty takes over {number_text.seconds(slow)}"
        found.append(
            Effort("Typical time for an answer", number_text.seconds(latency["p50"]), note)
        )
    answers, counted = usage.get("answers") or 0, usage.get("counted") or 0
    for key, name in (("input_tokens", "Tokens in"), ("output_tokens", "Tokens out")):
        if usage.get(key) is not None and counted:
            each = f"{number_text.count(round(usage[key] / counted))} an answer"
            figure = number_text.count(usage[key])
            found.append(Effort(name, figure, each + _known(counted, answers)))
    priced = usage.get("priced") or 0
    if usage.get("usd") is not None and priced:
        each = f"{number_text.money(usage['usd'] / priced)} an answer{_known(priced, answers)}"
        if usage.get("paid_usd") not in (None, usage["usd"]):
            each += (
                f"; {number_text.money(usage['paid_usd'])} of it now, the rest came from the cache"
            )
        found.append(Effort("Cost", number_text.money(usage["usd"]), each))
    for form, number in (usage.get("forms") or {}).items():
        found.append(Effort("Asked for", form, number_text.counted(number, "answer")))
    return tuple(found)


def _known(some: int, every: int) -> str:
    """Say of how many answers a figure is known, unless of all."""
    if some >= every:
        return ""
    return f", known of {number_text.count(some)} of {number_text.count(every)}"
