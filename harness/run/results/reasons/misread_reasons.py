"""Reasons of misread fields, in the words of `explain`: found when a run is scored, and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from harness.core.differ.plan import Plan
from harness.core.explain.grounds import grounds
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import CODE, Verdict
from harness.core.outcomes import ABSTENTION, FORMAT_ERROR, FORMAT_ONLY, WRONG_VALUE
from harness.core.records import Case
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_results import CaseRecord

MISREAD: Final = frozenset({WRONG_VALUE, FORMAT_ERROR, FORMAT_ONLY})
"""What needs a reason; of what is absent on one side, the verdict says all there is to say."""

_MISSHAPEN: Final = frozenset({FORMAT_ERROR, FORMAT_ONLY})
"""What breaks its schema: of all else the schema says nothing."""

MOST_REASONS: Final = 3_000
"""Verdicts explained in a run, worst cases first: explaining costs more than scoring."""


def add_reasons(
    cases: Iterable[CaseRecord], scored: Iterable[ScoredCase], plan_of: Callable[[Case], Plan]
) -> None:
    """Add `why`, a list of sentences, to the stored verdicts of misread fields.

    Args:
        cases: the stored records of the same cases; verdicts are added to in place.
        scored: what was scored.
        plan_of: how a case was judged.
    """
    results = {(each.case.id, each.replicate): each for each in scored if each.result is not None}
    left = MOST_REASONS
    for record in sorted(cases, key=_worst_first):
        each = results.get((record["id"], record["replicate"]))
        if each is None or each.result is None:
            continue
        verdicts = each.result.ledger.verdicts
        if MISREAD.isdisjoint([verdict[CODE] for verdict in verdicts]):
            continue
        judged = (verdict for verdict in verdicts if verdict[CODE] != ABSTENTION)
        for diff, verdict in zip(record["diffs"], judged, strict=True):
            if verdict[CODE] in MISREAD:
                diff["why"] = list(_grounds(plan_of(each.case), verdict))
                left -= 1
        if left <= 0:
            return


def _worst_first(record: CaseRecord) -> tuple[float, str, int]:
    f1 = record["f1"]
    return 0.0 if f1 is None else f1, record["id"], record["replicate"]


def _grounds(plan: Plan, verdict: Verdict) -> tuple[str, ...]:
    code, judged, in_truth, _, _, _ = verdict
    assert isinstance(judged, Leaf)  # noqa: S101  # nothing else is judged
    schema = plan.schema_at(judged.path, in_truth) if code in _MISSHAPEN else {}
    return grounds(verdict, judged.rule, schema)
