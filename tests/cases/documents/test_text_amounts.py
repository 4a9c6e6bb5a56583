"""What documents gave: by format, the empty, the nearly empty, the scans; at 3 and at 3,000."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from inline_snapshot import snapshot
from openpyxl import Workbook

from harness.cases.documents.text_amounts import (
    about_scans,
    format_amounts,
    little_text,
    text_amount,
)
from harness.core.records import Document
from tests.cases.conftest import Project
from tests.cases.documents.office import IMAGE, docx, paragraph, pdf, stamped, written_pdf

_LETTER = "To be paid within thirty days: 5 EUR, as agreed on 14 May in Bonn. "


def workbook(text: str) -> bytes:
    book, written = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    if text:
        sheet.append([text])
    book.save(written)
    return written.getvalue()


def mail(text: str) -> bytes:
    message = EmailMessage()
    if text:
        message["Subject"] = text
    message.set_content("")
    return message.as_bytes()


def outlined(shapes: int) -> bytes:
    """Return a PDF whose page has shapes and no text, as programs write that outline letters."""
    content = b"".join(b"%d 700 m %d 710 l %d 700 l f " % (x, x + 3, x + 5) for x in range(shapes))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<>>>>"
    stream = b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return written_pdf([b"<</Type/Catalog/Pages 2 0 R>>", pages, page, stream])


FORMATS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "html": ("HTML", lambda text: f"<p>{text}</p>".encode()),
    "pdf": ("PDF", lambda text: pdf(text or " ")),
    "docx": ("DOCX", lambda text: docx(paragraph(text))),
    "xlsx": ("XLSX", workbook),
    "eml": ("EML", mail),
}


def suite_of(project: Project, documents: dict[str, bytes]) -> None:
    project.write({"evals/notes/suite.yaml": "limits: {pages: 50}\n"})
    for name, content in documents.items():
        stem = name.partition(".")[0]
        project.write(
            {
                f"evals/notes/documents/{name}": content,
                f"ground_truth/notes/{stem}.json": '{"total": 5}',
            }
        )


@pytest.mark.parametrize("ending", FORMATS)
def test_an_empty_document_and_one_with_hardly_a_word_are_told_in_each_format(
    project: Project, ending: str
) -> None:
    shown, make = FORMATS[ending]
    suite_of(project, {f"a.{ending}": make(""), f"b.{ending}": make("a 7")})
    project.write({f"evals/notes/documents/c.{ending}": make(_LETTER)})
    project.write({"ground_truth/notes/c.json": '{"total": 5}'})
    warnings = project.warnings()
    if ending == "xlsx":  # the names of sheets are text
        assert f"documents/a.{ending}: holds hardly any text: 6 characters" in warnings
    else:
        assert f"documents/a.{ending}: is empty: a model would be asked about nothing" in warnings
    assert f"documents/b.{ending}: holds hardly any text: " in warnings
    assert f"documents/c.{ending}" not in warnings
    amounts = [text_amount(d) for case in project.load().cases for d in case.documents]
    (found,) = format_amounts(amounts)
    assert (found.format, found.documents, found.least_in) == (shown, 3, f"documents/a.{ending}")


def test_an_empty_text_is_told_and_a_short_one_is_what_it_is(project: Project) -> None:
    suite_of(project, {"a.txt": b" \n", "b.txt": b"5", "c.csv": b"a,b"})
    assert project.warnings() == snapshot("""\
evals/notes/documents/a.txt: is empty: a model would be asked about nothing [empty-document]
  hint: look at the file, or leave the case out\
""")


def test_a_document_that_gave_a_twentieth_of_what_others_of_its_format_gave_is_told(
    project: Project,
) -> None:
    texts = {f"p{number}.txt": f"{_LETTER * 10}{number}".encode() for number in range(5)}
    suite_of(project, {**texts, "q.txt": b"See the attached file."})
    warnings = project.warnings()
    assert "documents/q.txt: holds 19 characters, where text documents of the suite" in warnings
    assert "hold 521 (median) [little-text]" in warnings
    assert warnings.count("[little-text]") == 1


def test_a_word_document_that_holds_an_image_only_is_told(project: Project) -> None:
    picture = "<w:p><w:r><w:drawing/></w:r></w:p>"
    suite_of(project, {"a.docx": docx(picture)})
    assert "a.docx: is empty" in project.warnings()


def test_scans_are_told_by_name_with_their_pages(project: Project) -> None:
    mixed = pdf("Invoice 7, to be paid in Bonn", "", "Terms and conditions apply here")
    suite_of(project, {"a.pdf": mixed, "b.pdf": stamped("ACME-000123", 612), "c.png": IMAGE})
    (suite,) = [project.load()]
    assert suite.warnings == ()
    amounts = [text_amount(d) for case in suite.cases for d in case.documents]
    assert list(about_scans(amounts)) == snapshot(
        [
            "2 scans: documents/a.pdf (1 of 3 pages), documents/b.pdf (1 page)",
            "  their pages are sent as images, and no evidence is found in them; `reading: {scans: ocr}` has them read",
        ]
    )
    assert [(a.format, a.scans, a.empty) for a in format_amounts(amounts)] == [
        ("PDF", 2, 0),
        ("image", 1, 0),
    ]


@pytest.mark.parametrize(("shapes", "is_image"), [(3, False), (17, True), (3_000, True)])
def test_a_page_whose_letters_are_drawn_is_shown_as_an_image(
    project: Project, shapes: int, *, is_image: bool
) -> None:
    suite_of(project, {"a.pdf": outlined(shapes)})
    suite = project.load()
    assert suite.cases[0].documents[0].image_pages == ((1,) if is_image else ())
    assert any(p.code == "empty-document" for p in suite.warnings) is not is_image


def test_three_thousand_empty_documents_are_six_warnings() -> None:
    documents = [
        Document(f"{n:04}.pdf", str(n), "", f"/x/{n:04}.pdf", kind="pdf") for n in range(3_000)
    ]
    warnings = list(little_text(documents))
    assert [str(w.where) for w in warnings] == [f"/x/{n:04}.pdf" for n in range(6)]
    assert warnings[-1].what == "is empty, and so are 2\u202f994 more documents"
    assert len(list(about_scans(map(text_amount, documents)))) == 0
