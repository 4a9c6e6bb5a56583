"""Flips: how each field of a case changed from one run to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import TypeAlias

from harness.cases.digest import canonical
from harness.core.counts import Ratio
from harness.core.outcomes import Outcome
from harness.run.stored.stored_results import CaseRecord, DiffRecord, DiffValues

FlipKey: TypeAlias = tuple[str, str, int]
"""Path of an expected field, or field and value of one made up; and which of several such."""


class Change(StrEnum):
    """Kinds of change of one field."""

    FIXED = "fixed"
    BROKEN = "broken"
    STILL_WRONG = "still_wrong"
    """Wrong in both runs, with different values."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class SideVerdict:
    """One run's verdict on a field."""

    diff: DiffRecord | None
    """The stored verdict, of the replicate that stands for the others; None where nothing is said
    and nothing expected."""
    right: Ratio
    """In how many replicates it is right."""

    @property
    def is_right(self) -> bool:
        """True where most replicates are right."""
        return 2 * self.right.hits > self.right.of


@dataclass(frozen=True, slots=True)
class Flip:
    """One field of one case whose verdict changed, with the evidence of both runs."""

    case: str
    path: str
    field: str
    change: Change
    base: SideVerdict
    new: SideVerdict
    critical: bool = False

    @property
    def expected(self) -> DiffValues:
        """The verdict that holds the expected value, if there is one."""
        return self.base.diff or self.new.diff or {}


def flips(
    case: str, base: Sequence[CaseRecord], new: Sequence[CaseRecord], critical: frozenset[str]
) -> Iterator[Flip]:
    """Yield the change of every field of a case, from its replicates in both runs."""
    before, after = said_by_key(base), said_by_key(new)
    for left, right in _partners(before, after):
        was = before[left] if left else []
        now = after[right] if right else []
        diff = (was or now)[0][1]
        one = _verdict(was, len(base), made_up=left is None or _is_made_up(left))
        two = _verdict(now, len(new), made_up=right is None or _is_made_up(right))
        is_critical = diff["field"] in critical
        yield Flip(case, diff["path"], diff["field"], _change(one, two), one, two, is_critical)


ReplicateVerdicts: TypeAlias = list[tuple[int, DiffRecord]]
"""Replicates, by number from 0, and the verdict each gave."""


def said_by_key(replicates: Sequence[CaseRecord]) -> Mapping[FlipKey, ReplicateVerdicts]:
    """Return what replicates of a case say of each field, in the order in which they are met."""
    by_key: dict[FlipKey, ReplicateVerdicts] = defaultdict(list)
    for number, case in enumerate(replicates):
        times: dict[tuple[str, str], int] = defaultdict(int)
        for diff in case["diffs"]:
            name = _name(diff)
            by_key[(*name, times[name])].append((number, diff))
            times[name] += 1
    return by_key


def _name(diff: DiffRecord) -> tuple[str, str]:
    if diff["outcome"] != Outcome.HALLUCINATION:
        return diff["path"], ""
    return diff["field"], f"+{canonical(diff['predicted'])}"


def _is_made_up(key: FlipKey) -> bool:
    return bool(key[1])


def _partners(
    before: Mapping[FlipKey, ReplicateVerdicts], after: Mapping[FlipKey, ReplicateVerdicts]
) -> Iterator[tuple[FlipKey | None, FlipKey | None]]:
    """Pair the verdicts of both runs; what was made up in one only, with another such."""
    alone: dict[str, tuple[list[FlipKey], list[FlipKey]]] = defaultdict(lambda: ([], []))
    for key in before:
        if key in after:
            yield key, key
        elif _is_made_up(key):
            alone[key[0]][0].append(key)
        else:
            yield key, None
    for key in after:
        if key not in before:
            if _is_made_up(key):
                alone[key[0]][1].append(key)
            else:
                yield None, key
    for left, right in alone.values():
        yield from zip_longest(left, right)


def _verdict(met: ReplicateVerdicts, replicates: int, *, made_up: bool) -> SideVerdict:
    """Return a run's verdict: what is made up is right in replicates that do not say it."""
    right = {number for number, diff in met if diff["outcome"] == Outcome.CORRECT}
    if made_up:
        right = set(range(replicates)) - {number for number, _ in met}
    verdict = SideVerdict(None, Ratio(len(right), replicates))
    typical = [diff for number, diff in met if (number in right) == verdict.is_right]
    return SideVerdict(typical[0] if typical else None, verdict.right)


def _change(base: SideVerdict, new: SideVerdict) -> Change:
    if base.is_right != new.is_right:
        return Change.FIXED if new.is_right else Change.BROKEN
    if base.is_right or _tells(base) == _tells(new):
        return Change.UNCHANGED
    return Change.STILL_WRONG


def _tells(verdict: SideVerdict) -> tuple[object, ...]:
    diff = verdict.diff
    if diff is None:
        return ()
    return diff["outcome"], canonical(diff.get("predicted")), "predicted" in diff
