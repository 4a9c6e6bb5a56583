"""Merge answers: one JSON answer from several, value by value, by votes.

Votes are for values and not for spellings: two answers agree where the scorer finds them the same,
or right but for the format. List items are paired as they are when they are scored.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

from harness.confidence.ensemble.merged_entities import (
    EntityNames,
    EntityVote,
    MemberEntities,
    entity_lists,
)
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.entities.reference_ids import Link
from harness.core.explain.paired_items import filled
from harness.core.fields.verdict_ledger import JudgedField, Ledger
from harness.core.outcomes import (
    ABSTENTION,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    Tag,
)
from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.rules.rule_names import KEY_FIELD
from harness.core.values import INDEX, FieldPath, Json, is_blank, json_nodes, show, value_at_path

_SAME: Final = (CORRECT, FORMAT_ONLY)
_UNPAIRED: Final = (Tag.MISSING_ITEM, Tag.EXTRA_ITEM)


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


_Vote: TypeAlias = Json | EntityVote


@dataclass(slots=True)
class _Slot:
    """A leaf of the merged answer while votes come in."""

    leaf: JudgedField
    votes: list[tuple[_Vote, float]] = field(default_factory=list)


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
            known[key] = CaseResult(plan.diff(members[low].value, members[high].value)).f1 or 0.0
        likeness[n] += known[key] * members[m].weight
        likeness[m] += known[key] * members[n].weight
    ranked = sorted(range(len(members)), key=lambda n: (-round(likeness[n], 9), written[n]))
    return [members[n] for n in ranked]


class _Merging:
    """The merged answer as it grows, its list items opened by whoever has them first."""

    def __init__(self, plan: Plan, first: Member) -> None:
        self._plan = plan
        self._value: Json = json.loads(json.dumps(first.value))
        self._weight = 0.0
        self._slots: dict[FieldPath, _Slot] = {}
        self._items: defaultdict[FieldPath, float] = defaultdict(float)
        """By place of a list item, the weight of the members that have it."""
        self._names = EntityNames()
        self._keys: dict[FieldPath, str] = {}
        """By place of an entity collection, the property that holds the ids."""
        self.add(first)
        self._enter_items(_items_of(first.value) - self._items.keys(), first.weight)

    def add(self, member: Member) -> None:
        """Enter a member's votes; what it has and the others have not opens new slots."""
        self._weight += member.weight
        differences = self._plan.diff(self._value, member.value)
        places = _Places(self._value, differences)
        entities = MemberEntities(self._plan, member.value)
        mine: set[FieldPath] = set()
        opened: list[tuple[FieldPath, _Vote]] = []
        for code, leaf, at_merged, at_member, _, predicted in differences.verdicts:
            if code == ABSTENTION or predicted is None or leaf.path.steps[-1:] == (KEY_FIELD,):
                continue
            stands = filled(leaf.path.steps, at_member)
            is_new = code == HALLUCINATION
            steps = leaf.path.steps
            place = places.translate(stands, steps) if is_new else filled(steps, at_merged)
            self._keys.update(entity_lists(self._plan, leaf, place))
            vote: _Vote = predicted
            if isinstance(predicted, Link):
                there = entities.referred(leaf, stands, predicted.original)
                if there is None:
                    continue  # it names nobody
                vote = EntityVote(places.translate(there.place, there.steps))
                if not vote.is_entry:
                    self._keys[vote.place[:-1]] = there.key
                mine |= _around(vote.place)
            self._slots.setdefault(place, _Slot(leaf)).votes.append((vote, member.weight))
            mine |= _around(place)
            if is_new:
                opened.append((place, vote))
        self._open(opened, places, entities)
        self._enter_items(mine, member.weight)

    def _open(
        self,
        opened: Sequence[tuple[FieldPath, _Vote]],
        places: _Places,
        entities: MemberEntities,
    ) -> None:
        """Put what only this member has into the merged answer, so that others can be like it."""
        for theirs, ours in places.items():
            key = self._keys.get(ours[:-1])
            if key is None or ours in self._names:
                continue
            known = value_at_path(self._value, (*ours, key))
            if is_blank(known):
                given = self._names.give(ours, entities.id_at(theirs, key))
                self._value = _put(self._value, (*ours, key), given)
            else:
                self._names.keep(ours, known)
        for place, vote in opened:
            self._value = _put(self._value, place, self._written(vote))

    def _written(self, vote: _Vote) -> Json:
        if not isinstance(vote, EntityVote):
            return vote
        return vote.place[-1] if vote.is_entry else self._names.give(vote.place, None)

    def _enter_items(self, places: Iterable[FieldPath], weight: float) -> None:
        for place in places:
            self._items[place] += weight

    def result(self, keep: float, silent: float) -> MergedAnswer:
        """Return what most members say."""
        whole = self._weight + silent

        def is_kept(place: FieldPath) -> bool:
            return all(self._items[item] / whole >= keep for item in _around(place))

        chosen: dict[FieldPath, tuple[Json, float | None]] = {}
        entries: dict[FieldPath, FieldPath] = {}
        for place, slot in self._slots.items():
            if not is_kept(place):
                continue
            present = min((self._items[item] for item in _around(place)), default=whole)
            vote, weight = _winner(slot)
            absent = present - sum(weight for _, weight in slot.votes)
            is_lost = isinstance(vote, EntityVote) and not is_kept(vote.place)
            if weight >= absent and not is_lost:
                chosen[place] = self._written(vote), round(weight / whole, 6)
                if isinstance(vote, EntityVote) and vote.is_entry:
                    entries[place] = vote.place
        for place in _lost_entries(chosen, entries):
            del chosen[place]
        for place in self._names.places():
            if is_kept(place):
                chosen[*place, self._keys[place[:-1]]] = self._names.of(place), None
        return _compacted(chosen)


def _lost_entries(
    chosen: Iterable[FieldPath], entries: Mapping[FieldPath, FieldPath]
) -> list[FieldPath]:
    """Return the references to entries of maps of which nothing was kept."""
    prefixes = {place[:size] for place in chosen for size in range(1, len(place))} | {*chosen}
    return [place for place, entry in entries.items() if entry not in prefixes]


def _winner(slot: _Slot) -> tuple[_Vote, float]:
    """Return the value of the heaviest group of same values, spelled as the schema wants it."""
    meant: defaultdict[FieldPath, float] = defaultdict(float)
    spelled: defaultdict[str, float] = defaultdict(float)
    values: dict[str, Json] = {}
    for value, weight in slot.votes:
        if isinstance(value, EntityVote):
            meant[value.place] += weight
            continue
        key = json.dumps(value, sort_keys=True, ensure_ascii=False)
        spelled[key] += weight
        values[key] = value
    if meant:  # a tie goes to the entity that stands first: an order of the merged answer's own
        place, weight = min(meant.items(), key=lambda one: (-round(one[1], 9), _order(one[0])))
        return EntityVote(place), weight
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
    """Positions of a member's list items, and keys of its map entries, in the merged answer."""

    def __init__(self, merged: Json, ledger: Ledger) -> None:
        self._item: dict[FieldPath, FieldPath] = {}
        """From the place of an item or entry in the member to that in the merged answer."""
        self._entries: set[FieldPath] = set()
        """The places in the merged answer of entries that were added."""
        self._lengths: dict[FieldPath, int] = {}
        self._merged = merged
        single = {n for one in (*ledger.missing, *ledger.spare) for n in range(one.start, one.end)}
        for index, (code, leaf, at_merged, at_member, _, _) in enumerate(ledger.verdicts):
            is_single = index in single or ledger.marks.get(index) in _UNPAIRED
            if is_single or not at_member or len(at_member) != len(at_merged):
                continue  # what stands on one side only has its own place twice
            ours, theirs = filled(leaf.path.steps, at_merged), filled(leaf.path.steps, at_member)
            is_alone = code in (HALLUCINATION, OMISSION, ABSTENTION)
            known = len(theirs) - (is_alone and leaf.path.steps[-1] == INDEX)
            for n, step in enumerate(leaf.path.steps[:known]):
                if isinstance(step, int):
                    self._item.setdefault(theirs[: n + 1], ours[: n + 1])

    def translate(self, place: FieldPath, steps: FieldPath) -> FieldPath:
        """Return a member's place in the merged answer; an item it does not have is added.

        `steps` are the place with holes for indexes and for keys of maps.
        """
        ours: FieldPath = ()
        for n, (step, hole) in enumerate(zip(place, steps, strict=True)):
            if isinstance(hole, str):
                ours = (*ours, hole)
                continue
            known = self._item.get(place[: n + 1])
            if known is None:
                new = self._next(ours) if isinstance(step, int) else self._free_key(ours, step)
                known = (*ours, new)
                self._item[place[: n + 1]] = known
            ours = known
        return ours

    def items(self) -> Iterator[tuple[FieldPath, FieldPath]]:
        """Yield the place of each list item in the member and in the merged answer."""
        yield from self._item.items()

    def _next(self, place: FieldPath) -> int:
        if place not in self._lengths:
            there = value_at_path(self._merged, place)
            self._lengths[place] = len(there) if isinstance(there, list) else 0
        self._lengths[place] += 1
        return self._lengths[place] - 1

    def _free_key(self, place: FieldPath, key: str) -> str:
        """Return a key that no entry of a merged map has: the member's own where it is free."""
        there, number, free = value_at_path(self._merged, place), 2, key
        while (isinstance(there, dict) and free in there) or (*place, free) in self._entries:
            number, free = number + 1, f"{key}_{number}"
        self._entries.add((*place, free))
        return free


def _order(place: FieldPath) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in place)


def _around(place: FieldPath) -> set[FieldPath]:
    """Return the list items a place is in."""
    return {place[: n + 1] for n, step in enumerate(place) if isinstance(step, int)}


def _items_of(value: Json) -> set[FieldPath]:
    """Return the places of all list items in a value."""
    return {place for place, _ in json_nodes(value) if place and isinstance(place[-1], int)}


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


def _compacted(chosen: Mapping[FieldPath, tuple[Json, float | None]]) -> MergedAnswer:
    """Return the answer of the chosen leaves, list items that were not kept closed up."""
    indexes_kept: defaultdict[FieldPath, set[int]] = defaultdict(set)
    for place in chosen:
        for n, step in enumerate(place):
            if isinstance(step, int):
                indexes_kept[place[:n]].add(step)
    index = {
        place: {step: n for n, step in enumerate(sorted(steps))}
        for place, steps in indexes_kept.items()
    }
    value: Json = None
    shares: dict[str, float] = {}
    for place, (leaf, share) in chosen.items():
        moved = tuple(
            step if isinstance(step, str) else index[place[:n]][step]
            for n, step in enumerate(place)
        )
        value = _put(value, moved, leaf)
        if share is not None:  # an id is nobody's to be sure of
            shares[show(moved)] = share
    return MergedAnswer(value, shares)
