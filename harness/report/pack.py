"""The data block a case view is built from: every case, its verdicts and its documents, small.

Paths, tags and comparators are written once and referred to by number; a prediction equal to the
expectation is not repeated; offsets count UTF-16 units, as JavaScript does.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, TypeAlias

from harness.core.outcomes import Outcome
from harness.core.unseen import UNSEEN
from harness.report import numbers
from harness.report.cases import is_missing
from harness.report.verdicts import VERDICTS, Record, tag_word
from harness.report.visible import literal

LONGEST_TEXT: Final = 100_000
"""Characters of one document or reply; a longer one is left out of the page, and said so."""

MOST_TEXT: Final = 8_000_000
"""Characters of all documents together, and of all replies; what comes after is left out."""

LONGEST_VALUE: Final = 20_000
"""Characters of one value; a longer one is cut, and said so."""

PLAIN: Final = 200_000
"""Bytes up to which the block is plain JSON; beyond, it is deflated."""

_LAST_BMP: Final = "\uffff"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OUTCOMES: Final = {verdict.outcome.value: place for place, verdict in enumerate(VERDICTS.values())}

Row: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in the page's data element."""

    encoding: str
    """`json` or `deflate-raw` (then base64)."""
    text: str


@dataclass(slots=True)
class _Shelf:
    """Texts written once, and how much room is left for documents and replies."""

    places: dict[str, int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)
    """The field a path reports under, by path."""
    document_room: int = MOST_TEXT
    reply_room: int = MOST_TEXT

    def put(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))

    def put_path(self, path: str, field_name: str) -> int:
        self.fields.setdefault(path, self.put(field_name))
        return self.put(path)


def pack(ranked: Sequence[Record], sources: Mapping[str, Record]) -> Block:
    """Return the block for cases given worst first."""
    shelf = _Shelf()
    cases = [_case(case, sources.get(case["id"], {}), shelf) for case in ranked]
    verdicts = [[v.css, v.icon, v.word] for v in VERDICTS.values()]
    block = {
        "unseen": UNSEEN,
        "verdicts": verdicts,
        "strings": list(shelf.places),
        "fields": {shelf.places[path]: place for path, place in shelf.fields.items()},
        "cases": cases,
    }
    text = json.dumps(block, ensure_ascii=False, separators=(",", ":"))
    text = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    raw = text.encode()
    if len(raw) <= PLAIN:
        return Block("json", text.replace("<", "\\u003c"))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    small = squeeze.compress(raw) + squeeze.flush()
    return Block("deflate-raw", base64.b64encode(small).decode("ascii"))


def _case(case: Record, source: Record, shelf: _Shelf) -> Row:
    failure = case["failure"]
    stored = source.get("documents", ())
    documents = [_document(document, shelf) for document in stored]
    offsets = {document["name"]: _Offsets(place, document) for place, document in enumerate(stored)}
    of = f"{numbers.count(case['correct_fields'])}/{numbers.count(case['total_gt_fields'])}"
    return [
        case["id"],
        numbers.percent(case["f1"]),
        of,
        [case["counts"].get(outcome, 0) for outcome in _OUTCOMES],
        [shelf.put(tag) for tag in case["tags"]],
        failure
        and [tag_word(failure["kind"]), failure["message"][:LONGEST_VALUE], is_missing(case)],
        [tag_word(repair) for repair in case["repairs"]],
        list(case["approximate"]),
        documents,
        _reply(source.get("raw"), shelf),
        [_diff(diff, offsets, shelf) for diff in case["diffs"]],
    ]


def _document(document: Record, shelf: _Shelf) -> Row:
    """Return name, text or None, and a note that says why there is no text."""
    text, note = document["text"], document.get("note") or ""
    if text is None:
        return [document["name"], None, note or "The text was not kept."]
    why = _too_long(text, shelf.document_room, "document")
    if why:
        return [document["name"], None, why]
    shelf.document_room -= len(text)
    return [document["name"], text, note]


def _reply(raw: str | None, shelf: _Shelf) -> Row | None:
    if raw is None:
        return None
    why = _too_long(raw, shelf.reply_room, "reply")
    if why:
        return [None, why]
    shelf.reply_room -= len(raw)
    return [raw, ""]


def _too_long(text: str, room: int, what: str) -> str | None:
    size = numbers.counted(len(text), "character")
    if len(text) > LONGEST_TEXT:
        limit = numbers.count(LONGEST_TEXT)
        return f"Left out of this page: the {what} has {size}, more than {limit}."
    if len(text) > room:
        limit = numbers.count(MOST_TEXT)
        return f"Left out of this page ({size}): with it, all texts exceed {limit}."
    return None


class _Offsets:
    """Places in one document, from characters to UTF-16 units."""

    def __init__(self, place: int, document: Record) -> None:
        self.place = place
        text = document["text"] or ""
        wide = max(text, default="") > _LAST_BMP
        units = accumulate((1 + (c > _LAST_BMP) for c in text), initial=0) if wide else None
        self._units = None if units is None else list(units)

    def __call__(self, offset: int) -> int:
        if self._units is None:
            return offset
        return self._units[min(offset, len(self._units) - 1)]


def _spans(spans: Sequence[Record] | None, offsets: Mapping[str, _Offsets]) -> Row | None:
    """Return document, start, end, document, start, end …; None if nobody looked."""
    if spans is None:
        return None
    flat: Row = []
    for span in spans:
        at = offsets.get(span["document"])
        if at is not None:
            flat += (at.place, at(span["start"]), at(span["end"]))
    return flat


def _diff(diff: Record, offsets: Mapping[str, _Offsets], shelf: _Shelf) -> Row:
    """Return one verdict as a row; its end is left off where it says nothing."""
    expected, predicted = (_value(diff, side) for side in ("expected", "predicted"))
    evidence = diff.get("evidence") or {}
    elsewhere, likeness = diff.get("predicted_path"), diff.get("similarity")
    same = diff["outcome"] == Outcome.CORRECT.value and expected == predicted
    row: Row = [
        shelf.put_path(diff["path"], diff["field"]),
        _OUTCOMES[diff["outcome"]],
        shelf.put(diff["comparator"]),
        expected,
        0 if same else predicted,
        _spans(evidence.get("expected"), offsets),
        _spans(evidence.get("predicted"), offsets),
        [shelf.put(tag_word(tag)) for tag in diff.get("tags", ())] or None,
        None if likeness is None else numbers.similarity(likeness),
        None if elsewhere in (None, diff["path"]) else elsewhere,
        1 if diff.get("value_equal") else None,
    ]
    if same and row[6] == row[5]:
        row[6] = None
    while row[-1] is None:
        row.pop()
    return row


def _value(diff: Record, side: str) -> str | None:
    text = literal(diff, side)
    if text is None or len(text) <= LONGEST_VALUE:
        return text
    return f"{text[:LONGEST_VALUE]}\u2026 [cut: {numbers.counted(len(text), 'character')} in all]"
