"""From streamed cases to the summary that `run.results` builds every results document of."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import replace

from harness.core.counts import Counts, Ratio, Scores, scores
from harness.core.rules.field_rule import FieldRule
from harness.core.scores.scorecard import (
    Average,
    Tally,
    field_scores,
)
from harness.core.statistics.intervals import column_intervals
from harness.run.results.case_records import (
    averages,
)
from harness.run.results.cost import latency, usage_totals
from harness.run.results.figures import entities_record, marked
from harness.run.results.places.place_figures import places_record
from harness.run.results.results_document import ResultsSummary, ScoringSettings, document_of
from harness.run.stored.stored_results import (
    AveragesRecord,
    CriticalRecord,
    FurtherFigures,
    ResultsDocument,
)
from harness.run.stored.stored_review import ReviewRecord
from harness.run.stored.stored_shares import FractionRecord
from harness.scale.exact_mean import exact_mean
from harness.scale.score_summary import CaseRows, Summary


def streamed_results(
    settings: ScoringSettings, summary: Summary, order: array[int] | None, cases: int
) -> ResultsDocument:
    """Return the document of streamed cases; its `cases` are empty, since they are gone.

    `order` are the cases' numbers in order of id (None: as they come); `cases` is how many there
    are, scored or not.
    """
    totals, tally = summary.totals, _tally(summary)
    counts = sum(map(Counts.tallied, tally.fields.values()), Counts())
    rows = rows_in_order(summary.rows, order, cases)
    f1s = array("d", map(float.__truediv__, map(float, rows.hits), map(float, rows.of)))
    figures = ResultsSummary(
        standard=_average(summary, "standard", counts),
        lenient=_average(summary, "lenient", counts.lenient),
        guide=_average(summary, "guide-code", counts.under("guide-code")),
        fields=field_scores(tally),
        perfect=Ratio(totals.perfect, totals.cases),
        rows=Ratio(totals.rows_right, totals.rows),
        floor=Ratio(totals.spared, totals.spared + totals.omissible),
        vacuous=totals.vacuous,
        failed=totals.failed,
        missing=cases - totals.cases - len(summary.unlabelled),
        approximate=totals.approximate,
        ignored=totals.ignored,
        intervals=column_intervals(f1s, rows.hits, rows.of),
        further=_figures(summary, counts),
        usage=usage_totals(()),
        latency=latency(()),
        stated_places=places_record(summary.places),
    )
    return document_of(settings, figures)


def streamed_reviews(summary: Summary, cases: int) -> ReviewRecord:
    """Return how many fields of streamed truths are reviewed."""
    drafted = sorted((json.loads(key), number) for key, (number,) in summary.drafted.items())
    return {
        "fields": {"reviewed": summary.totals.reviewed, "of": summary.totals.reviewable},
        "cases": cases,
        "unlabelled": [*summary.unlabelled],
        "drafted": [
            {"extractor": extractor, "prompt": prompt, "cases": number}
            for (extractor, prompt), number in drafted
        ],
    }


def rows_in_order(parts: Mapping[int, CaseRows], order: array[int] | None, cases: int) -> CaseRows:
    """Return the rows of all cases in order of id, those of vacuous and lost cases left out."""
    hits, of = array("I", bytes(4 * cases)), array("I", bytes(4 * cases))
    for first, part in parts.items():
        hits[first : first + len(part.hits)] = part.hits
        of[first : first + len(part.of)] = part.of
    numbers = range(cases) if order is None else order
    return CaseRows(
        array("I", (hits[number] for number in numbers if of[number])),
        array("I", (of[number] for number in numbers if of[number])),
    )


def _figures(summary: Summary, counts: Counts) -> FurtherFigures:
    """Return the figures that adding up gives; the others need every verdict at hand."""
    totals = summary.totals
    return {
        "conventions": {
            "standard": _by_counts(summary, "standard", counts),
            "guide-code": _by_counts(summary, "guide-code", counts),
            "semeval-strict": _by_counts(summary, "standard", counts),
            "correction-cost": _by_counts(summary, "correction-cost", counts),
        },
        "exact_match": {"hits": totals.exact, "of": totals.cases},
        "entities": entities_record(summary.items, summary.collections, summary.fields),
        "attributes": [],
        "classification": [],
        "cumulative": None,
        **marked(
            _rules(summary),
            {name: Counts.tallied(codes) for name, codes in _tally(summary).fields.items()},
        ),
        "critical": _critical(summary),
    }


def _rules(summary: Summary) -> dict[str, FieldRule]:
    return {
        name: FieldRule(critical=critical, focus=focus, weight=None if weight < 0 else weight)
        for name, (critical, focus, weight) in summary.marks.items()
    }


def _critical(summary: Summary) -> CriticalRecord | None:
    """Return what `critical` rules ask for; of broken cases the first are named."""
    names = [n for n, (critical, *_) in sorted(summary.marks.items()) if critical]
    cases = summary.totals.cases
    broken = [name for (name,) in summary.broken.first]
    intact: FractionRecord = {"hits": cases - summary.broken.count, "of": cases}
    return {"fields": names, "intact": intact, "broken": broken} if names else None


def _by_counts(summary: Summary, variant: str, counts: Counts) -> AveragesRecord:
    if variant != "correction-cost":
        return averages(_average(summary, variant, counts.under(variant)))
    cost = counts.correction_cost.value
    micro = None if cost is None else Scores(cost, cost, cost)
    return averages(replace(_average(summary, variant, counts), micro=micro))


def _average(summary: Summary, variant: str, counts: Counts) -> Average:
    defined = summary.totals.cases - summary.totals.vacuous
    means = [exact_mean(total, defined) for total in summary.sums.get(variant, (0, 0, 0))]
    precision, recall, f1 = (0.0 if m is None else m for m in means)
    macro = Scores(precision, recall, f1) if defined else None
    return Average(macro, scores(counts), counts)


def _tally(summary: Summary) -> Tally:
    """Return the fields' part of the tally the figures are read off."""
    fields = {name: list(codes) for name, codes in summary.fields.items()}
    names = {name: comparator for name, (_, comparator) in summary.comparators.items()}
    return Tally(fields=fields, comparators=names)
