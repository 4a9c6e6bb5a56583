"""The report as a value: every text and every length, so that the template computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.core.unseen import inert
from harness.report import numbers, story
from harness.report.cases import (
    CaseRow,
    Failures,
    failures,
    is_missing,
    is_wrong,
    rank_cases,
    written_out,
)
from harness.report.fields import FieldRow, PerfectField, perfect_fields, rank_fields
from harness.report.footer import Footer, footer, hits_of
from harness.report.scale import Scale, scale_of
from harness.report.verdicts import ERRORS, VERDICTS, Record, Verdict

_SHORT: Final = 12
"""Characters of a digest that are enough to tell it by."""


@dataclass(frozen=True, slots=True)
class Score:
    """One headline number and what makes it trustworthy."""

    name: str
    meaning: str
    f1: str
    figure: str
    """The same without the percent sign."""
    fraction: str | None
    interval: str | None
    scale: Scale | None
    distance: str | None
    precision: str
    recall: str
    lenient: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One outcome's share of everything judged."""

    verdict: Verdict
    count: str
    share: str
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Masthead:
    """What was run, with what, and when."""

    title: str
    suite: str
    description: str
    extractor: str
    kind: str
    prompt: str | None
    started: str
    elapsed: str | None
    cases: str
    warning: str | None
    """Said on top of an incomplete run; None for a complete one."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """The cases that carry one tag."""

    name: str
    cases: str
    macro: str
    micro: str


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    masthead: Masthead
    lead: story.Lead
    scores: tuple[Score, ...]
    perfect_documents: str
    interval_note: str | None
    segments: tuple[Segment, ...]
    abstentions: str
    verdicts: tuple[Verdict, ...]
    errors: tuple[Verdict, ...]
    fields: tuple[FieldRow, ...]
    perfect: tuple[PerfectField, ...]
    cases: tuple[CaseRow, ...]
    cases_wrong: int
    cases_right: int
    cases_in_all: int
    tags: tuple[TagRow, ...]
    failures: Failures
    footer: Footer


def view(run: Record, results: Record, sources: Record) -> Page:
    """Return the report's content from what a run folder holds."""
    ranked = rank_cases(results)
    answered = [case for case in ranked if not is_missing(case)]
    wrong = sum(is_wrong(case) for case in answered)
    return Page(
        masthead=_masthead(run, results),
        lead=story.lead(results),
        scores=(_macro(results), _micro(results)),
        perfect_documents=hits_of(results["aggregate"]["perfect_documents"]),
        interval_note=_interval_note(results["aggregate"].get("intervals")),
        segments=segments(results["aggregate"]["counts"]),
        abstentions=_abstentions(results["aggregate"]["counts"]["true_negatives"]),
        verdicts=tuple(VERDICTS.values()),
        errors=ERRORS,
        fields=rank_fields(results, sources),
        perfect=perfect_fields(results),
        cases=written_out(ranked),
        cases_wrong=wrong,
        cases_right=len(answered) - wrong,
        cases_in_all=len(ranked),
        tags=tuple(_tag(tag) for tag in results.get("tags", ())),
        failures=failures(ranked),
        footer=footer(run, results),
    )


def title(run: Record, results: Record) -> str:
    """Return the page's title; a score over an incomplete run says so here too."""
    macro = numbers.percent(results["aggregate"]["macro"]["f1"])
    mark = " (incomplete)" if story.incomplete(run, results) else ""
    return inert(f"{run['suite']} \u00b7 {run['extractor']} \u00b7 macro F1 {macro}{mark}")


def _masthead(run: Record, results: Record) -> Masthead:
    prompt = run["prompt"]
    return Masthead(
        title=title(run, results),
        suite=run["suite"],
        description=run["description"] or "",
        extractor=run["extractor"],
        kind=run["extractor_kind"],
        prompt=f"{prompt['name']} {prompt['sha256'][:_SHORT]}" if prompt else None,
        started=numbers.moment(run["started"]),
        elapsed=numbers.elapsed(run["started"], run["finished"]),
        cases=numbers.counted(len(results["cases"]), "case"),
        warning=story.incomplete(run, results),
    )


def _interval_note(intervals: Record | None) -> str | None:
    if intervals is None:
        return None
    level = numbers.goal(intervals["level"])
    resamples = numbers.count(intervals["resamples"])
    return f"{level} intervals: {intervals['method']}, {resamples} resamples"


def _macro(results: Record) -> Score:
    aggregate = results["aggregate"]
    macro = aggregate["macro"]
    target = results["target_f1"]
    bounds = (aggregate.get("intervals") or {}).get("macro_f1")
    return Score(
        name="Macro F1",
        meaning=f"mean over {numbers.counted(aggregate['eval_count'], 'case')}",
        f1=numbers.percent(macro["f1"]),
        figure=numbers.bare_percent(macro["f1"]),
        fraction=None,
        interval=numbers.interval(bounds) if bounds else None,
        scale=scale_of(macro["f1"], bounds, target),
        distance=story.distance_in_points(macro["f1"], target),
        precision=numbers.percent(macro["precision"]),
        recall=numbers.percent(macro["recall"]),
        lenient=numbers.percent(aggregate["lenient"]["macro"]["f1"]),
    )


def _micro(results: Record) -> Score:
    aggregate = results["aggregate"]
    micro = aggregate["micro"]
    tp = aggregate["total_true_positives"]
    fp, fn = aggregate["total_false_positives"], aggregate["total_false_negatives"]
    bounds = (aggregate.get("intervals") or {}).get("micro_f1")
    judged = numbers.counted(tp + fn, "expected field")
    return Score(
        name="Micro F1",
        meaning=f"over {judged}",
        f1=numbers.percent(micro["f1"]),
        figure=numbers.bare_percent(micro["f1"]),
        fraction=f"{numbers.count(2 * tp)}/{numbers.count(2 * tp + fp + fn)}",
        interval=numbers.interval(bounds) if bounds else None,
        scale=scale_of(micro["f1"], bounds, results["target_f1"]),
        distance=story.distance_in_fields(results),
        precision=numbers.ratio(tp, tp + fp),
        recall=numbers.ratio(tp, tp + fn),
        lenient=numbers.percent(aggregate["lenient"]["micro"]["f1"]),
    )


def segments(counts: Record) -> tuple[Segment, ...]:
    """Return the shares of the outcomes that occurred, end to end, in the order of the legend."""
    total = sum(counts[outcome.value] for outcome in VERDICTS)
    laid: list[Segment] = []
    done = 0
    for outcome, verdict in VERDICTS.items():
        n = counts[outcome.value]
        if not n:
            continue
        share = numbers.percent(n / total)
        start, width = f"{100 * done / total:.3f}%", f"{100 * n / total:.3f}%"
        laid.append(Segment(verdict, numbers.count(n), share, start, width))
        done += n
    return tuple(laid)


def _abstentions(number: int) -> str:
    return f"{numbers.counted(number, 'correct abstention')}: absent on both sides, in no score."


def _tag(tag: Record) -> TagRow:
    return TagRow(
        name=tag["tag"],
        cases=numbers.count(tag["cases"]),
        macro=numbers.percent(tag["macro"]["f1"]),
        micro=numbers.percent(tag["micro"]["f1"]),
    )
