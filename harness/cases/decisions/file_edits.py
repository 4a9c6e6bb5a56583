"""Edits of a truth file that no decision made: found by comparing the file with the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.cases.decisions.case_fold import branch_states, fold_case, says_at
from harness.cases.decisions.case_history import (
    CaseHistory,
    Node,
    SlotList,
    plain_decision,
    slotted,
)
from harness.cases.decisions.decision import (
    EDITS,
    FILE_EDITOR,
    GONE,
    Act,
    Decision,
    Slots,
    value_digest,
)
from harness.cases.decisions.first_truths import same_items
from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import paired_items
from harness.core.values import FieldPath, Json

_LATEST: Final = 50
"""Decisions that a file may be behind the log as a whole: it is written after each of them."""


def file_edits(history: CaseHistory, value: Json, plan: Plan) -> list[Decision]:
    """Return the edits that make a file out of a history's truth; they have no ids yet.

    List items are paired as they are when an answer is scored.
    """
    if not history.is_known:
        return [_edit("", Act.BASE, (), value)._replace(why="")]
    if value_digest(history.value()) == value_digest(value):
        return []
    case = history.decisions[0].case
    pairs = paired_items(plan.diff(history.value(), value))
    edits = _Walk(pairs, case).edits(history.root, value, (), ())
    return [each._replace(sees=history.head(each.path)) for each in edits]


def new_edits(
    history: CaseHistory, value: Json, plan: Plan, *, is_unsettled: bool = False
) -> list[Decision]:
    """Return those edits of a file that some person made by hand.

    A file that was put back to what it once said was edited, too. No edit is what a branch of the
    log ended in, where git merged several; and, where the command that decided was killed before
    it wrote the file (`is_unsettled`), whatever the history once said.
    """
    edits = file_edits(history, value, plan)
    if not edits or not history.is_known:
        return edits
    ends = None if is_unsettled else branch_states(history.decisions)
    if ends is not None and len(ends) == 1:
        return edits
    known = [*history.copies, *(ends or ())]
    if any(value_digest(end.value()) == value_digest(value) for end in known):
        return []
    twins = {stored: own for own, stored in history.twins.items()}
    edits = [each for each in edits if not any(says_at(end, each, twins) for end in known)]
    return edits if ends is not None else _never_said(edits, history, value)


def _never_said(edits: list[Decision], history: CaseHistory, value: Json) -> list[Decision]:
    """Return the edits that leave what the history never left behind."""
    if _was_whole(history, value):
        return []
    past = _past(history)
    return [each for each in edits if not _is_past(each, history, past)]


def _was_whole(history: CaseHistory, value: Json) -> bool:
    """Tell whether a file says what one of the last decisions left, whatever items it pairs."""
    digest, decisions = value_digest(value), history.decisions
    for size in range(len(decisions) - 1, max(0, len(decisions) - _LATEST), -1):
        if decisions[size].do in EDITS or decisions[size].do is Act.WITHDRAW:
            before = fold_case(decisions[:size])
            if before.is_known and value_digest(before.value()) == digest:
                return True
    return False


def _is_past(edit: Decision, history: CaseHistory, past: Mapping[Slots, set[str]]) -> bool:
    """Tell whether an edit leaves what the history left behind."""
    if edit.do is not Act.ADD:
        digest = GONE if edit.gone or edit.do is Act.REMOVE else value_digest(edit.to)
        return digest in past.get(edit.path, ())
    _, node = history.node(edit.path[:-1])
    removed = node.removed.values() if isinstance(node, SlotList) else ()
    return value_digest(edit.to) in {value_digest(plain_decision(item)) for item in removed}


def as_in_file(history: CaseHistory, value: Json, plan: Plan) -> CaseHistory:
    """Return a history whose truth is what the file says; approvals of what differs do not hold."""
    edits = file_edits(history, value, plan)
    if not edits:
        return history
    last = max((each.id for each in history.decisions), default="")
    case = history.decisions[0].case if history.decisions else ""
    made = [e._replace(id=f"{last}~{n:06d}", case=case) for n, e in enumerate(edits)]
    return fold_case([*history.decisions, *made])


def _past(history: CaseHistory) -> dict[Slots, set[str]]:
    """Return the digests of all values that a history ever had, by place."""
    digests: dict[Slots, set[str]] = {}
    for decision in history.decisions:
        if decision.do not in EDITS and decision.do is not Act.BASE:
            continue
        place = decision.path
        if decision.do is not Act.SET or decision.gone:  # before an item was added it was not there
            if decision.do is not Act.BASE:
                digests.setdefault(place, set()).add(GONE)
            if decision.do is Act.REMOVE or decision.gone:
                continue
        for below, node in _nodes(slotted(decision.to), place):
            digests.setdefault(below, set()).add(value_digest(plain_decision(node)))
    return digests


def _nodes(node: Node, at: Slots) -> Iterator[tuple[Slots, Node]]:
    yield at, node
    held = node.items if isinstance(node, SlotList) else node
    if isinstance(held, dict):
        for key, below in held.items():
            yield from _nodes(below, (*at, key))


def _edit(case: str, do: Act, path: Slots, to: Json = None) -> Decision:
    return Decision("", "", FILE_EDITOR, case, do, path=path, to=to, why="edited in the file")


class _Walk:
    """Compares a tree with a value."""

    def __init__(self, pairs: Mapping[FieldPath, Mapping[int, int]], case: str) -> None:
        self._pairs = pairs
        self._case = case

    def edits(self, node: Node, value: Json, slots: Slots, path: FieldPath) -> Iterator[Decision]:
        if isinstance(node, SlotList) and isinstance(value, list):
            yield from self._list(node, value, slots, path)
        elif isinstance(node, dict) and isinstance(value, dict):
            for key in (key for key in node if key not in value):
                yield _edit(self._case, Act.SET, (*slots, key))._replace(gone=True)
            for key, below in value.items():
                if key in node:
                    yield from self.edits(node[key], below, (*slots, key), (*path, key))
                else:
                    yield _edit(self._case, Act.SET, (*slots, key), below)
        elif value_digest(plain_decision(node)) != value_digest(value):
            yield _edit(self._case, Act.SET, slots, value)

    def _list(
        self, node: SlotList, value: list[Json], slots: Slots, path: FieldPath
    ) -> Iterator[Decision]:
        ids = list(node.items)
        standing = [plain_decision(item) for item in node.items.values()]
        pairs = same_items(standing, value, self._pairs.get(path))
        partners = [pairs[i] for i in range(len(ids)) if i in pairs]
        if partners != sorted(partners):  # another order: the list is what was edited
            yield _edit(self._case, Act.SET, slots, value)
            return
        for i, slot in enumerate(ids):
            if i not in pairs:
                yield _edit(self._case, Act.REMOVE, (*slots, slot))
        of = {j: ids[i] for i, j in pairs.items()}
        before = ""
        for j, item in enumerate(value):
            if j in of:
                below = (*path, ids.index(of[j]))
                yield from self.edits(node.items[of[j]], item, (*slots, of[j]), below)
                before = of[j]
                continue
            slot = f"f{value_digest([*slots, before, item])[:8]}"
            yield _edit(self._case, Act.ADD, (*slots, slot), item)._replace(after=before)
            before = slot
