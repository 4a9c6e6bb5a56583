"""The `eval-results.json` document: everything a scored run found, as it is stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Final

from harness.cases.digest import canonical
from harness.core.evidence import Source
from harness.core.ledger import Ledger
from harness.core.metrics import Counts, Ratio, Scores, scores
from harness.core.outcomes import CONVENTIONS, FieldDiff, Outcome, Tag
from harness.core.records import Answer, Document, Failure
from harness.core.result import CaseResult
from harness.core.rules import Rules, rules_as_json
from harness.core.scorecard import (
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
from harness.core.stats import LEVEL, bootstrap
from harness.core.values import Json
from harness.run.scoring import Scored
from harness.run.store import KEPT_TEXT

SCHEMA_VERSION: Final = 1
"""Version of the document's shape; `eval-results.schema.json` describes it."""
VERSION: Final = version("extraction-harness")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was scored, and under which rules."""

    suite: str
    suite_digest: str
    rules: Rules
    extractor: str | None = None
    empty: Empty = "skip"
    target_f1: float | None = None

    @property
    def signature(self) -> dict[str, Json]:
        """What two scores must share to be compared."""
        return {
            "suite": self.suite_digest,
            "rules": hashlib.sha256(canonical(rules_as_json(self.rules)).encode()).hexdigest(),
            "convention": "standard",
            "empty": self.empty,
            "harness": VERSION,
        }


def results_document(settings: Settings, scored: Sequence[Scored], floor: Ratio) -> dict[str, Json]:
    """Return the document of a scored suite, whatever the order its cases come in.

    `floor` is what empty answers would get if abstentions were credited.
    """
    scored = sorted(scored, key=lambda each: each.case.id)
    tally = Tally()
    for each in scored:
        if each.result is not None:
            tally.add(each.result)
    return {
        "schema_version": SCHEMA_VERSION,
        "harness_version": VERSION,
        "suite": settings.suite,
        "extractor": settings.extractor,
        "complete": all(each.result is not None for each in scored),
        "convention": "standard",
        "empty": settings.empty,
        "target_f1": settings.target_f1,
        "signature": settings.signature,
        "aggregate": _aggregate(settings, scored, tally, floor),
        "fields": [_field(field) for field in field_scores(tally)],
        "tags": _tags(scored, settings.empty),
        "cases": [_case(each) for each in scored],
    }


def _aggregate(
    settings: Settings, scored: Sequence[Scored], tally: Tally, floor: Ratio
) -> dict[str, Json]:
    whole = average(tally.counts, settings.empty)
    fields = field_scores(tally)
    answered = [each for each in scored if each.result is not None]
    return {
        **_averages(whole),
        "total_true_positives": whole.counts.true_positives,
        "total_false_positives": whole.counts.false_positives,
        "total_false_negatives": whole.counts.false_negatives,
        "eval_count": len(answered),
        "counts": _counts(whole.counts),
        "lenient": _averages(average([c.lenient for c in tally.counts], settings.empty)),
        **{
            name: _convention(tally.counts, name, settings.empty)
            for name in CONVENTIONS
            if name != "standard"
        },
        "macro_over_fields": macro_over_fields(fields),
        "weighted_over_fields": weighted_over_fields(fields),
        "correction_cost": asdict(whole.counts.correction_cost),
        "perfect_documents": {"hits": sum(map(_is_perfect, answered)), "of": len(answered)},
        "perfect_rows": asdict(tally.rows),
        "null_floor": floor.value,
        "vacuous_cases": sum(not counts.total for counts in tally.counts),
        "failed_cases": sum(isinstance(each.said, Failure) for each in answered),
        "missing_cases": len(scored) - len(answered),
        "approximate_cases": tally.approximate,
        "coverage": {"evaluated": whole.counts.expected, "ignored": tally.ignored},
        "intervals": _intervals(tally.counts, settings.empty),
    }


def _is_perfect(each: Scored) -> bool:
    return isinstance(each.said, Answer) and each.result is not None and each.result.is_perfect


def _averages(found: Average) -> dict[str, Json]:
    return {"macro": _scores(found.macro), "micro": _scores(found.micro)}


def _scores(found: Scores | None) -> Json:
    named = asdict(found) if found else dict.fromkeys(("precision", "recall", "f1"))
    return dict(named)


def _convention(counts: Sequence[Counts], name: str, empty: Empty) -> dict[str, Json]:
    found = average([c.under(name) for c in counts], empty)
    return {
        **_averages(found),
        "total_true_positives": found.counts.true_positives,
        "total_false_positives": found.counts.false_positives,
        "total_false_negatives": found.counts.false_negatives,
    }


def _counts(counts: Counts) -> dict[str, Json]:
    named = {outcome.value: counts[outcome] for outcome in Outcome}
    more = {"value_equal": counts.value_equal, "true_negatives": counts.true_negatives}
    return {**named, **more}


def _intervals(counts: Sequence[Counts], empty: Empty) -> dict[str, Json]:
    found = bootstrap(counts, VACUOUS[empty])
    return {
        "level": LEVEL,
        "method": "bootstrap over documents",
        "resamples": found.resamples,
        "macro_f1": list(found.macro_f1) if found.macro_f1 else None,
        "micro_f1": list(found.micro_f1) if found.micro_f1 else None,
    }


def _field(field: FieldScore) -> dict[str, Json]:
    counts = field.counts
    return {
        "field": field.field,
        "precision": counts.precision.value,
        "recall": counts.recall.value,
        "f1": counts.f1.value,
        "lenient_f1": counts.lenient.f1.value,
        "counts": _counts(counts),
        "support": counts.expected,
        "f1_lost": field.f1_lost,
        "comparator": field.comparator,
    }


def _tags(scored: Sequence[Scored], empty: Empty) -> list[Json]:
    cases: dict[str, list[Counts]] = defaultdict(list)
    for each in scored:
        for tag in each.case.tags if each.result is not None else ():
            cases[tag].append(each.result.counts)  # type: ignore[union-attr]  # seen above
    return [
        {"tag": tag, "cases": len(cases[tag]), **_averages(found)}
        for tag, found in by_tag(cases, empty).items()
    ]


def case_metrics(result: CaseResult) -> dict[str, Json]:
    """Return one case's figures in the metric guide's own names (seed 004)."""
    counts = result.counts
    lenient = scores(counts.lenient)
    return {
        "precision": result.precision,
        "recall": result.recall,
        "f1": result.f1,
        "lenient_f1": lenient.f1 if lenient else None,
        "true_positives": counts.true_positives,
        "false_positives": counts.false_positives,
        "false_negatives": counts.false_negatives,
        "total_gt_fields": counts.expected,
        "correct_fields": counts.correct,
        "counts": _counts(counts),
    }


def _case(each: Scored) -> dict[str, Json]:
    said, result = each.said, each.result
    failure: Json = None
    if isinstance(said, Failure):
        missing = said.kind.is_missing
        failure = {"kind": said.kind.value, "message": said.message, "missing": missing}
    if result is None:
        nothing = case_metrics(CaseResult(Ledger()))
        return {"id": each.case.id, **nothing, **_rest(each, failure), "diffs": []}
    return {
        "id": each.case.id,
        **case_metrics(result),
        **_rest(each, failure),
        "diffs": diff_records(result, each.case.documents),
    }


def _rest(each: Scored, failure: Json) -> dict[str, Json]:
    repairs = each.said.repairs if isinstance(each.said, Answer) else ()
    result = each.result
    return {
        "tags": list(each.case.tags),
        "failure": failure,
        "repairs": list(repairs),
        "approximate": list(result.approximate) if result else [],
        "items": [
            {"field": name, "paired": paired, "extra": extra, "missing": missing}
            for name, (paired, extra, missing) in sorted((result.items if result else {}).items())
        ],
    }


def diff_records(result: CaseResult, documents: Sequence[Document] = ()) -> list[Json]:
    """Return every field's verdict as it is stored, with its evidence where documents are given.

    A side that is absent is left out, so that null can be told from missing. Where one document
    of the case is not at hand, nobody can say what stands nowhere: no evidence is given at all.
    """
    known = all(0 < len(document.text) <= KEPT_TEXT for document in documents)
    sources = {d.name: Source(d.text) for d in documents} if known else {}
    return [_diff(diff, sources) for diff in result.diffs]


def _diff(diff: FieldDiff, sources: Mapping[str, Source]) -> dict[str, Json]:
    record: dict[str, Json] = {
        "path": diff.path,
        "field": diff.field,
        "outcome": diff.outcome.value,
    }
    if diff.outcome is not Outcome.HALLUCINATION:
        record["expected"] = diff.expected
    if diff.outcome is not Outcome.OMISSION:
        record["predicted"] = diff.predicted
    if diff.predicted_path is not None:
        record["predicted_path"] = diff.predicted_path
    if diff.value_equal:
        record["value_equal"] = True
    if diff.similarity is not None:
        record["similarity"] = round(diff.similarity, 4)
    record["comparator"] = diff.comparator
    evidence = _evidence(record, sources) if sources else {}
    tags = [*diff.tags, *_grounding(diff, evidence)]
    if tags:
        record["tags"] = [tag.value for tag in tags]
    if any(evidence.values()):
        record["evidence"] = dict(evidence)
    return record


def _evidence(record: Mapping[str, Json], sources: Mapping[str, Source]) -> dict[str, list[Json]]:
    """Return where each side's value stands; a side nobody can look for is left out."""
    found: dict[str, list[Json]] = {}
    for side in ("expected", "predicted"):
        value = record.get(side)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        if found and value == record["expected"]:
            found[side] = found["expected"]
            continue
        found[side] = [
            {"document": name, "start": start, "end": end}
            for name, source in sources.items()
            for start, end in source.find(value)
        ]
    return found


def _grounding(diff: FieldDiff, evidence: Mapping[str, list[Json]]) -> list[Tag]:
    """Say what the documents tell of an error; nothing where nobody looked."""
    expected, predicted = evidence.get("expected"), evidence.get("predicted")
    if diff.outcome is Outcome.HALLUCINATION and predicted is not None:
        return [Tag.GROUNDED if predicted else Tag.UNGROUNDED]
    wrong = diff.outcome is Outcome.WRONG_VALUE
    if wrong and expected is not None and not expected and predicted:
        return [Tag.SUSPECT_GROUND_TRUTH]
    return []
