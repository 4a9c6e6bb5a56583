"""Citations: rows of clusters with both values, the reason, and passages of the documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from harness.core.comparators.comparator import as_text
from harness.core.explain.item_pairing import item_pairings
from harness.core.explain.paired_items import (
    filled,
    places,
    rows_around,
)
from harness.core.explain.surrounding_words import around
from harness.core.inert_text import cut
from harness.core.outcomes import Outcome
from harness.core.records import Answer
from harness.core.values import Json, value_at_path
from harness.improve.diagnosis.clusters import Cluster, ClusterRow
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.faults import WHOLE, Fault
from harness.improve.diagnosis.mistakes import Mistake
from harness.improve.feedback.bundle import Passage, ShownError
from harness.run.stored.stored_results import VALUE_SIDES, DiffRecord, SpanRecord, ValueSide

_LONGEST: Final = 300
"""Characters of a value that are shown."""
_TELLING: Final = 3
"""Characters from which a value's first place says something if there are others."""
_ITEMS: Final = frozenset(("item_missing", "list_missing", "item_extra", "item_twice"))

Exams = Mapping[tuple[str, int], Exam]
"""Exams by case id and replicate."""


def examples(cluster: Cluster, exams: Exams, most: int) -> tuple[ShownError, ...]:
    """Return rows to learn from: of different cases, the most stable first, no suspect truths."""
    rows = sorted((r for r in cluster.rows if not r.is_suspect), key=lambda r: -r.wrong / r.of)
    return tuple(shown_passage(row, exams) for row in _spread(rows, most))


def _spread(rows: Sequence[ClusterRow], most: int) -> list[ClusterRow]:
    """Return the first row of each case, then the second of each, and so on."""
    times: dict[str, int] = {}
    turns: list[tuple[int, int, ClusterRow]] = []
    for number, row in enumerate(rows):
        turn = times[row.case_id] = times.get(row.case_id, 0) + 1
        turns.append((turn, number, row))
    return [row for _, _, row in sorted(turns, key=lambda each: each[:2])][:most]


def suspects(cluster: Cluster, exams: Exams, most: int) -> tuple[ShownError, ...]:
    """Return the rows whose truth may be wrong."""
    rows = [row for row in cluster.rows if row.is_suspect]
    return tuple(shown_passage(row, exams) for row in _spread(rows, most))


def shown_passage(row: ClusterRow, exams: Exams) -> ShownError:
    """Return a row with both values, why, and where they stand."""
    first = row.faults[0]
    exam = exams[first.case_id, first.replicate]
    sides = _whole(exam) if row.place == WHOLE else _sides(first)
    return ShownError(
        row.case_id,
        row.place,
        *sides,
        note=_note(first, exam),
        answer=_answer(first, exam),
        passages=tuple(_passages(_telling(row.faults), exam)),
        wrong=row.wrong,
        of=row.of,
        is_suspect=row.is_suspect,
        prompts=row.prompts,
    )


def right(cluster: Cluster, exams: Exams, most: int) -> tuple[ShownError, ...]:
    """Return fields of the canaries that are right, one a case."""
    rows: list[ShownError] = []
    for case_id in cluster.canaries:
        exam = next((e for (i, _), e in exams.items() if i == case_id), None)
        records = exam.records if exam else ()
        record = next((r for r in records if r["field"] == cluster.field), None)
        if exam is not None and record is not None and len(rows) < most:
            place = str(record["path"])
            passages = tuple(_passages(record, exam))[:1]
            value = _literal(record, "expected")
            predicted = _literal(record, "predicted")
            rows.append(ShownError(case_id, place, value, predicted, passages=passages))
    return tuple(rows)


def _whole(exam: Exam) -> tuple[str | None, str | None]:
    """Return what was expected of a case without an answer, and what came instead."""
    raw = None if isinstance(exam.output, Answer) else exam.output.raw
    return _written(exam.case.truth), None if raw is None else _written(raw)


def _sides(fault: Fault) -> tuple[str | None, str | None]:
    if fault.blame.signature.mistake in _ITEMS:
        item = _written(fault.blame.item)
        return (None, item) if fault.outcome is Outcome.HALLUCINATION else (item, None)
    return _literal(fault.record, "expected"), _literal(fault.record, "predicted")


def _literal(record: DiffRecord, side: ValueSide) -> str | None:
    return _written(record[side]) if side in record else None


def _written(value: Json) -> str:
    return cut(json.dumps(value, ensure_ascii=False), _LONGEST)


def _note(fault: Fault, exam: Exam) -> str:
    """Say why an item has no partner, or why there is no answer."""
    if not isinstance(exam.output, Answer):
        return cut(exam.output.message, _LONGEST)
    if fault.blame.signature.mistake not in _ITEMS:
        return ""
    values = exam.case.truth, exam.output.value
    pairings = item_pairings(exam.plan, values, exam.result.ledger, fault.index)
    return pairings[-1].reason if pairings else ""


def _answer(fault: Fault, exam: Exam) -> str | None:
    """Return the list an item was missed in, as it was answered."""
    mistake = fault.blame.signature.mistake
    if mistake is not Mistake.ITEM_MISSING or not isinstance(exam.output, Answer):
        return None
    ledger = exam.result.ledger
    item_places = places(ledger, fault.index, rows_around(ledger, fault.index))
    place = next((each for each in item_places if each.pair is None), None)
    if place is None:
        return None
    steps = filled(place.steps, ledger.verdicts[fault.index][3])
    return _written(value_at_path(exam.output.value, steps))


def _telling(faults: Iterable[Fault]) -> DiffRecord:
    """Return the record of an item whose value stands in the fewest places, but in one."""
    records = [fault.record for fault in faults]
    placed = [(len(e), n) for n, r in enumerate(records) if (e := _places(r))]
    return records[min(placed)[1]] if placed else records[0]


def _places(record: DiffRecord) -> list[SpanRecord]:
    evidence = record.get("evidence", {})
    return [*evidence.get("expected", ()), *evidence.get("predicted", ())]


def _passages(record: DiffRecord, exam: Exam) -> Iterator[Passage]:
    """Yield the first place of either value, once where it is the same place.

    Of a value that is short and stands at several places, none says anything: `12` is anywhere.
    """
    texts = {document.name: document.text for document in exam.case.documents}
    shown: set[tuple[str, int, int]] = set()
    for side in VALUE_SIDES:
        spans = record.get("evidence", {}).get(side, ())
        if len(spans) > 1 and len(as_text(record.get(side)) or "") < _TELLING:
            continue
        for span in spans[:1]:
            place = str(span["document"]), int(span["start"]), int(span["end"])
            if place not in shown and place[0] in texts:
                shown.add(place)
                yield Passage(side, *place, *around(texts[place[0]], *place[1:]))
