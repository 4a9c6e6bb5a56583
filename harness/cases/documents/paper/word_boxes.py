"""Boxes of text that was read off an image, made of the boxes of its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Indel

from harness.cases.documents.pages import PageBox
from harness.cases.documents.paper.ocr import OcrWord
from harness.cases.documents.paper.page_boxes import line_boxes


def word_boxes(
    words: Sequence[OcrWord], text: str, spans: Iterable[tuple[int, int]]
) -> list[list[PageBox]]:
    """Return the boxes of pieces of a page's text, for each piece one a line.

    A piece has the boxes of all words it touches; one that is mostly none of these words has none.

    >>> total = OcrWord("Total", PageBox(0.1, 0.1, 0.2, 0.15))
    >>> amount = OcrWord("80", PageBox(0.5, 0.1, 0.6, 0.15))
    >>> word_boxes([total, amount], "Total   80", [(8, 10)])
    [[PageBox(left=0.5, top=0.1, right=0.6, bottom=0.15)]]
    """
    plain = " ".join(word.text for word in words)
    owners = [at for at, word in enumerate(words) for _ in f"{word.text} "]
    places = [-1] * len(text)
    for step in Indel.opcodes(plain, text):
        if step.tag == "equal":
            places[step.dest_start : step.dest_end] = owners[step.src_start : step.src_end]
    return [_boxes(words, text, places, span) for span in spans]


def _boxes(
    words: Sequence[OcrWord], text: str, places: Sequence[int], span: tuple[int, int]
) -> list[PageBox]:
    start, end = span
    letters = [places[at] for at in range(start, min(end, len(text))) if not text[at].isspace()]
    touched = [place for place in letters if place >= 0]
    if not touched or 2 * len(touched) < len(letters):
        return []
    return list(line_boxes(words[place].box for place in dict.fromkeys(touched)))
