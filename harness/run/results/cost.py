"""What answers took: tokens, money, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil, fsum

from harness.core.records import Answer, Usage
from harness.run.results.score_cases import Scored
from harness.run.stored.stored_results import LatencyRecord, UsageRecord, UsageTotals


def usage_record(usage: Usage | None) -> UsageRecord | None:
    """Return what one answer took as it is stored; None where nobody counted."""
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "usd": usage.usd,
    }


def usage_totals(scored: Iterable[Scored]) -> UsageTotals:
    """Return what all answers took; None where no answer says.

    `counted` and `priced` tell how many answers do say tokens and money, of `answers` in all;
    `forms` counts answers by what the endpoint was told to enforce; it is left out where no
    endpoint was asked. `paid_usd` leaves out those paid for earlier, which come from the cache.
    """
    scored = tuple(scored)
    met = [(each.said.usage, each.prediction) for each in scored if each.prediction is not None]
    said = [usage for usage, _ in met if usage is not None]
    fresh = [usage for usage, found in met if usage is not None and not found.cached]
    inputs = [usage.input_tokens for usage in said if usage.input_tokens is not None]
    outputs = [usage.output_tokens for usage in said if usage.output_tokens is not None]
    forms = Counter(each.said.form or "" for each in scored if isinstance(each.said, Answer))
    asked = {form: count for form, count in sorted(forms.items()) if form}
    before = [usage.cached_tokens for usage in said if usage.cached_tokens is not None]
    totals: UsageTotals = {
        "input_tokens": sum(inputs) if inputs else None,
        "output_tokens": sum(outputs) if outputs else None,
        "cached_tokens": sum(before) if before else None,
        "usd": _dollars(said),
        "paid_usd": _dollars(fresh),
        "answers": len(met),
        "counted": len(inputs),
        "priced": sum(usage.usd is not None for usage in said),
        "cached": sum(found.cached for _, found in met),
        "calls": sum(found.calls for _, found in met),
    }
    if asked:
        totals["forms"] = asked
    return totals


def _dollars(usages: Iterable[Usage]) -> float | None:
    known = [usage.usd for usage in usages if usage.usd is not None]
    return fsum(known) if known else None


def latency(scored: Iterable[Scored]) -> LatencyRecord:
    """Return how long answers took that somebody gave now: half of them, and 95 of 100, at most."""
    seconds = sorted(
        each.prediction.seconds
        for each in scored
        if each.result is not None and each.prediction is not None and not each.prediction.cached
    )
    return {"p50": _at(seconds, 0.5), "p95": _at(seconds, 0.95)}


def _at(ordered: Sequence[float], share: float) -> float | None:
    """Return the least value that so large a share does not exceed (the nearest rank)."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None
