"""Case history: what decisions about a case add up to, truth, approvals and conflicts.

The state is a fold over decisions in the order of their ids, so that it is the same whatever
order files were merged in. An edit that its writer made without having seen another one of the
same place changes nothing: both values are kept, and the place is in conflict until a person who
has seen both decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from harness.cases.decisions.decision import (
    FILE_EDITOR,
    GONE,
    Act,
    Decision,
    Slots,
    value_digest,
)
from harness.core.differ.plan import Plan
from harness.core.values import FieldPath, Json


class SlotList:
    """A list whose items have ids; those that were removed are remembered."""

    __slots__ = ("_order", "items", "removed")

    def __init__(self, items: dict[str, Node]) -> None:
        self.items = items
        """By id, in the order of the list."""
        self.removed: dict[str, Node] = {}
        self._order: list[str] = []
        """The ids of all items, removed ones included, once one was removed."""

    def put(self, slot: str, node: Node, after: str) -> None:
        """Put an item behind another one: first where `after` is "", last where it is not here."""
        order = [each for each in self._all() if each != slot]
        place = 0 if after == "" else order.index(after) + 1 if after in self.items else len(order)
        order.insert(place, slot)
        self.items[slot] = node
        self._arrange(order)

    def remove(self, slot: str) -> None:
        """Take an item out, and remember it and where it stood."""
        self._order = self._all()
        self.removed[slot] = self.items.pop(slot)

    def restore(self, slot: str) -> None:
        """Put a removed item back where it stood."""
        order = self._all()
        self.items[slot] = self.removed.pop(slot)
        self._arrange(order)

    def renamed(self, name: Callable[[str], str], item: Callable[[str, Node], Node]) -> SlotList:
        """Return the list with other ids; both functions are given the present one."""
        made = SlotList({name(slot): item(slot, node) for slot, node in self.items.items()})
        made.removed = {name(slot): item(slot, node) for slot, node in self.removed.items()}
        made._order = [name(slot) for slot in self._order]
        return made

    def _all(self) -> list[str]:
        known = set(self._order)
        return [*self._order, *(slot for slot in self.items if slot not in known)]

    def _arrange(self, order: list[str]) -> None:
        items = {slot: self.items[slot] for slot in order if slot in self.items}
        self.items.clear()
        self.items.update(items)
        self._order = order if self.removed else []


Node = str | int | float | bool | None | dict[str, "Node"] | SlotList


class Approval(NamedTuple):
    """Approval: a person confirmed that a value is right."""

    by: str
    digest: str
    document: str
    decision: str
    """Its id."""
    unseen: bool
    """The person gave the value without being shown another one, or typed it."""


@dataclass(slots=True)
class CaseHistory:
    """One case, as all decisions leave it."""

    root: Node = None
    is_known: bool = False
    """Some decision gave the case a truth or a draft."""
    drafted_by: str | None = None
    """The run whose answer the truth began as; `NO_DRAFTER` where it began with nothing."""
    heads: dict[Slots, str] = field(default_factory=dict)
    """The last edit at a place or below it."""
    exact: dict[Slots, str] = field(default_factory=dict)
    """The last edit of the place itself, which edits all that is below."""
    approvals: dict[Slots, dict[str, Approval]] = field(default_factory=dict)
    conflicts: dict[Slots, list[Decision]] = field(default_factory=dict)
    """Edits of a place that did not see each other: the first is in the truth."""
    disputes: dict[Slots, Decision] = field(default_factory=dict)
    deferred: set[Slots] = field(default_factory=set)
    notes: dict[Slots, list[Decision]] = field(default_factory=dict)
    adds: dict[Slots, list[Decision]] = field(default_factory=dict)
    """The items added to each list."""
    twins: dict[Slots, Slots] = field(default_factory=dict)
    """Items that two people made without seeing each other: the later one, and what it became."""
    copies: list[CaseHistory] = field(default_factory=list)
    """Histories of the copies of the log that became this one, with its ids of items: their truths
    as they were alone."""
    steps: dict[Slots, str] = field(default_factory=dict)
    """By their places, the items that have another id in the history this one became a part of."""
    decisions: list[Decision] = field(default_factory=list)
    """All of them, those that were withdrawn as well."""
    withdrawn: set[str] = field(default_factory=set)
    by_id: dict[str, Decision] = field(default_factory=dict)
    """The decisions by their ids, with their places as the truth calls them."""

    def head(self, path: Slots) -> str | None:
        """Return the last edit that concerns a place: of it, below it, or of what holds it.

        Where edits are in conflict it names all of them: only who has seen all can decide.
        """
        above = (self.exact.get(path[:size], "") for size in range(len(path)))
        return max(self.heads.get(path, ""), *above, "") or None

    def value(self) -> Json:
        """Return the truth."""
        return plain_decision(self.root)

    def node(self, path: Slots) -> tuple[bool, Node]:
        """Return whether something stands at a place, and what."""
        node = self.root
        for step in path:
            held = node.items if isinstance(node, SlotList) else node
            if not isinstance(held, dict) or step not in held:
                return False, None
            node = held[step]
        return self.is_known or bool(path), node

    def digest(self, path: Slots) -> str:
        """Return the digest an approval of a place has to have now."""
        is_there, node = self.node(path)
        if not is_there:
            return GONE
        if isinstance(node, SlotList):
            return items_digest(node)
        return value_digest(plain_decision(node))

    def approved_by(self, path: Slots, document: str | None) -> tuple[Approval, ...]:
        """Return the approvals of a place that still hold; none while it is in doubt.

        Where `document` is None, those of any document.
        """
        given = self.approvals.get(path)
        if not given or self.in_doubt(path):
            return ()
        digest = self.digest(path)
        return tuple(
            a for a in given.values() if a.digest == digest and document in (None, a.document)
        )

    def in_doubt(self, path: Slots) -> bool:
        """Tell whether a place, or what holds it, is in conflict or disputed."""
        if not self.conflicts and not self.disputes:
            return False
        around = [path[:size] for size in range(len(path) + 1)]
        return any(place in self.conflicts or place in self.disputes for place in around)

    def conflict(self, path: Slots) -> tuple[Decision, ...]:
        """Return the edits of a place, or of what holds it, that did not see each other."""
        place = self.conflict_place(path)
        return () if place is None else tuple(self.conflicts[place])

    def conflict_place(self, path: Slots) -> Slots | None:
        """Return the place of the conflict that a place is in: itself, or what holds it."""
        if not self.conflicts:
            return None
        around = (path[:size] for size in range(len(path), -1, -1))
        return next((place for place in around if place in self.conflicts), None)

    def place(self, path: Slots) -> Slots:
        """Return what a place is called since its item became one with another."""
        if self.steps:
            path = self.place_in_other(path)
        for size in range(1, len(path) + 1):
            if path[:size] in self.twins:
                return (*self.twins[path[:size]], *path[size:])
        return path

    def place_in_other(self, path: Slots) -> Slots:
        """Return what a place is called in the history that this one became a part of."""
        return tuple(self.steps.get(path[:n], path[n - 1]) for n in range(1, len(path) + 1))

    def slots_of(self, path: FieldPath) -> Slots:
        """Return the place that a path of the truth as it is now means."""
        node, steps = self.root, []
        for step in path:
            if isinstance(node, SlotList) and isinstance(step, int):
                ids = list(node.items)
                slot = ids[step] if step < len(ids) else str(step)
                node = node.items.get(slot)
            else:
                slot = str(step)
                node = node.get(slot) if isinstance(node, dict) else None
            steps.append(slot)
        return tuple(steps)

    def path_of(self, slots: Slots) -> FieldPath:
        """Return the path of a place in the truth as it is now."""
        node, steps = self.root, []
        for step in slots:
            if isinstance(node, SlotList):
                ids = list(node.items)
                steps.append(ids.index(step) if step in ids else step)
                node = node.items.get(step)
            else:
                steps.append(step)
                node = node.get(step) if isinstance(node, dict) else None
        return tuple(steps)


def plain_decision(node: Node) -> Json:
    """Return a tree as JSON."""
    if isinstance(node, SlotList):
        return [plain_decision(item) for item in node.items.values()]
    if isinstance(node, dict):
        return {key: plain_decision(value) for key, value in node.items()}
    return node


def slotted(value: Json) -> Node:
    """Return JSON as a tree: list items are called by where they stood at first."""
    if isinstance(value, list):
        return SlotList({str(number): slotted(item) for number, item in enumerate(value)})
    if isinstance(value, dict):
        return {key: slotted(below) for key, below in value.items()}
    return value


def items_digest(node: SlotList) -> str:
    """Return the digest of which items a list has, whatever their fields say."""
    return value_digest(["items", *sorted(node.items)])


def leaves(node: Node, at: Slots = ()) -> Iterator[tuple[Slots, Node]]:
    """Yield every scalar and every list of a tree with its place."""
    if isinstance(node, SlotList):
        yield at, node
        for slot, item in node.items.items():
            yield from leaves(item, (*at, slot))
    elif isinstance(node, dict) and node:
        for key, below in node.items():
            yield from leaves(below, (*at, key))
    else:
        yield at, node


_APPROVE: Final = Act.APPROVE
"""Most decisions are one, and looking the name up on its class takes longer than to compare it."""


def apply_decision(history: CaseHistory, decision: Decision) -> None:
    """Take one more decision into a history."""
    if decision.do is _APPROVE:
        for path, digest in decision.fields:
            _approve(history, path, digest, decision)
        return
    match decision.do:
        case Act.BASE:
            _begin(history, decision)
        case Act.DISPUTE:
            history.disputes[decision.path] = decision
        case Act.DEFER:
            history.deferred.add(decision.path)
        case Act.NOTE:
            history.notes.setdefault(decision.path, []).append(decision)
        case Act.ADD:
            _add(history, decision)
        case Act.SET | Act.REMOVE:
            _edit(history, decision)
        case _:
            pass


def _begin(history: CaseHistory, decision: Decision) -> None:
    """Take the first truth; another one that says the same tells nothing new."""
    if not history.is_known:
        history.root, history.is_known = slotted(decision.to), True
        history.drafted_by = decision.draft


def _add(history: CaseHistory, decision: Decision) -> None:
    twin = _twin(history, decision)
    if twin is not None:
        _join(history, decision, twin)
        return
    _edit(history, decision)
    history.adds.setdefault(decision.path[:-1], []).append(decision)


def with_places(decision: Decision, place: Callable[[Slots], Slots]) -> Decision:
    """Return a decision about the places that its own are called by now."""
    fields = tuple((place(path), digest) for path, digest in decision.fields)
    return decision._replace(path=place(decision.path), fields=fields)


_ALIKE: Final = 0.5
"""F1 of one item against another from which two people added the same one."""


def _twin(history: CaseHistory, decision: Decision) -> Decision | None:
    """Return an addition of the same item that the decision's writer had not seen."""
    twins: list[tuple[float, str, Decision]] = []
    for other in history.adds.get(decision.path[:-1], ()):
        is_unseen = other.id > (decision.sees or "")
        if decision.sees is None or not is_unseen or not history.node(other.path)[0]:
            continue
        alike = 1.0
        if value_digest(other.to) != value_digest(decision.to):
            alike = Plan().score([other.to], [decision.to]).f1 or 0.0
        twins.append((alike, other.id, other))
    best = max(twins, default=None)
    return best[2] if best is not None and best[0] >= _ALIKE else None


def _join(history: CaseHistory, decision: Decision, twin: Decision) -> None:
    """Merge an item with one that another added: fields that differ are in conflict."""
    history.twins[decision.path] = twin.path
    history.adds[twin.path[:-1]] = [a for a in history.adds[twin.path[:-1]] if a is not twin]
    theirs = dict(leaves(slotted(twin.to), twin.path))
    for path, node in leaves(slotted(decision.to), twin.path):
        if isinstance(node, SlotList):
            continue
        sees = history.head(path) if path not in theirs else None
        made = decision._replace(
            do=Act.SET, path=path, to=plain_decision(node), sees=sees, after=None
        )
        _edit(history, made)
        if path in history.conflicts:
            stated = twin._replace(
                do=Act.SET, path=path, to=plain_decision(theirs.get(path)), after=None
            )
            history.conflicts[path][0] = stated


def _approve(history: CaseHistory, path: Slots, digest: str, decision: Decision) -> None:
    unseen = decision.blind or decision.do is not _APPROVE
    given = Approval(decision.by, digest, decision.document, decision.id, unseen)
    history.approvals.setdefault(path, {})[decision.by] = given
    if history.disputes:
        history.disputes.pop(path, None)
    if history.deferred:
        history.deferred.discard(path)


def _edit(history: CaseHistory, decision: Decision) -> None:
    path, head = decision.path, history.head(decision.path)
    mark = decision.id
    has_seen = head == decision.sees
    if decision.do is Act.ADD:  # it names the last edit of the list, which is no older
        has_seen = head is None or (decision.sees or "") >= head
    around = [path[:size] for size in range(len(path) + 1)]
    if not has_seen and _is_same(history, decision) and history.conflicts.keys() & set(around):
        return  # one side of a conflict is said once more by who does not know of the other
    if not has_seen and not _is_same(history, decision):
        first = history.by_id.get((head or "").split("+")[0])
        places = history.conflicts.setdefault(path, [first] if first is not None else [])
        places.append(decision)
        mark = "+".join(each.id for each in reversed(places))  # who has seen one has not seen all
        if decision.do is not Act.REMOVE:
            _restore(history, path)
    else:
        for place in [p for p in history.conflicts if _is_settled(history, p, path)]:
            del history.conflicts[place]
        _carry_out(history, decision)
        if decision.by != FILE_EDITOR:
            _vouch(history, decision)
    history.exact[path] = mark
    for size in range(len(path) + 1):
        history.heads[path[:size]] = mark


def _is_settled(history: CaseHistory, place: Slots, path: Slots) -> bool:
    """Tell whether an edit at `path`, by who has seen all, settles the conflict at a place.

    Who edits a field of an item that another removed says that the item stays.
    """
    if place[: len(path)] == path:
        return True
    sides = history.conflicts[place]
    return path[: len(place)] == place and any(each.do is Act.REMOVE for each in sides)


def _vouch(history: CaseHistory, decision: Decision) -> None:
    """Approve the values that an edit states."""
    for below, node in _typed(history, decision):
        digest = (
            items_digest(node) if isinstance(node, SlotList) else value_digest(plain_decision(node))
        )
        _approve(history, below, digest, decision)
    if decision.gone or decision.do is Act.REMOVE:
        _approve(history, decision.path, GONE, decision)


def _typed(history: CaseHistory, decision: Decision) -> Iterator[tuple[Slots, Node]]:
    """Yield what an edit states, and so vouches for: every value, but not that a list is whole."""
    is_there, node = history.node(decision.path)
    if decision.do is Act.REMOVE or not is_there:
        return
    for path, value in leaves(node, decision.path):
        if not isinstance(value, SlotList):
            yield path, value


def _is_same(history: CaseHistory, decision: Decision) -> bool:
    """Tell whether an edit changes nothing that another one has not changed already."""
    is_there, node = history.node(decision.path)
    if decision.do is Act.REMOVE or decision.gone:
        return not is_there
    return is_there and value_digest(plain_decision(node)) == value_digest(decision.to)


def _restore(history: CaseHistory, path: Slots) -> None:
    """Put back items that somebody removed while another edited them: neither is lost."""
    node = history.root
    for step in path:
        if isinstance(node, SlotList):
            if step in node.removed:
                node.restore(step)
            node = node.items.get(step)
        else:
            node = node.get(step) if isinstance(node, dict) else None


def _carry_out(history: CaseHistory, decision: Decision) -> None:
    *above, last = decision.path or ("",)
    if not decision.path:
        history.root, history.is_known = slotted(decision.to), True
        return
    held = _holder(history, tuple(above), is_list=decision.do is Act.ADD)
    if isinstance(held, SlotList):
        _change_item(held, last, decision)
    elif decision.gone or decision.do is Act.REMOVE:
        held.pop(last, None)
    else:
        held[last] = slotted(decision.to)


def _change_item(held: SlotList, slot: str, decision: Decision) -> None:
    if decision.do is Act.REMOVE or decision.gone:
        if slot in held.items:
            held.remove(slot)
        return
    if slot in held.items or decision.after is None:
        held.items[slot] = slotted(decision.to)
    else:
        held.put(slot, slotted(decision.to), decision.after)


def _holder(history: CaseHistory, above: Slots, *, is_list: bool) -> dict[str, Node] | SlotList:
    """Return the object or list at a place, made where there is none."""
    kinds = [False] * len(above) + [is_list]
    node = history.root
    if not isinstance(node, dict | SlotList):
        node = history.root = SlotList({}) if kinds[0] else {}
    for step, as_list in zip(above, kinds[1:], strict=True):
        held: dict[str, Node] = node.items if isinstance(node, SlotList) else node
        if isinstance(node, SlotList) and step in node.removed:
            node.restore(step)
        below = held.get(step)
        if not isinstance(below, dict | SlotList):
            below = held[step] = SlotList({}) if as_list else {}
        node = below
    return node
