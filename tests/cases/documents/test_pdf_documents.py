"""PDFs: what was typed over a page, ticked, or stamped on a scan reaches the model."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from harness.cases.documents.pages import PageLimits, Pages
from harness.cases.documents.paper import pdf as reader
from harness.cases.documents.paper.letters import Rectangle, letters_within
from tests.cases.documents.office import annotated, pdf, stamped, written_pdf

_TYPED = "/Subtype/FreeText/Contents(typed 77)/F {}/Rect[250 695 350 715]/DA(/F1 12 Tf 0 g)"
_LOOK = "/AP<</N 6 0 R>>"
_STAMP = "Case 2:06-cv-00376-SRW Document 1-2 Filed 04/26/06 Page 1 of 9"


def read(data: bytes) -> Pages:
    return reader.read(data, Path("a.pdf"), PageLimits(1_000_000, 100))


def box(height: int, *, ticked: bool, left: int = 75) -> str:
    state = "/Yes" if ticked else "/Off"
    place = f"/Rect[{left} {height - 2} {left + 12} {height + 10}]"
    look = "/AP<</N<</Yes 6 0 R/Off 4 0 R>>>>"
    return f"/Subtype/Widget/FT/Btn/T(b{height}{left})/V{state}/AS{state}/F 4{place}{look}"


@pytest.mark.parametrize("is_form", [True, False])
@pytest.mark.parametrize("look", [_LOOK, ""])
def test_text_typed_over_a_page_is_read(look: str, *, is_form: bool) -> None:
    data = annotated("Total due:", _TYPED.format(4) + look, is_form=is_form)
    text = " ".join(read(data).text.split())
    assert text == "Total due: typed 77"


def test_notes_that_a_reader_has_to_open_and_hidden_text_are_no_text() -> None:
    note = "/Subtype/Text/Contents(a note)/F 4/Rect[350 695 370 715]"
    hidden = _TYPED.format(2)
    assert read(annotated("Total due:", note, hidden)).text == "Total due:"


def test_a_box_shows_whether_it_is_ticked_beside_its_words() -> None:
    boxes = [box(700, ticked=True), box(680, ticked=False), box(660, ticked=True)]
    text = read(annotated("VAT exempt\nPaid in cash\nShipped", *boxes, is_form=True)).text
    assert text == "☒ VAT exempt\n☐ Paid in cash\n☒ Shipped"


def test_a_box_after_its_word_stands_after_it() -> None:
    boxes = [box(700, ticked=True, left=130), box(680, ticked=False, left=130)]
    assert read(annotated("Yes\nNo", *boxes, is_form=True)).text == "Yes ☒\nNo ☐"


def test_a_box_on_a_line_of_its_own_is_not_lost() -> None:
    assert read(annotated("Paid", box(300, ticked=True), is_form=True)).text == "Paid\n☒"


@pytest.mark.parametrize("count", [6, 300, 3_000, 12_000])
def test_boxes_that_lie_upon_each_other_are_told_apart(count: int) -> None:
    boxes = [box(700 - n % 3 * 20, ticked=n % 2 == 0, left=75) for n in range(count)]
    text = read(annotated("apples\npears\nplums", *boxes, is_form=True)).text
    assert (text.count("☒"), text.count("☐")) == (count // 2, count // 2)
    assert [line.split()[-1] for line in text.splitlines()] == ["apples", "pears", "plums"]


def test_boxes_of_a_page_full_of_lines_stand_beside_their_words() -> None:
    lines = [f"line {number}" for number in range(30)]
    boxes = [box(700 - n * 20, ticked=n % 2 == 0) for n in range(30)]
    text = read(annotated("\n".join(lines), *boxes, is_form=True)).text
    states = ["☒" if number % 2 == 0 else "☐" for number in range(30)]
    assert text.splitlines() == [f"{s} {line}" for s, line in zip(states, lines, strict=True)]


@pytest.mark.parametrize("count", [3, 3_000])
def test_letters_within_boxes_are_those_that_looking_at_each_pair_finds(count: int) -> None:
    random = Random(count)

    def rectangle(size: float) -> Rectangle:
        left, bottom = random.uniform(0, 600), random.uniform(0, 800)
        return Rectangle(left, bottom, left + random.uniform(-1, size), bottom + size)

    letters = list(enumerate(rectangle(8) for _ in range(count)))
    boxes = [rectangle(random.choice([5, 12, 40])) for _ in range(min(count, 300))]
    slow = {
        index
        for index, letter in letters
        for place in boxes
        if place.left <= (letter.left + letter.right) / 2 <= place.right
        and place.bottom <= letter.middle <= place.top
    }
    assert letters_within(letters, boxes) == slow


@pytest.mark.parametrize("stamp", [_STAMP, "ACME-000123", "Scanned with an app " * 5])
def test_a_scan_with_a_stamp_is_a_scan_and_keeps_the_stamp(stamp: str) -> None:
    pages = read(stamped(stamp, 612))
    assert pages.image_pages == (1,)
    assert stamp.split(maxsplit=1)[0] in pages.text


def test_a_page_with_a_logo_or_with_text_enough_is_no_scan() -> None:
    assert read(stamped("To be paid within 30 days: 5 EUR", 100)).image_pages == ()
    assert read(stamped("A long letter on paper. " * 20, 612)).image_pages == ()
    assert read(pdf("Invoice 7, to be paid")).image_pages == ()


def with_catalog(about: str, line: str, files: int = 0) -> bytes:
    """Return a PDF of one line whose catalogue says this besides, with files attached to it."""
    names = " ".join(f"(f{number}) 6 0 R" for number in range(files))
    attached = f"/Names<</EmbeddedFiles<</Names[{names}]>>>>" if files else ""
    content = f"BT /F1 12 Tf 72 700 Td ({line}) Tj ET".encode()
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R"
    return written_pdf(
        [
            f"<</Type/Catalog/Pages 2 0 R{about}{attached}>>".encode(),
            b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
            page + b"/Resources<</Font<</F1 3 0 R>>>>>>",
            b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
            b"<</Type/Filespec/F(a.txt)/EF<</F 7 0 R>>>>",
            b"<</Type/EmbeddedFile/Length 9>>stream\nTotal 500\nendstream",
        ]
    )


def test_a_form_that_only_its_own_program_shows_is_told_of() -> None:
    wait = "Please wait... If this message is not eventually replaced"
    pages = read(with_catalog("/NeedsRendering true/AcroForm<</Fields[]/XFA 7 0 R>>", wait))
    assert [each.what for each in pages.warnings] == [
        "is an XFA form: what is filled in is not read"
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (1, "holds 1 attached file, which we do not read"),
        (3_000, "holds 3\u202f000 attached files, which we do not read"),
    ],
)
def test_files_attached_to_a_page_that_says_next_to_nothing_are_told_of(
    files: int, told: str
) -> None:
    pages = read(with_catalog("", "Open this portfolio", files))
    assert [each.what for each in pages.warnings] == [told]
    assert read(with_catalog("", "All of it stands here. " * 20, files)).warnings == ()
