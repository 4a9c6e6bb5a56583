"""What happened to fields, as shares of a bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.core import number_text
from harness.core.counts import Counts
from harness.report.words.verdicts import VERDICTS, Record, Verdict


@dataclass(frozen=True, slots=True)
class Segment:
    """One outcome's share of everything judged."""

    verdict: Verdict
    count: str
    share: str
    start: str
    width: str


def segments(counts: Mapping[str, int]) -> tuple[Segment, ...]:
    """Return the shares of the outcomes that occurred, end to end, in the order of the legend."""
    total = sum(counts.get(outcome.value, 0) for outcome in VERDICTS)
    laid: list[Segment] = []
    done = 0
    for outcome, verdict in VERDICTS.items():
        n = counts.get(outcome.value, 0)
        if not n:
            continue
        share = number_text.percent(n / total)
        start, width = f"{100 * done / total:.3f}%", f"{100 * n / total:.3f}%"
        laid.append(Segment(verdict, number_text.count(n), share, start, width))
        done += n
    return tuple(laid)


def pooled(records: Iterable[Record]) -> dict[str, int]:
    """Return the counts of several records together."""
    total: Counter[str] = Counter()
    for record in records:
        total.update(record["counts"])
    return dict(total)


def f1_of(counts: Mapping[str, int]) -> float | None:
    """Return F1 of some counts, as the headline counts it.

    >>> f1_of({"correct": 1, "omission": 1}), f1_of({})
    (0.6666666666666666, None)
    """
    return Counts(
        correct=counts.get("correct", 0),
        omission=counts.get("omission", 0),
        hallucination=counts.get("hallucination", 0),
        format_error=counts.get("format_error", 0),
        wrong_value=counts.get("wrong_value", 0),
    ).f1.value
