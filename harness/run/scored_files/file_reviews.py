"""Review logs beside truth files: which fields of the truths people vouch for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.cases.decisions.case_fold import fold_case
from harness.cases.decisions.decision import Decision
from harness.cases.decisions.decision_log import FOLDER, read_logs
from harness.cases.decisions.dispute_file import DISPUTES
from harness.cases.decisions.reviewed_cases import TruthRecords, reviewed_case
from harness.cases.files.object_store import is_remote
from harness.cases.suite import TruthPolicy
from harness.core.differ.plan import Plan
from harness.core.records import Case
from harness.core.values import Json
from harness.errors import Problem, UsageError


@dataclass(frozen=True, slots=True)
class FileReviews:
    """Reviews of truths in files, and the policy that the scorer applies.

    There is no document to look at: an approval holds for as long as the truth says the same.
    """

    home: Path
    """The folder whose `review` folder holds the logs."""
    policy: TruthPolicy
    decisions: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    """By case."""

    def reviewed(self, case: Case, plan: Plan) -> Case:
        """Return a case that knows which of its fields are reviewed."""
        made = self.decisions.get(case.id, ())
        histories = {case.id: fold_case(made)} if made else {}
        records = TruthRecords({case.id: self.home}, self.policy, histories)
        return reviewed_case(case, records, plan)

    def to_json(self) -> Json:
        """Return what another process needs to read the same logs, and to see that it did."""
        of = self.policy
        return {
            "home": str(self.home),
            "require": of.require,
            "reviewers": of.reviewers,
            "sha256": self._sha256(),
        }

    def _sha256(self) -> str:
        known = sorted(each.id for made in self.decisions.values() for each in made)
        return hashlib.sha256("\n".join(known).encode()).hexdigest()


def reviews_in(home: Path, policy: TruthPolicy) -> FileReviews:
    """Return what the logs below a folder say. Raises HarnessError for a broken one."""
    decisions: dict[str, list[Decision]] = {}
    for decision in read_logs(home):
        decisions.setdefault(decision.case, []).append(decision)
    return FileReviews(home, policy, {case: tuple(made) for case, made in decisions.items()})


def reviews_beside(
    truths: Path, policy: TruthPolicy, home: Path | None = None
) -> FileReviews | None:
    """Return what people decided about truths in a folder, or in a file; None where nobody did.

    The logs are those of `home`, by default those beside the truths. Raises HarnessError for a
    broken one, UsageError where logs are asked for and none is there.
    """
    beside = None
    if not is_remote(truths) and truths.exists():
        beside = truths.resolve() if truths.is_dir() else truths.resolve().parent
    place = home.resolve() if home is not None else beside
    is_there = place is not None and (
        any((place / FOLDER).glob("*.jsonl")) or (place / DISPUTES).is_file()
    )
    if place is None or not is_there:
        if home is not None or policy.require != "none":
            what = f"there are no review logs in {str(place / FOLDER) if place else str(truths)!r}"
            hint = "--reviews names the folder of the truths that were reviewed"
            raise UsageError(Problem(what, "no-reviews", hint=hint))
        return None
    reviews = reviews_in(place, policy)
    is_asked = policy.require != "none" or any(_drafts(reviews.decisions.values()))
    return reviews if is_asked else None


def reviews_of_json(stored: Mapping[str, Json] | None) -> FileReviews | None:
    """Return what `to_json` wrote, the logs read again.

    Raises UsageError where they are others by now, or are not there.
    """
    if stored is None:
        return None
    require: Literal["none", "approved"] = "approved" if stored["require"] == "approved" else "none"
    reviews = reviews_in(
        Path(str(stored["home"])), TruthPolicy(require, int(str(stored["reviewers"])))
    )
    if reviews.to_json() != stored:
        what = f"the review logs in {stored['home']!r} are not those that scoring began with"
        raise UsageError(Problem(what, "other-reviews", hint="workers read the same files"))
    return reviews


def _drafts(cases: Iterable[Iterable[Decision]]) -> Iterable[bool]:
    """Tell of each case whether its truth began as a run's draft."""
    return (any(each.draft is not None for each in made) for made in cases)
