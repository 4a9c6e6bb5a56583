"""Values of runs beside the fields of a truth: values, verdicts and items the truth has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.cases.decisions.case_history import CaseHistory
from harness.cases.decisions.field_reviews import FieldReview
from harness.core.explain.paired_items import (
    filled,
    paired_items,
)
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    SingleItem,
    Verdict,
)
from harness.core.outcomes import ABSTENTION, HALLUCINATION, OMISSION, OUTCOME_OF, Outcome
from harness.core.records import Answer
from harness.core.values import FieldPath, Json, show, value_at_path
from harness.review.reviewed_case import ExtraItem, RunAnswer, RunValue


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of an answer, by their path in the truth."""

    pairs: Mapping[FieldPath, Mapping[int, int]]
    spare: frozenset[FieldPath]
    """Lists that the answer has more items of."""


def run_values(answer: RunAnswer, reviews: Sequence[FieldReview]) -> list[RunValue | None]:
    """Return what a run says of each field; None where it says nothing at all."""
    if answer.result is None or not isinstance(answer.output, Answer):
        return [None] * len(reviews)
    ledger, value = answer.result.ledger, answer.output.value
    within = {n for one in ledger.spare for n in range(one.start, one.end)}
    verdicts = {
        filled(verdict[FIELD].path.steps, verdict[PLACE_EXPECTED]): verdict
        for n, verdict in enumerate(ledger.verdicts)
        if n not in within
    }
    sure = dict(answer.output.confidences)
    lists = _Lists(
        paired_items(ledger), frozenset(_list_path(one) for one in outer_items(ledger.spare))
    )
    values: list[RunValue | None] = []
    for review in reviews:
        verdict = verdicts.get(review.field.path)
        if review.field.is_list and verdict is None:
            values.append(_list_value(answer.run, review, lists, value))
        elif verdict is None:
            values.append(RunValue(answer.run, False, None, _lost(review), "", None))  # noqa: FBT003
        else:
            values.append(_leaf_value(answer.run, verdict, sure))
    return values


def _lost(review: FieldReview) -> Outcome | None:
    return Outcome.OMISSION if review.field.is_present else None


def _leaf_value(run: str, verdict: Verdict, sure: Mapping[str, float]) -> RunValue:
    code, leaf, at_expected, at_predicted, _, predicted = verdict
    is_present = code not in (OMISSION, ABSTENTION)
    path = leaf.path.fill(at_predicted if is_present else at_expected)
    outcome = None if code == ABSTENTION else OUTCOME_OF[code]
    value = predicted if is_present else None
    return RunValue(run, is_present, value, outcome, path, sure.get(path))


def _list_value(run: str, review: FieldReview, lists: _Lists, answer: Json) -> RunValue:
    path = review.field.path
    count = len(review.value) if isinstance(review.value, list) else 0
    is_whole = len(lists.pairs.get(path, {})) == count and path not in lists.spare
    listed = value_at_path(answer, path)
    outcome = Outcome.CORRECT if is_whole else Outcome.WRONG_VALUE
    return RunValue(run, isinstance(listed, list), None, outcome, show(path), None)


def outer_items(spare: Sequence[SingleItem]) -> list[SingleItem]:
    """Return the spare items that are not inside another one."""
    items: list[SingleItem] = []
    for one in reversed(spare):
        if not items or one.start < items[-1].start:
            items.append(one)
    return items[::-1]


def _list_path(one: SingleItem) -> FieldPath:
    return filled(one.list.steps, one.expected)


def extra_items(answer: RunAnswer, history: CaseHistory) -> list[ExtraItem]:
    """Return the list items that a run has and the truth has not."""
    if answer.result is None or not isinstance(answer.output, Answer):
        return []
    items: list[ExtraItem] = []
    verdicts = answer.result.ledger.verdicts
    pairs = paired_items(answer.result.ledger)
    for one in outer_items(answer.result.ledger.spare):
        if any(verdict[CODE] == HALLUCINATION for verdict in verdicts[one.start : one.end]):
            place = _list_path(one)
            item = (*one.list.steps, 0)
            at = filled(item, one.place)
            value = value_at_path(answer.output.value, at)
            after = _item_before(place, at, pairs.get(place, {}))
            slot = "" if after is None else history.slots_of(after)[-1]
            listed = answer.run, show(place), history.slots_of(place)
            items.append(ExtraItem(*listed, value, show(at), slot))
    return items


def _item_before(place: FieldPath, at: FieldPath, pairs: Mapping[int, int]) -> FieldPath | None:
    """Return the truth's item whose partner stands last before an item of an answer."""
    number = at[-1]
    before = [(p, e) for e, p in pairs.items() if isinstance(number, int) and p < number]
    return (*place, max(before)[1]) if before else None
