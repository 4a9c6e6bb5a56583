"""Statements of each person about the fields of a case, whatever became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.cases.decisions.case_fold import replay
from harness.cases.decisions.case_history import (
    CaseHistory,
    SlotList,
    leaves,
    plain_decision,
    slotted,
)
from harness.cases.decisions.decision import EDITS, GONE, Act, Decision, Slots, value_digest
from harness.cases.decisions.field_reviews import FieldState
from harness.core.values import Json
from harness.review.reviewed_case import ReviewedCase

StatedValue: TypeAlias = tuple[bool, Json]
"""Whether the field has a value, and which."""
NOTHING: StatedValue = (False, None)


@dataclass(slots=True)
class PersonSays:
    """One person's last word on each field of one case."""

    values: dict[Slots, StatedValue] = field(default_factory=dict)
    unseen: set[Slots] = field(default_factory=set)
    """Fields whose value the person typed, or gave without being shown another's."""
    at: dict[Slots, str] = field(default_factory=dict)
    """When the person said it (ISO 8601)."""
    whole: dict[Slots, frozenset[str]] = field(default_factory=dict)
    """Lists that the person called complete, with the ids of their items."""

    def add(self, other: PersonSays, place: Callable[[Slots], Slots]) -> None:
        """Take in what the person said in a copy of the log, whose places `place` names."""
        self.values |= {place(path): value for path, value in other.values.items()}
        self.at |= {place(path): moment for path, moment in other.at.items()}
        self.unseen |= {place(path) for path in other.unseen}
        for path, items in other.whole.items():
            self.whole[place(path)] = frozenset(place((*path, item))[-1] for item in items)


def statements(history: CaseHistory) -> dict[str, PersonSays]:
    """Return what each person said about a case, by name; `history` is one without decisions run.

    Who called a list complete says of each item that others added: it is not there.
    """
    says: dict[str, PersonSays] = {}
    copies: dict[int, tuple[CaseHistory, dict[str, PersonSays]]] = {}
    for decision, live in replay(CaseHistory(decisions=list(history.decisions))):
        _, of_copy = copies.setdefault(id(live), (live, {}))
        mine = of_copy.setdefault(decision.by, PersonSays())
        if decision.do is Act.APPROVE:
            _approved(mine, live, decision)
        elif decision.do in EDITS:
            _edited(mine, live, decision)
    for live, of_copy in reversed(copies.values()):  # the first has what knew of all
        for name, mine in of_copy.items():
            says.setdefault(name, PersonSays()).add(mine, live.place)
    every = {path for mine in says.values() for path in mine.values}
    for mine in says.values():
        for place, items in mine.whole.items():
            size = len(place)
            for path in every:
                if len(path) > size and path[:size] == place and path[size] not in items:
                    mine.values.setdefault(path, NOTHING)
                    mine.at.setdefault(path, mine.at.get(place, ""))
    return {name: mine for name, mine in says.items() if mine.values}


def settled_values(reviewed: ReviewedCase) -> dict[Slots, StatedValue]:
    """Return the values of a case's truth that are settled: what is in doubt is nobody's yet."""
    doubtful = (FieldState.CONFLICT, FieldState.DISPUTED)
    fields = (f for f in reviewed.fields if not f.is_list and f.state not in doubtful)
    return {each.slots: (each.is_present, each.value) for each in fields}


def _approved(mine: PersonSays, live: CaseHistory, decision: Decision) -> None:
    for path, digest in decision.fields:
        is_there, node = live.node(path)
        if isinstance(node, SlotList):
            mine.whole[path] = frozenset(node.items)
        elif digest == GONE:
            mine.values[path] = NOTHING
        elif is_there and value_digest(plain_decision(node)) == digest:
            mine.values[path] = _said(plain_decision(node))
        mine.at[path] = decision.at
        mine.unseen -= {path}
        mine.unseen |= {path} if decision.blind else set()


def _edited(mine: PersonSays, live: CaseHistory, decision: Decision) -> None:
    if decision.do is Act.REMOVE or decision.gone:
        below = [path for path in mine.values if path[: len(decision.path)] == decision.path]
        stood = live.node(decision.path[:-1])[1]
        node = stood.removed.get(decision.path[-1]) if isinstance(stood, SlotList) else None
        gone = [path for path, _ in leaves(node, decision.path)] if node is not None else []
        edited: Mapping[Slots, StatedValue] = dict.fromkeys(
            [*below, *(gone or [decision.path])], NOTHING
        )
    else:
        edited = {
            path: _said(plain_decision(node))
            for path, node in leaves(slotted(decision.to), decision.path)
            if not isinstance(node, SlotList)
        }
    mine.values.update(edited)
    mine.at.update(dict.fromkeys(edited, decision.at))
    mine.unseen.update(edited)


def _said(value: Json) -> StatedValue:
    return (value is not None, value)


def tree(values: Mapping[Slots, StatedValue], history: CaseHistory) -> Json:
    """Return fields as JSON; list items stand in the order of their ids.

    >>> history = CaseHistory(root=slotted({"a": [{"x": 1}]}), is_known=True)
    >>> tree({("a", "0", "x"): (True, 5)}, history)
    {'a': [{'x': 5}]}
    """
    lists = {place for place, node in _lists(history)}
    root: dict[str, Json] = {}
    for path in sorted(values):
        is_there, value = values[path]
        if not path or not is_there:
            continue
        held = root
        for step in path[:-1]:
            below = held.setdefault(step, {})
            held = below if isinstance(below, dict) else {}
        held[path[-1]] = value
    return _listed(root, (), lists)


def _lists(history: CaseHistory) -> list[tuple[Slots, SlotList]]:
    lists: list[tuple[Slots, SlotList]] = []
    for decision in history.by_id.values():
        if decision.do in (*EDITS, Act.BASE) and not decision.gone:
            node = slotted(decision.to)
            lists += [(p, n) for p, n in leaves(node, decision.path) if isinstance(n, SlotList)]
            if decision.do is Act.ADD:
                lists.append((decision.path[:-1], SlotList({})))
    lists += [(p, n) for p, n in leaves(history.root) if isinstance(n, SlotList)]
    return lists


def _listed(value: Json, at: Slots, lists: set[Slots]) -> Json:
    if not isinstance(value, dict):
        return value
    below = {key: _listed(each, (*at, key), lists) for key, each in value.items()}
    return list(below.values()) if at in lists else below
