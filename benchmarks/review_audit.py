"""The audit of truths in which 3 % of the values are wrong, for `review.py`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from review_sets import SETS, project_of

from harness.core.outcomes import Outcome
from harness.core.values import Json
from harness.review.audit.audit_record import audit_truths
from harness.review.audit.truth_audit import audit_questions
from harness.review.reviewed_suite import ReviewedSuite
from tests.review.web.by_keys import plant


@dataclass(frozen=True)
class Audited:
    """What an audit asked about one set."""

    name: str
    before: int
    """Questions about the truths as they are published: conventions, and errors of theirs."""
    wrong: int
    """Fields of documents in which an error was planted."""
    found: int
    """Those that a question is about."""
    new: int
    """Questions there are since errors were planted."""
    right: int
    """Those that are about a planted error."""
    itself: int
    """Questions where every system answers what the truth says."""


def audited(data: Path, name: str, home: Path, most: int, share: float) -> Audited:
    """Plant errors into a set's truths and see what the audit asks."""
    project = project_of(data, name, home / f"{name}-audited", most)
    os.chdir(project)
    earlier = _asked(project, name)
    truths, _, _ = plant(project, name, share)
    wrong = _wrong(project, name, truths)
    new = _asked(project, name) - earlier
    found = {each for each in wrong if any(_is_about(one, each) for one in new)}
    right = [one for one in new if any(_is_about(one, each) for each in wrong)]
    itself = _asked_of_itself(project, name)
    return Audited(name, len(earlier), len(wrong), len(found), len(new), len(right), itself)


def _opened(project: Path, name: str) -> ReviewedSuite:
    runs = sorted(record.parent for record in (project / "reports").glob("*/run.json"))
    return ReviewedSuite.open(Path("evals", name), runs)


def _asked(project: Path, name: str) -> set[tuple[str, str, str]]:
    """Return case, field and kind of each question."""
    questions = audit_truths(_opened(project, name)).questions
    return {(each.case, each.field, each.kind) for each in questions}


def _wrong(project: Path, name: str, truths: Mapping[str, Json]) -> set[tuple[str, str]]:
    """Return case and field of each error, by the scorer."""
    suite = _opened(project, name)
    return {
        (case, diff.field)
        for case, truth in truths.items()
        for diff in suite.case(case).plan.score(truth, suite.case(case).truth).diffs
        if diff.outcome is not Outcome.CORRECT
    }


def _is_about(question: tuple[str, str, str], error: tuple[str, str]) -> bool:
    """Tell whether a question is about a field, or about an item that it is in."""
    case, field, kind = question
    is_item = kind in ("missing_item", "extra_item")
    return case == error[0] and (field == error[1] or (is_item and error[1].startswith(field)))


def _asked_of_itself(project: Path, name: str) -> int:
    suite = _opened(project, name)
    cases = [suite.case(case) for case in suite.case_ids]
    answers = [dict.fromkeys(SETS[name], seen.truth) for seen in cases]
    return len(audit_questions([(e.case, e.plan, a) for e, a in zip(cases, answers, strict=True)]))
