"""Fold of a case's decisions into its history, copy by copy where git has merged several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.cases.decisions.case_history import (
    CaseHistory,
    apply_decision,
    plain_decision,
    with_places,
)
from harness.cases.decisions.decision import GONE, Act, Decision, Slots, value_digest
from harness.cases.decisions.first_truths import unite
from harness.cases.files.strict_json import without_garbage_collection

_BASE: Final = Act.BASE
_NOBODY: Final = frozenset[str]()


def fold_decisions(decisions: Iterable[Decision]) -> dict[str, CaseHistory]:
    """Return each case's history. The decisions are in the order of `read_logs`."""
    by_case: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_case.setdefault(decision.case, []).append(decision)
    with without_garbage_collection():
        return {case: fold_case(mine) for case, mine in by_case.items()}


def fold_case(decisions: Sequence[Decision]) -> CaseHistory:
    """Return one case's history; decisions that were withdrawn by their own writer do not count."""
    history = CaseHistory(decisions=list(decisions))
    for _ in replay(history):
        pass
    for path, decision in list(history.disputes.items()):
        disputed = decision.saw.get("truth") if isinstance(decision.saw, dict) else None
        if disputed is not None and history.is_known and history.digest(path) != disputed:
            del history.disputes[path]  # the truth says something else now
    return history


def replay(history: CaseHistory) -> Iterator[tuple[Decision, CaseHistory]]:
    """Carry a history's decisions out one by one, and yield each once it is carried out.

    Beside it is the history it was carried out in: that of its own copy, before copies are united.
    """
    known = history.by_id = {each.id: each for each in history.decisions}
    history.withdrawn = {
        str(each.of)
        for each in history.decisions
        if each.of in known and each.do is Act.WITHDRAW and known[each.of].by == each.by
    }
    copies = _copies(history.decisions)
    yield from _carried_out(history, copies.first)
    for made in copies.others:
        other = CaseHistory(decisions=made, withdrawn=history.withdrawn)
        other.by_id = {each.id: each for each in made}
        yield from _carried_out(other, made)
        unite(history, other)
    yield from _carried_out(history, copies.later)


def _carried_out(
    history: CaseHistory, decisions: Iterable[Decision]
) -> Iterator[tuple[Decision, CaseHistory]]:
    for decision in decisions:
        if decision.id not in history.withdrawn:
            made = decision
            if history.twins:
                made = history.by_id[decision.id] = with_places(decision, history.place)
            apply_decision(history, made)
            yield made, history


@dataclass(frozen=True, slots=True)
class _Copies:
    """Decisions about a case by the first truth that their writers knew."""

    first: Sequence[Decision]
    others: Sequence[list[Decision]] = ()
    """What was decided in each other copy of the logs, without knowing of the first."""
    later: Sequence[Decision] = ()
    """Made where several copies had been merged, or beside the logs."""


def _copies(decisions: Sequence[Decision]) -> _Copies:
    """Return the decisions by copy: one, unless first truths differ or came behind decisions."""
    bases = [each for each in decisions if each.do is _BASE]
    alike: dict[str, str] = {}
    for each in bases:
        alike.setdefault(value_digest(each.to), each.id)
    if not bases or (len(alike) == 1 and bases[0] is decisions[0]):
        return _Copies(decisions)
    roots: dict[str, frozenset[str]] = {}
    of_person: dict[str, frozenset[str]] = {}
    copies: dict[frozenset[str], list[Decision]] = {}
    later: list[Decision] = []
    for each in decisions:
        mine = _NOBODY.union(*(roots.get(end, _NOBODY) for end in each.on))
        if each.do is _BASE:
            mine = of_person[each.by] = frozenset({alike[value_digest(each.to)]})
        elif not each.on:  # the first of its copy, or written before decisions named each other
            mine = of_person.get(each.by, _NOBODY)
        roots[each.end] = mine
        is_apart = len(mine) < 2 and (mine or each.document)  # noqa: PLR2004  # of one copy
        (copies.setdefault(mine, []) if is_apart else later).append(each)
    if len(copies) == 1:
        return _Copies(decisions)
    first, *others = copies.values()
    return _Copies(first, others, later)


def branch_heads(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions of a case that no other one was made after: one, unless git merged.

    Disputes that were noted beside the truths belong to no branch.
    """
    made = [each for each in decisions if each.document]
    followed = {end for each in made for end in each.on}
    return tuple(each for each in made if each.end not in followed)


def branch_states(decisions: Sequence[Decision]) -> tuple[CaseHistory, ...] | None:
    """Return the truth that each branch of a case's log ended in.

    None where the log cannot say: its decisions were written before they named each other.
    """
    made = [each for each in decisions if each.document]
    if any(not each.on for each in made[1:] if each.do is not Act.BASE):
        return None
    known = {each.end: each for each in made}
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
