"""Conflicts of a case as the settling page gets them: both versions, and what the document says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from harness.cases.decisions.decision import Slots
from harness.core.differ.plan import Plan
from harness.core.explain.places.evidence import TextSource
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY
from harness.core.records import Document
from harness.core.values import FieldPath, Json, show
from harness.report.embedded.utf16_offsets import DocumentOffsets
from harness.review.web.screens.case_screen import CaseScreen

_AROUND: Final = 90
"""Characters of a document that are shown on either side of a value."""
_PLACES: Final = 2
"""Places of a value that are shown with the text around them."""
_MOST_MARKS: Final = 50
"""Places of a value that are marked in the document."""


def conflicts_of(screen: CaseScreen) -> Iterator[Json]:
    """Yield every place of a case where people said different things, those of form alone last.

    An item that one person removed and another edited comes once, with its first field; so does
    what two people changed as a whole.
    """
    case = screen.case
    documents = case.case.documents
    sources = [(each, TextSource(each.text)) for each in documents if each.text]
    offsets = DocumentOffsets(documents)
    conflicts: list[dict[str, Json]] = []
    places: set[Slots | None] = set()
    for row in screen.rows():
        slots = tuple(map(str, _listed(row["slots"])))
        place = case.history.conflict_place(slots)
        if row["state"] == "conflict" and row["sides"] and place not in places:
            places.add(place)
            sides_listed = _listed(row["sides"])
            head = {key: row[key] for key in ("slots", "path", "head", "gone")}
            if sides_listed[0]["whole"] is not None and place is not None:
                slots = place
                head |= {"slots": [*place], "path": show(case.history.path_of(place))}
            path = case.history.path_of(slots)
            values = [side["value"] for side in sides_listed]
            sides: list[Json] = [_side(side, sources, offsets) for side in sides_listed]
            form = _is_form_only(case.plan, path, values)
            conflicts.append({"id": case.id, **head, "sides": sides, "formOnly": form})
    yield from sorted(conflicts, key=lambda each: bool(each["formOnly"]))


def _listed(value: Any) -> Sequence[Any]:  # noqa: ANN401  # of a row
    return value if isinstance(value, list) else []


def _side(
    side: Any,  # noqa: ANN401  # of a row, as above
    sources: Sequence[tuple[Document, TextSource]],
    offsets: DocumentOffsets,
) -> Json:
    held = side["value"]
    standing = [] if held is None else [*islice(_places(json.loads(held), sources), _MOST_MARKS)]
    places: list[Json] = [*offsets.flat((each.name, *place) for each, place in standing)]
    stands: list[Json] = [_passage(*each) for each in standing[:_PLACES]]
    facts: dict[str, Json] = {key: side[key] for key in ("who", "value", "sure", "removes", "sees")}
    return {**facts, "stands": stands, "places": places}


def _places(
    value: Json, sources: Sequence[tuple[Document, TextSource]]
) -> Iterator[tuple[Document, tuple[int, int]]]:
    """Yield where a value stands, in characters."""
    return ((document, place) for document, source in sources for place in source.find(value))


def _passage(document: Document, place: tuple[int, int]) -> Json:
    """Return the text before a place, that of the place, the text behind it, the document."""
    start, end = place
    before = document.text[max(0, start - _AROUND) : start]
    return [before, document.text[start:end], document.text[end : end + _AROUND], document.name]


def _is_form_only(plan: Plan, path: FieldPath, values: Sequence[str | None]) -> bool:
    """Tell whether all that was said of a field is one value, written in several ways."""
    values_read = [json.loads(each) for each in values if each is not None]
    if len(values_read) < 2 or len(values_read) < len(values):  # noqa: PLR2004  # nothing to compare
        return False
    return {_verdict(plan, path, values_read[0], other) for other in values_read[1:]} <= {
        CORRECT,
        FORMAT_ONLY,
    }


def _verdict(plan: Plan, path: FieldPath, one: Json, other: Json) -> int:
    ledger = plan.diff(_within(path, one), _within(path, other))
    codes = {verdict[0] for verdict in ledger.verdicts} - {ABSTENTION}
    return codes.pop() if len(codes) == 1 else -1


def _within(path: FieldPath, value: Json) -> Json:
    """Return a truth that has nothing but a value at a path; its list is the first item's."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {str(step): value}
    return value
