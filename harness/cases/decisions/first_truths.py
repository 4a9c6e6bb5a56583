"""First truths of one case, made in copies that did not see each other, united into one.

List items of both are paired as when an answer is scored. What both state and state differently is
a conflict like any other; a draft states only what people decided about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from harness.cases.decisions.case_history import (
    Approval,
    CaseHistory,
    Node,
    SlotList,
    items_digest,
    leaves,
    plain_decision,
    slotted,
    with_places,
)
from harness.cases.decisions.decision import NO_DRAFTER, Act, Decision, Slots, value_digest
from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import paired_items
from harness.core.values import FieldPath, Json

_Standing: TypeAlias = tuple[bool, Node]
"""Whether something stands at a place, and what."""


def unite(ours: CaseHistory, theirs: CaseHistory) -> None:
    """Take another copy's truth, approvals, doubts and notes into ours; nothing of either is lost.

    Items have the same ids in both from then on.
    """
    _Names(ours, theirs).give()
    ours.copies += [replace(ours, root=deepcopy(ours.root), copies=[]), theirs]
    union = _Union(_Copy(ours), _Copy(theirs))
    roots = [(each.root is not None, each.root) for each in (ours, theirs)]
    _, root = union.united((), *roots)
    _take_in(ours, theirs)
    drafts = [each.drafted_by for each in (ours, theirs) if each.is_known]
    runs = [each for each in drafts if each != NO_DRAFTER]
    ours.drafted_by = None if None in drafts else next(iter(runs or drafts), None)
    ours.root, ours.is_known = root, ours.is_known or theirs.is_known
    for path, sides in union.conflicts.items():
        ours.conflicts[path] = sides
        mark = "+".join(sorted({each.id for each in sides}, reverse=True))
        ours.exact[path] = mark  # who has seen one side has not seen all
        for size in range(len(path) + 1):
            ours.heads[path[:size]] = max(mark, ours.heads.get(path[:size], ""))


def _take_in(ours: CaseHistory, theirs: CaseHistory) -> None:
    """Add to ours what stands beside their truth."""
    for mine, other in ((ours.heads, theirs.heads), (ours.exact, theirs.exact)):
        mine.update({path: max(mark, mine.get(path, "")) for path, mark in other.items()})
    for path, given in theirs.approvals.items():
        known = ours.approvals.setdefault(path, {})
        for by, approval in given.items():
            if by not in known or known[by].decision < approval.decision:
                known[by] = approval
    for here, more in ((ours.notes, theirs.notes), (ours.adds, theirs.adds)):
        for path, made in more.items():
            here.setdefault(path, []).extend(made)
    for path, sides in theirs.conflicts.items():
        ours.conflicts.setdefault(path, sides)
    ours.disputes = {**theirs.disputes, **ours.disputes}
    ours.deferred |= theirs.deferred
    ours.twins |= theirs.twins


@dataclass(slots=True)
class _Names:
    """Gives their items the names they have in ours: an item that both have has the one of ours."""

    ours: CaseHistory
    theirs: CaseHistory
    pairs: Mapping[FieldPath, Mapping[int, int]] = field(default_factory=dict)

    def give(self) -> None:
        """Name all that theirs knows anew, and tell ours what each decision of theirs is about."""
        ours, theirs = self.ours, self.theirs
        base = next((each for each in theirs.decisions if each.do is Act.BASE), None)
        if base is not None:
            self._number(slotted(base.to), base.end, ())
        self.pairs = paired_items(Plan().diff(ours.value(), theirs.value()))
        self._pair(ours.root, theirs.root, (), (), ())
        for each in theirs.decisions:
            ours.by_id[each.id] = with_places(theirs.by_id[each.id], theirs.place_in_other)
        digests: dict[Slots, tuple[str, str]] = {}
        for path, node in leaves(theirs.root):
            if isinstance(node, SlotList):
                ids = {self.theirs.steps.get((*path, slot), slot): None for slot in node.items}
                digests[path] = items_digest(node), items_digest(SlotList({**ids}))
        theirs.root = self._named(theirs.root, ())
        self._name_remarks(digests)

    def _number(self, node: Node, mark: str, own: Slots) -> None:
        """Name the items of their first truth, numbered in every copy, as no item of ours is."""
        held = node.items if isinstance(node, SlotList) else node
        for key, below in held.items() if isinstance(held, dict) else ():
            if isinstance(node, SlotList):
                self.theirs.steps[*own, key] = f"{mark}-{key}"
            self._number(below, mark, (*own, key))

    def _pair(self, node: Node, other: Node, path: FieldPath, place: Slots, own: Slots) -> None:
        """Name their items that ours has as well; `path` and `place` are in ours, `own` is not."""
        if isinstance(node, dict) and isinstance(other, dict):
            for key in node.keys() & other.keys():
                below = ((*path, key), (*place, key), (*own, key))
                self._pair(node[key], other[key], *below)
        if not isinstance(node, SlotList) or not isinstance(other, SlotList):
            return
        mine, others = list(node.items), list(other.items)
        ours, theirs = ([plain_decision(i) for i in of.items.values()] for of in (node, other))
        for i, j in same_items(ours, theirs, self.pairs.get(path)).items():
            at, name = (*own, others[j]), mine[i]
            called = self.theirs.steps.get(at, others[j])
            if called != name:
                self.ours.twins[*place, called] = (*place, name)
            self.theirs.steps[at] = name
            below = ((*path, i), (*place, name), at)
            self._pair(node.items[name], other.items[others[j]], *below)

    def _named(self, node: Node, own: Slots) -> Node:
        if isinstance(node, SlotList):
            return node.renamed(
                lambda slot: self.theirs.steps.get((*own, slot), slot),
                lambda slot, item: self._named(item, (*own, slot)),
            )
        if isinstance(node, dict):
            return {key: self._named(below, (*own, key)) for key, below in node.items()}
        return node

    def _name_remarks(self, digests: Mapping[Slots, tuple[str, str]]) -> None:
        """Name the places of all that stands beside their truth.

        `digests` are those of their lists, under the items' old names and their new ones.
        """
        theirs, place = self.theirs, self.theirs.place_in_other

        def approval(path: Slots, given: Approval) -> Approval:
            old, new = digests.get(path, ("", ""))
            return given._replace(digest=new) if given.digest == old else given

        theirs.approvals = {
            place(path): {by: approval(path, each) for by, each in given.items()}
            for path, given in theirs.approvals.items()
        }
        theirs.heads = {place(path): mark for path, mark in theirs.heads.items()}
        theirs.exact = {place(path): mark for path, mark in theirs.exact.items()}
        for lists in (theirs.conflicts, theirs.notes, theirs.adds):
            named = {place(p): [with_places(d, place) for d in made] for p, made in lists.items()}
            lists.clear()
            lists.update(named)
        theirs.disputes = {place(p): with_places(d, place) for p, d in theirs.disputes.items()}
        theirs.deferred = {place(path) for path in theirs.deferred}
        theirs.twins = {place(path): place(became) for path, became in theirs.twins.items()}


class _Copy:
    """One copy's history, and what people of it stand for: a draft's values are nobody's word."""

    def __init__(self, history: CaseHistory) -> None:
        self.history = history
        self.is_stated = history.is_known and history.drafted_by is None
        self.is_begun = history.is_known and history.drafted_by != NO_DRAFTER
        held = [
            path
            for path, given in history.approvals.items()
            if any(each.digest == history.digest(path) for each in given.values())
        ]
        self.whole = frozenset(held)
        self._around = frozenset(path[:size] for path in held for size in range(len(path) + 1))

    def states(self, path: Slots) -> bool:
        """Tell whether somebody said what stands at a place, or below it, or that nothing does."""
        return self.is_stated or path in self._around or self.history.head(path) is not None

    def lacks(self, item: Slots) -> bool:
        """Tell whether somebody said that a list does not have an item."""
        return self.is_stated or item[:-1] in self.whole or self.history.head(item) is not None

    def side(self, path: Slots, standing: _Standing, do: Act) -> list[Decision]:
        """Return who said what of a place, as sides of a conflict."""
        history = self.history
        if path in history.conflicts:
            return history.conflicts[path]
        given = history.approvals.get(path, {}).values()
        holding = [each.decision for each in given if each.digest == history.digest(path)]
        base = next((each.id for each in history.decisions if each.do is Act.BASE), "")
        last = max(holding, default="") or (history.head(path) or base).split("+")[0]
        is_there, node = standing
        value = plain_decision(node) if is_there else None
        gone = not is_there and do is Act.SET
        return [
            history.by_id[last]._replace(
                do=do, path=path, to=value, gone=gone, fields=(), draft=None, of=None, after=None
            )
        ]


@dataclass(slots=True)
class _Union:
    """One truth out of two copies' truths whose items have the same names."""

    ours: _Copy
    theirs: _Copy
    conflicts: dict[Slots, list[Decision]] = field(default_factory=dict)

    def united(self, path: Slots, mine: _Standing, other: _Standing) -> _Standing:
        """Return what stands at a place once both copies' words count."""
        kinds = {type(node) for is_there, node in (mine, other) if is_there}
        if kinds == {dict}:
            return self._object(path, mine, other)
        if kinds == {SlotList}:
            return self._list(path, mine, other)
        return self._value(path, mine, other)

    def _object(self, path: Slots, mine: _Standing, other: _Standing) -> _Standing:
        ours, theirs = (node if isinstance(node, dict) else {} for _, node in (mine, other))
        made: dict[str, Node] = {}
        for key in (*ours, *(key for key in theirs if key not in ours)):
            sides = ((key in held, held.get(key)) for held in (ours, theirs))
            is_there, node = self.united((*path, key), *sides)
            if is_there:
                made[key] = node
        return mine[0] or bool(made), made

    def _list(self, path: Slots, mine: _Standing, other: _Standing) -> _Standing:
        ours, theirs = (
            node if isinstance(node, SlotList) else SlotList({}) for _, node in (mine, other)
        )
        order, before = list(ours.items), ""
        for slot in theirs.items:
            if slot not in ours.items:
                order.insert(order.index(before) + 1 if before else 0, slot)
            before = slot
        items: dict[str, Node] = {}
        gone: dict[str, Node] = {**theirs.removed, **ours.removed}
        for slot in order:
            at = (*path, slot)
            if slot in ours.items and slot in theirs.items:
                both = ((True, of.items[slot]) for of in (ours, theirs))
                items[slot] = self.united(at, *both)[1]
                continue
            has, lacks = (self.ours, self.theirs)
            if slot in theirs.items:
                has, lacks = lacks, has
            node = (ours if has is self.ours else theirs).items[slot]
            (items if self._keeps(at, node, has, lacks) else gone)[slot] = node
        made = SlotList({slot: items.get(slot, gone.get(slot)) for slot in order} | gone | items)
        for slot in gone.keys() - items.keys():
            made.remove(slot)
        return mine[0] or bool(items), made

    def _keeps(self, item: Slots, node: Node, has: _Copy, lacks: _Copy) -> bool:
        """Tell whether an item that one copy has and the other has not stays."""
        if not lacks.lacks(item):
            first = self.ours if self.ours.is_begun else self.theirs
            return has is first or has.states(item)
        if not has.states(item):
            return False
        there = has.side(item, (True, node), Act.SET)
        missing = lacks.side(item, (False, None), Act.REMOVE)
        self.conflicts[item] = [*there, *missing]
        return True

    def _value(self, path: Slots, mine: _Standing, other: _Standing) -> _Standing:
        values = [plain_decision(node) if is_there else None for is_there, node in (mine, other)]
        if value_digest(values[0]) == value_digest(values[1]):
            return mine if mine[0] else other
        if not self.theirs.states(path):
            return mine if mine[0] or self.ours.is_begun else other
        if not self.ours.states(path):
            return other
        self.conflicts[path] = [
            *self.ours.side(path, mine, Act.SET),
            *self.theirs.side(path, other, Act.SET),
        ]
        return mine if mine[0] else other


def same_items(
    ours: Sequence[Json], theirs: Sequence[Json], pairs: Mapping[int, int] | None
) -> dict[int, int]:
    """Return which items of two lists are the same: those that are equal, then those paired.

    Where nothing pairs items and as many are left on both sides, these are paired by position.

    >>> same_items(["a", "b"], ["b", "c"], None)
    {1: 0, 0: 1}
    """
    alike: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for j, item in enumerate(theirs):
        waiting.setdefault(value_digest(item), []).append(j)
    for i, item in enumerate(ours):
        equal = waiting.get(value_digest(item))
        if equal:
            alike[i] = equal.pop(0)
    taken = set(alike.values())
    for i, j in (pairs or {}).items():
        if i not in alike and j not in taken:
            alike[i] = j
            taken.add(j)
    rest = [i for i in range(len(ours)) if i not in alike]
    free = [j for j in range(len(theirs)) if j not in taken]
    if pairs is None and len(rest) == len(free):
        alike |= dict(zip(rest, free, strict=True))
    return alike
