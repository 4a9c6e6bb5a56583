"""The `eval-results.json` document: the figures and verdicts of a scored run, as stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from harness.cases.digest import canonical
from harness.core.counts import Counts, Ratio
from harness.core.records import Answer, Failure
from harness.core.rules.field_rule import Rules, rules_as_json
from harness.core.rules.goal_tiers import GoalsRecord
from harness.core.scores.causes import CauseKind, Ranking, rank_causes
from harness.core.scores.scorecard import (
    VACUOUS,
    Average,
    Empty,
    FieldScore,
    Tally,
    average,
    by_tag,
    field_scores,
    macro_over_fields,
    weighted_over_fields,
)
from harness.core.statistics.intervals import Intervals, document_intervals
from harness.core.values import Json
from harness.run.results.case_records import (
    averages,
    case_record,
    cause_record,
    charged,
    field_record,
    fraction_record,
    intervals_record,
)
from harness.run.results.confidence import confidence
from harness.run.results.cost import field_costs, latency, usage_totals
from harness.run.results.figures import figures
from harness.run.results.places.place_figures import BoxLocator, judge_places
from harness.run.results.reasons.wrapped_answers import wrapped_answers
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_costs import FieldCosts
from harness.run.stored.stored_figures import counts_record
from harness.run.stored.stored_places import StatedPlacesRecord
from harness.run.stored.stored_results import (
    SCHEMA_VERSION,
    AggregateRecord,
    CaseRecord,
    CauseRecord,
    FurtherFigures,
    LatencyRecord,
    ResultsDocument,
    SignatureRecord,
    SourceConfidences,
    TagRecord,
    UsageTotals,
)
from harness.run.stored.stored_run import PriceRecord
from harness.run.stored.stored_shares import WrappedRecord

VERSION: Final = version("extraction-harness")


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """Suite, rules and settings that were scored under."""

    suite: str
    suite_digest: str
    rules: Rules
    extractor: str | None = None
    empty: Empty = "skip"
    target_f1: float | None = None
    goals: GoalsRecord | None = None
    price: PriceRecord | None = None
    """What tokens cost, for dividing an answer's dollars between its fields."""

    @property
    def signature(self) -> SignatureRecord:
        """Signature that two scores must share to be compared."""
        return {
            "suite": self.suite_digest,
            "rules": hashlib.sha256(canonical(rules_as_json(self.rules)).encode()).hexdigest(),
            "convention": "standard",
            "empty": self.empty,
            "harness": VERSION,
        }


@dataclass(frozen=True, slots=True)
class ResultsSummary:
    """Everything a results document is built from, whether added up by a run or over a stream.

    What needs every verdict at hand is empty or None where cases were streamed.
    """

    standard: Average
    lenient: Average
    guide: Average
    """Under `guide-code`."""
    fields: Sequence[FieldScore]
    perfect: Ratio
    """Documents without a single error, of those scored."""
    rows: Ratio
    """List items without a single error."""
    floor: Ratio
    """What empty answers would get if abstentions were credited."""
    vacuous: int
    failed: int
    missing: int
    approximate: int
    ignored: int
    """Expected fields that a rule leaves out."""
    intervals: Intervals
    further: FurtherFigures
    usage: UsageTotals
    latency: LatencyRecord
    replicates: int = 1
    confidence: SourceConfidences | None = None
    stated_places: StatedPlacesRecord | None = None
    costs: FieldCosts | None = None
    tags: Sequence[TagRecord] = ()
    causes: Sequence[CauseRecord] | None = None
    cases: Sequence[CaseRecord] = ()
    wrapped: WrappedRecord | None = None


def document_of(settings: ScoringSettings, summary: ResultsSummary) -> ResultsDocument:
    """Return the results document of a summary: the only place where one is built."""
    return {
        "schema_version": SCHEMA_VERSION,
        "harness_version": VERSION,
        "suite": settings.suite,
        "extractor": settings.extractor,
        "replicates": summary.replicates,
        "complete": not summary.missing,
        "convention": "standard",
        "empty": settings.empty,
        "target_f1": settings.target_f1,
        "goals": settings.goals,
        "signature": settings.signature,
        "aggregate": _aggregate(summary),
        **summary.further,
        "confidence": summary.confidence,
        "stated_places": summary.stated_places,
        "withheld": None,
        "reviewed": None,
        "checks": None,
        "wrapped": summary.wrapped,
        "field_costs": summary.costs,
        "fields": [field_record(field) for field in summary.fields],
        "tags": [*summary.tags],
        "causes": None if summary.causes is None else [*summary.causes],
        "cases": [*summary.cases],
    }


def _aggregate(summary: ResultsSummary) -> AggregateRecord:
    counts = summary.standard.counts
    return {
        **charged(summary.standard),
        "eval_count": summary.perfect.of,
        "counts": counts_record(counts),
        "lenient": averages(summary.lenient),
        "guide-code": charged(summary.guide),
        "macro_over_fields": macro_over_fields(summary.fields),
        "weighted_over_fields": weighted_over_fields(summary.fields),
        "correction_cost": fraction_record(counts.correction_cost),
        "perfect_documents": fraction_record(summary.perfect),
        "perfect_rows": fraction_record(summary.rows),
        "null_floor": summary.floor.value,
        "vacuous_cases": summary.vacuous,
        "failed_cases": summary.failed,
        "missing_cases": summary.missing,
        "approximate_cases": summary.approximate,
        "coverage": {"evaluated": counts.expected, "ignored": summary.ignored},
        "intervals": intervals_record(summary.intervals),
        "usage": summary.usage,
        "latency": summary.latency,
    }


def results_document(
    settings: ScoringSettings,
    scored: Sequence[ScoredCase],
    floor: Ratio,
    locate: BoxLocator | None = None,
) -> ResultsDocument:
    """Return the document of a scored suite, whatever the order its cases come in.

    `floor` is what empty answers would get if abstentions were credited; `locate` is as
    `judge_places` says.
    """
    scored = sorted(scored, key=lambda each: (each.case.id, each.replicate))
    tally = Tally()
    for each in scored:
        if each.result is not None:
            tally.add(each.result)
    answered = [each for each in scored if each.result is not None]
    fields, empty = field_scores(tally), settings.empty
    ranking = _causes(answered, empty)
    members = iter(ranking.members)
    cases = [case_record(e, next(members) if e.result is not None else ()) for e in scored]
    summary = ResultsSummary(
        standard=average(tally.counts, empty),
        lenient=average([counts.lenient for counts in tally.counts], empty),
        guide=average([counts.under("guide-code") for counts in tally.counts], empty),
        fields=fields,
        perfect=Ratio(sum(map(_is_perfect, answered)), len(answered)),
        rows=tally.rows,
        floor=floor,
        vacuous=sum(not counts.total for counts in tally.counts),
        failed=sum(isinstance(each.output, Failure) for each in answered),
        missing=len(scored) - len(answered),
        approximate=tally.approximate,
        ignored=tally.ignored,
        intervals=_intervals(answered, empty),
        further=figures(answered, {field.field: field.counts for field in fields}, empty),
        usage=usage_totals(scored),
        latency=latency(scored),
        replicates=max((each.replicate for each in scored), default=1),
        confidence=confidence(answered),
        costs=field_costs(scored, settings.price),
        tags=_tags(scored, empty),
        causes=_cause_records(ranking, answered),
        stated_places=judge_places(scored, cases, locate),
        cases=cases,
        wrapped=wrapped_answers(answer_pairs(scored)),
    )
    return document_of(settings, summary)


def answer_pairs(scored: Iterable[ScoredCase]) -> Iterator[tuple[Json, Json]]:
    """Yield the truth and the answer of each case that has one, as they were given."""
    for each in scored:
        if isinstance(each.output, Answer):
            yield each.case.truth, (each.given or each.output).value


def _causes(answered: Sequence[ScoredCase], empty: Empty) -> Ranking:
    """Return the causes of all errors; what got no answer has its kind of failure as one."""
    judged = [
        (each.result, each.output.kind.value if isinstance(each.output, Failure) else None)
        for each in answered
        if each.result is not None
    ]
    return rank_causes(judged, empty)


def _cause_records(ranking: Ranking, answered: Sequence[ScoredCase]) -> list[CauseRecord]:
    """Return the causes' records; a case is one case however often it was asked."""
    cases: defaultdict[int, set[str]] = defaultdict(set)
    for each, places in zip(answered, ranking.members, strict=True):
        for place in places:
            if place is not None:
                cases[place].add(each.case.id)
    records = [cause_record(cause) for cause in ranking.causes]
    for place, record in enumerate(records):
        if record["kind"] == CauseKind.VACUOUS:
            cases[place] = {each.case.id for each in answered if _is_vacuous(each)}
    for place, ids in cases.items():
        records[place]["cases"] = len(ids)
    return records


def _is_vacuous(each: ScoredCase) -> bool:
    return each.result is not None and not each.result.counts.total


def _is_perfect(each: ScoredCase) -> bool:
    return isinstance(each.output, Answer) and each.result is not None and each.result.is_perfect


def _intervals(answered: Sequence[ScoredCase], empty: Empty) -> Intervals:
    """Return intervals by drawing whole documents, all replicates of one together."""
    cases: dict[str, list[Counts]] = defaultdict(list)
    for each in answered:
        if each.result is not None:
            cases[each.case.id].append(each.result.counts)
    return document_intervals(list(cases.values()), VACUOUS[empty])


def _tags(scored: Sequence[ScoredCase], empty: Empty) -> list[TagRecord]:
    cases: dict[str, list[Counts]] = defaultdict(list)
    ids: dict[str, set[str]] = defaultdict(set)
    for each in scored:
        for tag in each.case.tags if each.result is not None else ():
            cases[tag].append(each.result.counts)  # type: ignore[union-attr]  # seen above
            ids[tag].add(each.case.id)
    return [
        {"tag": tag, "cases": len(ids[tag]), **averages(scores)}
        for tag, scores in by_tag(cases, empty).items()
    ]
