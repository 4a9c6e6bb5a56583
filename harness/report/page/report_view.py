"""Report view: every text and length of the page, so that the template computes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.embedded.long_texts import CaseSources
from harness.report.page.cases import (
    CaseRow,
    Failures,
    failures,
    is_wrong,
    rank_cases,
    written_out,
)
from harness.report.page.cause_table import Causes, cause_rows
from harness.report.page.classes import Things, things
from harness.report.page.drawn_shares import Segment, segments
from harness.report.page.fields import FieldRow, PerfectField, perfect_fields, rank_fields
from harness.report.page.footer import Footer, footer, hits_of
from harness.report.page.headline import Panel, panels
from harness.report.page.measures.effort import CostOfFields, Effort, cost_of_fields, efforts
from harness.report.page.measures.goals import GoalTable, goal_table
from harness.report.page.measures.marks_and_sums import Sums, marks, sums
from harness.report.page.measures.place_table import PlaceTable, place_table
from harness.report.page.measures.reliability import Reliability, reliabilities
from harness.report.page.measures.threshold_curve import ThresholdCurve, threshold_curve
from harness.report.page.past_runs import PastRun, Spark, run_spark
from harness.report.page.where import Matrix, Slice, by_part, matrix, slices_by_tag
from harness.report.words import lead_sentences
from harness.report.words.no_answers import headline_f1
from harness.report.words.page_links import ready_command
from harness.report.words.verdicts import ERRORS, OutcomeMark
from harness.run.stored.stored_figures import is_missing
from harness.run.stored.stored_results import IntervalsRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

_SHORT: Final = 12
"""Characters of a digest that are enough to tell it by."""


@dataclass(frozen=True, slots=True)
class Masthead:
    """Head of the page: suite, extractor, prompt and time."""

    title: str
    suite: str
    description: str
    extractor: str
    kind: str
    prompt: str | None
    started: str
    elapsed: str | None
    cases: str
    withheld: str | None
    """What thresholds withheld; None where nothing was."""
    reviewed: str | None
    """How much of the truths is reviewed; None where all are taken for right."""
    wrapped: str | None
    """What is said of answers, or truths, that stand below a key; None where they do not."""
    mended: str | None
    """How many answers were mended before they were scored; None where none was."""
    broken: tuple[str, ...]
    """Checks of the suite that answers break."""
    warning: str | None
    """Said on top of an incomplete run; None for a complete one."""
    stale: str
    """What has changed of the truths and rules since; empty where nothing has."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report."""

    masthead: Masthead
    lead: lead_sentences.Lead
    lenient_lead: lead_sentences.Lead | None
    contents: tuple[tuple[str, str], ...]
    """Anchor and title of every part of the page."""
    panels: tuple[Panel, ...]
    spark: Spark | None
    previous: tuple[str, str, str] | None
    """The run before this one that was scored alike, this one, and the command that compares both;
    None where there is none."""
    shares: tuple[tuple[str, str, str], ...]
    """What is whole, or not touched at all: name, and share with its fraction."""
    interval_note: str | None
    segments: tuple[Segment, ...]
    abstentions: str
    errors: tuple[OutcomeMark, ...]
    causes: Causes | None
    fields: tuple[FieldRow, ...]
    perfect: tuple[PerfectField, ...]
    cases: tuple[CaseRow, ...]
    cases_wrong: int
    cases_right: int
    cases_in_all: int
    matrix: Matrix | None
    parts: tuple[Slice, ...]
    tags: tuple[Slice, ...]
    things: Things
    efforts: tuple[Effort, ...]
    marks: tuple[Effort, ...]
    goals: GoalTable | None
    sums: Sums | None
    sum_things: Things
    reliabilities: tuple[Reliability, ...]
    curve: ThresholdCurve | None
    places: PlaceTable | None
    costs: CostOfFields | None
    failures: Failures
    footer: Footer


def view(
    run: RunDocument,
    results: ResultsDocument,
    sources: Mapping[str, CaseSources],
    past: Sequence[PastRun] = (),
    stale: str = "",
) -> ReportView:
    """Return the report's content from what a run folder holds.

    `stale` says what has changed of the suite's truths and rules since the run was scored.
    """
    ranked = rank_cases(results)
    answered = [case for case in ranked if not is_missing(case)]
    wrong = sum(is_wrong(case) for case in answered)
    page = ReportView(
        masthead=replace(_masthead(run, results), stale=stale),
        lead=lead_sentences.lead(results),
        lenient_lead=lead_sentences.lenient_lead(results),
        contents=(),
        panels=panels(results),
        previous=_previous(run, past),
        spark=run_spark(past, results["aggregate"]["macro"]["f1"]),
        shares=_shares(results),
        interval_note=_interval_note(results["aggregate"].get("intervals")),
        segments=segments(results["aggregate"]["counts"]),
        abstentions=_abstentions(results["aggregate"]["counts"]["true_negatives"]),
        errors=ERRORS,
        causes=cause_rows(results, sources),
        fields=rank_fields(results, sources, past),
        perfect=perfect_fields(results),
        cases=written_out(ranked),
        cases_wrong=wrong,
        cases_right=len(answered) - wrong,
        cases_in_all=len(ranked),
        matrix=matrix(results),
        parts=by_part(results),
        tags=slices_by_tag(results),
        things=things(results),
        efforts=efforts(results["aggregate"]),
        marks=tuple(marks(results)),
        goals=goal_table(results),
        sums=sums(results),
        sum_things=_sum_things(results),
        reliabilities=reliabilities(results),
        curve=threshold_curve(results),
        places=place_table(results),
        costs=cost_of_fields(results),
        failures=failures(ranked),
        footer=footer(run, results),
    )
    return replace(page, contents=tuple(_contents(page)))


def _previous(run: RunDocument, past: Sequence[PastRun]) -> tuple[str, str, str] | None:
    alike = [one["run_id"] for one in past if one["is_alike"]]
    if not alike:
        return None
    mine = run["run_id"]
    return alike[-1], mine, ready_command("harness", "compare", alike[-1], mine)


def _sum_things(results: ResultsDocument) -> Things:
    summed = results.get("cumulative")
    if not summed:
        return Things((), ())
    return things({**results, "entities": summed["entities"], "attributes": summed["attributes"]})


def _contents(page: ReportView) -> Iterator[tuple[str, str]]:
    failures = page.failures
    parts = (
        ("goals", "Goals", page.goals),
        ("mix", "What happened", True),
        ("causes", "Fix first", page.causes),
        ("fields", "Fields" if page.causes else "Fix first", True),
        ("where", "Where", page.matrix or page.parts or page.tags),
        ("things", "Items", page.things.entities or page.things.attributes),
        ("costs", "Cost", page.costs),
        ("sums", "Summed up", page.sums),
        ("confidence", "Confidence", page.reliabilities or page.curve),
        ("places", "Places", page.places),
        ("failures", "No answer", failures.wrong.rows or failures.missing.rows),
        ("cases", "Cases", True),
        ("errors", "All errors", page.cases_wrong),
        ("counted", "How this was counted", True),
        ("terms", "What the words mean", True),
    )
    return ((anchor, title) for anchor, title, is_there in parts if is_there)


def title(run: RunDocument, results: ResultsDocument) -> str:
    """Return the page's title; a score over an incomplete run says so here too."""
    macro = headline_f1(results, results["aggregate"]["macro"]["f1"])
    mark = " (incomplete)" if lead_sentences.incomplete(run, results) else ""
    return inert(f"{run['suite']} \u00b7 {run['extractor']} \u00b7 macro F1 {macro}{mark}")


def _masthead(run: RunDocument, results: ResultsDocument) -> Masthead:
    prompt = run["prompt"]
    return Masthead(
        title=title(run, results),
        suite=run["suite"],
        description=run["description"] or "",
        extractor=run["extractor"],
        kind=run["extractor_kind"],
        prompt=f"{prompt['name']} {prompt['sha256'][:_SHORT]}" if prompt else None,
        started=number_text.moment(run["started"]),
        elapsed=number_text.elapsed(run["started"], run["finished"]),
        cases=lead_sentences.cases_counted(results, len(results["cases"])),
        warning=lead_sentences.at_work(run["finished"], results)
        or lead_sentences.incomplete(run, results),
        stale="",
        withheld=lead_sentences.withheld(results),
        reviewed=lead_sentences.reviewed(results),
        wrapped=lead_sentences.wrapped_sentence(results),
        mended=lead_sentences.mended_sentence(results),
        broken=lead_sentences.check_sentences(results),
    )


def _shares(results: ResultsDocument) -> tuple[tuple[str, str, str], ...]:
    """Return each share by name, in words, with the address of its term; empty for none."""
    aggregate = results["aggregate"]
    critical = results.get("critical")
    named = (
        ("Perfect documents", aggregate["perfect_documents"], "perfect-documents"),
        ("Exact matches", results.get("exact_match"), "exact-matches"),
        ("Critical fields intact", critical and critical["intact"], ""),
        ("Perfect list items", aggregate.get("perfect_rows"), "perfect-list-items"),
    )
    shares = tuple(
        (name, hits_of(share), term) for name, share, term in named if share and share["of"]
    )
    coverage = aggregate["coverage"]
    judged = number_text.count(coverage["evaluated"])
    if coverage["ignored"]:
        judged += f", {number_text.count(coverage['ignored'])} ignored by rule"
    return (*shares, ("Fields judged", judged, ""))


def _interval_note(intervals: IntervalsRecord | None) -> str | None:
    if intervals is None or intervals["macro_f1"] is None:
        return None
    level = number_text.goal(intervals["level"])
    note = f"{level} intervals: {intervals['method']}"
    few = lead_sentences.few_documents(intervals)
    return f"{note}. Only {few}." if few else note


def _abstentions(number: int) -> str:
    return (
        f"{number_text.counted(number, 'correct abstention')}: absent on both sides, in no score."
    )
