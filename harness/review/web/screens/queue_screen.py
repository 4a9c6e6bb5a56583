"""The queue of cases: which need a person most, why, and how much time is left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from statistics import fmean, stdev
from types import MappingProxyType
from typing import Final

from harness.cases.decisions.decision import Act, Decision, Slots
from harness.cases.decisions.field_reviews import FieldState
from harness.cases.discovery.splits import HOLDOUT
from harness.core import number_text
from harness.core.values import Json
from harness.errors import Problem, UsageError, did_you_mean
from harness.review.reviewed_case import ReviewedCase, ReviewedField
from harness.review.reviewed_suite import ReviewedSuite
from harness.review.web.entrance.people import Person, Role
from harness.review.web.screens.case_screen import CaseScreen, Viewer, badge, spoken_by

_AUDITED: Final = 0.05
"""Share of the fields all agree on that are looked at one by one all the same."""
_FEWEST: Final = 10
"""Measured decisions from which the time left is told."""
_FIELD: Final = "field:"
QUEUES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "worst": "Worst first",
        "routed": "Most errors expected",
        "unreviewed": "Not reviewed",
        "disagree": "Runs disagree",
        "disputed": "In doubt",
        "later": "For later",
        "audit": "Random audit",
        "held-out": "Held out",
    }
)


def is_audited(suite: str, case: str, path: str) -> bool:
    """Tell whether a field is in the random sample that is looked at although all agree.

    The sample hangs on names alone: it is the same for everybody, and nobody chooses it.
    """
    digest = hashlib.sha256(f"{suite}\0{case}\0{path}".encode()).digest()
    return int.from_bytes(digest[:4]) < _AUDITED * 2**32


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Row of the queue: one case, for one person."""

    id: str
    fields: int
    reviewed: int
    needs: int
    """Open fields about which answers differ or somebody is in doubt."""
    doubts: int
    later: int
    audited: int
    is_held_out: bool
    names: frozenset[str]
    """Fields that are open, indexes folded."""
    badges: tuple[dict[str, Json], ...]
    expected: float = 0.0
    """Wrong values that are expected in a run's answer, by its confidences."""

    @property
    def open(self) -> int:
        """Fields nobody has reviewed, those put off left out."""
        return self.fields - self.reviewed

    def is_in(self, queue: str) -> bool:
        """Tell whether the case is in a queue."""
        if self.is_held_out or queue == "held-out":
            return self.is_held_out and queue == "held-out"
        if queue.startswith(_FIELD):
            return queue.removeprefix(_FIELD) in self.names
        in_queues = {
            "unreviewed": self.open,
            "disagree": self.needs,
            "disputed": self.doubts,
            "later": self.later,
            "audit": self.audited,
            "routed": self.expected if self.open else 0,
        }
        return queue == "worst" or in_queues[queue] > 0

    def rank(self) -> tuple[bool, int, int, int, str]:
        """Return where it stands: doubts first, then by what needs a person, those done last."""
        return (self.open == 0, -self.doubts, -self.needs, -self.open, self.id)

    def why(self) -> list[Json]:
        """Return the reasons it is in the queue, each with how many fields have it."""
        reasons = (
            ("in doubt", self.doubts),
            ("need you", self.needs),
            ("for later", self.later),
            ("never seen", int(self.reviewed == 0 and self.open > 0)),
        )
        return [[w, 0 if w == "never seen" else n] for w, n in reasons if n]


def queue_row(screen: CaseScreen) -> QueueRow:
    """Return what the queue knows of a case."""
    case = screen.case
    rows = [(each, str(row["state"]), str(row["group"])) for each, row in _both(screen)]
    left = [(each, state, group) for each, state, group in rows if state != "right"]
    doubts = sum(f.state in (FieldState.CONFLICT, FieldState.DISPUTED) for f, _, _ in left)
    return QueueRow(
        id=case.id,
        fields=len(rows),
        reviewed=len(rows) - len(left),
        needs=sum(group == "needs" and state != "deferred" for _, state, group in left),
        doubts=0 if screen.viewer.is_blind else doubts,
        later=sum(state == "deferred" for _, state, _ in left),
        audited=len(screen.audited),
        is_held_out=screen.is_held_out,
        names=frozenset(each.name for each, _, _ in left),
        badges=() if screen.hides_runs else tuple(map(badge, case.answers)),
    )


def _both(screen: CaseScreen) -> Iterable[tuple[ReviewedField, dict[str, Json]]]:
    return zip(screen.case.fields, screen.rows(), strict=True)


def fields_to_audit(case: ReviewedCase, suite: str, person: str) -> frozenset[Slots]:
    """Return the fields all agree on that are in the sample and nobody looked at alone.

    That a draft's own run says what the draft says is no agreement.
    """
    drafter = case.history.drafted_by
    if all(answer.run == drafter for answer in case.answers):
        return frozenset()
    chosen = (each for each in case.fields if not each.is_list and each.is_present)
    waiting = {e.slots for e in chosen if e.is_unanimous and is_audited(suite, case.id, e.path)}
    for each in case.history.by_id.values() if waiting else ():
        if each.by == person and each.id not in case.history.withdrawn:
            if each.do is Act.SET:
                waiting.discard(each.path)
            elif each.do is Act.APPROVE and len(each.fields) == 1:
                waiting.discard(each.fields[0][0])
    return frozenset(waiting)


@dataclass(slots=True)
class QueueReader:
    """Rows of the queue, kept for as long as nothing changes about their case."""

    suite: ReviewedSuite
    is_blind: bool
    expected: Mapping[str, float] = field(default_factory=dict)
    """By case, the wrong values that are expected; nobody who reviews blind may know."""
    _screen: tuple[str, str, str, CaseScreen] | None = None
    _kept: dict[tuple[str, str], tuple[str, QueueRow]] = field(default_factory=dict)

    def screen(self, case_id: str, person: str) -> CaseScreen:
        """Return a case for a person; the last one is kept for as long as nothing changes."""
        mark = self.suite.mark(case_id)
        screen = self._screen
        if screen is None or screen[:3] != (case_id, person, mark):
            case = self.suite.case(case_id)
            viewer = Viewer(person, self.is_blind)
            is_apart = self.is_blind or is_held_out(case)
            audited = fields_to_audit(case, self.suite.suite.name, person)
            made = CaseScreen(
                case,
                viewer,
                is_held_out(case),
                spoken_by(case, person),
                frozenset() if is_apart else audited,
            )
            screen = self._screen = case_id, person, mark, made
        return screen[3]

    def row(self, case_id: str, person: str) -> QueueRow:
        """Return a case's row for a person."""
        mark = self.suite.mark(case_id)
        row = self._kept.get((case_id, person))
        if row is not None and row[0] == mark:
            return row[1]
        made = queue_row(self.screen(case_id, person))
        if not self.is_blind:
            made = replace(made, expected=self.expected.get(case_id, 0.0))
        self._kept[case_id, person] = mark, made
        return made

    def rows(self, person: Person) -> list[QueueRow]:
        """Return the rows a person may see, worst first."""
        rows = [self.row(case_id, person.name) for case_id in self.suite.case_ids]
        visible = [row for row in rows if not row.is_held_out or person.role.may(Role.AUDITOR)]
        return sorted(visible, key=QueueRow.rank)


def is_held_out(case: ReviewedCase) -> bool:
    """Tell whether a case is kept apart for the last word."""
    return case.case.split == HOLDOUT


def queue_of(rows: Sequence[QueueRow], name: str) -> list[QueueRow]:
    """Return the rows of a queue. Raises UsageError for a queue there is not."""
    known = name in QUEUES or name.startswith(_FIELD)
    if not known:
        hint = did_you_mean(name, QUEUES) or f"one of {', '.join(QUEUES)}, {_FIELD}NAME"
        raise UsageError(Problem(f"there is no queue {name!r}", "unknown-queue", hint=hint))
    chosen = [row for row in rows if row.is_in(name)]
    return sorted(chosen, key=lambda row: -row.expected) if name == "routed" else chosen


def queue_screen(
    rows: Sequence[QueueRow],
    name: str,
    decisions: Sequence[Decision],
    holder: Callable[[str], Json],
) -> dict[str, Json]:
    """Return a queue as the page gets it."""
    chosen = queue_of(rows, name)
    queues: list[Json] = [
        [key, label, len(queue_of(rows, key))]
        for key, label in QUEUES.items()
        if key in ("worst", "unreviewed", name) or queue_of(rows, key)
    ]
    if name.startswith(_FIELD):
        queues.append([name, name.removeprefix(_FIELD), len(chosen)])
    counted = [row for row in rows if not row.is_held_out]
    return {
        "queue": name,
        "queues": queues,
        "cases": [_listed(row, holder(row.id)) for row in chosen],
        "progress": progress(counted, decisions),
    }


def _listed(row: QueueRow, holder: Json) -> Json:
    return {
        "id": row.id,
        "why": row.why(),
        "open": row.open,
        "fields": row.fields,
        "reviewed": row.reviewed,
        "badges": [*row.badges],
        "holder": holder,
    }


def progress(rows: Sequence[QueueRow], decisions: Sequence[Decision]) -> dict[str, Json]:
    """Return how far the review is, and how long the rest may take by what was measured."""
    fields, reviewed = sum(row.fields for row in rows), sum(row.reviewed for row in rows)
    return {
        "fields": fields,
        "reviewed": reviewed,
        "share": number_text.percent(reviewed / fields) if fields else "",
        "left": time_left(fields - reviewed, decisions),
    }


def time_left(fields: int, decisions: Sequence[Decision]) -> str:
    """Return how long so many fields may take, in words.

    The mean of the measured seconds per field, decision by decision, with twice its standard
    error either way: people who decide on many fields at once count once for all of them.
    """
    if not fields:
        return "nothing is left"
    spent = [
        (each.seconds, max(len(each.fields), 1))
        for each in decisions
        if each.seconds is not None and each.do in (Act.APPROVE, Act.SET, Act.ADD, Act.REMOVE)
    ]
    if len(spent) < _FEWEST:
        return f"the time left is told after {_FEWEST} decisions"
    total, done = sum(seconds for seconds, _ in spent), sum(n for _, n in spent)
    rate = total / done
    rests = [seconds - rate * n for seconds, n in spent]
    error = sqrt(len(rests)) * stdev(rests, fmean(rests)) / done
    low, high = max(rate - 2 * error, 0.0) * fields, (rate + 2 * error) * fields
    return f"about {_minutes(rate * fields)} left ({_minutes(low)} to {_minutes(high)})"


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "1 min"
    return f"{minutes} min" if minutes < 120 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004
