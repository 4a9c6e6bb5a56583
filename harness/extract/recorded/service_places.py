"""Places of values as a service saw them: a file beside recorded answers, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.cases.files.places import nfc
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.core.explain.places.stated_places import read_place
from harness.core.inert_text import cut, inert
from harness.core.records import StatedPlaces
from harness.core.values import Json, show
from harness.errors import HarnessError

ENDING: Final = ".places.json"
_LONGEST: Final = 120


def places_file(answers: Path) -> Path:
    """Return the file of places that belongs to a file of recorded answers.

    >>> places_file(Path("answers/azure.jsonl")).name
    'azure.places.json'
    """
    return answers.with_name(f"{answers.stem}{ENDING}")


def service_places(answers: Path, rename: Mapping[str, str], case_id: str) -> dict[str, str]:
    """Return by the path of a case's value, in the truth's names, where the service saw it.

    Empty where nothing is kept beside the answers, or the file is none of ours.
    """
    file = places_file(answers)
    try:
        whole = parse_json(read_text(file), file) if file.is_file() else None
    except HarnessError:
        return {}
    places = whole.get(nfc(case_id)) if isinstance(whole, dict) else None
    if not isinstance(places, dict):
        return {}
    return {renamed_path(path, rename): place_words(place) for path, place in places.items()}


def places_beside(answers: Path) -> dict[str, StatedPlaces]:
    """Return by case where a service saw the values of recorded answers; nothing of other files.

    Raises HarnessError where the file beside them cannot be read.
    """
    file = places_file(answers)
    whole = parse_json(read_text(file), file) if file.is_file() else None
    if not isinstance(whole, dict):
        return {}
    places_by_case: dict[str, StatedPlaces] = {}
    for case_id, places in whole.items():
        listed = places.items() if isinstance(places, dict) else ()
        read = ((path, read_place(place)) for path, place in listed)
        places_by_case[nfc(case_id)] = tuple((path, one) for path, one in read if one is not None)
    return places_by_case


def renamed_path(path: str, rename: Mapping[str, str]) -> str:
    """Return a field's path with its keys renamed."""
    steps = []
    for step in path.split("."):
        name, bracket, at = step.partition("[")
        steps.append(show((rename[name],)) + bracket + at if name in rename else step)
    return ".".join(steps)


def place_words(place: Json) -> str:
    """Return a place in words, whatever service it is of.

    >>> place_words([{"pageNumber": 2, "polygon": [1, 1.5, 2, 1.5]}])
    'page 2, polygon 1 1.5 2 1.5'
    >>> place_words({"page": 1, "box": {"Left": 0.1, "Top": 0.25, "Width": 0.5, "Height": 0.1}})
    'page 1, left 0.1 top 0.25 width 0.5 height 0.1 of the page'
    """
    refs = place.get("pageRefs") if isinstance(place, dict) else None
    if isinstance(refs, list):  # Google, which counts pages from 0 and leaves 0 out
        listed = [{"page": 0, **each} if isinstance(each, dict) else each for each in refs]
    else:
        listed = place if isinstance(place, list) else [place]
    first = 1 if isinstance(refs, list) else 0
    words = [", ".join(_parts(each, first)) for each in listed if isinstance(each, dict)]
    return "; ".join(filter(None, words)) or cut(inert(str(place)), _LONGEST)


def _parts(place: Mapping[str, Json], first: int) -> Iterator[str]:
    """Yield the page, and where on it: Azure's polygon, Textract's box, Google's, or the words."""
    page = place.get("pageNumber", place.get("page"))
    if isinstance(page, int | str) and str(page).isdecimal():
        yield f"page {int(page) + first}"
    polygon, box, text = place.get("polygon"), place.get("box"), place.get("matching_text")
    if isinstance(polygon, list):
        yield f"polygon {' '.join(map(_number, polygon))}"
    if isinstance(box, dict):
        sides = " ".join(f"{name.lower()} {_number(value)}" for name, value in box.items())
        yield f"{sides} of the page"
    around = place.get("boundingPoly")
    corners = around.get("normalizedVertices") if isinstance(around, dict) else None
    if isinstance(corners, list):
        points = [c for c in corners if isinstance(c, dict)]
        corner_words = " ".join(
            f"{_number(c.get('x', 0))},{_number(c.get('y', 0))}" for c in points
        )
        yield f"corners {corner_words} of the page"
    if isinstance(text, str):
        yield cut(inert(f"»{text}«"), _LONGEST)


def _number(value: Json) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else inert(str(value))
