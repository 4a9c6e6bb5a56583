"""Stated places: page and box of a value, in the forms that models and services write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.core.records import Box, StatedPlace, StatedPlaces
from harness.core.values import Json

PLACE_KEYS: Final = frozenset({"page", "box", "bbox", "bounding_box", "box_2d", "document"})
"""What may stand beside a value to say where it stands."""
_PAGES: Final = ("page", "pageNumber", "page_number")
_BOXES: Final = ("box", "bbox", "bounding_box")
_SIDES: Final = 4
_THOUSAND: Final = 1000.0
_HAIR: Final = 0.01
"""By which a box may reach beyond its page: scans are cut."""


def read_place(region: Json) -> StatedPlace | None:
    """Return the place that an object states; None where it states neither page nor box.

    Boxes are read as four parts of the page (left, top, right, bottom), as `box_2d` (top, left,
    bottom, right in thousandths), as objects with `Left`, `Top`, `Width` and `Height`, as corners
    in parts of the page, and as Azure's polygons where `pageSize` is beside them. A box of anything
    else is left out: its unit is not known. Of several regions those of the first one's page count.

    >>> read_place({"page": 2, "box": [0.1, 0.2, 0.5, 0.25]})
    StatedPlace(page=2, box=(0.1, 0.2, 0.5, 0.25), document='')
    >>> read_place({"page": 1, "box_2d": [200, 100, 250, 500]}).box
    (0.1, 0.2, 0.5, 0.25)
    >>> read_place({"page": 1, "box": [72, 144, 360, 180]}).box is None
    True
    """
    refs = region.get("pageRefs") if isinstance(region, dict) else None
    if isinstance(refs, list):  # Google counts pages from 0 and leaves 0 out
        places = [_place(one, 1) for one in refs if isinstance(one, dict)]
    else:
        places = [_place(one) for one in _objects(region)]
    known = [place for place in places if place is not None]
    if not known:
        return None
    boxes = [one.box for one in known if one.box is not None and one.page == known[0].page]
    return StatedPlace(known[0].page, hull(boxes), known[0].document)


def places_by_path(value: Json) -> StatedPlaces | None:
    """Return an object of field paths and places; None if it is none.

    >>> places_by_path({"total": {"page": 2}}), places_by_path({"total": 2})
    ((('total', StatedPlace(page=2, box=None, document='')),), None)
    """
    if not isinstance(value, dict):
        return None
    places = [(path, read_place(place)) for path, place in value.items()]
    known = tuple((path, place) for path, place in places if place is not None)
    return known if len(known) == len(places) else None


def named_document(name: str, documents: Iterable[str]) -> str | None:
    """Return which document a place is in: the only one, else the one whose path ends in `name`.

    None where several may be meant.

    >>> named_document("", ["scans/a.pdf"]), named_document("a.pdf", ["scans/a.pdf", "ba.pdf"])
    ('scans/a.pdf', 'scans/a.pdf')
    >>> named_document("", ["a.pdf", "b.pdf"]) is None
    True
    """
    names = list(documents)
    if len(names) > 1:
        names = [one for one in names if name and f"/{one}".endswith(f"/{name}")]
    return names[0] if len(names) == 1 else None


def hull(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest rectangle around some; None of none.

    >>> hull([(0.1, 0.2, 0.3, 0.4), (0.2, 0.1, 0.5, 0.3)])
    (0.1, 0.1, 0.5, 0.4)
    """
    sides = list(zip(*boxes, strict=True))
    if not sides:
        return None
    return min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over the union of two rectangles, from 0 to 1.

    >>> overlap((0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 0.75, 0.5))
    0.3333333333333333
    >>> overlap((0.0, 0.0, 0.5, 0.5), (0.6, 0.6, 0.7, 0.7))
    0.0
    """
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    both = max(across, 0.0) * max(down, 0.0)
    union = _area(one) + _area(other) - both
    return both / union if union > 0 else 0.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _objects(region: Json) -> list[dict[str, Json]]:
    listed = region if isinstance(region, list) else [region]
    return [one for one in listed if isinstance(one, dict)]


def _place(region: Mapping[str, Json], first: int = 0) -> StatedPlace | None:
    page = next((region[key] for key in _PAGES if key in region), 0 if first else None)
    if isinstance(page, str) and page.isascii() and page.isdecimal():
        page = int(page)
    number = None if isinstance(page, bool) or not isinstance(page, int) else page + first
    box, document = _box(region), region.get("document")
    if (number is None and box is None) or (number is not None and number < 1):
        return None
    return StatedPlace(number, box, document if isinstance(document, str) else "")


def _box(region: Mapping[str, Json]) -> Box | None:
    around = region.get("boundingPoly")
    corners = around.get("normalizedVertices") if isinstance(around, dict) else None
    if corners is not None:
        points = [(one.get("x", 0.0), one.get("y", 0.0)) for one in _objects(corners)]
        return _around([side for point in points for side in point], (1.0, 1.0))
    if "polygon" in region:
        size = _numbers(region.get("pageSize"))
        whole = (size[0], size[1]) if len(size) > 1 and min(size) > 0 else None
        return _around(_items(region["polygon"]), whole) if whole else None
    if "box_2d" in region:
        sides = [number / _THOUSAND for number in _numbers(region["box_2d"])]
        return _sound([sides[at] for at in (1, 0, 3, 2)]) if len(sides) == _SIDES else None
    box = next((region[key] for key in _BOXES if key in region), None)
    return _sound(_named_sides(box) if isinstance(box, dict) else _numbers(box))


def _named_sides(box: Mapping[str, Json]) -> list[float]:
    sides = {key.lower(): value for key, value in box.items()}
    if "width" in sides:
        at = _numbers([sides.get(name) for name in ("left", "top", "width", "height")])
        return [at[0], at[1], at[0] + at[2], at[1] + at[3]] if at else []
    return _numbers([sides.get(name) for name in ("left", "top", "right", "bottom")])


def _around(numbers: Sequence[Json], whole: tuple[float, float]) -> Box | None:
    """Return the rectangle around corners, given one after the other as x and y."""
    flat = _numbers(list(numbers))
    if not flat or len(flat) % 2:
        return None
    across, down = [x / whole[0] for x in flat[::2]], [y / whole[1] for y in flat[1::2]]
    return _sound([min(across), min(down), max(across), max(down)])


def _sound(sides: Sequence[float]) -> Box | None:
    """Return four sides as a box where they are one, in parts of a page; a hair beyond is cut."""
    if len(sides) != _SIDES or min(sides) < -_HAIR or max(sides) > 1 + _HAIR:
        return None
    left, top, right, bottom = (min(max(side, 0.0), 1.0) for side in sides)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _numbers(values: Json) -> list[float]:
    """Return a list of numbers; nothing where any of it is none."""
    listed = _items(values)
    numbers = [float(v) for v in listed if isinstance(v, int | float) and not isinstance(v, bool)]
    return numbers if len(numbers) == len(listed) else []


def _items(values: Json) -> list[Json]:
    return values if isinstance(values, list) else []
