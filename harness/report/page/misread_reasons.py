"""Why fields are misread, in the words of `explain`: found again from truths and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from harness.core.differ.plan import Plan
from harness.core.explain.grounds import grounds
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import Verdict
from harness.core.outcomes import ABSTENTION, FORMAT_ERROR, FORMAT_ONLY, WRONG_VALUE
from harness.core.values import Json

MISREAD: Final = frozenset({WRONG_VALUE, FORMAT_ERROR, FORMAT_ONLY})
"""What needs a reason; of what is absent on one side, the verdict says all there is to say."""

MOST: Final = 3_000
"""Verdicts explained in a page, worst cases first: explaining costs more than scoring."""


def add_reasons(answers: Iterable[tuple[list[dict[str, Any]], Plan, Json, Json]]) -> None:
    """Add `why`, a list of sentences, to the stored verdicts of misread fields.

    Args:
        answers: stored verdicts of a case, plan, truth and prediction, most important case first.
            Verdicts that are not what comes out now are left alone: other rules made them.
    """
    left = MOST
    for stored, plan, truth, predicted in answers:
        result = plan.score(truth, predicted)
        now = [(diff.path, diff.outcome.value) for diff in result.diffs]
        if now != [(diff["path"], diff["outcome"]) for diff in stored]:
            continue
        judged = (verdict for verdict in result.ledger.verdicts if verdict[0] != ABSTENTION)
        for diff, verdict in zip(stored, judged, strict=True):
            if verdict[0] in MISREAD:
                diff["why"] = list(_grounds(plan, verdict))
                left -= 1
        if left <= 0:
            return


def _grounds(plan: Plan, verdict: Verdict) -> tuple[str, ...]:
    _, judged, in_truth, _, _, _ = verdict
    assert isinstance(judged, Leaf)  # noqa: S101  # nothing else is judged
    return grounds(verdict, judged.rule, plan.schema_at(judged.path, in_truth))
