"""Stored records for tests: verdicts and their sums, as a run folder would hold them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

Record: TypeAlias = Any
"""A stored record, whole or only the part that a test is about."""

OUTCOMES = ("correct", "omission", "hallucination", "format_error", "wrong_value")


class Run(NamedTuple):
    """What a report is made of."""

    run: Record
    results: Record
    sources: Record


def scores(counts: Record) -> tuple[float | None, float | None, float | None]:
    """Return precision, recall and F1 under `standard`."""
    tp, fp, fn = charged(counts)
    if not tp + fp + fn:
        return None, None, None
    return (
        tp / (tp + fp) if tp + fp else 0.0,
        tp / (tp + fn) if tp + fn else 0.0,
        2 * tp / (2 * tp + fp + fn),
    )


def charged(counts: Record) -> tuple[int, int, int]:
    """Return true positives, false positives, false negatives."""
    both = counts["format_error"] + counts["wrong_value"]
    return counts["correct"], both + counts["hallucination"], both + counts["omission"]


def tally(diffs: Iterable[Record], abstained: int = 0) -> Record:
    """Return the counts of some verdicts."""
    diffs = list(diffs)
    seen = Counter(diff["outcome"] for diff in diffs)
    equal = sum(bool(diff.get("value_equal")) for diff in diffs)
    counts = {outcome: seen[outcome] for outcome in OUTCOMES}
    return {**counts, "value_equal": equal, "true_negatives": abstained}


def lenient(counts: Record) -> Record:
    """Return the counts with readable format errors taken as right."""
    equal = counts["value_equal"]
    return {
        **counts,
        "correct": counts["correct"] + equal,
        "format_error": counts["format_error"] - equal,
    }


def _guide_code(counts: Record) -> Record:
    """Return counts that give, under `standard`, what the originals give under `guide-code`."""
    moved = counts["format_error"] + counts["wrong_value"]
    made_up = counts["hallucination"] + moved
    return {**counts, "format_error": 0, "wrong_value": 0, "hallucination": made_up}


def case(case_id: str, diffs: list[Record], *, abstained: int = 0, **more: object) -> Record:
    """Return one case of `eval-results.json`."""
    counts = tally(diffs, abstained)
    precision, recall, score = scores(counts)
    tp, fp, fn = charged(counts)
    return {
        "id": case_id,
        "tags": [],
        "precision": precision,
        "recall": recall,
        "f1": score,
        "lenient_f1": scores(lenient(counts))[2],
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "total_gt_fields": sum("expected" in diff for diff in diffs),
        "correct_fields": counts["correct"],
        "counts": counts,
        "failure": None,
        "repairs": [],
        "approximate": [],
        "diffs": diffs,
        **more,
    }


def missing(case_id: str, kind: str, message: str) -> Record:
    """Return a case that nobody answered."""
    failure = {"kind": kind, "message": message, "missing": True}
    return case(case_id, [], failure=failure)


def results(cases: list[Record], *, complete: bool = True, target: float | None = 0.9) -> Record:
    """Return `eval-results.json` for some cases; its sums are right, its intervals are made up."""
    scored = [one for one in cases if one["f1"] is not None]
    total = tally(diff for one in cases for diff in one["diffs"])
    total["true_negatives"] = sum(one["counts"]["true_negatives"] for one in cases)
    tp, fp, fn = charged(total)
    macro = _mean([(one["precision"], one["recall"], one["f1"]) for one in scored])
    gone = sum(bool(one["failure"] and one["failure"]["missing"]) for one in cases)
    failed = sum(one["failure"] is not None for one in cases) - gone
    perfect = sum(one["f1"] == 1 for one in scored)
    fields = _fields(cases, total)
    return {
        "schema_version": 1,
        "harness_version": "0.1.0",
        "suite": "annual-reports",
        "extractor": "ollama:qwen3-4b",
        "complete": complete,
        "convention": "standard",
        "empty": "skip",
        "target_f1": target,
        "signature": {
            "suite": "3f9a51c07be2",
            "rules": "b81d20aa94f6",
            "convention": "standard",
            "empty": "skip",
            "harness": "0.1.0",
        },
        "aggregate": {
            "macro": macro,
            "micro": _triple(scores(total)),
            "total_true_positives": tp,
            "total_false_positives": fp,
            "total_false_negatives": fn,
            "eval_count": len(scored),
            "counts": total,
            "lenient": {
                "macro": _mean([scores(lenient(one["counts"])) for one in scored]),
                "micro": _triple(scores(lenient(total))),
            },
            "guide-code": {
                "macro": _mean([scores(_guide_code(one["counts"])) for one in scored]),
                "micro": _triple(scores(_guide_code(total))),
            },
            "macro_over_fields": _average([one["f1"] for one in fields if one["f1"] is not None]),
            "weighted_over_fields": _triple(scores(total))["f1"],
            "correction_cost": {"hits": tp, "of": sum(total[outcome] for outcome in OUTCOMES)},
            "perfect_documents": {"hits": perfect, "of": len(scored)},
            "perfect_rows": {"hits": 41, "of": 58},
            "null_floor": 0.062,
            "vacuous_cases": len(cases) - len(scored) - gone,
            "failed_cases": failed,
            "missing_cases": gone,
            "coverage": {"evaluated": sum(total[outcome] for outcome in OUTCOMES), "ignored": 24},
            "intervals": {
                "level": 0.95,
                "method": "bootstrap over documents",
                "documents": 40,
                "macro_f1": _around(macro["f1"], 0.052),
                "micro_f1": _around(scores(total)[2], 0.041),
            },
        },
        "fields": fields,
        "tags": _tags(scored),
        "cases": cases,
    }


def _around(value: float | None, half: float) -> list[float] | None:
    return None if value is None else [max(0.0, value - half), min(1.0, value + half * 0.8)]


def _average(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _triple(three: tuple[float | None, float | None, float | None]) -> Record:
    return dict(zip(("precision", "recall", "f1"), three, strict=True))


def _mean(rows: list[tuple[float | None, float | None, float | None]]) -> Record:
    columns = [[row[place] or 0.0 for row in rows] for place in range(3)]
    precision, recall, score = (_average(column) for column in columns)
    return {"precision": precision, "recall": recall, "f1": score}


def _fields(cases: list[Record], total: Record) -> list[Record]:
    by_field: dict[str, list[Record]] = defaultdict(list)
    for one in cases:
        for diff in one["diffs"]:
            by_field[diff["field"]].append(diff)
    return [_field(name, diffs, total) for name, diffs in by_field.items()]


def _field(name: str, diffs: list[Record], total: Record) -> Record:
    counts = tally(diffs)
    precision, recall, score = scores(counts)
    fixed = dict(total)
    for outcome in OUTCOMES[1:]:
        fixed[outcome] -= counts[outcome]
        fixed["correct"] += counts[outcome] if outcome != "hallucination" else 0
    return {
        "field": name,
        "precision": precision,
        "recall": recall,
        "f1": score,
        "counts": counts,
        "lenient_f1": scores(lenient(counts))[2],
        "support": sum("expected" in diff for diff in diffs),
        "f1_lost": (scores(fixed)[2] or 0) - (scores(total)[2] or 0),
        "comparator": diffs[0]["comparator"],
    }


def _tags(scored: list[Record]) -> list[Record]:
    by_tag: dict[str, list[Record]] = defaultdict(list)
    for one in scored:
        for tag in one["tags"]:
            by_tag[tag].append(one)
    return [
        {
            "tag": tag,
            "cases": len(some),
            "macro": _mean([(one["precision"], one["recall"], one["f1"]) for one in some]),
            "micro": _triple(scores(tally(diff for one in some for diff in one["diffs"]))),
        }
        for tag, some in sorted(by_tag.items())
    ]


def run(*, complete: bool = True) -> Record:
    """Return the record of an invented run."""
    return {
        "run_id": "20251122T140312Z-4f6d6ae1",
        "started": "2025-11-22T14:03:12Z",
        "finished": "2025-11-22T14:07:41Z",
        "suite": "annual-reports",
        "description": "Key figures from the management letters of twelve mid-sized companies.",
        "extractor": "ollama:qwen3-4b",
        "extractor_kind": "model",
        "prompt": {"name": "figures-v3", "sha256": "9c1f04b7ad2e6f5510ee"},
        "harness_version": "0.1.0",
        "complete": complete,
        "signature": {},
    }


def with_causes(scored: Record) -> Record:
    """Return results whose every field that lost something is a cause of its own."""
    losing = [
        f for f in scored["fields"] if any(f["counts"][o] for o in OUTCOMES if o != "correct")
    ]
    names = [field["field"] for field in losing]
    cases = [
        {**one, "diffs": [
            {**d, "cause": names.index(d["field"])} if d["outcome"] != "correct" else d
            for d in one["diffs"]]}
        for one in scored["cases"]
    ]  # fmt: skip
    causes = [
        {
            "kind": "field", "subject": field["field"], "detail": "", "items": 0, "cases": 1,
            "errors": sum(field["counts"][o] for o in OUTCOMES if o != "correct"),
            "counts": {**field["counts"], "correct": 0}, "fields": [field["field"]],
            "micro_f1_lost": 0.1, "macro_f1_lost": 0.2, "micro_f1_cured": 0.9,
        }
        for field in losing
    ]  # fmt: skip
    return {**scored, "causes": causes, "cases": cases}


def diff(path: str, outcome: str, comparator: str = "text", **more: object) -> Record:
    """Return one verdict; `expected` and `predicted` among `more` where they are there."""
    field = "".join("[]" if part.isdigit() else part for part in _parts(path))
    return {"path": path, "field": field, "outcome": outcome, "comparator": comparator, **more}


def _parts(path: str) -> list[str]:
    return [part for piece in path.split("[") for part in piece.split("]")]
