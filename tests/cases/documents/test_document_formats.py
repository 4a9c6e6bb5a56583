"""Documents of many formats become text by page; what cannot be read says what to do."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from openpyxl import Workbook

from harness.cases.documents.document_files import page_images, shown_boxes
from harness.cases.documents.reading_process import READING
from harness.cases.documents.web.html import visible_text
from harness.core.records import Document
from harness.errors import HarnessError
from tests.cases.conftest import Project
from tests.cases.documents.office import IMAGE, archive, docx, email, filled_form, paragraph, pdf


def put(project: Project, name: str, content: str | bytes, settings: str = "") -> None:
    """Write the suite `notes`, whose only document this is."""
    project.write(
        {
            "evals/notes/suite.yaml": settings,
            f"evals/notes/documents/{name}": content,
            "ground_truth/notes/a.json": '{"total": 5}',
        }
    )


def read(project: Project, name: str, content: str | bytes, settings: str = "") -> Document:
    """Return the only document of the suite `notes`."""
    put(project, name, content, settings)
    (document,) = project.load().cases[0].documents
    return document


def refusal(project: Project, name: str, content: str | bytes, settings: str = "") -> str:
    """Return what is said of the only document of the suite `notes`."""
    put(project, name, content, settings)
    return project.refusal().removeprefix("evals/notes/documents/")


def test_the_pages_of_a_pdf_are_kept_apart(project: Project) -> None:
    document = read(project, "a.pdf", pdf("Invoice 7\nTotal 5", "Terms apply"))
    assert document.text == "Invoice 7\nTotal 5\fTerms apply"
    assert document.pages == ("Invoice 7\nTotal 5", "Terms apply")
    assert document.image_pages == ()


def test_a_page_without_text_is_an_image(project: Project) -> None:
    document = read(
        project, "a.pdf", pdf("Invoice 7, to be paid", "", "Terms and conditions apply")
    )
    assert document.image_pages == (2,)
    (image,) = page_images(document)
    assert image.media_type == "image/png"
    assert image.data.startswith(b"\x89PNG")


def test_what_was_filled_into_a_form_is_text(project: Project) -> None:
    text = read(project, "a.pdf", filled_form("1,234.50")).text
    assert "Total due:" in text
    assert "1,234.50" in text


def test_a_picture_is_a_document_whose_text_is_empty(project: Project) -> None:
    document = read(project, "a.png", IMAGE)
    assert (document.text, document.image_pages) == ("", (1,))
    assert [(image.media_type, image.data) for image in page_images(document)] == [
        ("image/png", IMAGE)
    ]


def test_an_image_that_changed_since_is_not_sent(project: Project) -> None:
    document = read(project, "a.png", IMAGE)
    Path(document.location).write_bytes(IMAGE + b"x")
    with pytest.raises(HarnessError, match="has changed since it was read"):
        page_images(document)


def test_a_word_document_keeps_its_structure(project: Project) -> None:
    cell = "<w:tc>{}</w:tc>".format
    row = "<w:tr>{}</w:tr>".format
    body = [
        paragraph("Offer", style="Heading1"),
        paragraph("To be ", "paid"),
        paragraph("First", style="ListBullet"),
        f"<w:tbl>{row(cell(paragraph('Sum')) + cell(paragraph('5 €')))}</w:tbl>",
        "<w:p><w:r><w:t>End</w:t><w:br w:type='page'/><w:t>Page two</w:t></w:r></w:p>",
    ]
    around = {
        "header1": paragraph("ACME"),
        "header2": paragraph("ACME"),
        "footer1": paragraph("P. 1"),
    }
    document = read(project, "a.docx", docx("".join(body), **around))
    assert document.text == snapshot("""\
ACME
# Offer
To be paid
- First
| Sum | 5 € |
End\x0cPage two
P. 1\
""")


def test_of_a_word_document_all_is_read_that_stands_on_the_page(project: Project) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>".format
    body = (
        f"<w:p><w:ins>{run('inserted ')}</w:ins><w:del>{run('deleted ')}</w:del>"
        f"<w:moveFrom>{run('moved ')}</w:moveFrom>"
        f"<w:sdt><w:sdtContent>{run('controlled ')}</w:sdtContent></w:sdt>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden </w:t></w:r>"
        f"<w:r><w:txbxContent>{paragraph('boxed')}</w:txbxContent></w:r>{run('end')}</w:p>"
    )
    assert read(project, "a.docx", docx(body)).text == "inserted controlled end\nboxed"


def test_every_visible_sheet_of_a_workbook_is_a_page(project: Project) -> None:
    book = Workbook()
    book.active.title = "Sums"  # type: ignore[union-attr]  # a new workbook has a sheet
    book["Sums"].append(["Total", 1234.5, date(2024, 5, 14), True, None])
    book["Sums"]["A3"] = 0.155
    book["Sums"]["A3"].number_format = "0.0%"
    book["Sums"]["B3"] = "a|b\nc"
    book.create_sheet("Rest").append(["x"])
    book.create_sheet("Secret").append(["y"])
    book["Secret"].sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)
    assert read(project, "a.xlsx", written.getvalue()).text == snapshot("""\
# Sums
| Total | 1234.5 | 2024-05-14 | TRUE |
| 15.5% | a\\|b c |\x0c# Rest
| x |\
""")


def test_a_formula_that_was_never_calculated_is_not_read_as_nothing(project: Project) -> None:
    book = Workbook()
    book.active.title = "Sums"  # type: ignore[union-attr]  # a new workbook has a sheet
    book["Sums"].append(["Rent", 900])
    book["Sums"].append(["All", "=SUM(B1:B1)|1", None, '=""', "end"])
    written = io.BytesIO()
    book.save(written)
    empty = b'<c r="D2"><f>""</f><v />', b'<c r="D2" t="str"><f>""</f><v></v>'
    with zipfile.ZipFile(written) as file:
        parts = {name: file.read(name).replace(*empty) for name in file.namelist()}
    document = read(project, "a.xlsx", archive(parts))
    assert document.text == snapshot("""\
# Sums
| Rent | 900 |
| All | [not calculated: =SUM(B1:B1)\\|1] |  |  | end |\
""")
    assert project.warnings() == snapshot("""\
evals/notes/documents/a.xlsx: a formula has no value: the program that wrote the file did not calculate [uncalculated-formula]
  hint: open it in a spreadsheet program and save it again, so that it holds their values\
""")


def test_of_a_page_only_what_a_reader_sees_is_text(project: Project) -> None:
    page = """<html><head><title>t</title><style>p{}</style></head><body>
    <h2>Offer &amp; more</h2><script>alert("<p>no")</script><p hidden>no</p>
    <div style="display: none">no<div>no</div></div><p>To be<br>paid
      soon <b>now</b>.</p><ul><li>One<li>Two</ul>
    <table><tr><th>Item<th>Sum</tr><tr><td><p>A</p></td><td>5&nbsp;€</td></tr></table>
    <img src=x alt="a seal"><pre>  kept
   so</pre></body></html>"""
    assert read(project, "a.html", page).text == snapshot("""\
## Offer & more
To be
paid soon now.
- One
- Two
| Item | Sum |
| A | 5 € |
[image: a seal]
  kept
   so\
""")


def test_a_page_says_its_encoding(project: Project) -> None:
    page = '<meta charset="windows-1252"><p>Größe</p>'.encode("windows-1252")
    assert read(project, "a.htm", page).text == "Größe"


@given(st.text(st.sampled_from("<>/ abptrdhul!-=\"'&;\n"), max_size=60))
def test_no_markup_however_broken_makes_the_reader_fail(markup: str) -> None:
    assert "\f" not in visible_text(markup)


@pytest.mark.parametrize(
    "broken",
    [
        "<a ",
        '<a href="',
        '<a href=">"',
        "<!--",
        "<![",
        "<table>",
        "<p hidden><b></i>",
        "<script></",
    ],
)
def test_broken_markup_takes_no_longer_than_its_length(broken: str) -> None:
    assert len(visible_text(broken * 50_000)) <= len(broken) * 50_000


def test_a_page_of_ten_thousand_open_elements_is_read(project: Project) -> None:
    assert read(project, "a.html", "<div>" * 10_000 + "deep").text == "deep"


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_an_email_says_who_and_what_and_names_what_is_attached(
    project: Project, subtype: str
) -> None:
    text = read(project, "a.eml", email("Total 5\n", subtype=subtype)).text
    assert (
        text
        == """\
From: Ana <ana@example.org>
To: bo@example.org
Date: Tue, 14 May 2024 09:30:00 +0200
Subject: Größe & Preis

Total 5

[attachment: Angebot ü.pdf, application/pdf]"""
    )


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.md", "a.xml", "a.json5"])
def test_other_text_is_left_as_it_is(project: Project, name: str) -> None:
    assert read(project, name, "<p>1;2\r\n{{ x }}").text == "<p>1;2\r\n{{ x }}"


def test_what_cannot_be_read_says_what_to_do(project: Project) -> None:
    deep = "<w:sdt>" * 5_000 + "</w:sdt>" * 5_000
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document/>'
    old = b"\xd0\xcf\x11\xe0" + b"\0" * 100
    files: list[tuple[str, str | bytes]] = [
        ("a.pdf", b"%PDF-1.7 \x00"),
        ("a.pdf", "This is no PDF"),
        ("a.pdf", pdf("Total 5", encrypted=True)),
        ("a.pdf", pdf(*"abcd")),
        ("a.docx", docx(deep)),
        ("a.docx", docx("<w:p>")),
        ("a.docx", archive({"word/document.xml": bomb})),
        ("a.docx", archive({"word/document.xml": b"a" * 3_000_000})),
        ("a.docx", docx("")[:100]),
        (
            "a.docx",
            docx(paragraph("x") + "<w:p><w:r><w:br w:type='page'/><w:t>.</w:t></w:r></w:p>" * 3),
        ),
        ("a.xlsx", archive({"xl/workbook.xml": "<workbook/>"})),
        ("a.pptx", archive({"ppt/presentation.xml": "<p/>"})),
        ("a.doc", old),
        ("a.docx", old + "EncryptedPackage".encode("utf-16-le")),
        ("a.tiff", b"II*\x00"),
        ("a.png", b"\x89PNG\r\n"),
    ]
    settings = "limits: {pages: 3, document_bytes: 100000}"
    said = []
    for name, content in files:
        put(project, name, content, settings)
        said.append(project.refusal().replace("evals/notes/documents/", ""))
        Path(f"evals/notes/documents/{name}").unlink()
    assert "\n".join(said) == snapshot("""\
a.pdf: cannot be read as a PDF: Failed to load document (PDFium: Data format error) [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.pdf: cannot be read as a PDF: Failed to load document (PDFium: Data format error) [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.pdf: is a PDF that needs a password [encrypted-document]
  hint: save a copy without the password
a.pdf: has 4 pages, the limit is 3 [too-large]
  hint: split it, or raise `limits: {pages: ...}` in suite.yaml
a.docx: cannot be read as a Word document: it is nested too deeply [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.docx: cannot be read as a Word document: mismatched tag: line 1, column 98 [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.docx: cannot be read as an Office file: word/document.xml declares a document type [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.docx: unpacks to more than 1,000,000 bytes of markup [too-large]
  hint: split it, or raise `limits: {document_bytes: ...}` in suite.yaml
a.docx: cannot be read as an Office file: File is not a zip file [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.docx: has more than 3 pages [too-large]
  hint: split it, or raise `limits: {pages: ...}` in suite.yaml
a.xlsx: cannot be read as a workbook: There is no item named '[Content_Types].xml' in the archive [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out
a.pptx: is a ZIP archive that holds neither a Word document nor a workbook [unknown-format]
  hint: DOCX and XLSX files are read; save others as PDF
a.doc: is an Office file of before 2007 [unknown-format]
  hint: save it as DOCX or XLSX
a.docx: is an Office file that needs a password [encrypted-document]
  hint: save a copy without the password
a.tiff: is a TIFF image, which models do not read [unknown-format]
  hint: convert it to PNG or PDF, or have its text read: `reading: {scans: ocr}`
a.png: cannot be read as an image: its first bytes are no image's [broken-document]
  hint: open it in the program it comes from and save it again, or leave it out\
""")


@pytest.mark.parametrize(("name", "package"), [("a.pdf", "pypdfium2"), ("a.xlsx", "openpyxl")])
def test_a_package_that_is_not_there_is_named_with_its_extra(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    project.write({f"absent/{package}.py": "raise ImportError"})
    monkeypatch.syspath_prepend(project.root / "absent")
    READING.end()  # the next one looks for packages where we do
    content = pdf("x") if name == "a.pdf" else archive({"xl/workbook.xml": "<workbook/>"})
    said = refusal(project, name, content)
    READING.end()
    assert f"read by {package}, which is not installed [missing-package]" in said
    assert "pip install 'extraction-harness[documents]'" in said


def test_without_tesseract_a_suite_that_wants_it_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert refusal(project, "a.png", IMAGE, "reading: {scans: ocr}") == snapshot("""\
a.png: reading scanned pages needs the program tesseract, which is not installed [missing-program]
  hint: install it (`apt install tesseract-ocr`, `brew install tesseract`), or send pages as images: `reading: {scans: images}`\
""")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_the_text_of_a_scan_is_read_off_where_it_is_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    written = read(project, "a.pdf", pdf("Total due 12345"))
    (scan,) = page_images(Document("a.pdf", written.sha256, "", written.location, (1,)))
    Path(written.location).unlink()
    document = read(project, "a.png", scan.data, "reading: {scans: ocr}")
    assert document.image_pages == ()
    assert "12345" in document.text
    (kept,) = (tmp_path / "harness" / "ocr").glob("*.txt")
    at = document.text.index("12345")
    ((box,),) = shown_boxes(document, 1, [(at, at + 5)])
    assert 0 < box.right - box.left < 0.3
    assert 0 < box.bottom - box.top < 0.1
    kept.write_text("read before", encoding="utf-8")
    assert read(project, "a.png", scan.data, "reading: {scans: ocr}").text == "read before"
    assert "does not know the language" in refusal(
        project, "a.png", scan.data, "reading: {scans: ocr, language: xxx}"
    )


def test_another_file_is_another_suite_even_where_its_text_is_the_same(project: Project) -> None:
    put(project, "a.html", "<p>Total 5</p>")
    one = project.load().digest
    put(project, "a.html", "<p>Total  5</p>")
    assert project.load().digest != one
