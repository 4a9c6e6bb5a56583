"""Passages: the words of a document around a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.explain.surrounding_words import around
from harness.report.embedded.long_texts import DocumentSource
from harness.run.stored.stored_results import VALUE_SIDES, DiffRecord, EvidenceRecord


@dataclass(frozen=True, slots=True)
class Snippet:
    """A value where it stands in a document."""

    side: str
    """`expected` or `predicted`: whose value is marked."""
    document: str
    before: str
    value: str
    after: str


def snippets(diff: DiffRecord, documents: Sequence[DocumentSource]) -> tuple[Snippet, ...]:
    """Return the first place of the expected and of the predicted value, where they stand."""
    evidence: EvidenceRecord = diff.get("evidence") or {}
    texts = {document["name"]: document["text"] for document in documents}
    snippets_shown: list[Snippet] = []
    shown_spans: set[tuple[str, int, int]] = set()
    for side in VALUE_SIDES:
        for span in (evidence.get(side) or ())[:1]:
            place = (span["document"], span["start"], span["end"])
            text = texts.get(place[0])
            if (
                text is not None
                and place not in shown_spans
                and 0 <= place[1] < place[2] <= len(text)
            ):
                shown_spans.add(place)
                snippets_shown.append(Snippet(side, place[0], *around(text, place[1], place[2])))
    return tuple(snippets_shown)


def absence(diff: DiffRecord) -> str | None:
    """Return what it means that somebody looked for a value and did not find it."""
    evidence: EvidenceRecord = diff.get("evidence") or {}
    nowhere = [
        side
        for side in VALUE_SIDES
        if side in diff and evidence.get(side) is not None and not evidence[side]
    ]
    if len(nowhere) > 1:
        return "Neither value stands in the documents."
    return f"The {nowhere[0]} value does not stand in the documents." if nowhere else None
