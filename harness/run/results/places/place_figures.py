"""Figures of stated places: share of right pages, and overlap of boxes (intersection over union).

A value's own place is what people said of the truth, or else where the expected value was found in
the documents. Where it stands in several places that are equally good, any of them is right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from harness.cases.documents.pages import PageBox, spans_by_page
from harness.core.explain.places.stated_places import hull, named_document, overlap
from harness.core.outcomes import Outcome
from harness.core.records import Answer, Case, Document, StatedPlace
from harness.errors import HarnessError
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_places import (
    JudgedPlace,
    PlaceFigures,
    StatedPlacesRecord,
    place_record,
)
from harness.run.stored.stored_results import (
    CaseRecord,
    DiffRecord,
    SpanRecord,
)

_Span: TypeAlias = tuple[str, int, int]
"""A document's name, and offsets in its text."""
BoxLocator: TypeAlias = Callable[[Document, int, Sequence[tuple[int, int]]], list[list[PageBox]]]
"""Returns where pieces of a page's text stand on it, as `document_files.shown_boxes`."""
_HALF: Final = 0.5
"""Overlap from which a box is called right, as detection benchmarks do."""


PlaceSums: TypeAlias = Mapping[str, tuple[int, ...]]
"""Sums by field: places stated, pages compared, pages right, boxes compared, boxes of a half or
more, ten-thousandths of overlap, right values with a wrong page. They add in any order."""


def judge_places(
    scored: Iterable[ScoredCase], records: Iterable[CaseRecord], locate: BoxLocator | None
) -> StatedPlacesRecord | None:
    """Return how far the places that answers state are right; None where none states any.

    `records` are the stored records of the same cases, in order: each verdict of a value with a
    place is given it, and what came of it. `locate` reads boxes off documents' files; None: no box
    of what evidence found is known.
    """
    sums: dict[str, tuple[int, ...]] = {}
    for each, record in zip(scored, records, strict=True):
        if isinstance(each.output, Answer) and each.output.places:
            for name, more in case_place_sums(each, record, locate).items():
                sums[name] = _added(sums.get(name, _NONE), more)
    return places_record(sums)


def case_place_sums(
    each: ScoredCase, record: CaseRecord, locate: BoxLocator | None = None
) -> PlaceSums:
    """Return the sums of one case, whose record is given what came of each place."""
    places = dict(each.output.places) if isinstance(each.output, Answer) else {}
    placed = list(_placed(record["diffs"], places))
    case = _CasePlaces(each.case, placed, locate)
    sums: dict[str, tuple[int, ...]] = {}
    for diff, place in placed:
        diff["stated_place"] = judged = case.judge(diff, place)
        is_right = diff["outcome"] == Outcome.CORRECT
        more = _counted(judged, is_right=is_right)
        sums[diff["field"]] = _added(sums.get(diff["field"], _NONE), more)
    return sums


def places_record(sums: PlaceSums) -> StatedPlacesRecord | None:
    """Return the figures of sums; None of none."""
    if not sums:
        return None
    whole = _NONE
    for one in sums.values():
        whole = _added(whole, one)
    return {
        "stated": whole[0],
        "all": _figures(whole),
        "right_elsewhere": whole[-1],
        "fields": [{"field": name, **_figures(sums[name])} for name in sorted(sums)],
    }


def _placed(
    diffs: Iterable[DiffRecord], places: Mapping[str, StatedPlace]
) -> Iterator[tuple[DiffRecord, StatedPlace]]:
    """Yield the verdicts of values that are given with a place."""
    for diff in diffs:
        place = places.get(diff.get("predicted_path") or diff["path"])
        if place is not None and diff["outcome"] != Outcome.OMISSION:
            yield diff, place


_NONE: Final[tuple[int, ...]] = (0,) * 7
_WHOLE: Final = 10_000
"""Parts that an overlap is stored in."""


def _counted(judged: JudgedPlace, *, is_right: bool) -> tuple[int, ...]:
    page_right, share = judged.get("page_right"), judged.get("overlap")
    boxes = (0, 0, 0) if share is None else (1, share >= _HALF, round(share * _WHOLE))
    return 1, page_right is not None, page_right is True, *boxes, is_right and page_right is False


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(int.__add__, one, map(int, other)))


def _figures(sums: tuple[int, ...]) -> PlaceFigures:
    _, pages, pages_right, boxes, half, parts, _ = sums
    return {
        "pages": {"hits": pages_right, "of": pages},
        "half": {"hits": half, "of": boxes},
        "overlap": parts / (boxes * _WHOLE) if boxes else None,
    }


class _CasePlaces:
    """Places of the values of one case."""

    def __init__(
        self,
        case: Case,
        placed: Sequence[tuple[DiffRecord, StatedPlace]],
        locate: BoxLocator | None,
    ) -> None:
        self._documents = {document.name: document for document in case.documents}
        self._truth = dict(case.places)
        self._locate = locate if any(place.box for _, place in placed) else None
        self._found = self._homes({key for diff, _ in placed for key in _spans(diff)})

    def judge(self, diff: DiffRecord, place: StatedPlace) -> JudgedPlace:
        """Return a stated place with what came of it."""
        judged: JudgedPlace = {**place_record(place)}  # type: ignore[typeddict-item]  # a StoredPlace and more
        documents = self._documents
        name = named_document(place.document, documents) if documents else ""
        if diff["outcome"] == Outcome.HALLUCINATION or name is None:
            return judged
        own = [one for one in self._own(diff) if one.document in ("", name)]
        if not own:
            if self._own(diff) and place.page is not None:
                judged["page_right"] = False
            return judged
        page = place.page or self._only_page(name)
        if place.page is not None:
            judged["page_right"] = any(one.page == page for one in own)
        here = [one.box for one in own if one.page in (page, None)]
        if place.box is not None and page is not None and None not in here:
            overlaps = (overlap(place.box, box) for box in here if box is not None)
            judged["overlap"] = round(max(overlaps, default=0.0), 4)
        return judged

    def _only_page(self, name: str) -> int | None:
        document = self._documents.get(name)
        return 1 if document is None or len(document.pages) == 1 else None

    def _own(self, diff: DiffRecord) -> list[StatedPlace]:
        """Return where the expected value stands; nothing where nobody knows."""
        truth = self._truth.get(diff["path"])
        if truth is not None:
            return [truth]
        if "expected" in diff.get("places", {}):
            return []  # more places than are stored: any page might be one
        return [self._found[key] for key in _spans(diff) if key in self._found]

    def _homes(self, spans: Collection[_Span]) -> dict[_Span, StatedPlace]:
        """Return page and box of every place where evidence found an expected value."""
        homes: dict[_Span, StatedPlace] = {}
        for name, document in self._documents.items():
            mine = [(start, end) for of, start, end in spans if of == name]
            for page, on_page in spans_by_page(document, mine).items():
                boxes = self._boxes(document, page, list(on_page.values()))
                for at, span in enumerate(on_page):
                    box = hull(boxes[at]) if boxes else None
                    homes[(name, *span)] = StatedPlace(page, box, name)
        return homes

    def _boxes(
        self, document: Document, page: int, spans: Sequence[tuple[int, int]]
    ) -> list[list[PageBox]]:
        """Return where pieces of a page's text stand on it; nothing where nobody can say."""
        if self._locate is None or not document.location:
            return []
        try:
            return self._locate(document, page, spans)
        except HarnessError:  # its file is gone, or cannot be drawn here
            return []


def _spans(diff: DiffRecord) -> list[_Span]:
    evidence: Sequence[SpanRecord] = diff.get("evidence", {}).get("expected", [])
    return [(span["document"], span["start"], span["end"]) for span in evidence]
