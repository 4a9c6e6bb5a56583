"""Places that answers state for their values, as a part of the report."""

from __future__ import annotations

from dataclasses import dataclass

from harness.run.results.places.place_sentences import (
    half_share,
    overlap_text,
    page_share,
    place_sentences,
)
from harness.run.stored.stored_results import ResultsDocument


@dataclass(frozen=True, slots=True)
class PlaceTable:
    """Table of the accuracy of stated places."""

    lead: str
    rows: tuple[tuple[str, str, str, str], ...]
    """Field, right pages, boxes that overlap by a half or more, mean overlap."""


def place_table(results: ResultsDocument) -> PlaceTable | None:
    """Return the part; None where no answer states a place."""
    record = results.get("stated_places")
    if not record:
        return None
    lead = "; ".join(place_sentences(record))
    rows = tuple(
        (one["field"], page_share(one), half_share(one), overlap_text(one))
        for one in record["fields"]
    )
    return PlaceTable(f"{lead[0].upper()}{lead[1:]}.", rows)
