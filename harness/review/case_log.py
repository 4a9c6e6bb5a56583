"""The log of one case: who decided what, when, from which value to which, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.case_history import CaseHistory, plain_decision
from harness.cases.decisions.decision import EDITS, Act, Decision, Slots
from harness.core.values import Json, show
from harness.errors import Problem, UsageError, did_you_mean
from harness.review.reviewed_suite import ReviewedSuite


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One decision as it is told."""

    decision: Decision
    path: str
    """As it was shown when it was decided; `$` for the whole."""
    fields: int
    """How many fields it speaks of."""
    is_withdrawn: bool
    before: Json
    had_value: bool
    """False where nothing stood there before."""
    is_conflict: bool
    """It was kept beside another one: its writer had not seen that."""


def case_log(suite: ReviewedSuite, case_id: str, path: str | None = None) -> Iterator[LogEntry]:
    """Yield what was decided about a case, oldest first; with a path, about that field only.

    Raises UsageError for a case or a path that nothing was decided about.
    """
    reviewed = suite.case(case_id)
    made = [each for each in suite.decisions if each.case == case_id]
    wanted = _slots(reviewed.history, path, {field.path: field.slots for field in reviewed.fields})
    withdrawn = fold_case(made).withdrawn
    for number, each in enumerate(made):
        decision = reviewed.history.by_id.get(each.id, each)
        if wanted is None or _concerns(decision, wanted):
            before = fold_case(made[:number])
            after = fold_case(made[: number + 1])
            yield _entry(decision, (before, after), is_withdrawn=decision.id in withdrawn)


def _slots(history: CaseHistory, path: str | None, known: dict[str, Slots]) -> Slots | None:
    if path is None:
        return None
    if path in known:
        return known[path]
    gone = {
        show(history.path_of(each.path)): each.path for each in history.by_id.values() if each.path
    }
    if path not in gone:
        hint = did_you_mean(path, {*known, *gone})
        raise UsageError(Problem(f"the case has no field at {path!r}", "unknown-path", hint=hint))
    return gone[path]


def _concerns(decision: Decision, slots: Slots) -> bool:
    if decision.do is Act.BASE:
        return True
    places = [path for path, _ in decision.fields] or [decision.path]
    return any(slots[: len(p)] == p or p[: len(slots)] == slots for p in places)


def _entry(
    decision: Decision, around: tuple[CaseHistory, CaseHistory], *, is_withdrawn: bool
) -> LogEntry:
    before, after = around
    had_value, node = before.node(decision.path)
    is_edit = decision.do in EDITS
    place = decision.fields[0][0] if len(decision.fields) == 1 else decision.path
    return LogEntry(
        decision,
        show((after if decision.do is Act.ADD else before).path_of(place)),
        max(1, len(decision.fields)),
        is_withdrawn,
        plain_decision(node) if is_edit and had_value else None,
        had_value=had_value and is_edit,
        is_conflict=decision.id in [each.id for each in after.conflicts.get(decision.path, ())],
    )
