"""Bulk approval: many fields approved by one person at once, previewed, and taken back as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.cases.decisions.decision import Act, Decision
from harness.cases.decisions.field_reviews import FieldState
from harness.errors import Problem, UsageError
from harness.review.reviewed_case import ReviewedCase, ReviewedField
from harness.review.reviewed_suite import ReviewedSuite

BULK = "bulk approval"
"""What such a decision says why."""
_IN_DOUBT = (FieldState.CONFLICT, FieldState.DISPUTED)


@dataclass(frozen=True, slots=True)
class BulkApproval:
    """Fields of one case that would be approved."""

    case: str
    fields: tuple[ReviewedField, ...]
    left: int
    """Fields in conflict or disputed: a person has to look at these."""


def bulk_approvals(
    suite: ReviewedSuite, person: str, cases: Iterable[str], *, unanimous: bool
) -> Iterator[BulkApproval]:
    """Yield what a person would approve of each case that they have not approved yet.

    With `unanimous` only fields of which every run says what the truth says; the runs are the
    suite's. Raises UsageError for a case that there is none of.
    """
    for case_id in cases:
        reviewed = suite.case(case_id)
        open_fields = [f for f in reviewed.fields if person not in {by for by, _ in f.approved}]
        wanted = [f for f in open_fields if not unanimous or _is_unanimous(f, reviewed)]
        fields = tuple(f for f in wanted if f.state not in _IN_DOUBT)
        yield BulkApproval(case_id, fields, len(wanted) - len(fields))


def _is_unanimous(field: ReviewedField, reviewed: ReviewedCase) -> bool:
    return field.is_unanimous and len(field.runs) == len(reviewed.answers)


def carry_out(suite: ReviewedSuite, person: str, bulk: Sequence[BulkApproval]) -> int:
    """Write bulk approvals down and return how many fields were approved."""
    for one in bulk:
        if one.fields:
            fields = tuple((f.slots, f.digest) for f in one.fields)
            approval = Decision("", "", "", one.case, Act.APPROVE, fields=fields, why=BULK)
            suite.decide(person, one.case, [approval])
    return sum(len(one.fields) for one in bulk)


def last_bulk(suite: ReviewedSuite, person: str) -> list[Decision]:
    """Return the approvals of a person's last bulk approval that were not taken back.

    Raises UsageError where there is none.
    """
    gone = {each.of for each in suite.decisions if each.do is Act.WITHDRAW}
    mine = [each for each in suite.decisions if each.by == person and each.do is not Act.BASE]
    newest: list[Decision] = []
    for each in reversed(mine):
        if each.do is Act.WITHDRAW or each.id in gone:
            continue
        if each.why != BULK:
            if newest:
                break
            continue
        if newest and any(each.case == one.case for one in newest):
            break  # the same case again: another bulk approval
        newest.append(each)
    if not newest:
        what = f"{person!r} has no bulk approval to take back"
        raise UsageError(Problem(what, "nothing-to-undo", hint="say who: --as NAME"))
    return newest[::-1]


def take_back(suite: ReviewedSuite, person: str, decisions: Iterable[Decision]) -> int:
    """Withdraw decisions of a person and return how many fields they were of."""
    fields = 0
    for each in decisions:
        suite.decide(person, each.case, [Decision("", "", "", each.case, Act.WITHDRAW, of=each.id)])
        fields += len(each.fields)
    return fields
