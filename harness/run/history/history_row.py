"""One past run in a line, and one of its fields: what a history is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cases.digest import canonical
from harness.run import store


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
    """What two scores must share to be compared, as a digest."""
    suite_digest: str
    rules_digest: str
    convention: str
    harness_version: str
    cases: int
    unanswered: int
    macro_f1: float | None
    macro_low: float | None
    macro_high: float | None
    micro_f1: float | None
    lenient_macro_f1: float | None
    target_f1: float | None
    tokens: int | None
    usd: float | None


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


def past_of(run: Mapping[str, Any]) -> Past:
    """Return what a run's record says of it."""
    uid = hashlib.sha256(f"{run['run_id']} {run['started']}".encode()).hexdigest()[:16]
    signature = run["signature"]
    aggregate = (run.get("headline") or {}).get("aggregate") or {}
    low, high = (aggregate.get("intervals") or {}).get("macro_f1") or (None, None)
    usage = aggregate.get("usage") or {}
    prompt = run["prompt"] or {}
    tokens = [usage[kind] for kind in ("input_tokens", "output_tokens") if usage.get(kind)]
    return Past(
        uid=uid,
        run_id=run["run_id"],
        suite=run["suite"],
        extractor=run["extractor"],
        model=run.get("model"),
        prompt=prompt.get("name"),
        prompt_sha256=prompt.get("sha256"),
        started=str(run["started"]),
        complete=int(bool(run["complete"])),
        era=hashlib.sha256(canonical(signature).encode()).hexdigest()[:16],
        suite_digest=signature.get("suite", run["suite_digest"]),
        rules_digest=signature.get("rules", ""),
        convention=signature.get("convention", ""),
        harness_version=run["harness_version"],
        cases=aggregate.get("eval_count", 0) + aggregate.get("missing_cases", 0),
        unanswered=aggregate.get("failed_cases", 0) + aggregate.get("missing_cases", 0),
        macro_f1=_score(aggregate, "macro"),
        macro_low=low,
        macro_high=high,
        micro_f1=_score(aggregate, "micro"),
        lenient_macro_f1=_score(aggregate.get("lenient") or {}, "macro"),
        target_f1=run["target_f1"],
        tokens=sum(tokens) if tokens else None,
        usd=usage.get("usd"),
    )


def _score(part: Mapping[str, Any], kind: str) -> float | None:
    found = (part.get(kind) or {}).get("f1")
    return None if found is None else float(found)


def _fields(uid: str, results: Mapping[str, Any]) -> Iterator[PastField]:
    for field in results["fields"]:
        counts = field["counts"]
        errors = sum(
            counts[kind] for kind in ("omission", "hallucination", "format_error", "wrong_value")
        )
        yield PastField(uid, field["field"], field["f1"], field["support"], errors)
