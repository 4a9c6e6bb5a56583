"""Figures of stated places: share of right pages, and overlap of boxes (intersection over union).

A value's own place is what people said of the truth, or else where the expected value was found in
the documents. Where it stands in several places that are equally good, any of them is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from harness.cases.documents.pages import PageBox, spans_by_page
from harness.core.explain.places.stated_places import hull, overlap
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


def judge_places(
    scored: Iterable[ScoredCase], records: Iterable[CaseRecord], locate: BoxLocator | None
) -> StatedPlacesRecord | None:
    """Return how far the places that answers state are right; None where none states any.

    `records` are the stored records of the same cases, in order: each verdict of a value with a
    place is given it, and what came of it. `locate` reads boxes off documents' files; None: no box
    of what evidence found is known.
    """
    sums, stated, elsewhere = defaultdict[str, _Sum](_Sum), 0, 0
    for each, record in zip(scored, records, strict=True):
        places = dict(each.output.places) if isinstance(each.output, Answer) else {}
        placed = list(_placed(record["diffs"], places)) if places else []
        case = _CasePlaces(each.case, placed, locate)
        for diff, place in placed:
            stated += 1
            diff["stated_place"] = judged = case.judge(diff, place)
            sums[diff["field"]].add(judged)
            if judged.get("page_right") is False and diff["outcome"] == Outcome.CORRECT:
                elsewhere += 1
    if not stated:
        return None
    whole = _Sum()
    for one in sums.values():
        whole.join(one)
    return {
        "stated": stated,
        "all": whole.figures,
        "right_elsewhere": elsewhere,
        "fields": [{"field": name, **sums[name].figures} for name in sorted(sums)],
    }


def _placed(
    diffs: Iterable[DiffRecord], places: Mapping[str, StatedPlace]
) -> Iterator[tuple[DiffRecord, StatedPlace]]:
    """Yield the verdicts of values that are given with a place."""
    for diff in diffs:
        place = places.get(diff.get("predicted_path") or diff["path"])
        if place is not None and diff["outcome"] != Outcome.OMISSION:
            yield diff, place


@dataclass(slots=True)
class _Sum:
    pages: int = 0
    pages_right: int = 0
    overlaps: list[float] = field(default_factory=list)

    def add(self, judged: JudgedPlace) -> None:
        """Count one judged place."""
        if "page_right" in judged:
            self.pages += 1
            self.pages_right += judged["page_right"]
        if "overlap" in judged:
            self.overlaps.append(judged["overlap"])

    def join(self, other: _Sum) -> None:
        """Count what another sum has counted."""
        self.pages += other.pages
        self.pages_right += other.pages_right
        self.overlaps += other.overlaps

    @property
    def figures(self) -> PlaceFigures:
        """Figures as they are stored."""
        number = len(self.overlaps)
        return {
            "pages": {"hits": self.pages_right, "of": self.pages},
            "half": {"hits": sum(one >= _HALF for one in self.overlaps), "of": number},
            "overlap": sum(self.overlaps) / number if number else None,
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
        name = self._named(place.document)
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

    def _named(self, name: str) -> str | None:
        """Return which document a place is in; None where the case has several and none is said."""
        if len(self._documents) < 2:  # noqa: PLR2004  # nothing to tell apart
            return next(iter(self._documents), "")
        named = [one for one in self._documents if name and f"/{one}".endswith(f"/{name}")]
        return named[0] if len(named) == 1 else None

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
