"""Ground truth in JSONL: one truth to a line, and the places of its values where it says them."""

from __future__ import annotations

from typing import NamedTuple

from harness.cases.files.places import nfc
from harness.core.explain.places.stated_places import places_by_path
from harness.core.records import StatedPlaces
from harness.core.values import Json, shown_paths
from harness.errors import HarnessError, Problem, did_you_mean


class TruthLine(NamedTuple):
    """Content of a line of truth."""

    case_id: str
    value: Json
    places: StatedPlaces = ()
    """Where its values stand, as far as the line says so."""


def truth_line(line: Json) -> TruthLine:
    """Return what a line says. Raises HarnessError with what is wrong with it.

    >>> truth_line({"id": 7, "value": {"total": 5}, "places": {"total": {"page": 2}}})
    ... # doctest: +NORMALIZE_WHITESPACE
    TruthLine(case_id='7', value={'total': 5},
              places=(('total', StatedPlace(page=2, box=None, document='')),))
    """
    if not isinstance(line, dict) or "id" not in line or "value" not in line:
        hint = 'write each line as {"id": "inv-1", "value": {…}}'
        raise HarnessError(Problem("the line holds no `id` and `value`", "bad-line", hint=hint))
    case_id, value = nfc(str(line["id"])), line["value"]
    if line.get("places") is None:
        return TruthLine(case_id, value)
    places = places_by_path(line["places"])
    if places is None:
        hint = 'write {"total": {"page": 1, "box": [0.1, 0.2, 0.3, 0.25]}}'
        what = "'places' is not an object of field paths and places"
        raise HarnessError(Problem(what, "bad-line", hint=hint))
    paths = set(shown_paths(value))
    problems = [
        Problem(f"the truth has no value {path!r}", "unused-place", hint=did_you_mean(path, paths))
        for path, _ in places
        if path not in paths
    ]
    if problems:
        raise HarnessError(*problems)
    return TruthLine(case_id, value, places)
