"""Rows of the run history: a past run, and one of its fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.cases.digest import canonical
from harness.run import store
from harness.run.stored.stored_figures import MEASURABLE, counts_of, interval_of
from harness.run.stored.stored_results import (
    AggregateRecord,
    LatencyRecord,
    ResultsDocument,
    UsageTotals,
)
from harness.run.stored.stored_run import RunDocument


@dataclass(frozen=True, slots=True)
class Past:
    """One run in a line. Scores are shares in [0, 1]; None where nothing could be scored."""

    uid: str
    """Tells runs apart also where folders of several machines meet."""
    run_id: str
    suite: str
    extractor: str
    model: str | None
    prompt: str | None
    prompt_sha256: str | None
    started: str
    """UTC, ISO 8601."""
    complete: int
    """1 if every case was answered or failed for a reason of its own."""
    era: str
    """Digest of the signature that two scores must share to be compared."""
    suite_digest: str
    rules_digest: str
    convention: str
    harness_version: str
    cases: int
    unanswered: int
    """Answers, of all replicates, that never came or could not be used."""
    macro_f1: float | None
    macro_low: float | None
    macro_high: float | None
    micro_f1: float | None
    lenient_macro_f1: float | None
    target_f1: float | None
    tokens: int | None
    usd: float | None
    p50_seconds: float | None
    """Of an answer, median; None where nothing was measured, as of answers that lay on disk."""
    p95_seconds: float | None
    reviewed: int | None
    """Fields of the truths that are reviewed; None where every truth is taken for right."""
    reviewed_of: int | None
    """Fields in all; None likewise."""


@dataclass(frozen=True, slots=True)
class PastField:
    """One field of one past run."""

    uid: str
    field: str
    f1: float | None
    support: int
    errors: int


def read_past(folder: Path) -> tuple[Past, Sequence[PastField]]:
    """Return what a run folder says of itself; no fields where the run was never scored."""
    run = store.read_run(folder)
    scored = run.get("headline") is not None
    past = past_of(run)
    return past, tuple(_fields(past.uid, store.read_results(folder))) if scored else ()


def past_of(run: RunDocument) -> Past:
    """Return what a run's record says of it."""
    uid = hashlib.sha256(f"{run['run_id']} {run['started']}".encode()).hexdigest()[:16]
    signature = run["signature"]
    headline, prompt = run.get("headline"), run["prompt"]
    aggregate = headline["aggregate"] if headline else None
    low, high = (interval_of(aggregate, "macro") if aggregate else None) or (None, None)
    usage = aggregate.get("usage") if aggregate else None
    took = _latency(aggregate)
    missing = aggregate["missing_cases"] if aggregate else 0
    record = headline.get("reviewed") if headline else None
    replicates = (run.get("asked") or {}).get("replicates") or 1
    return Past(
        uid=uid,
        run_id=run["run_id"],
        suite=run["suite"],
        extractor=run["extractor"],
        model=run.get("model"),
        prompt=prompt["name"] if prompt else None,
        prompt_sha256=prompt["sha256"] if prompt else None,
        started=str(run["started"]),
        complete=int(bool(run["complete"])),
        era=_era(signature),
        suite_digest=signature.get("suite", run["suite_digest"]),
        rules_digest=signature.get("rules", ""),
        convention=signature.get("convention", ""),
        harness_version=run["harness_version"],
        cases=(aggregate["eval_count"] + missing) // replicates if aggregate else 0,
        unanswered=aggregate["failed_cases"] + missing if aggregate else 0,
        macro_f1=aggregate["macro"]["f1"] if aggregate else None,
        macro_low=low,
        macro_high=high,
        micro_f1=aggregate["micro"]["f1"] if aggregate else None,
        lenient_macro_f1=aggregate["lenient"]["macro"]["f1"] if aggregate else None,
        target_f1=run["target_f1"],
        tokens=_tokens(usage) if usage else None,
        usd=usage["usd"] if usage else None,
        p50_seconds=took["p50"],
        p95_seconds=took["p95"],
        reviewed=record["reviewed"] if record else None,
        reviewed_of=record["of"] if record else None,
    )


def _era(signature: Mapping[str, object]) -> str:
    text = canonical({name: str(value) for name, value in signature.items()})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _latency(aggregate: AggregateRecord | None) -> LatencyRecord:
    """Return how long answers took; of answers that lay on disk nothing is known."""
    latency = aggregate.get("latency") if aggregate else None
    is_known = latency is not None and (latency["p50"] or 0.0) >= MEASURABLE
    return latency if latency is not None and is_known else {"p50": None, "p95": None}


def _tokens(usage: UsageTotals) -> int | None:
    tokens = [number for number in (usage["input_tokens"], usage["output_tokens"]) if number]
    return sum(tokens) if tokens else None


def _fields(uid: str, results: ResultsDocument) -> Iterator[PastField]:
    for field in results["fields"]:
        counts = counts_of(field["counts"])
        errors = counts.total - counts.correct
        yield PastField(uid, field["field"], field["f1"], field["support"], errors)
