"""Review state of each field of a truth: stated, stated absent, approved, or not labelled yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from harness.cases.decisions.case_history import (
    Approval,
    CaseHistory,
    Node,
    SlotList,
    plain_decision,
)
from harness.cases.decisions.decision import Slots
from harness.cases.decisions.truth_fields import TruthField
from harness.cases.suite import TruthPolicy
from harness.core.values import FieldPath, Json


class FieldState(StrEnum):
    """Review state of a field."""

    UNLABELLED = "unlabelled"
    """Nobody said what is right: what stands there, if anything, is a run's draft."""
    STATED = "stated"
    ABSENT = "absent"
    """The truth states that there is nothing."""
    APPROVED = "approved"
    """As many people as the suite asks for said that it is right, present or absent."""
    DISPUTED = "disputed"
    CONFLICT = "conflict"
    """Two people gave values without seeing each other's."""


@dataclass(frozen=True, slots=True)
class FieldReview:
    """A field and what people said of it."""

    field: TruthField
    slots: Slots
    value: Json
    """None where nothing stands there."""
    state: FieldState
    approvals: tuple[Approval, ...]
    """Those that still hold."""
    is_reviewed: bool
    """It counts when answers are scored."""


def field_reviews(
    history: CaseHistory, fields: Iterable[TruthField], document: str | None, policy: TruthPolicy
) -> Iterator[FieldReview]:
    """Yield the fields of a history's truth.

    `document` is the digest of the case's documents; None where these are not at hand.
    """
    places = _Places(history)
    for field in fields:
        slots, is_there, node = places.find(field.path)
        approvals = history.approved_by(slots, document)
        enough = len(approvals) >= policy.reviewers
        is_draft = history.drafted_by is not None or not history.is_known
        labelled = not is_draft or bool(approvals)
        is_reviewed = enough if policy.require == "approved" else labelled
        state = _state(history, slots, field, is_reviewed=is_reviewed, is_approved=enough)
        value = plain_decision(node) if is_there else None
        yield FieldReview(field, slots, value, state, approvals, is_reviewed)


def _state(
    history: CaseHistory, slots: Slots, field: TruthField, *, is_reviewed: bool, is_approved: bool
) -> FieldState:
    if _concerns(history.conflicts, slots):
        return FieldState.CONFLICT
    if _concerns(history.disputes, slots):
        return FieldState.DISPUTED
    if is_approved:
        return FieldState.APPROVED
    is_draft = history.drafted_by is not None or not history.is_known
    if is_draft and not is_reviewed:
        return FieldState.UNLABELLED
    return FieldState.STATED if field.is_present else FieldState.ABSENT


def _concerns(places: Iterable[Slots], slots: Slots) -> bool:
    return any(slots[: len(place)] == place for place in places)


class _Places:
    """Finds the place of a path; the ids of each list are listed once."""

    def __init__(self, history: CaseHistory) -> None:
        self._history = history
        self._ids: dict[int, list[str]] = {}

    def find(self, path: FieldPath) -> tuple[Slots, bool, Node]:
        """Return the place, whether something stands there, and what."""
        node, slots, is_there = self._history.root, [], self._history.is_known
        for step in path:
            slot = str(step)
            if isinstance(node, SlotList) and isinstance(step, int):
                ids = self._ids.setdefault(id(node), list(node.items))
                slot = ids[step] if step < len(ids) else slot
            held = node.items if isinstance(node, SlotList) else node
            is_there = isinstance(held, dict) and slot in held
            node = held[slot] if is_there and isinstance(held, dict) else None
            slots.append(slot)
        return tuple(slots), is_there, node
