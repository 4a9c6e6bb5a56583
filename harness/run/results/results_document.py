"""The `eval-results.json` document: everything a scored run found, as it is stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from harness.cases.digest import canonical
from harness.core.counts import Counts, Ratio
from harness.core.records import Answer, Failure
from harness.core.rules.field_rule import Rules, rules_as_json
from harness.core.scores.causes import Ranking, rank_causes
from harness.core.scores.scorecard import (
    VACUOUS,
    Empty,
    Tally,
    average,
    by_tag,
    field_scores,
    macro_over_fields,
    weighted_over_fields,
)
from harness.core.statistics.intervals import document_intervals
from harness.run.results.case_records import (
    averages,
    case_record,
    cause_record,
    charged,
    counts_record,
    field_record,
    fraction_record,
    intervals_record,
)
from harness.run.results.confidence import confidence
from harness.run.results.cost import field_costs, latency, usage_totals
from harness.run.results.figures import figures
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_results import (
    SCHEMA_VERSION,
    AggregateRecord,
    ChargedRecord,
    IntervalsRecord,
    ResultsDocument,
    SignatureRecord,
    TagRecord,
)
from harness.run.stored.stored_run import PriceRecord

VERSION: Final = version("extraction-harness")


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """What was scored, and under which rules."""

    suite: str
    suite_digest: str
    rules: Rules
    extractor: str | None = None
    empty: Empty = "skip"
    target_f1: float | None = None
    price: PriceRecord | None = None
    """What tokens cost, for dividing an answer's dollars between its fields."""

    @property
    def signature(self) -> SignatureRecord:
        """What two scores must share to be compared."""
        return {
            "suite": self.suite_digest,
            "rules": hashlib.sha256(canonical(rules_as_json(self.rules)).encode()).hexdigest(),
            "convention": "standard",
            "empty": self.empty,
            "harness": VERSION,
        }


def results_document(
    settings: ScoringSettings, scored: Sequence[ScoredCase], floor: Ratio
) -> ResultsDocument:
    """Return the document of a scored suite, whatever the order its cases come in.

    `floor` is what empty answers would get if abstentions were credited.
    """
    scored = sorted(scored, key=lambda each: (each.case.id, each.replicate))
    tally = Tally()
    for each in scored:
        if each.result is not None:
            tally.add(each.result)
    answered = [each for each in scored if each.result is not None]
    fields = field_scores(tally)
    ranking = _causes(answered, settings.empty)
    members = iter(ranking.members)
    return {
        "schema_version": SCHEMA_VERSION,
        "harness_version": VERSION,
        "suite": settings.suite,
        "extractor": settings.extractor,
        "replicates": max((each.replicate for each in scored), default=1),
        "complete": all(each.result is not None for each in scored),
        "convention": "standard",
        "empty": settings.empty,
        "target_f1": settings.target_f1,
        "signature": settings.signature,
        "aggregate": _aggregate(settings, scored, tally, floor),
        **figures(answered, {field.field: field.counts for field in fields}, settings.empty),
        "confidence": confidence(answered),
        "withheld": None,
        "reviewed": None,
        "field_costs": field_costs(scored, settings.price),
        "fields": [field_record(field) for field in fields],
        "tags": _tags(scored, settings.empty),
        "causes": [cause_record(cause) for cause in ranking.causes],
        "cases": [case_record(e, next(members) if e.result is not None else ()) for e in scored],
    }


def _causes(answered: Sequence[ScoredCase], empty: Empty) -> Ranking:
    """Return the causes of all errors; what got no answer has its kind of failure as one."""
    judged = [
        (each.result, each.said.kind.value if isinstance(each.said, Failure) else None)
        for each in answered
        if each.result is not None
    ]
    return rank_causes(judged, empty)


def _aggregate(
    settings: ScoringSettings, scored: Sequence[ScoredCase], tally: Tally, floor: Ratio
) -> AggregateRecord:
    whole = average(tally.counts, settings.empty)
    fields = field_scores(tally)
    answered = [each for each in scored if each.result is not None]
    return {
        **charged(whole),
        "eval_count": len(answered),
        "counts": counts_record(whole.counts),
        "lenient": averages(average([c.lenient for c in tally.counts], settings.empty)),
        "guide-code": _convention(tally.counts, "guide-code", settings.empty),
        "macro_over_fields": macro_over_fields(fields),
        "weighted_over_fields": weighted_over_fields(fields),
        "correction_cost": fraction_record(whole.counts.correction_cost),
        "perfect_documents": {"hits": sum(map(_is_perfect, answered)), "of": len(answered)},
        "perfect_rows": fraction_record(tally.rows),
        "null_floor": floor.value,
        "vacuous_cases": sum(not counts.total for counts in tally.counts),
        "failed_cases": sum(isinstance(each.said, Failure) for each in answered),
        "missing_cases": len(scored) - len(answered),
        "approximate_cases": tally.approximate,
        "coverage": {"evaluated": whole.counts.expected, "ignored": tally.ignored},
        "intervals": _intervals(answered, settings.empty),
        "usage": usage_totals(scored),
        "latency": latency(scored),
    }


def _is_perfect(each: ScoredCase) -> bool:
    return isinstance(each.said, Answer) and each.result is not None and each.result.is_perfect


def _convention(counts: Sequence[Counts], name: str, empty: Empty) -> ChargedRecord:
    return charged(average([c.under(name) for c in counts], empty))


def _intervals(answered: Sequence[ScoredCase], empty: Empty) -> IntervalsRecord:
    """Return intervals by drawing whole documents, all replicates of one together."""
    cases: dict[str, list[Counts]] = defaultdict(list)
    for each in answered:
        if each.result is not None:
            cases[each.case.id].append(each.result.counts)
    return intervals_record(document_intervals(list(cases.values()), VACUOUS[empty]))


def _tags(scored: Sequence[ScoredCase], empty: Empty) -> list[TagRecord]:
    cases: dict[str, list[Counts]] = defaultdict(list)
    for each in scored:
        for tag in each.case.tags if each.result is not None else ():
            cases[tag].append(each.result.counts)  # type: ignore[union-attr]  # seen above
    return [
        {"tag": tag, "cases": len(cases[tag]), **averages(found)}
        for tag, found in by_tag(cases, empty).items()
    ]
