"""Line index: pairs the lines of two JSONL files by id, and cuts them into shards."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

from harness.errors import Problem
from harness.scale.json_lines import line_flaw, prediction_id, read_prediction, truth_id
from harness.scale.score_summary import Flaw
from harness.scale.short_list import ShortList

SHARD_CASES: Final = 500
"""Cases of a shard: with invoices of 22 rows, about half a second."""
BYTES: Final = 8_000_000
"""Bytes of truth from which a shard is cut although it has fewer cases."""
NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of the truth file."""

    start: int
    stop: int
    """Bytes before the first line, and before the line after the last."""
    first: int
    """Number of its first case, from 0."""
    cases: int
    first_id: str


@dataclass(frozen=True, slots=True)
class Index:
    """Index of the lines of two files by case. Grows by some 10 to 40 bytes a case."""

    cuts: tuple[Cut, ...]
    predicted: array[int]
    """Where each truth's prediction begins, in order of the truths; `NOWHERE` if it has none."""
    order: array[int] | None
    """Numbers of the cases in order of id; None where that is the order of the file."""
    unused: ShortList[tuple[str]]
    """Ids of predictions without a truth."""
    bad_truths: ShortList[Flaw]
    bad_predictions: ShortList[Flaw]

    @property
    def cases(self) -> int:
        """Number of truths."""
        return len(self.predicted)


def index(truths: Path, predictions: Path) -> Index:
    """Return how two JSONL files go together by id.

    Lines are not read beyond their id where it comes first; what is wrong with a line that has a
    counterpart is found when it is scored, and what is wrong with any other is found here.
    """
    return _in_step(truths, predictions) or _by_id(truths, predictions)


def indexed_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield every line that is not blank, with its offset."""
    offset = 0
    with file.open("rb") as stream:
        for raw in stream:
            if not raw.isspace():
                yield offset, raw
            offset += len(raw)


class _Cutter:
    """Cuts a file as its lines go by."""

    def __init__(self) -> None:
        self.cuts: list[Cut] = []
        self.cases = 0
        self._start = self._first = 0
        self._first_id = b""

    def add(self, offset: int, case_id: bytes) -> None:
        """Enter a case that begins at an offset."""
        if self.cases - self._first >= SHARD_CASES or offset - self._start >= BYTES:
            self.end(offset)
        if self.cases == self._first:
            self._first_id = case_id
        self.cases += 1

    def end(self, offset: int) -> tuple[Cut, ...]:
        """Cut at an offset; return all cuts so far."""
        if offset > self._start:
            name = self._first_id.decode("utf-8", "replace")
            cases = self.cases - self._first
            self.cuts.append(Cut(self._start, offset, self._first, cases, name))
        self._start, self._first = offset, self.cases
        return tuple(self.cuts)


def _in_step(truths: Path, predictions: Path) -> Index | None:
    """Return the index of files whose lines go together one by one, ids rising; else None."""
    cutter, predicted, before = _Cutter(), array("q"), b""
    nothing = NOWHERE, b""
    pairs = zip_longest(indexed_lines(truths), indexed_lines(predictions), fillvalue=nothing)
    for (offset, raw), (other, answer) in pairs:
        if NOWHERE in (offset, other):
            return None
        case_id = truth_id(raw, truths, offset)
        if case_id is None or (cutter.cases and case_id <= before):
            return None
        if prediction_id(answer, other) != case_id:
            return None
        cutter.add(offset, case_id)
        predicted.append(other)
        before = case_id
    cuts = cutter.end(truths.stat().st_size)
    return Index(cuts, predicted, None, ShortList(), ShortList(), ShortList())


class _Ids:
    """Ids and offsets of a file's lines, close together."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])
        self.offsets = array("q")

    def add(self, case_id: bytes, offset: int) -> None:
        """Enter a line."""
        self._text += case_id
        self._ends.append(len(self._text))
        self.offsets.append(offset)

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._text[self._ends[number] : self._ends[number + 1]])

    def __len__(self) -> int:
        return len(self.offsets)

    def order(self) -> array[int]:
        """Return the lines' numbers in order of id, equal ones as they come."""
        return array("q", sorted(range(len(self)), key=self.__getitem__))


def _by_id(truths: Path, predictions: Path) -> Index:
    """Return the index of any two files."""
    cutter, expected, predicted_ids = _Cutter(), _Ids(), _Ids()
    for offset, raw in indexed_lines(truths):
        case_id = truth_id(raw, truths, offset)
        if case_id is not None:  # else its shard will say why not
            cutter.add(offset, case_id)
            expected.add(case_id, offset)
    bad: list[Flaw] = []
    for offset, raw in indexed_lines(predictions):
        own_id = prediction_id(raw, offset)
        if isinstance(own_id, Problem):
            bad.append(line_flaw(own_id, offset))
        else:
            predicted_ids.add(own_id, offset)
    cuts = cutter.end(truths.stat().st_size)
    order, other = expected.order(), predicted_ids.order()
    predicted, unused = _joined((expected, order), (predicted_ids, other))
    twice, again = (
        _twice(expected, order, _second_truth),
        _twice(predicted_ids, other, _second_answer),
    )
    unread = _unread(predictions, predicted_ids, unused)
    names = ShortList.of((predicted_ids[number].decode("utf-8", "replace"),) for number in unused)
    bad_predictions = ShortList.of(bad) + again + unread
    return Index(cuts, predicted, order, names, twice, bad_predictions)


def _joined(
    expected: tuple[_Ids, array[int]], predicted_ids: tuple[_Ids, array[int]]
) -> tuple[array[int], array[int]]:
    """Walk two files in order of id; return each truth's prediction, and numbers of the unused."""
    predicted = array("q", [NOWHERE]) * len(expected[0])
    unused = array("q")
    waiting = iter(expected[1])
    number = next(waiting, None)
    for other in predicted_ids[1]:
        name = predicted_ids[0][other]
        while number is not None and expected[0][number] < name:
            number = next(waiting, None)
        if number is None or expected[0][number] != name:
            unused.append(other)
        elif predicted[number] == NOWHERE:
            predicted[number] = predicted_ids[0].offsets[other]
    return predicted, unused


def _twice(ids: _Ids, order: array[int], problem_of: Callable[[str], Problem]) -> ShortList[Flaw]:
    """Return the lines whose id an earlier line has."""
    flaws: list[Flaw] = []
    first = NOWHERE
    for number in order:
        if first != NOWHERE and ids[number] == ids[first]:
            problem = problem_of(ids[number].decode("utf-8", "replace"))
            flaws.append(line_flaw(problem, ids.offsets[number], ids.offsets[first]))
        else:
            first = number
    return ShortList.of(flaws)


def _second_truth(name: str) -> Problem:
    return Problem(f"a second truth for {name!r}", "duplicate-case")


def _second_answer(name: str) -> Problem:
    return Problem(f"a second answer for case {name!r}", "duplicate-answer")


def _unread(predictions: Path, predicted: _Ids, unused: array[int]) -> ShortList[Flaw]:
    """Return what is wrong with lines that no shard will read."""
    flaws: list[Flaw] = []
    with predictions.open("rb") as stream:
        for offset in sorted(predicted.offsets[number] for number in unused):
            stream.seek(offset)
            prediction = read_prediction(stream.readline(), predictions, offset)
            if isinstance(prediction, Problem):
                flaws.append(line_flaw(prediction, offset))
    return ShortList.of(flaws)
