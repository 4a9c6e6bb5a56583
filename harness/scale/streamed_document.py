"""From a summary to the `eval-results.json` document, figure for figure that of `run.results`."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import replace

from harness.core.counts import Counts, Ratio, Scores, scores
from harness.core.rules.field_rule import FieldRule
from harness.core.scores.scorecard import (
    Average,
    Tally,
    field_scores,
    macro_over_fields,
    weighted_over_fields,
)
from harness.core.statistics.intervals import column_intervals
from harness.run.results.case_records import (
    averages,
    charged,
    counts_record,
    field_record,
    fraction_record,
    intervals_record,
)
from harness.run.results.cost import latency, usage_totals
from harness.run.results.figures import entities_record, marked
from harness.run.results.results_document import VERSION, ScoringSettings
from harness.run.stored.stored_results import (
    SCHEMA_VERSION,
    AggregateRecord,
    AveragesRecord,
    ChargedRecord,
    CriticalRecord,
    FractionRecord,
    FurtherFigures,
    ResultsDocument,
)
from harness.scale.exact_mean import exact_mean
from harness.scale.score_summary import CaseRows, Summary


def streamed_results(
    settings: ScoringSettings, summary: Summary, order: array[int] | None, cases: int
) -> ResultsDocument:
    """Return the document of streamed cases; its `cases` are empty, since they are gone.

    `order` are the cases' numbers in order of id (None: as they come); `cases` is how many there
    are, scored or not.
    """
    totals = summary.totals
    return {
        "schema_version": SCHEMA_VERSION,
        "harness_version": VERSION,
        "suite": settings.suite,
        "extractor": settings.extractor,
        "replicates": 1,
        "complete": totals.cases == cases,
        "convention": "standard",
        "empty": settings.empty,
        "target_f1": settings.target_f1,
        "signature": settings.signature,
        "aggregate": _aggregate(summary, rows_in_order(summary.rows, order, cases), cases),
        **_figures(summary),
        "confidence": None,
        "withheld": None,
        "reviewed": None,
        "field_costs": None,
        "fields": [field_record(field) for field in field_scores(_tally(summary))],
        "tags": [],
        "causes": None,
        "cases": [],
    }


def rows_in_order(parts: Mapping[int, CaseRows], order: array[int] | None, cases: int) -> CaseRows:
    """Return the rows of all cases in order of id, those of vacuous and lost cases left out."""
    hits, of = array("I", bytes(4 * cases)), array("I", bytes(4 * cases))
    for first, part in parts.items():
        hits[first : first + len(part.hits)] = part.hits
        of[first : first + len(part.of)] = part.of
    numbers = range(cases) if order is None else order
    kept = array("q", (number for number in numbers if of[number]))
    return CaseRows(
        array("I", map(hits.__getitem__, kept)),
        array("I", map(of.__getitem__, kept)),
    )


def _aggregate(summary: Summary, rows: CaseRows, cases: int) -> AggregateRecord:
    totals, tally = summary.totals, _tally(summary)
    counts = sum(map(Counts.tallied, tally.fields.values()), Counts())
    fields = field_scores(tally)
    f1s = array("d", map(float.__truediv__, map(float, rows.hits), map(float, rows.of)))
    return {
        **charged(_average(summary, "standard", counts)),
        "eval_count": totals.cases,
        "counts": counts_record(counts),
        "lenient": averages(_average(summary, "lenient", counts.lenient)),
        "guide-code": _convention(summary, "guide-code", counts),
        "macro_over_fields": macro_over_fields(fields),
        "weighted_over_fields": weighted_over_fields(fields),
        "correction_cost": fraction_record(counts.correction_cost),
        "perfect_documents": {"hits": totals.perfect, "of": totals.cases},
        "perfect_rows": {"hits": totals.rows_right, "of": totals.rows},
        "null_floor": Ratio(totals.spared, totals.spared + totals.asked).value,
        "vacuous_cases": totals.vacuous,
        "failed_cases": totals.failed,
        "missing_cases": cases - totals.cases,
        "approximate_cases": totals.approximate,
        "coverage": {"evaluated": counts.expected, "ignored": totals.ignored},
        "intervals": intervals_record(column_intervals(f1s, rows.hits, rows.of)),
        "usage": usage_totals(()),
        "latency": latency(()),
    }


def _figures(summary: Summary) -> FurtherFigures:
    """Return the figures that adding up gives; the others need every verdict at hand."""
    totals = summary.totals
    counts = sum(map(Counts.tallied, _tally(summary).fields.values()), Counts())
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


def _convention(summary: Summary, name: str, counts: Counts) -> ChargedRecord:
    under = counts.under(name)
    return charged(_average(summary, name, under))


def _tally(summary: Summary) -> Tally:
    """Return the fields' part of the tally the figures are read off."""
    fields = {name: list(codes) for name, codes in summary.fields.items()}
    names = {name: comparator for name, (_, comparator) in summary.comparators.items()}
    return Tally(fields=fields, comparators=names)
