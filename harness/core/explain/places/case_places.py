"""Locations of a case's values in its documents, each near the other values of its list item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from harness.core.explain.places.evidence import TextSource
from harness.core.explain.places.item_places import (
    Lines,
    bound_places,
    home_lines,
    stands_among,
    stands_at,
)
from harness.core.explain.places.number_places import NumberOffsets
from harness.core.outcomes import FieldDiff, Outcome
from harness.core.values import Json

_OMISSION: Final = Outcome.OMISSION
_HALLUCINATION: Final = Outcome.HALLUCINATION
_NUMBERS: Final = (int, float)
_SOUGHT: Final = (str, int, float)
_TEN: Final = 10
_MOST_VALUES: Final = 40
"""Values of an item from which its lines are told; more would tell no more."""


class Place(NamedTuple):
    """A value's place in a document."""

    document: str
    start: int
    end: int


class _ValuePlaces(NamedTuple):
    """The places of one value in all documents; there is one such record of equal values."""

    spans: Mapping[str, tuple[NumberOffsets, ...]]
    """By document."""
    places: tuple[Place, ...]
    """Of a plain value; empty for others, whose places depend on the item."""
    is_nothing: bool
    is_digit: bool
    is_plain: bool
    """There is nothing to choose: one place at most, and no chance hit."""


class CasePlaces:
    r"""Places of a case's values; a value of a list item is sought near the item's other values.

    Several places that are equally good are all returned: the first is no better than the rest.

    >>> from harness.core.differ.plan import Plan
    >>> rows = {"rows": [{"n": 1, "q": 3}, {"n": 2, "q": 1}]}
    >>> case = CasePlaces({"a": TextSource("n1 1 q 3\nn2 2 q 1\n")}, Plan().score(rows, rows).diffs)
    >>> [case.find(path, value, "expected") for path, value in (("rows[1].q", 1),)]
    [(Place(document='a', start=16, end=17),)]
    """

    def __init__(self, sources: Mapping[str, TextSource], diffs: Sequence[FieldDiff]) -> None:
        self.sources = sources
        self._diffs = diffs
        self._found: dict[tuple[type, Json], _ValuePlaces] = {}
        self._chosen: dict[tuple[str, str], list[str]] = {}
        self._homes: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._lines_by_content: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = {}
        self._settled: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._surrounding: dict[tuple[str, str, str], tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def find(self, path: str, value: Json, side: str) -> tuple[Place, ...]:
        """Return where a value stands: `side` is expected or predicted, the path that side's."""
        everywhere = self._everywhere(value)
        end = path.rfind("]") + 1
        if everywhere.is_plain:
            return everywhere.places
        if not end:
            return _places_of(everywhere.spans)
        item = path[:end]
        spans_by_name, nothing = everywhere.spans, everywhere.is_nothing
        unsure = nothing or everywhere.is_digit
        places: list[Place] = []
        spare: list[Place] = []
        for name in self._chosen_documents(item, side, everywhere):
            spans = spans_by_name[name]
            homes, taken = self._surroundings(name, item, side)
            lines = self.sources[name].lines
            bound = bound_places(spans, homes, lines, taken)
            if nothing or (unsure and homes):
                is_own = stands_at if nothing else stands_among
                bound = tuple(at for at in bound if is_own(at, homes, lines, taken))
                bound = tuple(at for at in bound if _is_whole(at, homes, lines))
            (places if homes else spare).extend([Place(name, *at) for at in bound])
        return tuple(places or spare)

    def _documents(self, item: str, side: str) -> list[str]:
        """Return the documents that hold most of an item's values."""
        key = (item, side)
        if key not in self._chosen:
            values = self._values[side].get(item, ())
            held = {n: sum(bool(value.spans[n]) for value in values) for n in self.sources}
            self._chosen[key] = [name for name in held if held[name] == max(held.values())]
        return self._chosen[key]

    def _chosen_documents(self, item: str, side: str, value: _ValuePlaces) -> list[str]:
        """Return the documents that hold a value, of those that hold most of its item's."""
        spans = value.spans
        if len(spans) == 1:
            return [name for name in spans if spans[name]]
        chosen = [name for name in self._documents(item, side) if spans[name]]
        return chosen or [name for name in spans if spans[name]]

    def _surroundings(
        self, name: str, item: str, side: str
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return an item's home lines in a document, and the lines of its list's items."""
        key = (name, item, side)
        known = self._surrounding.get(key)
        if known is None:
            homes = self._home(name, item, side)
            known = homes, (self._taken(name, item, side) if homes else ())
            self._surrounding[key] = known
        return known

    def _everywhere(self, value: Json) -> _ValuePlaces:
        key = (value.__class__, value)
        standing = self._found.get(key)
        if standing is None:
            spans = {name: source.find(value) for name, source in self.sources.items()}
            is_nothing, is_digit = _is_nothing(value), _is_digit(value)
            is_single = sum(map(len, spans.values())) < 2  # noqa: PLR2004  # a choice
            is_plain = is_single and not is_nothing and not is_digit
            places = _places_of(spans) if is_plain else ()
            standing = _ValuePlaces(spans, places, is_nothing, is_digit, is_plain)
            self._found[key] = standing
        return standing

    @cached_property
    def _values(self) -> Mapping[str, Mapping[str, list[_ValuePlaces]]]:
        """By side, the places of the scalars of each list item, by the item's path."""
        values: dict[str, dict[str, list[_ValuePlaces]]] = {
            "expected": defaultdict(list),
            "predicted": defaultdict(list),
        }
        lists: dict[tuple[str, str], list[list[_ValuePlaces]]] = {}
        for diff in self._diffs:
            for side, path, value in _sides(diff):
                inner = path[: path.rfind("]") + 1]
                if not inner:
                    continue
                mine = lists.get((side, inner))
                if mine is None:
                    mine = lists[side, inner] = [values[side][item] for item in _items(inner)]
                places = self._everywhere(value)
                for listed in mine:
                    if len(listed) < _MOST_VALUES:
                        listed.append(places)
        return values

    def _home(self, name: str, item: str, side: str) -> tuple[int, ...]:
        """Return the lines of the innermost item that has any, outer ones settling doubts."""
        key = (name, item, side)
        if key not in self._settled:
            homes: tuple[int, ...] = ()
            for each in _items(item):
                own = self._own_home(name, each, side)
                if len(own) > 1 and homes:
                    apart = {line: min(abs(line - home) for home in homes) for line in own}
                    own = tuple(line for line in own if apart[line] == min(apart.values()))
                homes = own or homes
            self._settled[key] = homes
        return self._settled[key]

    def _own_home(self, name: str, item: str, side: str) -> tuple[int, ...]:
        key = (name, item, side)
        if key not in self._homes:
            self._homes[key] = self._lines_of(name, item, side)
        return self._homes[key]

    def _lines_of(self, name: str, item: str, side: str) -> tuple[int, ...]:
        values = self._values[side].get(item, ())
        twins = self._twins[side].get(item, ())
        content = name, tuple(map(id, values))
        homes = self._lines_by_content.get(content)
        if homes is None:
            homes = self._lines_by_content[content] = self._telling_lines(name, values)
        if 1 < len(homes) == len(twins):
            return (homes[twins.index(item)],)
        return homes

    def _telling_lines(self, name: str, values: Sequence[_ValuePlaces]) -> tuple[int, ...]:
        """Return the home lines of values; single digits only choose among lines of the others."""
        lines = self.sources[name].lines
        telling = [value for value in values if not value.is_nothing] or values
        places = [value.spans[name] for value in telling]
        others = [value.spans[name] for value in telling if not value.is_digit]
        if len(others) in (0, len(places)):
            return home_lines(places, lines)
        homes = home_lines(others, lines)
        if len(homes) == 1:
            return homes
        of_others = [lines.of(spans).times for spans in others]
        at_all = home_lines(places, lines)
        return tuple(at for at in at_all if any(at in times for times in of_others)) or homes

    @cached_property
    def _twins(self) -> Mapping[str, Mapping[str, list[str]]]:
        """By side and item, the items that say the same, in their order."""
        twins: dict[str, dict[str, list[str]]] = {}
        for side, items in self._values.items():
            alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
            for item, values in items.items():
                alike[tuple(sorted(map(id, values)))].append(item)
            twins[side] = {item: same for same in alike.values() for item in same}
        return twins

    @cached_property
    def _lists(self) -> Mapping[tuple[str, str], list[str]]:
        """The items of each list, by side and the list's path, in their order."""
        lists: dict[tuple[str, str], list[str]] = defaultdict(list)
        for side, items in self._values.items():
            for item in items:
                lists[side, item.rpartition("[")[0]].append(item)
        return lists

    def _taken(self, name: str, item: str, side: str) -> tuple[int, ...]:
        """Return the lines that belong to one item of the same list."""
        whole = item.rpartition("[")[0]
        key = (name, whole, side)
        if key not in self._taken_lines:
            lines: set[int] = set()
            for each in self._lists.get((side, whole), ()):
                home = self._own_home(name, each, side)
                lines.update(home if len(home) == 1 else ())
            self._taken_lines[key] = tuple(sorted(lines))
        return self._taken_lines[key]

    @cached_property
    def _taken_lines(self) -> dict[tuple[str, str, str], tuple[int, ...]]:
        return {}


def _places_of(spans: Mapping[str, Sequence[NumberOffsets]]) -> tuple[Place, ...]:
    return tuple([Place(name, *at) for name, each in spans.items() for at in each])


def _items(path: str) -> list[str]:
    """Return the paths of the list items a path leads through, outermost first."""
    return [path[: at + 1] for at, char in enumerate(path) if char == "]"]


def _sides(diff: FieldDiff) -> Iterator[tuple[str, str, Json]]:
    if diff.outcome is not _HALLUCINATION and is_sought(diff.expected):
        yield "expected", diff.path, diff.expected
    if diff.outcome is not _OMISSION and is_sought(diff.predicted):
        yield "predicted", diff.predicted_path or diff.path, diff.predicted


def _is_nothing(value: Json) -> bool:
    """Tell whether a value is a zero: mostly nothing is written, and a 0 elsewhere is another's."""
    return not value and isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _is_digit(value: Json) -> bool:
    """Tell whether a value is one digit: often it is implied, and a digit elsewhere is another's.

    No receipt says the quantity 1 of every line.
    """
    if not isinstance(value, _NUMBERS) or isinstance(value, bool):
        return False
    return abs(value) < _TEN and float(value).is_integer()


def _is_whole(place: NumberOffsets, homes: Sequence[int], lines: Lines) -> bool:
    """Tell whether a digit is on an item's own lines or stands there bare: `01` is of a date."""
    bare = place[1] - place[0] < len("01") or lines.text[place[0]] != "0"
    return bare or lines.line(place[0]) in homes


def is_sought(value: Json) -> bool:
    """Tell whether a value is looked for in documents: texts and numbers are.

    >>> is_sought("Oslo"), is_sought(12), is_sought(True), is_sought(None)
    (True, True, False, False)
    """
    return isinstance(value, _SOUGHT) and not isinstance(value, bool)
