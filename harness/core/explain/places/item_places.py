"""Locations of a value that belong to its list item: those near the item's other values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

ItemOffsets: TypeAlias = tuple[int, int]
Places: TypeAlias = Sequence[ItemOffsets]

_ANCHORS: Final = 400
"""Places of a value up to which its lines are tried as the lines of an item."""
_FEW: Final = 8
"""Places that are looked at one by one, without a search for those near."""
_APART: Final = 6
"""Lines around an item's own in which its values are looked for."""


class ValueLines(NamedTuple):
    """The lines on which a value stands in a text."""

    places: Places
    """Kept, since they are known by identity."""
    rows: list[int]
    """The line of each place."""
    times: Mapping[int, int]
    """How often each line has the value."""
    lines: list[int]
    """The lines, each once, in order."""
    in_order: bool
    """Whether `rows` ascend."""
    number: int
    """The same for values that stand at the same places."""


class Lines:
    """The lines of a text, by offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.homes: dict[tuple[int, ...], tuple[int, ...]] = {}
        """Results of `home_lines`, by the numbers of an item's values."""
        self._known: dict[int, ValueLines] = {}
        self._numbers: dict[Places, int] = {}

    def of(self, places: Places) -> ValueLines:
        """Return the lines of a value's places, looked up once for all items that have it."""
        known = self._known.get(id(places))
        if known is None:
            rows = [self.line(start) for start, _ in places]
            number = self._numbers.setdefault(tuple(places), len(self._numbers))
            if len(rows) == 1:
                known = ValueLines(places, rows, {rows[0]: 1}, rows, in_order=True, number=number)
            else:
                times = Counter(rows)
                in_order = rows == sorted(rows)
                known = ValueLines(places, rows, times, sorted(times), in_order, number)
            self._known[id(places)] = known
        return known

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def line(self, offset: int) -> int:
        r"""Return the number of the line an offset stands on, from 0.

        >>> Lines("a\nb").line(2)
        1
        """
        return bisect_right(self._starts, offset) - 1


def home_lines(values: Iterable[Places], lines: Lines) -> tuple[int, ...]:
    r"""Return the lines on which most of an item's values stand: several if equally many do.

    A value counts by how rare it is. None where no line has two of them and no value is unique.

    >>> text = "Pos 1 Valve 3\nPos 3 Pump 1\n"
    >>> home_lines([[(4, 5), (25, 26)], [(6, 11)]], Lines(text))
    (0,)
    """
    known = [lines.of(places) for places in values]
    key = tuple(value.number for value in known)
    homes = lines.homes.get(key)
    if homes is None:
        homes = lines.homes[key] = _best_lines(list(_lines_of_each(known)))
    return homes


def _best_lines(on: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the lines that most values stand on, and of those the ones nearest to the rest."""
    few = [rows for rows in on if len(rows) <= _ANCHORS]
    if not few:
        return ()
    rarest = min(few, key=len)
    hits: dict[int, int] = {}
    for rows in few:
        for line in rows:
            hits[line] = hits.get(line, 0) + 1
    if len(rarest) > 1 and len(hits) > _ANCHORS:
        hits = {line: hits[line] for line in rarest}
    for rows in on if len(few) < len(on) else ():
        if len(rows) > _ANCHORS:
            hits |= {line: n + 1 for line, n in hits.items() if not _distance(rows, line)}
    most = max(hits.values())
    best = sorted(line for line, times in hits.items() if times == most)
    if len(best) > 1:
        scores = [_nearness(on, line) for line in best]
        best = [line for line, score in zip(best, scores, strict=True) if score == max(scores)]
    unique = len(rarest) == 1
    if unique and len(best) > 1:
        best = [line for line in best if line >= rarest[0]] or best
    return tuple(best) if unique or most > 1 else ()


def _nearness(on: Sequence[Sequence[int]], line: int) -> int:
    """Return how near a line is to all values; a value counts by how rare it is."""
    near = [_distance(rows, line) for rows in on]
    weights = (1 / len(rows) for rows in on)
    return round(
        1e6 * sum(w / (1 + d) ** 2 for w, d in zip(weights, near, strict=True) if d <= _APART)
    )


def _lines_of_each(values: Iterable[ValueLines]) -> Iterator[Sequence[int]]:
    """Yield the lines of each value; a value that an item has twice needs two places on a line."""
    occurrences: dict[int, int] = {}
    for known in values:
        before = occurrences.get(known.number, 0)
        rows = known.lines
        if before:
            rows = [line for line in rows if known.times[line] > before]
        occurrences[known.number] = before + 1
        if rows:
            yield rows


def _distance(rows: Sequence[int], line: int) -> int:
    if len(rows) == 1:
        return abs(rows[0] - line)
    at = bisect_left(rows, line)
    return min(abs(row - line) for row in rows[max(0, at - 1) : at + 1])


def _near(value: ValueLines, homes: Sequence[int]) -> list[tuple[ItemOffsets, int]]:
    """Return the places near an item's lines, each with its line; all where none is near.

    Places far away are never better than one that is near.
    """
    rows = value.rows
    every = zip(value.places, rows, strict=True)
    if not value.in_order or len(rows) <= _FEW:
        return list(every)
    near = {
        n
        for home in homes
        for n in range(bisect_left(rows, home - _APART), bisect_right(rows, home + _APART))
    }
    return [(value.places[n], rows[n]) for n in sorted(near)] or list(every)


def bound_places(
    places: Places, homes: Sequence[int], lines: Lines, taken: Sequence[int] = ()
) -> tuple[ItemOffsets, ...]:
    r"""Return the places of a value that are nearest to its item; all where it has no home.

    `taken` are the first lines of all items in order: a place on another item's line is kept only
    if there is no other, and of two equally near the one below its own item's line is better.

    >>> text = "Pos 1 Valve 3\nPos 3 Pump 1\n"
    >>> bound_places([(4, 5), (25, 26)], [1], Lines(text))
    ((25, 26),)
    """
    if not homes or len(places) < 2:  # noqa: PLR2004  # a single place has no rival
        return tuple(places)
    known = lines.of(places)
    near = _near(known, homes)
    own = [(place, line) for place, line in near if line in homes]
    if len(own) == 1:
        return (own[0][0],)
    ranked = []
    for place, line in own or near:
        apart = _distance(homes, line)
        at = bisect_right(taken, line) - 1
        owner = taken[at] if at >= 0 else -1
        others = apart > 0 and owner == line
        ranked.append((apart > _APART, others, apart, owner not in homes, place))
    top = min(ranked)[:-1]
    return tuple(place for *rank, place in ranked if tuple(rank) == top)


def stands_at(
    place: ItemOffsets, homes: Sequence[int], lines: Lines, taken: Sequence[int] = ()
) -> bool:
    r"""Tell whether a place is on an item's own lines, or on the next if that is nobody's.

    False where the item has no lines. `taken` are the first lines of all items.

    >>> lines = Lines("Tea 2x\nTotal 5\nCHANGE 0")
    >>> stands_at((22, 23), [0], lines), stands_at((22, 23), [2], lines)
    (False, True)
    """
    line = lines.line(place[0])
    return bool(homes) and (line in homes or (_distance(homes, line) <= 1 and line not in taken))


def stands_among(
    place: ItemOffsets, homes: Sequence[int], lines: Lines, taken: Sequence[int] = ()
) -> bool:
    r"""Tell whether a place is where `stands_at` says, or near and above the next item's lines.

    >>> lines = Lines("Table 1\nTea\n  count 1\nCake")
    >>> stands_among((6, 7), [2], lines, [2, 3]), stands_among((20, 21), [1], lines, [1, 3])
    (False, True)
    """
    if stands_at(place, homes, lines, taken):
        return True
    line = lines.line(place[0])
    at = bisect_right(taken, line) - 1
    return at >= 0 and taken[at] in homes and _distance(homes, line) <= _APART
