"""The data blocks of a page: a small index that lists every case, and chunks that hold them whole.

A chunk is read when one of its cases is opened, so that a page of 10,000 cases opens as quickly as
one of ten. Texts are written once a block and referred to by number; a prediction equal to the
expectation is not repeated.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from harness.core import number_text
from harness.core.inert_text import UNSEEN, cut
from harness.core.outcomes import TAG_MEANINGS, Outcome
from harness.report.embedded.long_texts import (
    CaseSources,
    Offsets,
    PackedRow,
    PageRoom,
    packed_spans,
)
from harness.report.page.measures.effort import effort_of
from harness.report.words.verdicts import OUTCOME_MARKS, tag_word
from harness.report.words.visible import json_text, literal
from harness.run.stored.stored_figures import by_outcome, evidence_spans, is_missing
from harness.run.stored.stored_results import (
    CaseRecord,
    DiffRecord,
    EvidenceRecord,
    UsageRecord,
    ValueSide,
)

LONGEST_VALUE: Final = 20_000
"""Characters of one value; a longer one is cut, and said so."""

PLAIN: Final = 100_000
"""Bytes up to which the chunks of a page together are plain JSON; beyond, they are deflated."""

CHUNK: Final = 200
"""Cases that are read together."""

_LEVEL: Final = 5
"""Of deflate: 9 takes six times as long and saves a twentieth."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OUTCOMES: Final = {
    verdict.outcome.value: place for place, verdict in enumerate(OUTCOME_MARKS.values())
}
_CORRECT: Final = Outcome.CORRECT.value
_MET: Final = itemgetter("field", "outcome")


@dataclass(frozen=True, slots=True)
class Block:
    """Content of one data element of the page."""

    encoding: str
    """`json` or `deflate-raw` (then base64)."""
    text: str


@dataclass(frozen=True, slots=True)
class Pack:
    """All data of a page, and the texts that found no room in it."""

    index: Block
    chunks: tuple[Block, ...]
    beside: Mapping[str, str]


@dataclass(slots=True)
class Shelf:
    """Things written once in a block and referred to by their place."""

    places: dict[Any, int] = field(default_factory=dict)

    def put(self, thing: object) -> int:
        """Return the place of a thing, new or met before."""
        return self.places.setdefault(thing, len(self.places))


def pack(
    ranked: Sequence[CaseRecord],
    sources: Mapping[str, CaseSources],
    causes: Sequence[str] = (),
    run_id: str = "",
) -> Pack:
    """Return the blocks for cases given worst first; `causes` are what errors come from."""
    room = PageRoom()
    starts = range(0, len(ranked), CHUNK)
    contents = (_chunk(ranked[start : start + CHUNK], sources, room) for start in starts)
    chunks = tuple(block(content, len(starts)) for content in contents)
    return Pack(_index(ranked, causes, run_id), chunks, room.beside)


def _index(ranked: Sequence[CaseRecord], causes: Sequence[str], run_id: str) -> Block:
    shelf = Shelf()
    cases = [_listed(case, shelf) for case in ranked]
    return block(
        {
            "unseen": UNSEEN,
            "verdicts": [[v.css, v.icon, v.word] for v in OUTCOME_MARKS.values()],
            "meanings": {tag_word(tag.value): text for tag, text in TAG_MEANINGS.items()},
            "chunk": CHUNK,
            "causes": list(causes),
            "run": run_id,
            "strings": list(shelf.places),
            "cases": cases,
        }
    )


def _listed(case: CaseRecord, shelf: Shelf) -> PackedRow:
    """Return what the list of cases shows and filters by."""
    failure = case["failure"]
    counts = by_outcome(case["counts"])
    wrong: dict[tuple[str, str], None] = {}
    if failure is None:
        met = dict.fromkeys(map(_MET, case["diffs"]))
        wrong = {pair: None for pair in met if pair[1] != _CORRECT}
    return [
        case["id"],
        case.get("replicate") or 1,
        number_text.percent(case["f1"]),
        f"{number_text.count(case['correct_fields'])}/{number_text.count(case['total_gt_fields'])}",
        [counts.get(outcome, 0) for outcome in _OUTCOMES],
        [shelf.put(tag) for tag in case["tags"]],
        failure and [shelf.put(tag_word(failure["kind"])), is_missing(case)],
        [part for name, outcome in wrong for part in (shelf.put(name), _OUTCOMES[outcome])],
        sorted({diff["cause"] for diff in case["diffs"] if "cause" in diff}),
        [case.get("seconds"), *_taken(case.get("usage")), *_least_sure(case)],
    ]


def _taken(usage: UsageRecord | None) -> PackedRow:
    if usage is None:
        return [None, None, None]
    return [usage.get("input_tokens"), usage.get("output_tokens"), usage.get("usd")]


def _least_sure(case: CaseRecord) -> list[float]:
    """Return the least confidence of a case's values; nothing where none is known."""
    known = [sure for diff in case["diffs"] for sure in (diff.get("confidences") or {}).values()]
    return [round(min(known), 4)] if known else []


def _paired(case: CaseRecord) -> PackedRow:
    """Return how the items of each list were paired; nothing where there is no list."""
    paired: PackedRow = [
        [one["field"], one["paired"], one["missing"], one["extra"]] for one in case.get("items", ())
    ]
    return [paired] if paired else []


def _chunk(
    some: Sequence[CaseRecord], sources: Mapping[str, CaseSources], room: PageRoom
) -> Mapping[str, Any]:
    strings, kinds = Shelf(), Shelf()
    cases = [_case(case, sources.get(case["id"], {}), (strings, kinds, room)) for case in some]
    return {"strings": list(strings.places), "kinds": list(kinds.places), "cases": cases}


def _case(
    case: CaseRecord, source: CaseSources, shelves: tuple[Shelf, Shelf, PageRoom]
) -> PackedRow:
    strings, kinds, room = shelves
    stored = source.get("documents", [])
    shown_documents = [
        room.document(document, evidence_spans(case, document["name"])) for document in stored
    ]
    documents = [row for row, _ in shown_documents]
    offsets = {
        str(row[0]): Offsets(place, row[1], part)
        for place, (row, part) in enumerate(shown_documents)
        if row[1] is not None
    }
    replicate = case.get("replicate") or 1
    rows = [_diff(diff, offsets, (strings, kinds)) for diff in case["diffs"]]
    return [
        case["failure"] and cut(case["failure"]["message"], LONGEST_VALUE),
        [tag_word(repair) for repair in case["repairs"]],
        list(case["approximate"]),
        documents,
        room.reply(source.get("replies", {}).get(replicate, source.get("raw"))),
        effort_of(case),
        rows,
        *_paired(case),
    ]


def _diff(
    diff: DiffRecord, offsets: Mapping[str, Offsets], shelves: tuple[Shelf, Shelf]
) -> PackedRow:
    """Return one verdict as a row; its end is left off where it says nothing."""
    strings, kinds = shelves
    outcome = diff["outcome"]
    kind = kinds.put((diff["path"], diff["field"], diff["comparator"]))
    expected = value_text(diff, "expected")
    evidence: EvidenceRecord = diff.get("evidence") or {}
    elsewhere, likeness = diff.get("predicted_path"), diff.get("similarity")
    same = outcome == _CORRECT and is_same(diff["expected"], diff["predicted"])
    known = diff.get("confidences")
    sure = number_text.confidences(known) if known else ""
    more = diff.get("places") or {}
    pointed = _pointed(diff) if "stated_place" in diff else None
    if same and elsewhere is None and not sure and not more and pointed is None:
        expected_spans = packed_spans(evidence.get("expected"), offsets) if offsets else None
        return (
            [kind, 0, expected, 0]
            if expected_spans is None
            else [kind, 0, expected, 0, expected_spans]
        )
    row: PackedRow = [
        kind,
        _OUTCOMES[outcome],
        expected,
        0 if same else value_text(diff, "predicted"),
        packed_spans(evidence.get("expected"), offsets),
        None if same else packed_spans(evidence.get("predicted"), offsets),
        [strings.put(tag_word(tag)) for tag in diff.get("tags", ())] or None,
        None if likeness is None else number_text.similarity_text(likeness),
        None if elsewhere in (None, diff["path"]) else elsewhere,
        1 if diff.get("value_equal") else None,
        [strings.put(text) for text in diff.get("why", ())] or None,
        strings.put(sure) if sure else None,
        [more.get("expected", 0), more.get("predicted", 0)] if more else None,
        pointed,
    ]
    while row[-1] is None:
        row.pop()
    return row


def _pointed(diff: DiffRecord) -> PackedRow | None:
    """Return where the answer says that its value stands: page, box, document, what came of it."""
    place = diff.get("stated_place")
    if place is None:
        return None
    overlap = place.get("overlap")
    return [
        place["page"] or 1,
        [round(side, 4) for side in place["box"]] if "box" in place else None,
        place.get("document"),
        place.get("page_right"),
        None if overlap is None else number_text.percent(overlap),
    ]


def is_same(expected: object, predicted: object) -> bool:
    """Tell whether two values are written alike: 12 and 12.0 are equal and are not."""
    if type(expected) is not type(predicted):
        return False
    if isinstance(expected, (list, dict)):
        return json_text(expected) == json_text(predicted)
    return expected == predicted


def value_text(diff: DiffRecord, side: ValueSide) -> str | list[str] | None:
    """Return a text as it is, any other value as a list of its JSON; None where it is absent.

    One that is longer than a page carries is cut, and says so.
    """
    value = diff.get(side)
    if isinstance(value, str) and len(value) <= LONGEST_VALUE:
        return value
    text = literal(diff, side)
    if text is None:
        return None
    if len(text) <= LONGEST_VALUE:
        return [text]
    size = number_text.counted(len(text), "character")
    return [f"{text[:LONGEST_VALUE]}\u2026 [cut: {size} in all]"]


def block(content: Mapping[str, Any], of: int = 1) -> Block:
    """Return content as one data element of so many: plain while all are short, or deflated."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        text = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    raw = text.encode()
    if len(raw) * of <= PLAIN:
        return Block("json", text.replace("<", "\\u003c"))
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    small = squeeze.compress(raw) + squeeze.flush()
    return Block("deflate-raw", base64.b64encode(small).decode("ascii"))
