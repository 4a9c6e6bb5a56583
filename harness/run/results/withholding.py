"""Withholding: values whose confidence is under the threshold of their field are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from harness.core.counts import Counts
from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import filled
from harness.core.outcomes import ABSTENTION
from harness.core.records import Answer
from harness.core.scores.scorecard import Empty, average
from harness.core.statistics.combined_confidence import SignalledValue
from harness.core.values import FieldPath, Json
from harness.run.results.case_records import averages
from harness.run.results.confidence import confidences_of
from harness.run.results.score_cases import ScoredCase, Scorer
from harness.run.results.threshold_file import Thresholds
from harness.run.stored.stored_figures import counts_record
from harness.run.stored.stored_results import WithheldRecord
from harness.run.stored.stored_shares import PromiseRecord, TunedRecord


@dataclass(frozen=True, slots=True)
class WithheldCase:
    """One case scored twice: with everything it says, and without what is withheld."""

    before: ScoredCase
    after: ScoredCase
    values: int
    """Values that were withheld."""
    of: int
    """Values with a confidence of the thresholds' source."""


def withhold(scored: ScoredCase, scorer: Scorer, thresholds: Thresholds) -> WithheldCase:
    """Return a case without the values that are under their thresholds.

    The stored answer stays what it was: only what is scored changes. A value without a confidence
    is kept. Nothing is withheld of a case that got no answer.
    """
    reply = scored.output
    if not isinstance(reply, Answer) or scored.result is None:
        return WithheldCase(scored, scored, 0, 0)
    plan = scorer.plan(scored.case.schema, scored.case.rules)
    leaves = list(_leaves(plan, reply.value))
    sure = _confidences(scored, leaves, thresholds)
    known, under = 0, []
    for name, place, shown, value in leaves:
        confidence = sure.get(shown)
        if confidence is None:
            continue
        known += 1
        least = thresholds.of(name, value if isinstance(value, str) else None)
        if least is not None and confidence < least:
            under.append(place)
    if not under:
        return WithheldCase(scored, scored, 0, known)
    withheld = replace(reply, value=without(reply.value, under))
    again = scorer.score(scored.case, withheld)
    after = replace(scored, output=withheld, result=again.result, given=reply)
    return WithheldCase(scored, after, len(under), known)


_LeafValue: TypeAlias = tuple[str, FieldPath, str, Json]
"""Field, path, path as it is shown, and value of a leaf of an answer."""


def _confidences(
    scored: ScoredCase, leaves: Sequence[_LeafValue], thresholds: Thresholds
) -> Mapping[str, float]:
    """Return how sure thresholds are of each value, by its path as it is shown."""
    known = confidences_of(scored)
    if thresholds.combined is None:
        return known.get(thresholds.source, {})
    values = [
        SignalledValue(name, shown, named_confidences)
        for name, _, shown, _ in leaves
        if (named_confidences := {source: by[shown] for source, by in known.items() if shown in by})
    ]
    sure = thresholds.combined.combination().probabilities(values)
    return {one.path: level for one, level in zip(values, sure, strict=True)}


def _leaves(plan: Plan, value: Json) -> Iterable[_LeafValue]:
    """Yield field, path, path as it is shown, and value of every leaf of an answer."""
    for verdict in plan.diff(value, value).verdicts:
        if verdict[0] != ABSTENTION:
            leaf, at = verdict[1], verdict[3]
            place = filled(leaf.path.steps, at)
            yield leaf.path.name or "$", place, leaf.path.fill(at), verdict[5]


def without(value: Json, places: Sequence[FieldPath]) -> Json:
    """Return a value without what stands at some places; items of lists keep their index.

    >>> without({"a": {"b": 1, "c": 2}, "d": ["x", "y"]}, [("a", "b"), ("d", 0)])
    {'a': {'c': 2}, 'd': [None, 'y']}
    """
    if () in places:
        return None
    below: dict[str | int, list[FieldPath]] = {}
    for place in places:
        below.setdefault(place[0], []).append(place[1:])
    if isinstance(value, dict):
        return {
            key: without(part, below[key]) if key in below else part
            for key, part in value.items()
            if () not in below.get(key, ())
        }
    if isinstance(value, list):
        return [without(part, below[n]) if n in below else part for n, part in enumerate(value)]
    return value


def withheld_record(
    cases: Sequence[WithheldCase], thresholds: Thresholds, empty: Empty
) -> WithheldRecord:
    """Return the record of withholding: its amount, and the score before it."""
    counts = [each.before.result.counts for each in cases if each.before.result is not None]
    whole = average(counts, empty)
    return {
        "source": thresholds.source,
        "goal": thresholds.goal,
        "values": sum(each.values for each in cases),
        "of": sum(each.of for each in cases),
        "before": {**averages(whole), "counts": counts_record(sum(counts, Counts()))},
        "promise": _promise(thresholds),
        "tuned": _tuned(thresholds),
    }


def _tuned(thresholds: Thresholds) -> TunedRecord:
    result = thresholds.out_of_fold
    return {
        "values": result.values,
        "accepted": result.accepted,
        "wrong": result.wrong,
        "curve": [
            {
                "threshold": point.threshold,
                "accepted": point.accepted,
                "wrong": point.wrong,
                "accepted_out_of_fold": point.accepted_out_of_fold,
                "wrong_out_of_fold": point.wrong_out_of_fold,
            }
            for point in thresholds.curve
        ],
    }


def _promise(thresholds: Thresholds) -> PromiseRecord | None:
    made = thresholds.promise
    return {"kind": made.kind, "risk": made.risk, "documents": made.documents} if made else None
