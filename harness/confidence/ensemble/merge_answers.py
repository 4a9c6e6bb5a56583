"""Merging answers: one document's JSON from several, slot by slot, by votes over values.

Votes are for values and not for spellings: two answers agree where the scorer finds them the same,
or right but for the format. List items are paired as they are when they are scored.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import (
    filled,
)
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    VALUE_PREDICTED,
    JudgedField,
)
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ERROR, FORMAT_ONLY, HALLUCINATION
from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.values import FieldPath, Json, Steps, show, value_at_path

_SAME: Final = (CORRECT, FORMAT_ONLY)


@dataclass(frozen=True, slots=True)
class Member:
    """One answer to a document, and what its vote weighs."""

    value: Json
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class MergedAnswer:
    """The merged answer, and the share of votes behind each of its values."""

    value: Json
    shares: Mapping[str, float]
    """By path as it is shown."""


@dataclass(slots=True)
class _Slot:
    """A leaf of the merged answer while votes come in."""

    leaf: JudgedField
    votes: list[tuple[Json, float]] = field(default_factory=list)


def merge_answers(
    plan: Plan, members: Sequence[Member], keep: float = 0.5, silent: float = 0.0
) -> MergedAnswer:
    """Return the answer that members agree on, the same for any order of members.

    A list item is kept where members of at least `keep` of the weight have it, a value where those
    who say it outweigh those who leave it out. `silent` is the weight of members that were asked
    and gave no answer: they vote for nothing.

    >>> plan = Plan({"properties": {"total": {"type": "number"}}})
    >>> merge_answers(plan, [Member({"total": 5}), Member({"total": "5.0"}), Member({"total": 7})])
    MergedAnswer(value={'total': 5}, shares={'total': 0.666667})
    """
    if not members:
        return MergedAnswer(None, {})
    ordered = _by_likeness(plan, members)
    merging = _Merging(plan, ordered[0])
    for member in ordered[1:]:
        merging.add(member)
    return merging.result(keep, silent)


def _by_likeness(plan: Plan, members: Sequence[Member]) -> list[Member]:
    """Return the members, the one most like the others first; ties by their canonical JSON."""
    written = [json.dumps(one.value, sort_keys=True, ensure_ascii=False) for one in members]
    likeness = [0.0] * len(members)
    known: dict[tuple[str, str], float] = {}
    for n, m in combinations(range(len(members)), 2):
        low, high = (n, m) if written[n] <= written[m] else (m, n)
        key = written[low], written[high]
        if key not in known:
            known[key] = plan.score(members[low].value, members[high].value).f1 or 0.0
        likeness[n] += known[key] * members[m].weight
        likeness[m] += known[key] * members[n].weight
    ranked = sorted(range(len(members)), key=lambda n: (-round(likeness[n], 9), written[n]))
    return [members[n] for n in ranked]


class _Merging:
    """The merged answer as it grows, its list items opened by whoever has them first."""

    def __init__(self, plan: Plan, first: Member) -> None:
        self._plan = plan
        self._value: Json = json.loads(json.dumps(first.value))
        self._weight = first.weight
        self._slots: dict[FieldPath, _Slot] = {}
        self._items: defaultdict[FieldPath, float] = defaultdict(float)
        """By place of a list item, the weight of the members that have it."""
        for verdict in plan.diff(first.value, first.value).verdicts:
            if verdict[CODE] != ABSTENTION:
                self._vote(
                    verdict[FIELD],
                    filled(verdict[FIELD].path.steps, verdict[PLACE_EXPECTED]),
                    verdict[VALUE_PREDICTED],
                    first,
                )
        self._enter_items(_items_of(first.value), first.weight)

    def add(self, member: Member) -> None:
        """Enter a member's votes; what it has and the others have not opens new slots."""
        self._weight += member.weight
        found = self._plan.diff(self._value, member.value)
        places = _Places(self._value, found.verdicts)
        mine: set[FieldPath] = set()
        for code, leaf, at_merged, at_member, _, predicted in found.verdicts:
            steps = leaf.path.steps
            if code in (CORRECT, FORMAT_ERROR, FORMAT_ONLY) or (
                code not in (HALLUCINATION, ABSTENTION) and predicted is not None
            ):
                place = filled(steps, at_merged)
                self._vote(leaf, place, predicted, member)
                mine |= _around(place)
            elif code == HALLUCINATION:
                place = places.translate(filled(steps, at_member))
                self._value = _put(self._value, place, predicted)
                self._vote(leaf, place, predicted, member)
                mine |= _around(place)
        self._enter_items(mine, member.weight)

    def _vote(self, leaf: JudgedField, place: FieldPath, value: Json, member: Member) -> None:
        slot = self._slots.setdefault(place, _Slot(leaf))
        slot.votes.append((value, member.weight))

    def _enter_items(self, places: set[FieldPath], weight: float) -> None:
        for place in places:
            self._items[place] += weight

    def result(self, keep: float, silent: float) -> MergedAnswer:
        """Return what most members say."""
        whole = self._weight + silent
        chosen: dict[FieldPath, tuple[Json, float]] = {}
        for place, slot in self._slots.items():
            around = [self._items[item] for item in _around(place)]
            if any(weight / whole < keep for weight in around):
                continue
            present = min(around, default=whole)
            value, weight = _winner(slot)
            absent = present - sum(weight for _, weight in slot.votes)
            if weight >= absent:
                chosen[place] = value, round(weight / whole, 6)
        return _compacted(chosen)


def _winner(slot: _Slot) -> tuple[Json, float]:
    """Return the value of the heaviest group of same values, spelled as the schema wants it."""
    spelled: defaultdict[str, float] = defaultdict(float)
    values: dict[str, Json] = {}
    for value, weight in slot.votes:
        key = json.dumps(value, sort_keys=True, ensure_ascii=False)
        spelled[key] += weight
        values[key] = value
    judge = slot.leaf.scalar.judge
    best: tuple[float, bool, float, str] | None = None
    for key in sorted(spelled):
        codes = {other: judge(values[other], values[key]) for other in spelled if other != key}
        backwards = {other: judge(values[key], values[other]) for other in codes}
        group = spelled[key] + sum(
            spelled[other] for other in codes if codes[other] in _SAME or backwards[other] in _SAME
        )
        is_formed = not any(code in (FORMAT_ERROR, FORMAT_ONLY) for code in codes.values())
        rank = round(group, 9), is_formed, round(spelled[key], 9), key
        if best is None or rank[:3] > best[:3]:
            best = rank
    if best is None:
        return None, 0.0
    value = values[best[3]]
    return (value if best[1] and len(spelled) > 1 else _spelled(slot.leaf, value)), best[0]


def _spelled(leaf: JudgedField, value: Json) -> Json:
    """Return a text as the number or date that the schema wants, where it is only spelled wrong."""
    if not isinstance(value, str) or leaf.scalar.judge(value, value) == CORRECT:
        return value  # a text is what is wanted, or nobody said what is
    number, day = read_number(value), read_date(value)
    whole = int(number) if number is not None and number == int(number) else number
    written = "-".join(f"{part:02}" for part in day) if day else None
    for other in (whole, written):
        if other is not None and leaf.scalar.judge(other, value) == FORMAT_ONLY:
            return other
    return value


class _Places:
    """Where a member's list items stand in the merged answer."""

    def __init__(
        self, merged: Json, verdicts: Sequence[tuple[int, JudgedField, Steps, Steps, Json, Json]]
    ) -> None:
        self._item: dict[FieldPath, FieldPath] = {}
        """From the place of an item in the member to that in the merged answer."""
        self._lengths: dict[FieldPath, int] = {}
        self._merged = merged
        for code, leaf, at_merged, at_member, _, _ in verdicts:
            if code in (HALLUCINATION, ABSTENTION) or not at_member or not at_merged:
                continue
            if len(at_member) != len(at_merged):
                continue
            ours, theirs = filled(leaf.path.steps, at_merged), filled(leaf.path.steps, at_member)
            for n, step in enumerate(theirs):
                if isinstance(step, int):
                    self._item.setdefault(theirs[: n + 1], ours[: n + 1])

    def translate(self, place: FieldPath) -> FieldPath:
        """Return a member's place in the merged answer; an item it does not have is added."""
        ours: FieldPath = ()
        for n, step in enumerate(place):
            if isinstance(step, str):
                ours = (*ours, step)
                continue
            known = self._item.get(place[: n + 1])
            if known is None:
                known = (*ours, self._next(ours))
                self._item[place[: n + 1]] = known
            ours = known
        return ours

    def _next(self, place: FieldPath) -> int:
        if place not in self._lengths:
            there = value_at_path(self._merged, place)
            self._lengths[place] = len(there) if isinstance(there, list) else 0
        self._lengths[place] += 1
        return self._lengths[place] - 1


def _around(place: FieldPath) -> set[FieldPath]:
    """Return the list items a place is in."""
    return {place[: n + 1] for n, step in enumerate(place) if isinstance(step, int)}


def _items_of(value: Json, place: FieldPath = ()) -> set[FieldPath]:
    found: set[FieldPath] = set()
    if isinstance(value, dict):
        for key, part in value.items():
            found |= _items_of(part, (*place, key))
    elif isinstance(value, list):
        for n, part in enumerate(value):
            found |= {(*place, n)} | _items_of(part, (*place, n))
    return found


def _put(value: Json, place: FieldPath, leaf: Json) -> Json:
    """Set a leaf, making what holds it; a container in the way of another kind is kept."""
    if not place:
        return leaf
    step, rest = place[0], place[1:]
    if isinstance(step, str):
        if not isinstance(value, dict):
            value = {}
        value[step] = _put(value.get(step), rest, leaf)
        return value
    if not isinstance(value, list):
        value = []
    while len(value) <= step:
        value.append(None)
    value[step] = _put(value[step], rest, leaf)
    return value


def _compacted(chosen: Mapping[FieldPath, tuple[Json, float]]) -> MergedAnswer:
    """Return the answer of the chosen leaves, list items that were not kept closed up."""
    kept: defaultdict[FieldPath, set[int]] = defaultdict(set)
    for place in chosen:
        for n, step in enumerate(place):
            if isinstance(step, int):
                kept[place[:n]].add(step)
    index = {
        place: {step: n for n, step in enumerate(sorted(steps))} for place, steps in kept.items()
    }
    value: Json = None
    shares: dict[str, float] = {}
    for place, (leaf, share) in chosen.items():
        moved = tuple(
            step if isinstance(step, str) else index[place[:n]][step]
            for n, step in enumerate(place)
        )
        value = _put(value, moved, leaf)
        shares[show(moved)] = share
    return MergedAnswer(value, shares)
