"""Chunking: long documents are asked about some pages at a time, and the answers merged."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final, TypeAlias, TypeVar

from harness.cases.files.wording import shortened
from harness.core.explain.places.stated_places import named_document
from harness.core.records import (
    Answer,
    Case,
    Document,
    EndpointRecord,
    Failure,
    StatedPlace,
    Usage,
)
from harness.core.values import FieldPath, Json, is_blank, show
from harness.extract.batches.batch_service import BatchExtractor, BatchService
from harness.extract.reply.stated_confidence import without_stated
from harness.extract.sending.calls import Calling, Calls
from harness.extract.transport import Response, Transport

_MOST_CONFLICTS: Final = 20
_Conflict: TypeAlias = tuple[FieldPath, Json, Json]
"""Where two parts disagree, what was kept, and what the later one says."""
_STEP: Final = re.compile(r"[.\[]")
N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class ChunkExtractor:
    """Asks another extractor about so many pages at a time."""

    extractor: Calling
    pages: int

    @property
    def model(self) -> str:
        """The name its price is found by."""
        return self.extractor.model

    @property
    def is_at_vendor(self) -> bool:
        """Tell whether it is asked at an address of a vendor."""
        return self.extractor.is_at_vendor

    @property
    def warnings(self) -> Sequence[str]:
        """Warnings for the user about how it was answered."""
        return self.extractor.warnings

    @property
    def batches(self) -> BatchService | None:
        """Service that batches of its requests are submitted to."""
        return self.extractor.batches if isinstance(self.extractor, BatchExtractor) else None

    @property
    def transport(self) -> Transport:
        """Transport of its requests."""
        return self.extractor.transport

    def shown(self) -> EndpointRecord:
        """Return how it asked, for the record of a run."""
        return {**self.extractor.shown(), "chunk_pages": self.pages}

    def usage(self, received: Response) -> Usage | None:
        """Return what a response says that it took; None where it does not say."""
        return self.extractor.usage(received)

    async def extract_with(self, case: Case, calls: Calls) -> Answer | Failure:
        """Return the merged answer; one part without an answer leaves the whole without.

        What is stated beside a value is taken out of each part, or it could be merged with another
        part's value.
        """
        parts = chunks(case, self.pages)
        if len(parts) == 1:
            return await self.extractor.extract_with(case, calls)
        replies = await asyncio.gather(
            *(self.extractor.extract_with(part, calls) for part in parts)
        )
        whole = merged_answer(
            [
                (name_of(part), placed_in_whole(without_stated(each, part), part))
                for part, each in zip(parts, replies, strict=True)
            ]
        )
        forms = {each.form for each in replies if isinstance(each, Answer) and each.form}
        if isinstance(whole, Failure) or not forms:
            return whole
        return replace(whole, form=" and ".join(sorted(forms)))


def chunks(case: Case, pages: int) -> tuple[Case, ...]:
    r"""Return a case's documents so many pages at a time, in order; the case itself if it is short.

    >>> both = Case("a", (Document("a.pdf", "", "1\f2\f3"), Document("b.pdf", "", "4")), None)
    >>> [[d.text for d in part.documents] for part in chunks(both, 2)]
    [['1\x0c2'], ['3', '4']]
    """
    every = [
        (number, document, page)
        for document in case.documents
        for number, page in enumerate(document.pages, start=document.first_page)
    ]
    if len(every) <= pages:
        return (case,)
    parts = []
    for start in range(0, len(every), pages):
        some = groupby(every[start : start + pages], key=lambda one: one[1].name)
        documents = [list(group) for _, group in some]
        parts.append(replace(case, documents=tuple(map(_part, documents))))
    return tuple(parts)


def _part(pages: Sequence[tuple[int, Document, str]]) -> Document:
    first, document, _ = pages[0]
    numbers = {number for number, _, _ in pages}
    return replace(
        document,
        text="\f".join(text for _, _, text in pages),
        image_pages=tuple(number for number in document.image_pages if number in numbers),
        first_page=first,
    )


def name_of(part: Case) -> str:
    r"""Return what a part is called in messages.

    >>> name_of(chunks(Case("a", (Document("a.pdf", "", "1\f2\f3"),), None), 2)[0])
    'pages 1-2 of a.pdf'
    """
    return " and ".join(
        f"pages {d.first_page}-{d.first_page + len(d.pages) - 1} of {d.name}"
        for d in part.documents
    )


def placed_in_whole(reply: Answer | Failure, part: Case) -> Answer | Failure:
    r"""Return the reply to a part with its places in the pages of the whole document.

    A model may count the pages of what it was sent, or say the number that a page has in its file:
    both are read, and a page that is neither stays as it is, and wrong. Left out is a place whose
    document nobody can tell, or whose page can be read in both ways.

    >>> second = chunks(Case("a", (Document("a.pdf", "", "1\f2\f3"),), None), 2)[1]
    >>> for page in (1, 3, 2):
    ...     placed_in_whole(Answer(5, places=(("$", StatedPlace(page)),)), second).places[0][1].page
    3
    3
    2
    """
    if isinstance(reply, Failure) or not reply.places:
        return reply
    places = ((path, _in_whole(place, part.documents)) for path, place in reply.places)
    return replace(reply, places=tuple((path, place) for path, place in places if place))


def _in_whole(place: StatedPlace, documents: Sequence[Document]) -> StatedPlace | None:
    by_name = {document.name: document for document in documents}
    document = by_name.get(named_document(place.document, by_name) or "")
    if document is None:
        return None
    size, first = len(document.pages), document.first_page
    page = place.page or (1 if size == 1 else None)
    if page is None:
        return replace(place, document=document.name)
    counted = {first + page - 1} if page <= size else set[int]()
    numbered = {page} if first <= page < first + size else set[int]()
    readings = counted | numbered or {page}
    if len(readings) > 1:
        return None
    return replace(place, page=readings.pop(), document=document.name)


def merged_answer(parts: Sequence[tuple[str, Answer | Failure]]) -> Answer | Failure:
    """Return one answer made of the answers to named parts, or the first failure among them.

    Lists are joined in the order of the document, objects key by key; of other values the first
    that says something stays, and those that say otherwise are told under `repairs`.
    """
    answers: list[Answer] = []
    usage = _total([reply.usage for _, reply in parts])
    for name, reply in parts:
        if isinstance(reply, Failure):
            return replace(reply, message=f"{name}: {reply.message}", usage=usage)
        answers.append(reply)
    value, sure = answers[0].value, dict(answers[0].confidences)
    places = dict(answers[0].places)
    repairs = dict.fromkeys(repair for answer in answers for repair in answer.repairs)
    repairs[f"merged {len(parts)} parts"] = None
    for (name, _), answer in zip(parts[1:], answers[1:], strict=True):
        merge = _Merge()
        value = merge.both(value, answer.value, ())
        sure = merge.sure(sure, dict(answer.confidences))
        places = merge.places(places, dict(answer.places))
        for path, first_value, other in merge.conflicts[:_MOST_CONFLICTS]:
            repairs[
                f"{show(path)}: kept {shortened(first_value)}, {name} says {shortened(other)}"
            ] = None
    raw = "\n\f\n".join(answer.raw or "" for answer in answers)
    first = next((answer for answer in answers if answer.confidences), answers[0])
    whole = replace(first, value=value, raw=raw, repairs=tuple(repairs), usage=usage)
    return replace(whole, confidences=tuple(sure.items()), places=tuple(places.items()))


@dataclass(slots=True)
class _Merge:
    """Merge of the answer to a later part into that to the parts before it."""

    conflicts: list[_Conflict] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    """From where something stands in the later answer to where it went, of what was taken."""
    earlier_paths: set[str] = field(default_factory=set)
    """Where the answer to the parts before says something, and stays."""

    def both(self, one: Json, other: Json, path: FieldPath) -> Json:
        """Return one value made of what stands at a path in both."""
        if is_blank(one) and is_blank(other):
            return one
        if is_blank(one):
            self.taken[show(path)] = show(path)
            return other
        if isinstance(one, dict) and isinstance(other, dict):
            keys = {**one, **other}
            return {key: self.both(one.get(key), other.get(key), (*path, key)) for key in keys}
        if isinstance(one, list) and isinstance(other, list):
            for at in range(len(other)):
                self.taken[show((*path, at))] = show((*path, len(one) + at))
            return [*one, *other]
        self.earlier_paths.add(show(path))
        if not is_blank(other) and not (one == other and _is_bool(one) == _is_bool(other)):
            self.conflicts.append((path, one, other))
        return one

    def sure(self, one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
        """Return how sure the merged answer is of each field: as sure as the answer that says it.

        Of what neither says it is as sure as the less sure of them.
        """
        if self.taken.get("$"):
            return dict(other)
        replaced = set(self.taken.values())
        confidences = {path: chance for path, chance in one.items() if path not in replaced}
        for path, chance in other.items():
            moved = self._moved(path)
            if moved is not None:
                confidences[moved] = chance
            elif path not in self.earlier_paths:
                confidences[path] = min(chance, one.get(path, 1.0))
        return confidences

    def places(
        self, one: Mapping[str, StatedPlace], other: Mapping[str, StatedPlace]
    ) -> dict[str, StatedPlace]:
        """Return where the values of the merged answer stand: as the answer says that says them."""
        if self.taken.get("$"):
            return dict(other)
        replaced = set(self.taken.values())
        places = {path: place for path, place in one.items() if path not in replaced}
        moved = ((self._moved(path), place) for path, place in other.items())
        return places | {path: place for path, place in moved if path is not None}

    def _moved(self, path: str) -> str | None:
        """Return where a path of the later answer went; None if what stands there did not."""
        for end in [len(path), *(step.start() for step in _STEP.finditer(path))]:
            start = self.taken.get(path[:end])
            if start is not None:
                return start + path[end:]
        return None


def _is_bool(value: Json) -> bool:
    return isinstance(value, bool)


def _total(usages: Iterable[Usage | None]) -> Usage | None:
    """Return what several answers took together; a number one of them lacks is not known."""
    known = [usage for usage in usages if usage is not None]
    if not known:
        return None
    return Usage(
        _sum([usage.input_tokens for usage in known]),
        _sum([usage.output_tokens for usage in known]),
        _sum([usage.cached_tokens for usage in known]),
        _sum([usage.usd for usage in known]),
    )


def _sum(numbers: Sequence[N | None]) -> N | None:
    known = [number for number in numbers if number is not None]
    return sum(known[1:], start=known[0]) if len(known) == len(numbers) else None
