"""`feedback.json`: a bundle for programs; `feedback.schema.json` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from harness.extract.endpoint.rendering import text_tokens
from harness.improve.diagnosis.clusters import Cluster
from harness.improve.diagnosis.mistakes import WORDS
from harness.improve.feedback.bundle import Bundle, ErrorReport, ScoreState
from harness.improve.feedback.task_md import task_text
from harness.run.results.results_document import VERSION

FEEDBACK_VERSION: Final = 1


def feedback_document(bundle: Bundle) -> dict[str, Any]:
    """Return a bundle as JSON, with the same content as its `TASK.md`."""
    return {
        "schema_version": FEEDBACK_VERSION,
        "harness_version": VERSION,
        "source": {**asdict(bundle.source), "renamed": dict(bundle.source.renamed)},
        "standing": _standing(bundle.standing),
        "split": bundle.split,
        "withheld": bundle.withheld,
        "left_out": list(bundle.left_out),
        "claim": bundle.claim,
        "clusters": [_told(told) for told in bundle.told],
        "rest": [_cluster(cluster) for cluster in bundle.rest],
        "sections": [asdict(text) for text in bundle.texts],
        "dropped": asdict(bundle.dropped),
        "room": asdict(bundle.room) if bundle.room else None,
        "tokens": text_tokens(task_text(bundle)),
    }


def _standing(standing: ScoreState) -> dict[str, Any]:
    listed = {"unanswered": list(standing.unanswered), "changed": list(standing.changed)}
    return {**asdict(standing), **listed}


def _cluster(cluster: Cluster) -> dict[str, Any]:
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


def _told(told: ErrorReport) -> dict[str, Any]:
    return {
        "rank": told.rank,
        **_cluster(told.cluster),
        "cure": WORDS[told.cluster.signature.mistake].cure,
        "together": told.together,
        "without": told.without,
        "examples": [_listed(asdict(row)) for row in told.examples],
        "right": [_listed(asdict(row)) for row in told.right],
        "suspects": [_listed(asdict(row)) for row in told.suspects],
        "canaries": list(told.canaries),
        "sections": list(told.sections),
        "description": told.description,
        "form": told.form,
        "disputed": told.disputed,
        "convention": told.convention,
        "attempts": [asdict(attempt) for attempt in told.attempts],
    }


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "passages": list(row["passages"])}
