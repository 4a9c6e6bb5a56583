"""Why fields are wrong, in the words of `explain`: found again from truths and answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from harness.core.fields import Leaf
from harness.core.grounds import grounds
from harness.core.ledger import Verdict
from harness.core.plan import Plan
from harness.core.values import Json
from harness.core.verdicts import ABSTENTION, CORRECT, HALLUCINATION

MOST: Final = 3_000
"""Verdicts explained in a page, worst cases first: explaining costs more than scoring."""


def reasons(
    answers: Iterable[tuple[Mapping[str, Any], Plan, Json, Json]],
) -> Iterator[tuple[Mapping[str, Any], dict[int, tuple[str, ...]]]]:
    """Yield each case with why its wrong fields are wrong, by the place of the verdict.

    Args:
        answers: stored case, plan, truth and prediction, in the order of their importance.
    """
    left = MOST
    for case, plan, truth, predicted in answers:
        if left <= 0:
            return
        found = _of_case(plan, truth, predicted, case["diffs"])
        left -= len(found)
        yield case, found


def _of_case(
    plan: Plan, truth: Json, predicted: Json, stored: Sequence[Mapping[str, Any]]
) -> dict[int, tuple[str, ...]]:
    """Return why, by place; nothing where the stored verdicts are not what comes out now."""
    result = plan.score(truth, predicted)
    now = [(diff.path, diff.outcome.value) for diff in result.diffs]
    if now != [(diff["path"], diff["outcome"]) for diff in stored]:
        return {}
    judged = [verdict for verdict in result.ledger.verdicts if verdict[0] != ABSTENTION]
    return {
        place: _grounds(plan, verdict)
        for place, verdict in enumerate(judged)
        if verdict[0] != CORRECT
    }


def _grounds(plan: Plan, verdict: Verdict) -> tuple[str, ...]:
    code, judged, in_truth, in_prediction, _, _ = verdict
    assert isinstance(judged, Leaf)  # noqa: S101  # nothing else is judged
    at = in_prediction if code == HALLUCINATION else in_truth
    return grounds(verdict, judged.rule, plan.schema_at(judged.path, at))
