"""The differ's ledger: one verdict a field, written down as cheaply as Python can.

Everything shown anywhere (counts, scores, diffs, marks) is derived from these verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from harness.core.outcomes import Outcome, Tag
from harness.core.values import Json

if TYPE_CHECKING:
    from harness.core.fields import Leaf, ListField

CORRECT: Final = 0
OMISSION: Final = 1
HALLUCINATION: Final = 2
FORMAT_ERROR: Final = 3
WRONG_VALUE: Final = 4
FORMAT_ONLY: Final = 5
"""A format error whose value is right once read leniently (`value_equal`)."""
ABSTENTION: Final = 6
"""Absent on both sides: a true negative, and no field of any F1."""
VERDICTS: Final = 7

OUTCOME_OF: Final = (
    Outcome.CORRECT,
    Outcome.OMISSION,
    Outcome.HALLUCINATION,
    Outcome.FORMAT_ERROR,
    Outcome.WRONG_VALUE,
    Outcome.FORMAT_ERROR,
)
"""The outcome each verdict stands for; an abstention stands for none."""

Steps: TypeAlias = tuple[int | str, ...]
"""What fills the holes of a field's path: list indexes and the keys of free-key maps."""

Verdict: TypeAlias = "tuple[int, Leaf, Steps, Steps, Json, Json]"
"""Code, field, where in the truth, where in the prediction, expected value, predicted value."""


class Ledger:
    """What the differ found in one case."""

    __slots__ = ("approximate", "ignored", "lists", "marks", "pairings", "rows", "verdicts")

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.marks: dict[int, Tag] = {}
        """Tags the differ knows best, by index of the verdict."""
        self.lists: list[tuple[ListField, int, int, int]] = []
        """Each list met: paired, missing and extra items."""
        self.rows: list[tuple[int, int]] = []
        """Where the verdicts of each pair of items start and end."""
        self.ignored = 0
        """Expected fields left out by rule."""
        self.approximate: set[str] = set()
        """Lists whose alignment may not be the best there is."""
        self.pairings: dict[tuple[int, int, int], Sequence[tuple[int, int]]] = {}
        """Alignments already found, by identity of the list field and of both lists."""

    def mark(self, start: int, tag: Tag) -> None:
        """Tag every verdict from `start` on that has no tag yet."""
        for index in range(start, len(self.verdicts)):
            self.marks.setdefault(index, tag)
