"""Where text stands on a page of a PDF, so that it can be marked on the page's image."""

from __future__ import annotations

from pathlib import Path

from harness.cases.documents.pages import PageBox, PageLimits
from harness.cases.documents.paper import pdf as reader
from harness.cases.documents.paper.page_boxes import page_boxes
from tests.cases.documents.office import annotated, pdf


def boxes(data: bytes, *words: str, page: int = 1) -> list[list[PageBox]]:
    """Return the boxes of words of a page."""
    text = reader.read(data, Path("a.pdf"), PageLimits(1_000_000, 1_000)).text.split("\f")[page - 1]
    spans = [(text.index(word), text.index(word) + len(word)) for word in words]
    return page_boxes(data, Path("a.pdf"), page, text, spans)


def test_words_of_a_line_stand_side_by_side_on_the_page() -> None:
    (first,), (second,), (whole,) = boxes(pdf("Total 77"), "Total", "77", "Total 77")
    assert 0 < first.left < first.right < second.left < second.right < 1
    assert first.left == whole.left
    assert second.right == whole.right
    assert abs(whole.top - first.top) < 0.01


def test_a_passage_over_three_lines_has_a_box_for_each() -> None:
    (found,) = boxes(pdf("one two\nthree\nfour five"), "two\nthree\nfour")
    assert len(found) == 3
    assert [box.top for box in found] == sorted(box.top for box in found)


def test_each_of_three_thousand_words_has_its_own_box_on_its_own_page() -> None:
    pages = ["\n".join(f"n{page * 50 + line} end" for line in range(50)) for page in range(60)]
    data = pdf(*pages)
    for page in (1, 37, 60):
        words = [f"n{(page - 1) * 50 + line} " for line in range(50)]
        found = boxes(data, *words, page=page)
        assert [len(each) for each in found] == [1] * 50
        assert len({each[0].top for each in found}) == 50


def test_a_tick_that_was_drawn_has_no_letters_and_words_beside_it_keep_their_box() -> None:
    box = "/Subtype/Widget/FT/Btn/T(b)/V/Yes/AS/Yes/F 4/Rect[75 698 87 710]"
    data = annotated("VAT exempt", f"{box}/AP<</N<</Yes 6 0 R/Off 4 0 R>>>>", is_form=True)
    tick, words = boxes(data, "\u2612", "VAT")
    assert tick == []
    assert len(words) == 1


def test_a_page_that_is_not_there_has_no_boxes() -> None:
    assert page_boxes(pdf("one"), Path("a.pdf"), 2, "one", [(0, 3)]) == [[]]


def test_text_that_was_read_off_the_image_has_no_box_of_the_stamps_letters() -> None:
    stamp, read = "scan 7 ot", "Total of all that was bought on this day, 77.50 euros " * 20
    span = (read.index("Total"), read.index(" on this"))
    assert page_boxes(pdf(stamp), Path("a.pdf"), 1, read, [span]) == [[]]
