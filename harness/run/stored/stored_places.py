"""The shape of places of values: as people and answers state them, and as they are judged."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from harness.core.records import StatedPlace
from harness.run.stored.stored_shares import FractionRecord


class StoredPlace(TypedDict):
    """Place of a value, as somebody said."""

    page: int | None
    box: NotRequired[list[float]]
    """Left, top, right and bottom in parts of the page; left out where it is not said."""
    document: NotRequired[str]
    """Left out where it is not said."""


def place_record(place: StatedPlace) -> StoredPlace:
    """Return a stated place as it is stored.

    >>> place_record(StatedPlace(2))
    {'page': 2}
    """
    record: StoredPlace = {"page": place.page}
    if place.box is not None:
        record["box"] = list(place.box)
    if place.document:
        record["document"] = place.document
    return record


class JudgedPlace(StoredPlace):
    """Place that an answer states for a value, beside the place where it stands."""

    page_right: NotRequired[bool]
    """Left out where nobody knows where the expected value stands."""
    overlap: NotRequired[float]
    """Intersection over union of both boxes; left out where one of them is not known."""


class PlaceFigures(TypedDict):
    """Accuracy of the places that answers state."""

    pages: FractionRecord
    """Stated pages that are right, of those whose value's page is known."""
    half: FractionRecord
    """Stated boxes with an overlap of at least a half, of those compared."""
    overlap: float | None
    """Mean overlap of the boxes compared; None where none was."""


class FieldPlaces(PlaceFigures):
    """Accuracy of the places of one field."""

    field: str


class StatedPlacesRecord(TypedDict):
    """Places that answers state for their values, together and field by field."""

    stated: int
    """Values with a place."""
    all: PlaceFigures
    right_elsewhere: int
    """Correct values for which a wrong page is stated."""
    fields: list[FieldPlaces]
