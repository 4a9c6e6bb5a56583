"""The letters of a PDF page by place: which lie within boxes, and which is nearest on a line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_BAND: Final = 8.0
"""Points of height of a band, in which letters are kept from left to right."""
_MOST_BANDS: Final = 40
"""Bands that a letter or a place is looked for in: lines of text are not as tall."""
_NEAR: Final = 64
"""Letters to each side of a place that are looked at."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle in points, from the bottom left."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """Half way up."""
        return (self.bottom + self.top) / 2

    def is_level_with(self, other: Rectangle) -> bool:
        """Tell whether two rectangles stand on one line."""
        return self.bottom <= other.middle <= self.top or other.bottom <= self.middle <= other.top

    def gap(self, other: Rectangle) -> float:
        """Return the points between two rectangles of one line."""
        return max(other.left - self.right, self.left - other.right, 0.0)

    def bands(self) -> range:
        """Return the bands that it reaches into, of very tall ones those in the middle."""
        first, last = int(self.bottom // _BAND), int(self.top // _BAND)
        if last - first >= _MOST_BANDS:
            first = int(self.middle // _BAND) - _MOST_BANDS // 2
            last = first + _MOST_BANDS - 1
        return range(first, last + 1)


Letter = tuple[int, Rectangle]
"""Its place in the text, and on the page."""


def letters_within(letters: Iterable[Letter], boxes: Iterable[Rectangle]) -> set[int]:
    """Return the letters whose middle lies within any box.

    A sweep from the bottom of the page: its time goes with letters and boxes, however they overlap.
    """
    sound = [box for box in boxes if box.left <= box.right and box.bottom <= box.top]
    coming = sorted(sound, key=lambda box: -box.bottom)
    going = sorted(sound, key=lambda box: -box.top)
    lefts: list[float] = []
    rights: list[float] = []
    numbers: set[int] = set()
    for index, letter in sorted(letters, key=lambda each: each[1].middle):
        while coming and coming[-1].bottom <= letter.middle:
            box = coming.pop()
            insort(lefts, box.left)
            insort(rights, box.right)
        while going and going[-1].top < letter.middle:
            box = going.pop()
            del lefts[bisect_left(lefts, box.left)]
            del rights[bisect_left(rights, box.right)]
        across = (letter.left + letter.right) / 2
        if bisect_right(lefts, across) > bisect_left(rights, across):
            numbers.add(index)
    return numbers


class LetterBands:
    """Letters by height and from left to right, so that the nearest is found among few."""

    def __init__(self, letters: Iterable[Letter], without: Collection[int]) -> None:
        self._bands: dict[int, list[Letter]] = {}
        outside = [letter for letter in letters if letter[0] not in without]
        for letter in sorted(outside, key=lambda each: each[1].left):
            for band in letter[1].bands():
                self._bands.setdefault(band, []).append(letter)
        self._lefts = {band: [box.left for _, box in some] for band, some in self._bands.items()}

    def nearest(self, place: Rectangle) -> Letter | None:
        """Return the letter that is nearest to a place on its line; None if the line is empty."""
        level = [letter for letter in self._near(place) if place.is_level_with(letter[1])]
        return min(level, key=lambda each: (place.gap(each[1]), each[0]), default=None)

    def _near(self, place: Rectangle) -> Iterator[Letter]:
        for band in place.bands():
            letters: Sequence[Letter] = self._bands.get(band, ())
            at = bisect_left(self._lefts.get(band, ()), place.left)
            yield from letters[max(at - _NEAR, 0) : at + _NEAR]
