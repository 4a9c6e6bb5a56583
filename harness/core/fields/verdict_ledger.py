"""The differ's ledger: one verdict a field, written down as cheaply as Python can.

Everything shown anywhere (counts, scores, diffs, marks) is derived from these verdicts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from harness.core.fields.scalar import Scalar
from harness.core.outcomes import ABSTENTION, Tag
from harness.core.values import Json, Path, Steps


class JudgedField(Protocol):
    """The field a verdict is about."""

    @property
    def path(self) -> Path:
        """Path of the field."""
        ...

    @property
    def scalar(self) -> Scalar:
        """Comparison of its values."""
        ...


Verdict: TypeAlias = tuple[int, JudgedField, Steps, Steps, Json, Json]
"""A plain tuple, since one is written for every field of every case; its parts have names below."""

CODE: Final = 0
"""How the field was judged: a code of `core.outcomes`."""
FIELD: Final = 1
PLACE_EXPECTED: Final = 2
"""Indexes and map keys on the way to it in the truth."""
PLACE_PREDICTED: Final = 3
VALUE_EXPECTED: Final = 4
VALUE_PREDICTED: Final = 5


class SingleItem(NamedTuple):
    """A list item without a counterpart."""

    start: int
    end: int
    """Where its verdicts start and end."""
    list: Path
    expected: Steps
    """Where its list stands in the truth."""
    place: Steps
    """Where it stands itself, on its own side."""


class Ledger:
    """Verdicts and counts of one case."""

    __slots__ = (
        "approximate",
        "collections",
        "cumulative",
        "ignored",
        "kept",
        "lists",
        "marks",
        "missing",
        "pairings",
        "row_lists",
        "rows",
        "spare",
        "states",
        "unmatched",
        "verdicts",
    )

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self.marks: dict[int, Tag] = {}
        """Tags the differ knows best, by index of the verdict."""
        self.lists: list[tuple[str, int, int, int]] = []
        """Each list met: its name; paired, missing and extra items."""
        self.rows: list[tuple[int, int]] = []
        """Where the verdicts of each pair of items start and end."""
        self.row_lists: list[str] = []
        """The list that each of these pairs is of, by name."""
        self.spare: list[SingleItem] = []
        """Each predicted item without a counterpart, those inside another one before it."""
        self.missing: list[SingleItem] = []
        """The same of expected items."""
        self.collections: set[str] = set()
        """Which of the lists are entity collections."""
        self.unmatched: tuple[set[tuple[str, Steps]], set[tuple[str, Steps]]] = set(), set()
        """By side: entities without a counterpart, by collection and place."""
        self.cumulative: Ledger | None = None
        """Where the case is told in statements: what judging their sum gave."""
        self.states: tuple[Json, Json] = (None, None)
        """In the ledger of a sum: what the statements of either side add up to, as the only
        statement of the case."""
        self.ignored = 0
        """Expected fields left out by rule."""
        self.approximate: set[str] = set()
        """Lists whose alignment may not be the best there is."""
        self.pairings: dict[tuple[int, int, int], Sequence[tuple[int, int]]] = {}
        """Alignments already found, by identity of the list field and of both lists."""
        self.kept: list[object] = []
        """Values made while judging; kept alive because `pairings` knows lists by identity."""

    def mark(self, start: int, tag: Tag) -> None:
        """Tag every verdict from `start` on that has no tag yet."""
        set_first = self.marks.setdefault
        for index in range(start, len(self.verdicts)):
            set_first(index, tag)


def one_sided(start: int, tag: Tag, ledger: Ledger) -> None:
    """Keep what an unpaired item holds; what it leaves blank is no abstention."""
    verdicts = ledger.verdicts[start:]
    if ABSTENTION in [verdict[CODE] for verdict in verdicts]:
        indexes = [n for n, verdict in enumerate(verdicts, start) if verdict[CODE] != ABSTENTION]
        marks = [ledger.marks.get(n) for n in indexes]
        for n in range(start, start + len(verdicts)):
            ledger.marks.pop(n, None)
        ledger.marks |= {n: mark for n, mark in enumerate(marks, start) if mark is not None}
        ledger.verdicts[start:] = [verdicts[n - start] for n in indexes]
        for singles in (ledger.missing, ledger.spare):
            _shift(singles, start, indexes)
    ledger.mark(start, tag)


def _shift(singles: list[SingleItem], start: int, indexes: Sequence[int]) -> None:
    """Recompute where items stand after verdicts were removed from `start` on."""
    for n in range(len(singles) - 1, -1, -1):
        single = singles[n]
        if single.end <= start:  # and so do all before it
            return
        begin, end = (start + bisect_left(indexes, at) for at in (single.start, single.end))
        singles[n] = single._replace(start=begin, end=end)
