"""Document reading by format: a file's bytes in, its pages of text out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.cases.documents.kinds import kind_of, media_type, refusal
from harness.cases.documents.pages import PageLimits, Pages, broken, locked, too_much, warning
from harness.cases.files.places import at
from harness.cases.files.reading import decode
from harness.errors import HarnessError, Problem

_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read_pages(data: bytes, path: Path, bounds: PageLimits) -> Pages:
    """Return what a document says. Raises HarnessError if it cannot be read or holds too much.

    Images have one page without text. What the file is stands in `kind`.
    """
    kind = kind_of(data, path.name)
    match kind:
        case "text":
            pages = Pages(decode(data, path))
        case "html":
            pages = _html(data, path, bounds)
        case "pdf":
            from harness.cases.documents.paper import pdf  # noqa: PLC0415  # wanted by few suites

            pages = pdf.read(data, path, bounds)
        case "office":
            return _office(data, path, bounds)
        case "eml":
            from harness.cases.documents.web import eml  # noqa: PLC0415  # as above

            pages = eml.read(data, path, bounds)
        case "image" if media_type(data) is None:
            raise broken(path, "an image", "its first bytes are no image's")
        case "image" | "tiff":
            pages = Pages("", (1,))
        case _:
            raise _refused(data, path)
    return replace(pages, kind=kind)


def _html(data: bytes, path: Path, bounds: PageLimits) -> Pages:
    from harness.cases.documents.web import encodings, html  # noqa: PLC0415  # wanted by few suites

    decoded = encodings.decode_as(data, html.declared_encoding(data))
    if "\0" in decoded.text:
        raise broken(path, "a web page", "it holds NUL bytes")
    try:
        text = html.visible_text(decoded.text).replace("\f", "\n")
    except ValueError as error:
        raise broken(path, "a web page", error) from None
    if len(text) > bounds.characters:
        what = f"holds more than {bounds.characters:,} characters"
        raise too_much(path, what, "document_bytes")
    if decoded.doubt is None:
        return Pages(text)
    hint = "look whether its letters are right; save it again as UTF-8 if they are not"
    return Pages(text, warnings=(warning(path, decoded.doubt, "doubtful-encoding", hint),))


def _office(data: bytes, path: Path, bounds: PageLimits) -> Pages:
    from harness.cases.documents.office import archive, docx, xlsx  # noqa: PLC0415  # wanted by few suites

    office = archive.open_office(data, path, bounds)
    if office.kind == "workbook":
        return replace(xlsx.read(office, path, bounds), kind="xlsx")
    if office.kind == "document":
        return replace(docx.read(office, path, bounds), kind="docx")
    hint = "DOCX and XLSX files are read; save others as PDF"
    what = "is a ZIP archive that holds neither a Word document nor a workbook"
    raise HarnessError(Problem(what, "unknown-format", at(path), hint))


def _refused(data: bytes, path: Path) -> HarnessError:
    if _ENCRYPTED in data and kind_of(data, path.name) == "old":
        return locked(path, "an Office file")
    what, hint = refusal(data) or ("is an Office file of before 2007", "save it as DOCX or XLSX")
    return HarnessError(Problem(what, "unknown-format", at(path), hint))
