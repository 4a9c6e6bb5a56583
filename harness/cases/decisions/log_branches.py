"""Branches of a review log: the last decisions of each copy, where git has merged several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.cases.decisions.case_history import CaseHistory, fold_case, plain_decision
from harness.cases.decisions.decision import GONE, Act, Decision, Slots, value_digest


def id_end(decision: Decision) -> str:
    """Return the end of a decision's id, by which others name it: unique within its case."""
    return decision.id.rpartition("-")[2]


def branch_heads(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions of a case that no other one was made after: one, unless git merged.

    Disputes that were noted beside the truths belong to no branch.
    """
    made = [each for each in decisions if each.document]
    followed = {end for each in made for end in each.on}
    return tuple(each for each in made if id_end(each) not in followed)


def branch_states(decisions: Sequence[Decision]) -> tuple[CaseHistory, ...] | None:
    """Return the truth that each branch of a case's log ended in.

    None where the log cannot say: its decisions were written before they named each other.
    """
    made = [each for each in decisions if each.document]
    if any(not each.on for each in made[1:] if each.do is not Act.BASE):
        return None
    known = {id_end(each): each for each in made}
    heads = branch_heads(made)
    if len(heads) == 1:
        return (fold_case(decisions),)
    histories: list[CaseHistory] = []
    for head in heads:
        visited, waiting = {head.id}, [head]
        while waiting:
            for end in waiting.pop().on:
                before = known.get(end)
                if before is not None and before.id not in visited:
                    visited.add(before.id)
                    waiting.append(before)
        histories.append(fold_case([each for each in made if each.id in visited]))
    return tuple(histories)


def says_at(state: CaseHistory, edit: Decision, twins: dict[Slots, Slots]) -> bool:
    """Tell whether a branch's truth says at a place what an edit would make of it.

    `twins` are items that two branches added alike: what one of them became, and its own place.
    """
    if edit.do is Act.ADD:
        items = _items(state, edit.path[:-1], twins)
        return value_digest(edit.to) in items
    wanted = GONE if edit.gone or edit.do is Act.REMOVE else value_digest(edit.to)
    return any(_digest(state, path) == wanted for path in _names(edit.path, twins))


def _digest(state: CaseHistory, path: Slots) -> str:
    is_there, node = state.node(path)
    return value_digest(plain_decision(node)) if is_there else GONE


def _names(path: Slots, twins: dict[Slots, Slots]) -> Iterable[Slots]:
    yield path
    for size in range(1, len(path) + 1):
        if path[:size] in twins:
            yield (*twins[path[:size]], *path[size:])


def _items(state: CaseHistory, path: Slots, twins: dict[Slots, Slots]) -> set[str]:
    items: set[str] = set()
    for name in _names(path, twins):
        value = plain_decision(state.node(name)[1])
        items |= {value_digest(item) for item in value} if isinstance(value, list) else set()
    return items
