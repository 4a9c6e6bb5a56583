"""Sentences about the places that answers state for their values."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core import number_text
from harness.run.stored.stored_places import PlaceFigures, StatedPlacesRecord


def place_sentences(record: StatedPlacesRecord) -> Iterator[str]:
    r"""Yield how far stated places are right, and what could not be compared.

    >>> figures = {"pages": {"hits": 3, "of": 4}, "half": {"hits": 0, "of": 0}, "overlap": None}
    >>> record = {"stated": 5, "all": figures, "right_elsewhere": 1, "fields": []}
    >>> print(*place_sentences(record), sep="\n")
    right page for 75.0 % (3/4) of the 5 values that are given with a place
    1 value is right, and its page is wrong
    no box could be compared
    >>> unknown = {**figures, "pages": {"hits": 0, "of": 0}}
    >>> next(place_sentences({**record, "all": unknown})).partition(": ")[2]
    'where the true values stand is not known'
    """
    figures, values = record["all"], number_text.counted(record["stated"], "value")
    of_values = f"of the {values} that are given with a place"
    if figures["pages"]["of"]:
        yield f"right page for {page_share(figures)} {of_values}"
    else:
        yield f"no page could be compared {of_values}: where the true values stand is not known"
    if number := record["right_elsewhere"]:
        right = "value is right, and its" if number == 1 else "values are right, and their"
        yield f"{number_text.count(number)} {right} page is wrong"
    if figures["overlap"] is None:
        yield "no box could be compared"
    else:
        mean, half = overlap_text(figures), half_share(figures)
        yield f"boxes overlap {mean} on average, {half} by a half or more"


def page_share(figures: PlaceFigures) -> str:
    """Return the share of stated pages that are right, with its fraction."""
    return number_text.ratio(figures["pages"]["hits"], figures["pages"]["of"])


def half_share(figures: PlaceFigures) -> str:
    """Return the share of boxes with an overlap of at least a half, with its fraction."""
    return number_text.ratio(figures["half"]["hits"], figures["half"]["of"])


def overlap_text(figures: PlaceFigures) -> str:
    """Return the mean overlap of boxes in per cent."""
    return number_text.percent(figures["overlap"])
