"""Cases with the reviews of their truths: fields that nobody reviewed are not scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from harness.cases.decisions.case_fold import fold_case, fold_decisions
from harness.cases.decisions.case_history import CaseHistory
from harness.cases.decisions.decision import NO_DRAFTER, Act, documents_digest
from harness.cases.decisions.decision_log import read_logs
from harness.cases.decisions.field_reviews import FieldReview, field_reviews
from harness.cases.decisions.file_edits import as_in_file
from harness.cases.decisions.truth_fields import truth_fields
from harness.cases.digest import canonical
from harness.cases.suite import TruthPolicy
from harness.core.comparators.own_functions import Functions
from harness.core.differ.plan import Plan
from harness.core.records import ITEMS, Case, TruthReview
from harness.core.rules.field_rule import Rules, overlaid, rules_as_json
from harness.core.values import FieldPath

PlanOf: TypeAlias = Callable[[Case], Plan]


def plans(rules: Rules, functions: Functions) -> PlanOf:
    """Return what compiles a case's schema and rules, each pair of them once."""
    known: dict[str, Plan] = {}
    by_identity: dict[tuple[int, int], tuple[Case, Plan]] = {}

    def plan(case: Case) -> Plan:
        identity = id(case.schema), id(case.rules)
        if identity not in by_identity:
            content = canonical([case.schema, rules_as_json(case.rules)])
            if content not in known:
                known[content] = Plan(case.schema, overlaid(rules, case.rules), functions)
            by_identity[identity] = case, known[content]  # the case keeps both alive
        return by_identity[identity][1]

    return plan


@dataclass(frozen=True, slots=True)
class TruthRecords:
    """Reviews, drafts and notes about the truths of a suite."""

    files: Mapping[str, Path]
    """By case id, the truths that have a file."""
    policy: TruthPolicy
    histories: Mapping[str, CaseHistory]


def truth_records(home: Path, files: Mapping[str, Path], policy: TruthPolicy) -> TruthRecords:
    """Return what the logs below a folder of truths say. Raises HarnessError for a broken one."""
    return TruthRecords(files, policy, fold_decisions(read_logs(home)))


def with_reviews(cases: Iterable[Case], records: TruthRecords, plan: PlanOf) -> Iterator[Case]:
    """Yield cases that know which of their fields are reviewed.

    A case without a truth file has its draft as truth, if there is one, and none of its fields is
    reviewed but those that people decided on.
    """
    for case in cases:
        yield reviewed_case(case, records, plan(case))


def reviewed_case(case: Case, records: TruthRecords, plan: Plan) -> Case:
    """Return a case that knows which of its fields are reviewed; see `with_reviews`."""
    history, has_file = records.histories.get(case.id), case.id in records.files
    if has_file and records.policy.require == "none" and not _is_draft(history):
        return case
    if not has_file:
        case = replace(case, truth=history.value() if history and history.is_known else None)
    reviews = list(case_reviews(case, records, plan))
    drafter = _drafter(history, reviews) if history is not None else None
    return replace(case, review=replace(truth_review(reviews), drafted_by=drafter))


def _drafter(history: CaseHistory, reviews: Iterable[FieldReview]) -> tuple[str, str | None] | None:
    """Return who drafted a truth, where some reviewed field still says what the draft said."""
    base = next((each for each in history.decisions if each.do is Act.BASE), None)
    if base is None or base.draft in (None, NO_DRAFTER):
        return None
    draft = fold_case([base])
    reviewed = (r for r in reviews if r.is_reviewed and not all(a.unseen for a in r.approvals))
    if not any(draft.digest(each.slots) == history.digest(each.slots) for each in reviewed):
        return None
    known = base.saw if isinstance(base.saw, dict) else {}
    prompt = known.get("prompt")
    return str(known.get("extractor", base.draft)), None if prompt is None else str(prompt)


def case_reviews(case: Case, records: TruthRecords, plan: Plan) -> Iterator[FieldReview]:
    """Yield what is known of each field of a case's truth, as the case has it.

    Of a case without documents approvals hold whatever the documents were.
    """
    history = records.histories.get(case.id) or CaseHistory()
    if case.id in records.files:
        history = as_in_file(history, case.truth, plan)
    fields = truth_fields(plan, case.truth)
    document = documents_digest(case.documents) if case.documents else None
    yield from field_reviews(history, fields, document, records.policy)


def _is_draft(history: CaseHistory | None) -> bool:
    return history is not None and history.drafted_by is not None


def truth_review(reviews: Iterable[FieldReview]) -> TruthReview:
    """Return which part of a truth is reviewed, in as few paths as say it."""
    all_below: Counter[FieldPath] = Counter()
    reviewed_below: Counter[FieldPath] = Counter()
    keys: list[FieldPath] = []
    for review in reviews:
        path = review.field.path
        key = (*path, ITEMS) if review.field.is_list else path
        around = [path[:size] for size in range(len(path) + 1)]
        all_below.update(around)
        if review.is_reviewed:
            reviewed_below.update(around)
            keys.append(key)
    whole = {path for path, count in reviewed_below.items() if count == all_below[path]}
    reviewed = whole | {key for key in keys if key[-1:] == (ITEMS,)}
    top = frozenset(
        path for path in reviewed if not any(path[:size] in whole for size in range(len(path)))
    )
    return TruthReview(top, (len(keys), all_below[()]))
