"""`feedback.json`: a bundle for programs; `feedback.schema.json` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from harness.extract.endpoint.rendering import text_tokens
from harness.improve.diagnosis.clusters import Cluster
from harness.improve.diagnosis.mistakes import WORDS
from harness.improve.feedback.bundle import (
    Bundle,
    BundleSource,
    ErrorReport,
    PastAttempt,
    ScoreState,
)
from harness.improve.feedback.feedback_types import (
    AttemptRecord,
    ClusterRecord,
    ClusterReport,
    ExampleRecord,
    FeedbackDocument,
    FeedbackSource,
    FeedbackStanding,
)
from harness.improve.feedback.task_md import task_text
from harness.run.results.results_document import VERSION

FEEDBACK_VERSION: Final = 1


def feedback_document(bundle: Bundle) -> FeedbackDocument:
    """Return a bundle as JSON, with the same content as its `TASK.md`."""
    return {
        "schema_version": FEEDBACK_VERSION,
        "harness_version": VERSION,
        "source": _source(bundle.source),
        "standing": _standing(bundle.standing),
        "split": bundle.split,
        "withheld": bundle.withheld,
        "left_out": list(bundle.left_out),
        "claim": bundle.claim,
        "clusters": [_told(report) for report in bundle.error_reports],
        "rest": [_cluster(cluster) for cluster in bundle.rest],
        "sections": [
            {"name": text.name, "file": text.file, "text": text.text} for text in bundle.texts
        ],
        "dropped": {
            "examples": bundle.dropped.examples,
            "right": bundle.dropped.right,
            "clusters": bundle.dropped.clusters,
            "sections": bundle.dropped.sections,
            "passages": bundle.dropped.passages,
        },
        "conventions": list(bundle.conventions),
        "room": {"tokens": bundle.room.tokens, "most": bundle.room.most} if bundle.room else None,
        "tokens": text_tokens(task_text(bundle)),
    }


def _source(source: BundleSource) -> FeedbackSource:
    renamed, again = dict(source.renamed), list(source.again)
    record: Any = {**asdict(source), "renamed": renamed, "again": again}
    return record  # type: ignore[no-any-return]  # the fields of the source


def _standing(standing: ScoreState) -> FeedbackStanding:
    listed = {
        "focus": list(standing.focus),
        "unanswered": list(standing.unanswered),
        "changed": list(standing.changed),
    }
    record: Any = {**asdict(standing), **listed}
    return record  # type: ignore[no-any-return]  # the fields of the state


def _cluster(cluster: Cluster) -> ClusterRecord:
    return {
        "id": cluster.id,
        "field": cluster.field,
        "outcome": cluster.outcome.value,
        "mistake": cluster.signature.mistake.value,
        "says": cluster.signature.says,
        "headroom": cluster.headroom,
        "errors": cluster.errors,
        "places": len(cluster.rows),
        "stable": sum(row.wrong == row.of for row in cluster.rows),
        "cases": list(cluster.cases),
    }


def _told(report: ErrorReport) -> ClusterReport:
    return {
        "rank": report.rank,
        **_cluster(report.cluster),
        "cure": WORDS[report.cluster.signature.mistake].cure,
        "together": report.together,
        "without": report.without,
        "examples": [_listed(asdict(row)) for row in report.examples],
        "right": [_listed(asdict(row)) for row in report.right],
        "suspects": [_listed(asdict(row)) for row in report.suspects],
        "canaries": list(report.canaries),
        "sections": list(report.sections),
        "description": report.description,
        "form": report.form,
        "disputed": report.disputed,
        "convention": report.convention,
        "attempts": [_attempt(attempt) for attempt in report.attempts],
    }


def _listed(row: Any) -> ExampleRecord:  # noqa: ANN401  # the fields of a shown place
    record: Any = {**row, "passages": list(row["passages"])}
    return record  # type: ignore[no-any-return]  # the fields of the place


def _attempt(attempt: PastAttempt) -> AttemptRecord:
    return {
        "what": attempt.what,
        "delta": attempt.delta,
        "verdict": attempt.verdict,
        "fixed": attempt.fixed,
        "broken": attempt.broken,
    }
