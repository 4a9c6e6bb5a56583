"""Headline of the report: macro and micro averages, under each way of counting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harness.core import number_text
from harness.report.page.drawn_shares import Scale, scale_of
from harness.report.page.measures.goals import (
    Tier,
    headline_goals,
    tiers_in_fields,
    tiers_in_points,
)
from harness.report.words.lead_sentences import cases_counted
from harness.report.words.no_answers import headline_f1
from harness.run.stored.stored_figures import interval_of
from harness.run.stored.stored_results import AveragesRecord, ResultsDocument, ScoresRecord

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lenient": "A value in the wrong format counts as right if it reads as the same.",
        "guide-code": "A wrong value costs once, not twice: only an omission is a false negative.",
        "semeval-strict": "SemEval 2013 task 9: value and format must be right.",
        "semeval-exact": "SemEval 2013 task 9: the value must be right, under whatever field.",
        "semeval-partial": "SemEval 2013 task 9: half a point for texts that share words.",
        "semeval-type": "SemEval 2013 task 9: the field is right if the texts share a word.",
        "similarity": "Each value earns its similarity, from one half up.",
        "correction-cost": "Fields that need no hand, of all that are or should be there.",
    }
)


@dataclass(frozen=True, slots=True)
class HeadlineScore:
    """One headline number and what makes it trustworthy."""

    name: str
    meaning: str
    f1: str
    fraction: str | None
    interval: str | None
    scale: Scale | None
    tiers: tuple[Tier, ...]
    precision: str
    recall: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Both averages under one way of counting."""

    name: str
    meaning: str
    scores: tuple[HeadlineScore, ...]


def panels(results: ResultsDocument) -> tuple[Panel, ...]:
    """Return the headline first, then the lenient one; the small print has the others."""
    strict = "The headline. A value must have the right type and format, and be the same."
    first = Panel("strict", strict, (_macro(results), _micro(results)))
    return (first, _panel("lenient", results["aggregate"]["lenient"], results))


def other_conventions(results: ResultsDocument) -> Iterator[tuple[str, AveragesRecord]]:
    """Yield every further way of counting that was stored: name and averages."""
    aggregate = results["aggregate"]
    guide = aggregate.get("guide-code")
    if guide:
        yield "guide-code", guide
    for name, averages in (results.get("conventions") or {}).items():
        if name not in ("standard", "strict", "lenient", "guide-code"):
            yield name, averages


def _panel(name: str, averages: AveragesRecord, results: ResultsDocument) -> Panel:
    answered = results["aggregate"]["eval_count"]
    mean = f"mean over {cases_counted(results, answered)}"
    scores = (
        _plain("Macro F1", mean, averages["macro"], results),
        _plain("Micro F1", "over all fields together", averages["micro"], results),
    )
    return Panel(name, MEANINGS.get(name, ""), scores)


def _plain(name: str, meaning: str, score: ScoresRecord, results: ResultsDocument) -> HeadlineScore:
    f1 = score["f1"]
    return HeadlineScore(
        name=name,
        meaning=meaning,
        f1=headline_f1(results, f1),
        fraction=None,
        interval=None,
        scale=scale_of(f1, None, headline_goals(results)),
        tiers=(),
        precision=number_text.percent(score["precision"]),
        recall=number_text.percent(score["recall"]),
    )


def _macro(results: ResultsDocument) -> HeadlineScore:
    aggregate = results["aggregate"]
    macro = aggregate["macro"]
    bounds = interval_of(aggregate, "macro")
    return HeadlineScore(
        name="Macro F1",
        meaning=f"mean over {cases_counted(results, aggregate['eval_count'])}",
        f1=headline_f1(results, macro["f1"]),
        fraction=None,
        interval=number_text.interval(bounds) if bounds else None,
        scale=scale_of(macro["f1"], bounds, headline_goals(results)),
        tiers=tiers_in_points(results, macro["f1"]),
        precision=number_text.percent(macro["precision"]),
        recall=number_text.percent(macro["recall"]),
    )


def _micro(results: ResultsDocument) -> HeadlineScore:
    aggregate = results["aggregate"]
    micro = aggregate["micro"]
    tp = aggregate["total_true_positives"]
    fp, fn = aggregate["total_false_positives"], aggregate["total_false_negatives"]
    bounds = interval_of(aggregate, "micro")
    judged = number_text.counted(tp + fn, "expected field")
    return HeadlineScore(
        name="Micro F1",
        meaning=f"over {judged}",
        f1=headline_f1(results, micro["f1"]),
        fraction=f"{number_text.count(2 * tp)}/{number_text.count(2 * tp + fp + fn)}",
        interval=number_text.interval(bounds) if bounds else None,
        scale=scale_of(micro["f1"], bounds, headline_goals(results, "micro")),
        tiers=tiers_in_fields(results),
        precision=number_text.ratio(tp, tp + fp),
        recall=number_text.ratio(tp, tp + fn),
    )
