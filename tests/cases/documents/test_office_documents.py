"""Word documents and workbooks of every dialect: what stands on the page is in the text."""

from __future__ import annotations

import bz2
import io
import struct
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from harness.cases.documents.office import docx as word
from harness.cases.documents.office import xlsx
from harness.cases.documents.office.archive import open_office
from harness.cases.documents.pages import PageLimits
from harness.errors import HarnessError
from tests.cases.documents.office import archive, docx, paragraph

_FILE = Path("a")
_BOUNDS = PageLimits(20_000_000, 1_000)
_STRICT = "http://purl.oclc.org/ooxml/"
_LOOSE = "http://schemas.openxmlformats.org/"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def word_text(data: bytes) -> str:
    return word.read(open_office(data, _FILE, _BOUNDS), _FILE, _BOUNDS).text


def book_text(data: bytes, bounds: PageLimits = _BOUNDS) -> str:
    return xlsx.read(open_office(data, _FILE, bounds), _FILE, bounds).text


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def cells(*values: tuple[str | float | timedelta, str]) -> bytes:
    """Return a workbook with a row of values in these number formats."""
    book = Workbook()
    sheet = book.worksheets[0]
    for column, (value, number_format) in enumerate(values, start=1):
        cell = sheet.cell(1, column, value)
        cell.number_format = number_format
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def cell(text: str, about: str = "") -> str:
    return f"<w:tc><w:tcPr>{about}</w:tcPr>{paragraph(text)}</w:tc>"


def test_strict_files_are_read_as_others_are() -> None:
    parts = unzipped(docx(paragraph("Total ", "5 €"), header1=paragraph("ACME")))
    namespace = b"schemas.openxmlformats.org/wordprocessingml/2006/main"
    strict = {
        name: content.replace(namespace, b"purl.oclc.org/ooxml/wordprocessingml/main")
        for name, content in parts.items()
    }
    assert strict != parts
    assert word_text(archive(strict)) == "ACME\nTotal 5 €"


def test_strict_workbooks_are_read_as_others_are() -> None:
    parts = unzipped(cells(("Total", "General"), (5, "General")))
    strict = {
        name: content.replace(
            f"{_LOOSE}spreadsheetml/2006/main".encode(), f"{_STRICT}spreadsheetml/main".encode()
        ).replace(
            f"{_LOOSE}officeDocument/2006/relationships".encode(),
            f"{_STRICT}officeDocument/relationships".encode(),
        )
        for name, content in parts.items()
    }
    assert strict != parts
    assert book_text(archive(strict)) == book_text(archive(parts)) == "# Sheet\n| Total | 5 |"


@pytest.mark.parametrize("by", ["content types", "relationships"])
def test_the_main_part_is_where_the_file_says_it_is(by: str) -> None:
    """Word Online and SharePoint write `word/document2.xml`."""
    parts = unzipped(docx(paragraph("Total 5"), header1=paragraph("ACME")))
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    if by == "content types":
        override = f'<Override PartName="/word/document2.xml" ContentType="{_MAIN}"/>'
        parts["[Content_Types].xml"] = f"<Types>{override}</Types>".encode()
    else:
        target = 'Target="word/document2.xml"'
        kind = f'Type="{_LOOSE}officeDocument/2006/relationships/officeDocument"'
        parts["_rels/.rels"] = (
            f"<Relationships><Relationship {kind} {target}/></Relationships>".encode()
        )
    assert word_text(archive(parts)) == "ACME\nTotal 5"


def test_a_document_in_no_namespace_that_word_knows_is_refused_not_empty() -> None:
    strange = "<x:document xmlns:x='urn:other'><x:body><x:p/></x:body></x:document>"
    with pytest.raises(HarnessError, match="has no body that Word would show"):
        word_text(archive({"word/document.xml": strange}))


def test_merged_cells_keep_the_columns_after_them() -> None:
    body = "".join(
        f"<w:tr>{row}</w:tr>"
        for row in (
            cell("Item", "<w:vMerge w:val='restart'/>") + cell("Price", "<w:gridSpan w:val='2'/>"),
            cell("", "<w:vMerge/>") + cell("Net") + cell("Gross"),
            cell("Pen") + cell("3") + cell("4"),
            "<w:trPr><w:gridBefore w:val='2'/></w:trPr>" + cell("Sum 4"),
            "<w:trPr><w:del/></w:trPr>" + cell("deleted"),
        )
    )
    assert word_text(docx(f"<w:tbl>{body}</w:tbl>")) == (
        "| Item | Price |  |\n|  | Net | Gross |\n| Pen | 3 | 4 |\n|  |  | Sum 4 |"
    )


def test_a_span_of_a_billion_columns_is_as_wide_as_word_allows() -> None:
    row = cell("a", "<w:gridSpan w:val='999999999'/>")
    wide = word_text(docx(f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"))
    assert wide.count("|") == 64


def test_boxes_that_are_ticked_are_told_from_those_that_are_not() -> None:
    field = "<w:r><w:fldChar><w:ffData>{}</w:ffData></w:fldChar></w:r>".format
    symbol = "<w:r><w:sym w:font='Wingdings' w:char='{}'/></w:r>".format
    entries = "<w:listEntry w:val='red'/><w:listEntry w:val='blue'/>"
    states = (
        "<w:checked/>",
        "<w:default w:val='1'/><w:checked w:val='0'/>",
        "<w:default w:val='1'/>",
        "<w:default w:val='0'/>",
    )
    body = "".join(field(f"<w:checkBox>{state}</w:checkBox>") for state in states)
    body += symbol("F0FE") + symbol("F0A8")
    body += field(f"<w:ddList><w:result w:val='1'/>{entries}</w:ddList>")
    assert word_text(docx(f"<w:p>{body}</w:p>")) == "☒☐☒☐☑☐blue"


def test_numbers_keep_the_zeros_and_the_units_that_a_reader_sees() -> None:
    shown: dict[tuple[float | timedelta, str], str] = {
        (42, "00000"): "00042",
        (123456789, "000\\-00\\-0000"): "123-45-6789",
        (5, '0"%"'): "5%",
        (5, "0\\%"): "5%",
        (0.07, "0%"): "7%",
        (1234.5, "#,##0.00 [$€-407]"): "1234.50 €",
        (1234.5678, "$#,##0.00"): "$1234.5678",
        (-3.5, '_-* #,##0.00\\ "CHF"_-;\\-* #,##0.00\\ "CHF"_-'): "-3.50 CHF",
        (1500000, '0.0,,"M"'): "1.5M",
        (timedelta(hours=30, minutes=15), "[h]:mm"): "30:15:00",
        (0.5, "# ?/?"): "0.5",
        (42, '"INV-"00000'): "INV-00042",
        (5551234567, "(000) 000-0000"): "(555) 123-4567",
        (7, '0" pcs - net"'): "7 pcs - net",
        (-7, '"No. "0;"No. "(0)'): "-No. 7",
        (5, "[>4]0;00"): "5",
    }
    written = cells(*((value, number_format) for value, number_format in shown))
    assert book_text(written) == f"# Sheet\n| {' | '.join(shown.values())} |"


def test_a_number_shown_is_never_another_number() -> None:
    """Whatever the format: digits are added to the right and left, none is taken away."""
    formats = ["0", "0.00", "00000", "#,##0", "#,##0.00 €", "$0.0", "0.0;-0.0", "#", "0;(0)"]
    for value in (0, 7, -7, 0.125, -1234.5, 99999.999, 123456789012345, 1e15, 1e-5):
        for number_format in formats:
            shown = book_text(cells((value, number_format))).split("| ")[1]
            assert float(shown.strip(" |$€").replace("$", "").replace("€", "")) == value


def lying(content: bytes, size: int, method: int) -> bytes:
    """Return an archive whose one part is larger than its headers say."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        file.writestr("word/document.xml", content)
    data = bytearray(written.getvalue())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)


def test_headers_that_lie_about_a_size_unpack_to_no_more_than_they_say() -> None:
    with pytest.raises(HarnessError, match="cannot be read as an Office file: Bad CRC-32"):
        word_text(lying(b"a" * 5_000_000, 100, zipfile.ZIP_DEFLATED))
    with pytest.raises(HarnessError, match="compressed in a way that Office files are not"):
        word_text(lying(b"a" * 5_000_000, 100, zipfile.ZIP_BZIP2))
    assert len(bz2.compress(b"a" * 5_000_000)) < 200  # which is what makes it a bomb


def test_a_row_beyond_the_last_one_is_refused_at_once() -> None:
    for number in ("1048577", "99999999999", "9" * 5_000):
        parts = unzipped(cells((5, "General")))
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = parts[sheet].replace(b'<row r="1"', f'<row r="{number}"'.encode())
        with pytest.raises(HarnessError, match="has a row beyond 1,048,576"):
            book_text(archive(parts))


def test_a_sheet_under_another_name_is_looked_through_as_well() -> None:
    """A part is XML by its content type: an ending of its own hides no document type."""
    parts = unzipped(cells((5, "General")))
    sheet = parts.pop("xl/worksheets/sheet1.xml")
    parts["xl/worksheets/sheet1.bin"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[name] = parts[name].replace(b"sheet1.xml", b"sheet1.bin")
    with pytest.raises(HarnessError, match=r"sheet1.bin declares a document type"):
        book_text(archive(parts))


def test_formulas_are_text_and_files_inside_of_a_document_are_told_of() -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    formula = (
        f"<w:p><w:r><w:t>Rate </w:t></w:r><m:oMath {math}><m:r><m:t>x=5</m:t></m:r></m:oMath></w:p>"
    )
    assert word_text(docx(formula)) == "Rate x=5"
    data = docx(paragraph("Seen") + "<w:altChunk/>")
    pages = word.read(open_office(data, _FILE, _BOUNDS), _FILE, _BOUNDS)
    assert [each.what for each in pages.warnings] == [
        "holds 1 file that Word shows and that we do not read (altChunk)"
    ]
